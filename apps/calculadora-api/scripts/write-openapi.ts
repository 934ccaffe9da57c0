// Writes openapi.json anew: run it when a route or the contract has changed.
import { writeFileSync } from 'node:fs';
import { paths } from 'contract';
import { Database } from '../src/database/database.ts';
import { buildServer } from '../src/server.ts';

// Never started: the description needs routes and no data.
const database = new Database({ kind: 'sqlite', file: 'unused' });
const app = await buildServer({ operations: database, storage: database, logger: false, isDraining: () => false });
const document = (await app.inject(paths.openapi)).json();
writeFileSync(new URL('../openapi.json', import.meta.url), `${JSON.stringify(document, null, 2)}\n`);
await app.close();
