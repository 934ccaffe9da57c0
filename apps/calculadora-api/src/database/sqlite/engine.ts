import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SqliteDialect } from 'kysely';
import type { SqliteSettings } from '../../settings.ts';
import type { Engine } from '../engine.ts';
import { openFile } from './connections.ts';
import { migrations } from './migrations.ts';

const uniqueConstraint = 2067;
/** Primary result codes: a constraint, a value that is too large, a value of a wrong type. */
const refusals = new Set([19, 18, 20]);

/** The embedded database: one file, made when it is not there. */
export function sqliteEngine({ file }: SqliteSettings): Engine {
  const dialect = () =>
    new SqliteDialect({
      async database() {
        await mkdir(dirname(file), { recursive: true });
        return openFile(file);
      },
    });
  return {
    location: file,
    dialect: dialect(),
    migrations,
    mayMigrate: true,
    openForMigrations: async () => dialect(),
    objection(error) {
      const { errcode } = error as { errcode?: number };
      if (errcode === uniqueConstraint) return 'duplicate';
      return errcode !== undefined && refusals.has(errcode & 0xff) ? 'row' : undefined;
    },
    isMissing: (error) => (error as Error).message.startsWith('no such table'),
    // SQLite runs in this process, one statement after the other.
    connections: () => ({ used: 0, idle: 1, waiting: 0, maximum: 1 }),
  };
}
