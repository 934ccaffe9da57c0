import type { Dialect, Kysely, RawBuilder } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { ConnectionUsage } from '../domain/operations.ts';

/**
 * Why a statement failed. In each case, none of its rows was stored:
 *
 * - `duplicate`: a row with the same key already exists
 * - `row`: one of the rows can never be stored, or the statement has too many rows; fewer rows may succeed
 * - `refused`: no row can be stored until somebody fixes the database
 * - `conflict`: another statement or process holds a lock; a retry may succeed soon
 * - `readOnly`: this server does not accept writes; a new connection may reach one that does
 */
export type FailureKind = 'duplicate' | 'row' | 'refused' | 'conflict' | 'readOnly';

/** The differences between the supported databases. */
export interface Engine {
  /** Where the data is stored, for logs. Never contains a password. */
  readonly location: string;
  /** For requests: all waits are limited. */
  readonly dialect: Dialect;
  /** By name. They run in alphabetical order. */
  readonly migrations: Record<string, Migration>;
  /** Whether this process's user may change the schema. If not, a separate job migrates it. */
  readonly mayMigrate: boolean;
  /** Fails if rows cannot be stored now, as far as a statement that changes nothing can tell. */
  readonly writeProbe: RawBuilder<unknown>;
  /** Creates the database if it is missing, and returns a dialect with long time limits, for migrations. */
  openForMigrations(): Promise<Dialect>;
  /**
   * Returns readable reasons why an existing table `operacoes` cannot be migrated: values would change, or rows could
   * never be stored. Empty if there is no such table, or it can be migrated without loss.
   */
  findObstacles(kysely: Kysely<unknown>): Promise<string[]>;
  /** Undefined if the error does not tell; then it is unknown whether the rows were stored. */
  failureKind(error: unknown): FailureKind | undefined;
  /** Whether the error means that the database or table does not exist, or that the open file was replaced. */
  isMissing(error: unknown): boolean;
  connections(): ConnectionUsage;
}
