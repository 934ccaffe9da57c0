import { SqliteDialect, sql } from 'kysely';
import { DEFAULT_MIGRATION_LOCK_TABLE } from 'kysely/migration';
import type { Adapter, FailureKind } from '../adapter.ts';
import type { SqliteSettings } from '../settings.ts';
import { FileMoved, SqliteFile } from './sqlite-file.ts';

/** Result codes of SQLite: https://www.sqlite.org/rescode.html */
/** Of a unique index and of the primary key. */
const duplicateKeys: readonly (number | undefined)[] = [2067, 1555];
const movedFile = 1032;
/** By primary result code, which is the lowest byte. */
const failureKinds: ReadonlyMap<number, FailureKind> = new Map([
  [18, 'row'], // SQLITE_TOOBIG
  [19, 'row'], // SQLITE_CONSTRAINT
  [20, 'row'], // SQLITE_MISMATCH

  [8, 'refused'], // SQLITE_READONLY
  [11, 'refused'], // SQLITE_CORRUPT
  [13, 'refused'], // SQLITE_FULL
  [14, 'refused'], // SQLITE_CANTOPEN
  [26, 'refused'], // SQLITE_NOTADB

  [5, 'conflict'], // SQLITE_BUSY: another process is writing
  [6, 'conflict'], // SQLITE_LOCKED
]);

/** Errors that mean that the folder cannot be created. */
const folderErrors = new Set(['EACCES', 'EEXIST', 'ENOSPC', 'ENOTDIR', 'EPERM', 'EROFS']);

/** A real write that changes nothing, to Kysely's lock table. */
const writeProbe = sql`update ${sql.table(DEFAULT_MIGRATION_LOCK_TABLE)} set is_locked = is_locked`;

/** The embedded database: a single file, created if it is missing. */
export function sqliteAdapter({ file }: SqliteSettings): Adapter {
  const dialect = () => new SqliteDialect({ database: new SqliteFile(file) });
  return {
    kind: 'sqlite',
    location: file,
    dialect: dialect(),
    mayMigrate: true,
    writeProbe,
    openForMigrations: async () => dialect(),
    failureKind(error) {
      const code = codeOf(error);
      if (duplicateKeys.includes(code)) return 'duplicate';
      if (folderErrors.has(String((error as NodeJS.ErrnoException).code))) return 'refused';
      return code === undefined ? undefined : failureKinds.get(code & 0xff);
    },
    isMissing: (error) =>
      error instanceof FileMoved || codeOf(error) === movedFile || (error as Error).message.startsWith('no such table'),
    // SQLite runs in this process, one statement at a time.
    connections: () => ({ used: 0, idle: 1, waiting: 0, maximum: 1 }),
  };
}

function codeOf(error: unknown): number | undefined {
  return (error as { errcode?: number }).errcode;
}
