import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { eventually } from '../../../../test/support/eventually.ts';
import { OperationsDatabase } from '../../src/database/operations-database.ts';
import { buildServer } from '../../src/server.ts';

/** The server in this process, without a port, on its own SQLite file, which `close` deletes. */
export async function testApp(): Promise<{ app: FastifyInstance; file: string; close(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'calculadora-'));
  const file = join(folder, 'calculadora.sqlite');
  const database = new OperationsDatabase({ kind: 'sqlite', file });
  const app = await buildServer({ operations: database, storage: database, logger: false, isDraining: () => false });
  database.start(app.log);
  await eventually(() => database.isReady());
  return {
    app,
    file,
    async close() {
      await app.close();
      await database.close();
      await rm(folder, { recursive: true });
    },
  };
}
