import { mkdirSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import type { SqliteDatabase, SqliteStatement } from 'kysely';

/** The open file is no longer the one at its path. Anything written to it would be lost when it is closed. */
export class FileMoved extends Error {
  override readonly name = 'FileMoved';

  constructor(path: string) {
    super(`The file ${path}, or its write-ahead log, was removed or replaced while it was open`);
  }
}

/**
 * A SQLite file with Kysely's interface, on Node's built-in SQLite. It is created if it is missing. A statement never
 * waits for another process that is writing, because that would block this process's event loop: it fails at once.
 *
 * On most systems, a process can still use an open file after it was removed. So each statement checks that the path
 * still leads to the open file. If not, it fails with {@link FileMoved}, and the next statement opens the path again.
 */
export class SqliteFile implements SqliteDatabase {
  readonly #path: string;
  #open: { readonly database: DatabaseSync; readonly identity: string } | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  prepare(sql: string): SqliteStatement {
    this.#checkIdentity();
    const statement = this.#database().prepare(sql);
    return {
      reader: statement.columns().length > 0,
      all: (parameters) => statement.all(...parameters.map(toSqlite)),
      run: (parameters) => {
        const result = statement.run(...parameters.map(toSqlite));
        // If the file was removed before the commit, the row is lost with it.
        this.#checkIdentity();
        return result;
      },
      iterate: (parameters) => statement.iterate(...parameters.map(toSqlite)),
    };
  }

  close(): void {
    this.#open?.database.close();
    this.#open = undefined;
  }

  #database(): DatabaseSync {
    if (this.#open !== undefined) return this.#open.database;
    mkdirSync(dirname(this.#path), { recursive: true });
    const database = new DatabaseSync(this.#path, { timeout: 0 });
    try {
      // A commit is on disk before it is acknowledged, and a killed process leaves a file that opens normally.
      database.exec('pragma journal_mode = wal; pragma synchronous = full');
      // The first read creates the -wal and -shm files, which are part of the identity.
      database.exec('select count(*) from sqlite_master');
      this.#open = { database, identity: this.#identity() };
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  }

  /** @throws {FileMoved} */
  #checkIdentity(): void {
    if (this.#open === undefined || this.#open.identity === this.#identity()) return;
    // The file was truncated in place. SQLite would write parts of the old content back to it, so it is removed.
    if (statSync(this.#path, { throwIfNoEntry: false })?.size === 0) rmSync(this.#path);
    try {
      // Moves all rows from the log into the file that was moved away, so they cannot mix with a new file at the path.
      this.#open.database.exec('pragma wal_checkpoint(truncate)');
    } finally {
      this.close();
    }
    throw new FileMoved(this.#path);
  }

  /** Identifies the file at the path, with its -wal and -shm files, which exist as long as a process has it open. */
  #identity(): string {
    return ['', '-wal', '-shm']
      .map((suffix) => {
        const found = statSync(this.#path + suffix, { throwIfNoEntry: false });
        return found && `${found.dev}:${found.ino}${suffix === '' && found.size === 0 ? ' empty' : ''}`;
      })
      .join();
  }
}

function toSqlite(value: unknown): SQLInputValue {
  // SQLite would bind a JavaScript number as floating point.
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
  return value as SQLInputValue;
}
