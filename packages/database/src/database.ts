import { setTimeout as sleep } from 'node:timers/promises';
import { Kysely } from 'kysely';
import { type Adapter, adapterOf, type ConnectionUsage, type FailureKind } from './adapter.ts';
import { applyMigrations, isMigrated } from './apply-migrations.ts';
import { retryDelay } from './retry-delay.ts';
import { type Schema, UnusableTable } from './schema.ts';
import type { DatabaseSettings } from './settings.ts';

/** Milliseconds. */
export const readyTimeout = 1_000;

/** Failures that pass by themselves. */
const passing: readonly FailureKind[] = ['conflict', 'unreachable', 'interrupted'];

/** The logger methods used here. */
export interface Log {
  info(details: object, message: string): void;
  error(details: object, message: string): void;
  warn(details: object, message: string): void;
}

/** A query failed, or could not be sent. The cause is only for the log: it may name servers and tables. */
export class DatabaseUnavailable extends Error {
  override readonly name = 'DatabaseUnavailable';

  constructor(cause: unknown) {
    super('The database is unavailable', { cause });
  }
}

/** No query is sent until somebody fixes the database. The cause is only for the log. */
export class DatabaseUnusable extends Error {
  override readonly name = 'DatabaseUnusable';

  constructor(cause: unknown) {
    super('The database cannot be used', { cause });
  }
}

/**
 * An application's database, which may be unavailable at startup or at any later time.
 *
 * @template Tables the tables and columns that queries use, for Kysely
 */
export class Database<Tables> {
  readonly #adapter: Adapter;
  readonly #schema: Schema;
  readonly #kysely: Kysely<Tables>;
  readonly #closing = new AbortController();
  #log: Log | undefined;
  #state: 'missing' | 'preparing' | 'prepared' = 'missing';
  /** Why the database could not be prepared, if a retry does not help. */
  #obstacle: Error | undefined;

  /** @param connections maximum number of connections to a database server */
  constructor(settings: DatabaseSettings, schema: Schema, connections?: number) {
    this.#adapter = adapterOf(settings, connections);
    this.#schema = schema;
    this.#kysely = new Kysely<Tables>({ dialect: this.#adapter.dialect });
  }

  /** Where the data is stored, for logs. Never contains a password. */
  get location(): string {
    return this.#adapter.location;
  }

  /** Migrates the database in the background, if this process may, and retries until it succeeds. */
  start(log: Log): void {
    this.#log = log;
    void this.#prepare();
  }

  /**
   * Runs a query.
   *
   * @throws {DatabaseUnusable} if a retry does not help
   * @throws {DatabaseUnavailable} with the query's own error as its cause
   */
  async use<Result>(query: (kysely: Kysely<Tables>) => Promise<Result>): Promise<Result> {
    if (this.#obstacle) throw new DatabaseUnusable(this.#obstacle);
    if (this.#state !== 'prepared') throw new DatabaseUnavailable('The database is not prepared yet');
    try {
      return await query(this.#kysely);
    } catch (error) {
      if (this.#adapter.isMissing(error)) {
        // The server came back empty, for example on a new disk, or the file was removed.
        if (this.#state === 'prepared') this.#log?.warn({ err: error, database: this.location }, 'The data is gone');
        void this.#prepare();
      }
      throw new DatabaseUnavailable(error);
    }
  }

  /** Why a query failed, by the cause of {@link DatabaseUnavailable}. */
  failureKind(cause: unknown): FailureKind | undefined {
    return this.#adapter.failureKind(cause);
  }

  /** Whether a row could be stored now, as far as a statement that changes nothing can tell. Resolves within a second. */
  async isReady(): Promise<boolean> {
    const writeProbe = this.#adapter.writeProbe ?? this.#schema.writeProbe;
    const probe = this.use((kysely) => writeProbe.execute(kysely)).then(
      () => true,
      // Another process is writing. A statement would wait for the lock, so this counts as ready.
      ({ cause }) => this.failureKind(cause) === 'conflict',
    );
    return Promise.race([probe, sleep(readyTimeout, false, { ref: false })]);
  }

  connections(): ConnectionUsage {
    return this.#adapter.connections();
  }

  /** Closes all connections. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#kysely.destroy();
  }

  async #prepare(): Promise<void> {
    if (this.#state === 'preparing') return;
    this.#state = 'preparing';
    for (let attempt = 0; !this.#closing.signal.aborted; attempt++) {
      try {
        await this.#migrate();
        this.#obstacle = undefined;
        this.#state = 'prepared';
        this.#log?.info({ database: this.location }, 'The database is ready');
        return;
      } catch (err) {
        const delay = retryDelay(attempt);
        const details = { database: this.location, delay };
        const kind = this.failureKind(err);
        const isLasting = err instanceof UnusableTable || (kind !== undefined && !passing.includes(kind));
        this.#obstacle = isLasting ? (err as Error) : undefined;
        if (err instanceof UnusableTable) this.#log?.error(details, err.message);
        else this.#log?.warn({ err, ...details }, 'The database could not be prepared; trying again');
        await sleep(delay, undefined, { signal: this.#closing.signal }).catch(() => undefined);
      }
    }
  }

  async #migrate(): Promise<void> {
    if (await isMigrated(this.#kysely, this.#adapter, this.#schema)) return;
    if (!this.#adapter.mayMigrate) throw new Error('The migration for this release has not been run yet');
    await applyMigrations(this.#adapter, this.#schema);
  }
}
