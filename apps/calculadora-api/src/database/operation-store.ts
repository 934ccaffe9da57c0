import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SumRequest } from 'contract';
import type { FailureKind } from 'database';
import { CompiledQuery, type Kysely } from 'kysely';
import { KeyReused, StorageRefused, StorageUnavailable } from '../domain/operations.ts';
import { noteStatement, type RequestTrace } from '../telemetry/request-trace.ts';
import type { Tables } from './schema.ts';

/** Milliseconds for which a batch is sent again after a lock conflict, a broken connection or a failover. */
export const retryTime = 3_000;
/** Milliseconds between two attempts, on average after a conflict. */
const retryInterval = 20;
const failoverInterval = 250;

/** Milliseconds that the database counts as failing after an error that a probe may not detect, such as a full disk. */
const failureTime = 30_000;

/** An operation to store. */
export interface Entry extends SumRequest {
  readonly key: string | null;
  readonly trace?: RequestTrace | undefined;
}

/** A stored operation with a key. */
interface Known extends SumRequest {
  readonly key: string;
}

/** What the store needs of the database. */
export interface Queries {
  /**
   * Runs a query.
   *
   * @throws {StorageUnavailable} with the error as its cause
   * @throws {StorageRefused} if the database cannot be prepared until somebody fixes it
   */
  use<Result>(query: (kysely: Kysely<Tables>) => Promise<Result>): Promise<Result>;
  /** Why a query failed, by the cause of {@link StorageUnavailable}. */
  failureKind(cause: unknown): FailureKind | undefined;
  /** Whether the database is at the other end of a connection, which may break. */
  readonly isRemote: boolean;
}

/** The database refused one row, or the size of the statement. Fewer rows may succeed. */
export class RowRefused extends StorageRefused {}

/** Writes batches of operations as rows. */
export class OperationStore {
  readonly #queries: Queries;
  #stored = 0;
  #failedAt: number | undefined;
  /** When a batch last waited in vain for a connection. Undefined if a batch has been stored since. */
  #gaveUpAt: number | undefined;

  constructor(queries: Queries) {
    this.#queries = queries;
  }

  /** Rows written so far. */
  get stored(): number {
    return this.#stored;
  }

