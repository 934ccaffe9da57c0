/**
 * The API on another storage, which the argument selects. `one-insert` stores each operation with its own statement, on
 * as many connections as the careful Go API has. `none` stores nothing and answers at once.
 */
import { OperationsDatabase } from '../apps/calculadora-api/src/database/operations-database.ts';
import { buildServer } from '../apps/calculadora-api/src/server.ts';
import { readSettings } from '../apps/calculadora-api/src/settings.ts';

const limits = { size: 1, concurrent: 32, waiting: 2_000, waitTimeout: 3_250, answerTimeout: 4_500 };
const settings = readSettings(process.env);
const database = new OperationsDatabase(settings.database, limits);
const storeNothing = { record: async () => {} };
const app = await buildServer({
  operations: process.argv[2] === 'none' ? storeNothing : database,
  storage: database,
  logger: { level: settings.logLevel },
  isDraining: () => false,
});
await app.listen({ host: settings.host, port: settings.port });
database.start(app.log);
