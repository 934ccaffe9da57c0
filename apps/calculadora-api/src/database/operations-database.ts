import type { SumRequest } from 'contract';
import {
  type ConnectionUsage,
  Database,
  type DatabaseSettings,
  DatabaseUnavailable,
  DatabaseUnusable,
  type Log,
} from 'database';
import type { Kysely } from 'kysely';
import { type Operations, type StorageMonitor, StorageRefused, StorageUnavailable } from '../domain/operations.ts';
import type { RequestTrace } from '../telemetry/request-trace.ts';
import { Batches, type BatchLimits } from './batches.ts';
import { type Entry, OperationStore, RowRefused, retryTime } from './operation-store.ts';
import { schema, type Tables } from './schema.ts';

/**
 * A batch of 512 rows is a statement of about 13 kB. With two concurrent batches, one is sent while the other commits;
 * with more, batches would be smaller. The queue takes a fraction of a second to store, but may have to wait
 * until the database is back. Each answer comes before the contract's `storageTimeout`. Times are milliseconds.
 */
export const batchLimits: BatchLimits = {
  size: 512,
  concurrent: 2,
  waiting: 2_000,
  waitTimeout: retryTime + 250,
  answerTimeout: 4_500,
};

/**
 * Stores operations in the database, in batches.
 *
 * @example
 * const operations = new OperationsDatabase(settings.database);
 * operations.start(log);
 * await operations.record({ nome: 'Wander', operador1: 5, operador2: 10 });
 * await operations.close();
 */
export class OperationsDatabase implements Operations, StorageMonitor {
  readonly #database: Database<Tables>;
  readonly #store: OperationStore;
  readonly #batches: Batches<Entry>;

  /** @param limits overridden only by benchmarks */
  constructor(settings: DatabaseSettings, limits: BatchLimits = batchLimits) {
    // One connection for each batch, one for readiness checks and one for key lookups. Even four replicas during a
    // rollout stay far below the limit of about 60 connections of the smallest RDS instance.
    this.#database = new Database(settings, schema, limits.concurrent + 2);
    this.#store = new OperationStore({
      use: (query) => this.#use(query),
      failureKind: (cause) => this.#database.failureKind(cause),
      isRemote: settings.kind === 'mysql',
    });
    const isRefusal = (error: unknown) => error instanceof RowRefused;
    this.#batches = new Batches((entries) => this.#store.store(entries), isRefusal, limits);
  }

  /** Where the data is stored, for logs. Never contains a password. */
  get location(): string {
    return this.#database.location;
  }

  /** Prepares the database in the background. */
  start(log: Log): void {
    this.#database.start(log);
  }

  record({ nome, operador1, operador2 }: SumRequest, key?: string, trace?: RequestTrace): Promise<void> {
    const store = () => this.#batches.add({ nome, operador1, operador2, key: key ?? null, trace });
    return trace ? trace.noteWait(store) : store();
  }

  async isReady(): Promise<boolean> {
    return !this.#store.isFailing && (await this.#database.isReady());
  }

  operationsStored(): number {
    return this.#store.stored;
  }

  connections(): ConnectionUsage {
    return this.#database.connections();
  }

  waiting(): number {
    return this.#batches.waiting;
  }

  /** Closes all connections. */
  async close(): Promise<void> {
    await this.#database.close();
  }

  async #use<Result>(query: (kysely: Kysely<Tables>) => Promise<Result>): Promise<Result> {
    try {
      return await this.#database.use(query);
    } catch (error) {
      if (error instanceof DatabaseUnusable) throw new StorageRefused(error.cause);
      if (error instanceof DatabaseUnavailable) throw new StorageUnavailable(error.cause);
      throw error;
    }
  }
}
