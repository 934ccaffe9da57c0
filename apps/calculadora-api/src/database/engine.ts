import type { Dialect } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { ConnectionUsage } from '../domain/operations.ts';

/** What tells one kind of database from another. */
export interface Engine {
  /** Where the data lies, for people; without a password. */
  readonly location: string;
  /** For requests: every wait has a limit. */
  readonly dialect: Dialect;
  /** By name; they run in alphabetical order. */
  readonly migrations: Record<string, Migration>;
  /** Whether this process's user may change the schema; if not, somebody else does. */
  readonly mayMigrate: boolean;
  /** Makes sure that the database exists, and gives a dialect for migrations, which may take long. */
  openForMigrations(): Promise<Dialect>;
  /**
   * What the database has against a statement, none of whose rows was stored then: a row whose key is there already, a row
   * that can never be stored, or another statement in its way, after which the same may be tried again.
   */
  objection(error: unknown): 'duplicate' | 'row' | 'conflict' | undefined;
  /** True for an error that says that the database or the table is not there. */
  isMissing(error: unknown): boolean;
  connections(): ConnectionUsage;
}
