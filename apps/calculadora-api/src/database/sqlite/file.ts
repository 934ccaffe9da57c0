import { mkdirSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import type { SqliteDatabase, SqliteStatement } from 'kysely';

/** The file that is open is no longer the one at its path: what is written to it is lost when it is closed. */
export class FileMoved extends Error {
  override readonly name = 'FileMoved';

  constructor(path: string) {
    super(`The file ${path}, or its log of changes beside it, was removed or replaced while it was open`);
  }
}

/**
 * A SQLite file, made when it is not there, through Node's own SQLite and in the shape that Kysely expects. It never waits for
 * another process that is writing, because that would hold up this whole process: such a statement fails at once.
 *
 * On most systems a file that is removed stays with those who have it open. So each statement checks that the path still
 * leads to the file that it reads or writes; if not, it fails with {@link FileMoved}, and the next one opens the path anew.
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
        // A file that was removed before the commit has taken the row with it.
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
      // A commit is on the disk before it is acknowledged, and a process that is killed leaves a file that opens as usual.
      database.exec('pragma journal_mode = wal; pragma synchronous = full');
      // The first look at a table makes the two files beside it.
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
    // Emptied in place. Nothing is in it, and SQLite would write parts of what was there back to it.
    if (statSync(this.#path, { throwIfNoEntry: false })?.size === 0) rmSync(this.#path);
    try {
      // A file that was moved away takes all its rows along, and what lies at the path now is not mixed with them.
      this.#open.database.exec('pragma wal_checkpoint(truncate)');
    } finally {
      this.close();
    }
    throw new FileMoved(this.#path);
  }

  /** Identifies what lies at the path, and the log and the index that stay beside it as long as anyone has it open. */
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
  // A JavaScript number would be bound as a floating-point number.
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
  return value as SQLInputValue;
}
