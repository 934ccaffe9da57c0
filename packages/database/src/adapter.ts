import type { Dialect, RawBuilder } from 'kysely';
import { mysqlAdapter } from './mysql/mysql-adapter.ts';
import type { DatabaseSettings } from './settings.ts';
import { sqliteAdapter } from './sqlite/sqlite-adapter.ts';

/**
 * Why a statement failed. In each case but the last, none of its rows was stored:
 *
 * - `duplicate`: a row with the same key already exists
 * - `row`: one of the rows can never be stored, or the statement has too many rows; fewer rows may succeed
 * - `refused`: no row can be stored until somebody fixes the database
 * - `conflict`: another statement or process holds a lock; a retry may succeed soon
 * - `readOnly`: this server does not accept writes; a new connection may reach one that does
 * - `unreachable`: there was no connection, so nothing was sent; a retry may succeed soon
 * - `interrupted`: the connection broke; it is unknown whether the rows were stored
 */
export type FailureKind = 'duplicate' | 'row' | 'refused' | 'conflict' | 'readOnly' | 'unreachable' | 'interrupted';

/** Connections to the database, and the requests waiting for one. */
export interface ConnectionUsage {
  used: number;
  idle: number;
  waiting: number;
  maximum: number;
}

/** The differences between the supported kinds of databases. It knows nothing of an application's tables. */
export interface Adapter {
  readonly kind: 'mysql' | 'sqlite';
  /** Where the data is stored, for logs. Never contains a password. */
  readonly location: string;
  /** For requests: all waits are limited. */
  readonly dialect: Dialect;
  /** Whether this process's user may change the schema. If not, a separate job migrates it. */
  readonly mayMigrate: boolean;
  /** A write that changes nothing, if there is one that works without any of the application's tables. */
  readonly writeProbe?: RawBuilder<unknown>;
  /** Creates the database if it is missing, and returns a dialect with long time limits, for migrations. */
  openForMigrations(): Promise<Dialect>;
  /** Undefined if the error does not tell; then it is unknown whether the rows were stored. */
  failureKind(error: unknown): FailureKind | undefined;
  /** Whether the error means that the database or table does not exist, or that the open file was replaced. */
  isMissing(error: unknown): boolean;
  connections(): ConnectionUsage;
}

/** @param connections maximum number of connections for requests to a database server */
export function adapterOf(settings: DatabaseSettings, connections?: number): Adapter {
  return settings.kind === 'mysql' ? mysqlAdapter(settings, connections) : sqliteAdapter(settings);
}
