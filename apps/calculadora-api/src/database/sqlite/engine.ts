import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SqliteDialect } from 'kysely';
import type { SqliteSettings } from '../../settings.ts';
import type { Engine } from '../engine.ts';
import { openFile } from './connections.ts';
import { migrations } from './migrations.ts';

/** The embedded database: one file, made when it is not there. */
export function sqliteEngine({ file }: SqliteSettings): Engine {
  const dialect = () => new SqliteDialect({ database: async () => openFile(file) });
  return {
    location: file,
    dialect: dialect(),
    migrations,
    async openForMigrations() {
      await mkdir(dirname(file), { recursive: true });
      return dialect();
    },
    isMissing: (error) => error instanceof Error && error.message.startsWith('no such table'),
    // SQLite runs in this process, one statement after the other.
    connections: () => ({ used: 0, idle: 1, waiting: 0, maximum: 1 }),
  };
}
