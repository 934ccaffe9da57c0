import { setTimeout as sleep } from 'node:timers/promises';
import type { SumRequest } from 'contract';
import { Kysely } from 'kysely';
import { Batches, type BatchLimits } from '../../../apps/calculadora-api/src/database/batches.ts';
import type { Engine } from '../../../apps/calculadora-api/src/database/engine.ts';
import { isMigrated, migrate, UnusableTable } from '../../../apps/calculadora-api/src/database/migrate.ts';
import { mysqlEngine } from '../../../apps/calculadora-api/src/database/mysql/engine.ts';
import { type Entry, OperationStore, RowRefused } from '../../../apps/calculadora-api/src/database/operation-store.ts';
import type { Schema } from '../../../apps/calculadora-api/src/database/schema.ts';
import { sqliteEngine } from '../../../apps/calculadora-api/src/database/sqlite/engine.ts';
import {
  type ConnectionUsage,
  type Operations,
  type StorageMonitor,
  StorageRefused,
  StorageUnavailable,
} from '../../../apps/calculadora-api/src/domain/operations.ts';
import type { MysqlSettings, SqliteSettings } from '../../../apps/calculadora-api/src/settings.ts';

/** Milliseconds. */
export const readyTimeout = 1_000;
const firstRetry = 250;
const longestRetry = 5_000;

/**
 * A batch of 512 rows is a statement of about 13 kB. With two concurrent batches, one is sent while the other commits;
 * with more, batches would be smaller. The queue takes a fraction of a second to store. Together, the two timeouts
 * (milliseconds) are shorter than the contract's `storageTimeout`.
 */
export const batchLimits: BatchLimits = {
  size: 512,
  concurrent: 2,
  waiting: 2_000,
  waitTimeout: 1_000,
  storeTimeout: 3_500,
};

/** The logger methods used here. */
interface Log {
  info(details: object, message: string): void;
  error(details: object, message: string): void;
  warn(details: object, message: string): void;
}

/**
 * Stores operations in a database, which may be unavailable at startup or at any later time.
 *
 * @example
 * const database = new Database(settings.database);
 * database.start(log);
 * await database.record({ nome: 'Wander', operador1: 5, operador2: 10 });
 * await database.close();
 */
export class Database implements Operations, StorageMonitor {
  readonly #engine: Engine;
  readonly #kysely: Kysely<Schema>;
  readonly #closing = new AbortController();
  readonly #store: OperationStore;
  readonly #batches: Batches<Entry>;
  #log: Log | undefined;
  #state: 'missing' | 'preparing' | 'prepared' = 'missing';
  /** Why the database could not be prepared, if a retry does not help. */
  #obstacle: Error | undefined;

  /** @param limits overridden only by benchmarks */
  constructor(settings: MysqlSettings | SqliteSettings, limits: BatchLimits = batchLimits) {
    // One connection for each batch, one for readiness checks and one for key lookups. Even four replicas during a
    // rollout stay far below the limit of about 60 connections of the smallest RDS instance.
    const connections = limits.concurrent + 2;
    this.#engine = settings.kind === 'mysql' ? mysqlEngine(settings, connections) : sqliteEngine(settings);
    this.#kysely = new Kysely<Schema>({ dialect: this.#engine.dialect });
    this.#store = new OperationStore(this.#engine, (query) => this.#use(query));
    const isRefusal = (error: unknown) => error instanceof RowRefused;
    this.#batches = new Batches((entries) => this.#store.store(entries), isRefusal, limits);
  }

  /** Where the data is stored, for logs. Never contains a password. */
  get location(): string {
    return this.#engine.location;
  }

  /** Migrates the database in the background, and retries until it succeeds. */
  start(log: Log): void {
    this.#log = log;
    void this.#prepare();
  }

  record({ nome, operador1, operador2 }: SumRequest, key?: string): Promise<void> {
    return this.#batches.add({ nome, operador1, operador2, key: key ?? null });
  }

  async isReady(): Promise<boolean> {
    if (this.#store.isFailing) return false;
    const probe = this.#use((kysely) => this.#engine.writeProbe.execute(kysely)).then(
      () => true,
      // Another process is writing. A batch would wait for the lock, so this counts as ready.
      ({ cause }) => this.#engine.failureKind(cause) === 'conflict',
    );
    return Promise.race([probe, sleep(readyTimeout, false, { ref: false })]);
  }

  operationsStored(): number {
    return this.#store.stored;
  }

  connections(): ConnectionUsage {
    return this.#engine.connections();
  }

  waiting(): number {
    return this.#batches.waiting;
  }

  /** Closes all connections. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#kysely.destroy();
  }

  async #use<Result>(query: (kysely: Kysely<Schema>) => Promise<Result>): Promise<Result> {
    if (this.#obstacle) throw new StorageRefused(this.#obstacle);
    if (this.#state !== 'prepared') throw new StorageUnavailable('The database is not prepared yet');
    try {
      return await query(this.#kysely);
    } catch (error) {
      if (this.#engine.isMissing(error)) {
        // The server came back empty, for example on a new disk, or the file was removed.
        if (this.#state === 'prepared') this.#log?.warn({ err: error, database: this.location }, 'The data is gone');
        void this.#prepare();
      }
      throw new StorageUnavailable(error);
    }
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
        const kind = this.#engine.failureKind(err);
        const isLasting = err instanceof UnusableTable || (kind !== undefined && kind !== 'conflict');
        this.#obstacle = isLasting ? (err as Error) : undefined;
        if (err instanceof UnusableTable) this.#log?.error(details, err.message);
        else this.#log?.warn({ err, ...details }, 'The database could not be prepared; trying again');
        await sleep(delay, undefined, { signal: this.#closing.signal }).catch(() => undefined);
      }
    }
  }

  async #migrate(): Promise<void> {
    if (await isMigrated(this.#kysely, this.#engine)) return;
    if (!this.#engine.mayMigrate) throw new Error('The migration for this release has not been run yet');
    await migrate(this.#engine);
  }
}

/** Milliseconds until the next attempt: exponential backoff with jitter. */
export function retryDelay(attempt: number): number {
  const longest = Math.min(firstRetry * 2 ** attempt, longestRetry);
  // Jitter spreads out replicas that lost the database at the same moment.
  return Math.round(longest * (0.5 + Math.random() / 2));
}
