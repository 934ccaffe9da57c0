// Regenerates openapi.json. Run it after a change to a route or the contract.
import { writeFileSync } from 'node:fs';
import { paths } from 'contract';
import { OperationsDatabase } from '../src/database/operations-database.ts';
import { buildServer } from '../src/server.ts';

// Not started: generating the description needs no data.
const database = new OperationsDatabase({ kind: 'sqlite', file: 'unused' });
const app = await buildServer({ operations: database, storage: database, logger: false, isDraining: () => false });
const document = (await app.inject(paths.openapi)).json();
writeFileSync(new URL('../openapi.json', import.meta.url), `${JSON.stringify(document, null, 2)}\n`);
await app.close();