  /** Whether a batch failed recently and none has succeeded since, although the database may respond to probes. */
  get isFailing(): boolean {
    return isRecent(this.#failedAt);
  }

  /**
   * Stores all entries in one statement, except those whose key is already stored or occurs twice. Returns one outcome
   * per entry: `undefined` if it succeeded, or its error.
   *
   * If the connection breaks, it is unknown whether the statement was stored, and it is sent again. The unique index of
   * the keys prevents that it is stored twice, so one row of those without a key gets one for this: a statement is stored
   * as a whole or not at all.
   *
   * @throws {RowRefused} if fewer of them may succeed; none was stored
   * @throws {StorageRefused} if none can be stored until somebody fixes the database
   * @throws {StorageUnavailable} for any other error; it is unknown whether they were stored
   */
  async store(entries: readonly Entry[]): Promise<(Error | undefined)[]> {
    const byKey = new Map<string, Entry | Known>();
    let rows: Entry[] = [];
    for (const entry of entries) {
      if (entry.key === null) rows.push(entry);
      else if (!byKey.has(entry.key)) {
        byKey.set(entry.key, entry);
        rows.push(entry);
      }
    }
    const deadline = performance.now() + retryTime;
    const wasFailing = this.isFailing;
    const wasAway = isRecent(this.#gaveUpAt);
    const mark = this.#queries.isRemote && rows.some(({ key }) => key === null) ? `api:${randomUUID()}` : undefined;
    let reconnected = false;
    /** The failure that leaves it unknown whether an attempt was stored. */
    let interruption: StorageUnavailable | undefined;
    while (rows.length > 0) {
      let error = await this.#insert(rows, mark);
      if (error === undefined) break;
      if (this.#queries.failureKind(error.cause) === 'duplicate') {
        const found = await this.#find(rows, interruption && mark);
        if (!(found instanceof StorageUnavailable)) {
          if (found.some(({ key }) => key === mark)) {
            this.#stored += rows.length;
            break;
          }
          for (const known of found) byKey.set(known.key, known);
          const missing = rows.filter((entry) => entry.key === null || byKey.get(entry.key) === entry);
          // Not an idempotency key: somebody added another unique index to the table.
          if (missing.length === rows.length) throw new RowRefused(error.cause);
          rows = missing;
          continue;
        }
        // The search fails as the statement itself may: then both are repeated.
        error = found;
      }
      const kind = this.#queries.failureKind(error.cause);
      // Only the unique index tells what became of the attempt.
      if (interruption && (kind === 'row' || kind === 'refused' || kind === undefined)) throw interruption;
      switch (kind) {
        case 'conflict':
          if (performance.now() > deadline) throw this.#failure(error);
          await sleep(retryInterval * (0.5 + Math.random()));
          break;
        case 'readOnly':
          // Waits for a failover to finish. Once that has taken too long, later batches do not wait again.
          if (reconnected && (wasFailing || performance.now() > deadline)) {
            throw this.#failure(interruption ?? new StorageRefused(error.cause));
          }
          if (reconnected) await sleep(failoverInterval);
          reconnected = true;
          break;
        case 'interrupted':
        case 'unreachable':
          if (kind === 'interrupted') interruption ??= error;
          // As for a failover. It says nothing of the database itself, whose probe shows when it is back.
          if (wasAway || performance.now() > deadline) {
            this.#gaveUpAt = performance.now();
            throw error;
          }
          if (reconnected) await sleep(failoverInterval);
          reconnected = true;
          break;
        case 'row':
          throw new RowRefused(error.cause);
        case 'refused':
          throw this.#failure(new StorageRefused(error.cause));
        default:
          throw error;
      }
    }
    this.#failedAt = undefined;
    this.#gaveUpAt = undefined;
    return entries.map((entry) => {
      const first = entry.key === null ? entry : byKey.get(entry.key);
      return first === undefined || isSame(first, entry) ? undefined : new KeyReused();
    });
  }

  /** @param mark key for the first row that has none */
  async #insert(rows: readonly Entry[], mark: string | undefined): Promise<StorageUnavailable | undefined> {
    const marked = mark === undefined ? undefined : rows.find(({ key }) => key === null);
    const values = rows.flatMap((row) => [row.nome, row.operador1, row.operador2, row === marked ? mark : row.key]);
    const insert = CompiledQuery.raw(insertStatement(rows.length), values);
    const result = await unlessUnavailable(() =>
      noteStatement('INSERT', rows, () => this.#queries.use((kysely) => kysely.executeQuery(insert))),
    );
    if (result instanceof StorageUnavailable) return result;
    this.#stored += rows.length;
    return undefined;
  }

  /** Finds the entries' keys that are already stored, with their operations. */
  async #find(entries: readonly Entry[], mark: string | undefined): Promise<Known[] | StorageUnavailable> {
    const keys = [...entries.flatMap(({ key }) => key ?? []), ...(mark === undefined ? [] : [mark])];
    if (keys.length === 0) return [];
    const search = (kysely: Kysely<Tables>) =>
      kysely
        .selectFrom('operacoes')
        // Each has its name from here: SQLite's own is that of the table, which may be in other letters if it was adopted.
        .select(['idempotency_key as key', 'nome as nome', 'operador1 as operador1', 'operador2 as operador2'])
        .where('idempotency_key', 'in', keys)
        .execute();
    const rows = await unlessUnavailable(() => noteStatement('SELECT', entries, () => this.#queries.use(search)));
    return rows instanceof StorageUnavailable ? rows : rows.map((row) => ({ ...row, key: String(row.key) }));
  }

  #failure(error: Error): Error {
    this.#failedAt = performance.now();
    return error;
  }
}

/** @returns the error instead of throwing it if the storage is unavailable */
async function unlessUnavailable<T>(work: () => Promise<T>): Promise<T | StorageUnavailable> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StorageUnavailable) return error;
    throw error;
  }
}

/** Written as text, because Kysely's query builder would process every value of every row. */
function insertStatement(rows: number): string {
  const columns = 'nome, operador1, operador2, idempotency_key';
  return `insert into operacoes (${columns}) values (?, ?, ?, ?)${', (?, ?, ?, ?)'.repeat(rows - 1)}`;
}

function isRecent(time: number | undefined): boolean {
  return time !== undefined && performance.now() - time < failureTime;
}

function isSame(one: SumRequest, other: SumRequest): boolean {
  return one.nome === other.nome && one.operador1 === other.operador1 && one.operador2 === other.operador2;
}
