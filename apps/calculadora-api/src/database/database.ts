import { setTimeout as sleep } from 'node:timers/promises';
import type { SumRequest } from 'contract';
import { Kysely, sql } from 'kysely';
import {
  type ConnectionUsage,
  type Operations,
  type StorageMonitor,
  StorageUnavailable,
} from '../domain/operations.ts';
import type { MysqlSettings, SqliteSettings } from '../settings.ts';
import type { Engine } from './engine.ts';
import { isMigrated, migrate } from './migrate.ts';
import { mysqlEngine } from './mysql/engine.ts';
import type { Schema } from './schema.ts';
import { sqliteEngine } from './sqlite/engine.ts';

/** Milliseconds. */
const readyTimeout = 1_000;
const firstRetry = 250;
const longestRetry = 5_000;

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
  #log: Log | undefined;
  #stored = 0;
  #state: 'missing' | 'preparing' | 'prepared' = 'missing';

  constructor(settings: MysqlSettings | SqliteSettings) {
    this.#engine = settings.kind === 'mysql' ? mysqlEngine(settings) : sqliteEngine(settings);
    this.#kysely = new Kysely<Schema>({ dialect: this.#engine.dialect });
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

  async record({ nome, operador1, operador2 }: SumRequest): Promise<void> {
    await this.#use((kysely) =>
      kysely.insertInto('operacoes').values({ nome, operador1, operador2, data_execucao: new Date() }).execute(),
    );
    this.#stored++;
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

  /** Ends all connections. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#kysely.destroy();
  }

  async #use(query: (kysely: Kysely<Schema>) => Promise<unknown>): Promise<void> {
    if (this.#state !== 'prepared') throw new StorageUnavailable('The database is not prepared yet');
    try {
      await query(this.#kysely);
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
