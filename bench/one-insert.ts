/** The API, but for one thing: it stores each operation by a statement of its own, on as many connections as careful Go has. */
import { Database } from '../apps/calculadora-api/src/database/database.ts';
import { buildServer } from '../apps/calculadora-api/src/server.ts';
import { readSettings } from '../apps/calculadora-api/src/settings.ts';

const settings = readSettings(process.env);
const database = new Database(settings.database, {
  size: 1,
  concurrent: 32,
  waiting: 2_000,
  waitTimeout: 1_000,
  storeTimeout: 3_500,
});
const logger = { level: settings.logLevel };
const app = await buildServer({ operations: database, storage: database, logger, isDraining: () => false });
await app.listen({ host: settings.host, port: settings.port });
database.start(app.log);
process.once('SIGTERM', () => process.exit());
