import { setTimeout as sleep } from 'node:timers/promises';
import type { SumRequest } from 'contract';
import type { FailureKind } from 'database';
import { CompiledQuery, type Kysely } from 'kysely';
import { KeyReused, StorageRefused, StorageUnavailable } from '../domain/operations.ts';
import { noteStatement, type RequestTrace } from '../telemetry/request-trace.ts';
import type { Tables } from './schema.ts';

/** Milliseconds for which a batch is reconnected after a lock conflict or a failover. */
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
}

/** The database refused one row, or the size of the statement. Fewer rows may succeed. */
export class RowRefused extends StorageRefused {}

/** Writes batches of operations as rows. */
export class OperationStore {
  readonly #queries: Queries;
  #stored = 0;
  #failedAt: number | undefined;

  constructor(queries: Queries) {
    this.#queries = queries;
  }

  /** Rows written so far. */
  get stored(): number {
    return this.#stored;
  }

  /** Whether a batch failed recently and none has succeeded since, although the database may respond to probes. */
  get isFailing(): boolean {
    return this.#failedAt !== undefined && performance.now() - this.#failedAt < failureTime;
  }

  /**
   * Stores all entries in one statement, except those whose key is already stored or occurs twice. Returns one outcome
   * per entry: `undefined` if it succeeded, or its error.
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
    let reconnected = false;
    while (rows.length > 0) {
      const error = await this.#insert(rows);
      if (error === undefined) break;
      switch (this.#queries.failureKind(error.cause)) {
        case 'duplicate': {
          for (const known of await this.#find(rows)) byKey.set(known.key, known);
          const missing = rows.filter((entry) => entry.key === null || byKey.get(entry.key) === entry);
          // Not an idempotency key: somebody added another unique index to the table.
          if (missing.length === rows.length) throw new RowRefused(error.cause);
          rows = missing;
          break;
        }
        case 'conflict':
          if (performance.now() > deadline) throw this.#failure(error);
          await sleep(retryInterval * (0.5 + Math.random()));
          break;
        case 'readOnly':
          // Waits for a failover to finish. Once that has taken too long, later batches do not wait again.
          if (reconnected && (wasFailing || performance.now() > deadline)) {
            throw this.#failure(new StorageRefused(error.cause));
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
    return entries.map((entry) => {
      const first = entry.key === null ? entry : byKey.get(entry.key);
      return first === undefined || isSame(first, entry) ? undefined : new KeyReused();
    });
  }

  async #insert(rows: readonly Entry[]): Promise<StorageUnavailable | undefined> {
    const values = rows.flatMap(({ nome, operador1, operador2, key }) => [nome, operador1, operador2, key]);
    const insert = CompiledQuery.raw(insertStatement(rows.length), values);
    try {
      await noteStatement('INSERT', rows, () => this.#queries.use((kysely) => kysely.executeQuery(insert)));
      this.#stored += rows.length;
      return undefined;
    } catch (error) {
      if (error instanceof StorageUnavailable) return error;
      throw error;
    }
  }

  /** Finds the entries' keys that are already stored, with their operations. */
  async #find(entries: readonly Entry[]): Promise<Known[]> {
    const keys = entries.flatMap(({ key }) => key ?? []);
    if (keys.length === 0) return [];
    const rows = await noteStatement('SELECT', entries, () =>
      this.#queries.use((kysely) =>
        kysely
          .selectFrom('operacoes')
          // Each has its name from here: SQLite's own is that of the table, which may be in other letters if it was adopted.
          .select(['idempotency_key as key', 'nome as nome', 'operador1 as operador1', 'operador2 as operador2'])
          .where('idempotency_key', 'in', keys)
          .execute(),
      ),
    );
    return rows.map((row) => ({ ...row, key: String(row.key) }));
  }

  #failure(error: Error): Error {
    this.#failedAt = performance.now();
    return error;
  }
}

/** Written as text, because Kysely's query builder would process every value of every row. */
function insertStatement(rows: number): string {
  const columns = 'nome, operador1, operador2, idempotency_key';
  return `insert into operacoes (${columns}) values (?, ?, ?, ?)${', (?, ?, ?, ?)'.repeat(rows - 1)}`;
}

function isSame(one: SumRequest, other: SumRequest): boolean {
  return one.nome === other.nome && one.operador1 === other.operador1 && one.operador2 === other.operador2;
}
