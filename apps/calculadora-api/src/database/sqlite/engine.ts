import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SqliteDialect } from 'kysely';
import type { SqliteSettings } from '../../settings.ts';
import type { Engine } from '../engine.ts';
import { openFile } from './connections.ts';
import { migrations } from './migrations.ts';

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
    isMissing: (error) => (error as Error).message.startsWith('no such table'),
    // SQLite runs in this process, one statement after the other.
    connections: () => ({ used: 0, idle: 1, waiting: 0, maximum: 1 }),
  };
}
