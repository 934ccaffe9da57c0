import { setTimeout as sleep } from 'node:timers/promises';
import type { SumRequest } from 'contract';
import { CompiledQuery, Kysely, sql } from 'kysely';
import {
  type ConnectionUsage,
  KeyReused,
  type Operations,
  type StorageMonitor,
  StorageUnavailable,
} from '../domain/operations.ts';
import type { MysqlSettings, SqliteSettings } from '../settings.ts';
import { Batches, type BatchLimits } from './batches.ts';
import type { Engine } from './engine.ts';
import { isMigrated, migrate } from './migrate.ts';
import { mysqlEngine } from './mysql/engine.ts';
import type { Schema } from './schema.ts';
import { sqliteEngine } from './sqlite/engine.ts';

/** Milliseconds. */
export const readyTimeout = 1_000;
const firstRetry = 250;
const longestRetry = 5_000;

/**
 * A batch of 512 rows is a statement of about 13 kB. Two batches, so that one's rows travel while the other's commit; more
 * would make each smaller. The queue holds what can be stored in a fraction of a second. Both times (milliseconds) together
 * stay below the contract's `storageTimeout`.
 */
export const batchLimits: BatchLimits = {
  size: 512,
  concurrent: 2,
  waiting: 2_000,
  waitTimeout: 1_000,
  storeTimeout: 3_500,
};
/** How often a batch is tried when other processes store the same keys, or are in its way, at the same moment. */
const mostAttempts = 5;

/** An operation that is to be a row. */
interface Entry extends SumRequest {
  readonly key: string | null;
}

/** An operation that is a row, and came with a key. */
interface Known extends SumRequest {
  readonly key: string;
}

/** The part of a logger that is needed here. */
interface Log {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
}

/**
 * The operations in a database, which may be away when the process starts and at any time later.
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
  readonly #batches: Batches<Entry>;
  #log: Log | undefined;
  #stored = 0;
  #state: 'missing' | 'preparing' | 'prepared' = 'missing';

  /** @param limits other ones are for comparisons */
  constructor(settings: MysqlSettings | SqliteSettings, limits: BatchLimits = batchLimits) {
    // A connection for each batch, one for readiness and one to look keys up. Four replicas during a roll-out stay far below
    // the 60 or so of the smallest RDS instance.
    const connections = limits.concurrent + 2;
    this.#engine = settings.kind === 'mysql' ? mysqlEngine(settings, connections) : sqliteEngine(settings);
    this.#kysely = new Kysely<Schema>({ dialect: this.#engine.dialect });
    const isRefusal = (error: unknown) =>
      error instanceof StorageUnavailable && this.#engine.objection(error.cause) === 'row';
    this.#batches = new Batches((entries) => this.#store(entries), isRefusal, limits);
  }

  /** Where the data lies, for people; without a password. */
  get location(): string {
    return this.#engine.location;
  }

  /** Brings the database to its present form in the background, trying for as long as it takes. */
  start(log: Log): void {
    this.#log = log;
    void this.#prepare();
  }

  record({ nome, operador1, operador2 }: SumRequest, key?: string): Promise<void> {
    return this.#batches.add({ nome, operador1, operador2, key: key ?? null });
  }

  async isReady(): Promise<boolean> {
    const answer = this.#use((kysely) =>
      kysely.selectFrom('operacoes').select(sql<number>`1`.as('one')).limit(1).execute(),
    );
    return Promise.race([
      answer.then(
        () => true,
        () => false,
      ),
      sleep(readyTimeout, false, { ref: false }),
    ]);
  }

  operationsStored(): number {
    return this.#stored;
  }

  connections(): ConnectionUsage {
    return this.#engine.connections();
  }

  waiting(): number {
    return this.#batches.waiting;
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#kysely.destroy();
  }

  /** Stores all entries in one statement, but for those whose key is there already or comes twice. */
  async #store(entries: readonly Entry[]): Promise<(Error | undefined)[]> {
    const byKey = new Map<string, Entry | Known>();
    let rows: Entry[] = [];
    for (const entry of entries) {
      if (entry.key === null) rows.push(entry);
      else if (!byKey.has(entry.key)) {
        byKey.set(entry.key, entry);
        rows.push(entry);
      }
    }
    for (let attempt = 1; rows.length > 0; attempt++) {
      const objection = await this.#insert(rows);
      if (objection === undefined) break;
      if (attempt === mostAttempts) throw new StorageUnavailable(`${objection}, ${attempt} times`);
      if (objection === 'duplicate') {
        for (const known of await this.#find(rows)) byKey.set(known.key, known);
        rows = rows.filter((entry) => entry.key === null || byKey.get(entry.key) === entry);
      }
    }
    return entries.map((entry) => {
      const first = entry.key === null ? entry : byKey.get(entry.key);
      return first === undefined || isSame(first, entry) ? undefined : new KeyReused();
    });
  }

  async #insert(rows: readonly Entry[]): Promise<'duplicate' | 'conflict' | undefined> {
    const values = rows.flatMap(({ nome, operador1, operador2, key }) => [nome, operador1, operador2, key]);
    try {
      await this.#use((kysely) => kysely.executeQuery(CompiledQuery.raw(insertStatement(rows.length), values)));
      this.#stored += rows.length;
      return undefined;
    } catch (error) {
      const objection = this.#engine.objection((error as StorageUnavailable).cause);
      if (objection === 'duplicate' || objection === 'conflict') return objection;
      throw error;
    }
  }

  /** Those of the entries' keys that are there already, with the operations that they came with first. */
  async #find(entries: readonly Entry[]): Promise<Known[]> {
    const keys = entries.flatMap(({ key }) => key ?? []);
    const rows = await this.#use((kysely) =>
      kysely
        .selectFrom('operacoes')
        .select(['idempotency_key', 'nome', 'operador1', 'operador2'])
        .where('idempotency_key', 'in', keys)
        .execute(),
    );
    return rows.map(({ idempotency_key, ...operation }) => ({ ...operation, key: String(idempotency_key) }));
  }

  async #use<Result>(query: (kysely: Kysely<Schema>) => Promise<Result>): Promise<Result> {
    if (this.#state !== 'prepared') throw new StorageUnavailable('The database is not prepared yet');
    try {
      return await query(this.#kysely);
    } catch (error) {
      // A server that came back empty, say on a new disk, is prepared anew.
      if (this.#engine.isMissing(error)) void this.#prepare();
      throw new StorageUnavailable(error);
    }
  }

  async #prepare(): Promise<void> {
    if (this.#state === 'preparing') return;
    this.#state = 'preparing';
    for (let attempt = 0; !this.#closing.signal.aborted; attempt++) {
      try {
        await this.#migrate();
        this.#state = 'prepared';
        this.#log?.info({ database: this.location }, 'The database is ready');
        return;
      } catch (err) {
        const longest = Math.min(firstRetry * 2 ** attempt, longestRetry);
        // Jitter, so that replicas that lost the database together do not come back to it together.
        const delay = Math.round(longest * (0.5 + Math.random() / 2));
        this.#log?.warn({ err, database: this.location, delay }, 'The database could not be prepared; trying again');
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

/** Written out, because the builder would take apart and put together each value of each row. */
function insertStatement(rows: number): string {
  const columns = 'nome, operador1, operador2, idempotency_key';
  return `insert into operacoes (${columns}) values (?, ?, ?, ?)${', (?, ?, ?, ?)'.repeat(rows - 1)}`;
}

function isSame(one: SumRequest, other: SumRequest): boolean {
  return one.nome === other.nome && one.operador1 === other.operador1 && one.operador2 === other.operador2;
}
