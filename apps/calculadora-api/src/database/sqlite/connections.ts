import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import type { SqliteDatabase } from 'kysely';

/** Milliseconds to wait for another process that is writing. Short, because the wait holds up this whole process. */
const busyTimeout = 1_000;

/** Opens a SQLite file with Node's own SQLite, in the shape that Kysely expects. */
export function openFile(file: string): SqliteDatabase {
  const database = new DatabaseSync(file, { timeout: busyTimeout });
  // A commit is on the disk before it is acknowledged, and a process that is killed leaves a file that opens as usual.
  database.exec('pragma journal_mode = wal; pragma synchronous = full');
  return {
    close: () => database.close(),
    prepare(sql) {
      const statement = database.prepare(sql);
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...parameters.map(toSqlite)),
        run: (parameters) => statement.run(...parameters.map(toSqlite)),
        iterate: (parameters) => statement.iterate(...parameters.map(toSqlite)),
      };
    },
  };
}

function toSqlite(value: unknown): SQLInputValue {
  // A JavaScript number would be bound as a floating-point number.
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
  return value as SQLInputValue;
}
