import type { Kysely, RawBuilder } from 'kysely';
import type { Migration } from 'kysely/migration';

/** A privilege of the application's database users on a table. */
export type Privilege = 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE';

/** What an application keeps in its database. */
export interface Schema {
  /** The tables that the migrations create, and what the application may do there. */
  readonly tables: Readonly<Record<string, readonly Privilege[]>>;
  /**
   * By table, the column with the time (UTC) at which a row was stored. With it, a comparison with a restored copy tells a lost row from one that was stored later.
   */
  readonly storedAt?: Readonly<Record<string, string>>;
  /**
   * For MySQL: an insert of no rows. The server checks it like any other: read-only mode, the user's privileges and the
   * columns. SQLite has a probe of its own.
   */
  readonly writeProbe: RawBuilder<unknown>;
  readonly mysql: Migrations;
  readonly sqlite: Migrations;
}

/** How one kind of database gets the schema. */
export interface Migrations {
  /**
   * By name. They run in alphabetical order. After a rollback, the previous release runs on the newer schema: so a step
   * may only add, and must keep what that release needs. On MySQL each step is one statement, because MySQL commits
   * each schema change on its own. On SQLite each step is idempotent, because two processes may run it.
   */
  readonly steps: Readonly<Record<string, Migration>>;
  /**
   * Called before the first step. Only needed if the tables may already exist.
   *
   * @throws {UnusableTable} if the steps would damage an existing table
   */
  checkExisting?(kysely: Kysely<unknown>, location: string): Promise<void>;
}

/** An existing table cannot be used without losing data. Nothing was changed. */
export class UnusableTable extends Error {
  override readonly name = 'UnusableTable';

  constructor(table: string, location: string, reasons: readonly string[]) {
    super(`The table ${table} in ${location} cannot be used: ${reasons.join('; ')}. Nothing was changed`);
  }
}
