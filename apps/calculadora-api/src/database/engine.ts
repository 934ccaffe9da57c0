import type { Dialect, Kysely, RawBuilder } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { ConnectionUsage } from '../domain/operations.ts';

/**
 * What an error says of the statement that it ended, none of whose rows was stored:
 *
 * - `duplicate`: the key of one of its rows is there already
 * - `row`: one of its rows can never be stored, or there are too many of them; fewer may be stored
 * - `refused`: no row can be stored until somebody changes the database
 * - `conflict`: another statement or process was in the way; the same may succeed in a moment
 * - `elsewhere`: this server does not write, and a new connection may lead to one that does
 */
export type Objection = 'duplicate' | 'row' | 'refused' | 'conflict' | 'elsewhere';

/** What differs between one kind of database and another. */
export interface Engine {
  /** Where the data lies, for people; without a password. */
  readonly location: string;
  /** For requests: every wait has a limit. */
  readonly dialect: Dialect;
  /** By name; they run in alphabetical order. */
  readonly migrations: Record<string, Migration>;
  /** Whether this process's user may change the schema; if not, somebody else does. */
  readonly mayMigrate: boolean;
  /** Fails if no row could be stored now, as far as that can be known without storing one. It changes nothing. */
  readonly writeProbe: RawBuilder<unknown>;
  /** Makes sure that the database exists, and gives a dialect for migrations, which may take long. */
  openForMigrations(): Promise<Dialect>;
  /**
   * Why the migrations must not touch a table `operacoes` that is there already: values would change, or rows could never be
   * stored. A sentence for people for each reason; none if there is no such table, or one that loses nothing.
   */
  findObstacles(kysely: Kysely<unknown>): Promise<string[]>;
  /** Undefined for an error that says nothing of the statement: whether its rows were stored is then unknown. */
  objection(error: unknown): Objection | undefined;
  /** True for an error that says that the database or the table is not there, or is no longer the one that was opened. */
  isMissing(error: unknown): boolean;
  connections(): ConnectionUsage;
}
