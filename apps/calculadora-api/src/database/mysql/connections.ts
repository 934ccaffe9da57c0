import type { Socket } from 'node:net';
import type { MysqlPool, MysqlPoolConnection, MysqlQueryResult, MysqlStream, MysqlStreamOptions } from 'kysely';
import { type ConnectionOptions, createPool, type Pool, type PoolConnection, type QueryError } from 'mysql2';
import type { ConnectionUsage } from '../../domain/operations.ts';
import { Slots } from './slots.ts';

export interface ConnectionLimits {
  connections: number;
  /** Requests that may wait for a connection; one more is refused at once. */
  waiting: number;
  /** Milliseconds from asking for a connection to having it, waiting and connecting included. */
  acquireTimeout: number;
  /** Milliseconds of one query. */
  queryTimeout: number;
}

/** UTC makes DATETIME columns mean one instant; strict mode makes the server refuse what it would otherwise cut off. */
const prepareSession = "set time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'";

/**
 * mysql2's pool with the time limits that it lacks, in the shape that Kysely expects. mysql2 lets a request wait for a
 * connection for ever, and its `timeout` of a query only calls back: the connection goes on waiting for the answer and
 * everything sent on it later waits behind. Here a waiting request leaves the queue when its time is over, and a
 * connection whose query was too slow is closed.
 */
export class Connections implements MysqlPool {
  readonly #pool: Pool;
  readonly #limits: ConnectionLimits;
  readonly #slots: Slots;
  readonly #open = new Map<PoolConnection, LimitedConnection>();

  constructor(options: ConnectionOptions, limits: ConnectionLimits) {
    this.#pool = createPool({ ...options, connectionLimit: limits.connections });
    this.#limits = limits;
    this.#slots = new Slots(limits.connections, limits.waiting);
  }

  getConnection(callback: (error: unknown, connection: MysqlPoolConnection) => void): void {
    const signal = AbortSignal.timeout(this.#limits.acquireTimeout);
    let waiting = true;
    const fail = (error: unknown) => {
      if (waiting) (callback as (error: unknown) => void)(error);
      waiting = false;
    };
    signal.addEventListener('abort', () => fail(signal.reason), { once: true });
    this.#acquire(signal).then((connection) => {
      // Too late for whoever asked: the next one has it.
      if (!waiting) return connection.release();
      waiting = false;
      callback(null, connection);
    }, fail);
  }

  /** Ends all connections in good order, and by force those that still are there after a second or the first error. */
  end(callback: (error: unknown) => void): void {
    const finish = () => {
      clearTimeout(limit);
      for (const connection of this.#open.values()) connection.destroy();
      callback(null);
    };
    const limit = setTimeout(finish, 1_000);
    // An error, such as that of a connection which was just being made, is no matter any more.
    this.#pool.end(finish);
  }

  usage(): ConnectionUsage {
    const { used, waiting } = this.#slots;
    return { used, idle: Math.max(0, this.#open.size - used), waiting, maximum: this.#limits.connections };
  }

  async #acquire(signal: AbortSignal): Promise<LimitedConnection> {
    await this.#slots.take(signal);
    try {
      return await this.#connect();
    } catch (error) {
      this.#slots.give();
      throw error;
    }
  }

  async #connect(): Promise<LimitedConnection> {
    const connection = await new Promise<PoolConnection>((resolve, reject) => {
      this.#pool.getConnection((error, pooled) => (error ? reject(error) : resolve(pooled)));
    });
    const known = this.#open.get(connection);
    if (known !== undefined) return known;

    // The pool forgets a connection at its first error; one that nobody listens to would end the process.
    connection.on('error', () => undefined);
    const limited = new LimitedConnection(connection, this.#limits.queryTimeout, () => this.#slots.give());
    await new Promise<void>((resolve, reject) => {
      limited.query(prepareSession, [], (error) => (error ? reject(error) : resolve()));
    }).catch((error) => {
      limited.destroy();
      throw error;
    });
    this.#open.set(connection, limited);
    limited.socket.once('close', () => this.#open.delete(connection));
    return limited;
  }
}

/** A connection that is closed when a query on it takes too long. */
class LimitedConnection implements MysqlPoolConnection {
  readonly #connection: PoolConnection;
  readonly #queryTimeout: number;
  readonly #onRelease: () => void;

  constructor(connection: PoolConnection, queryTimeout: number, onRelease: () => void) {
    this.#connection = connection;
    this.#queryTimeout = queryTimeout;
    this.#onRelease = onRelease;
  }

  get config(): object {
    return this.#connection.config;
  }

  get threadId(): number {
    return this.#connection.threadId;
  }

  get socket(): Socket {
    return (this.#connection as unknown as { stream: Socket }).stream;
  }

  connect(callback?: (error: unknown) => void): void {
    this.#connection.connect(callback);
  }

  query(
    sql: string,
    parameters: unknown[],
    callback: (error: unknown, result: MysqlQueryResult) => void = () => undefined,
  ): { stream: (options: MysqlStreamOptions) => MysqlStream } {
    const timer = setTimeout(() => {
      this.destroy();
      (callback as (error: unknown) => void)(new Error(`The database did not answer within ${this.#queryTimeout} ms`));
    }, this.#queryTimeout);
    return this.#connection.query(sql, parameters, (error, result) => {
      clearTimeout(timer);
      callback(error && parameters.length > 0 ? withoutValues(error) : error, result as MysqlQueryResult);
    });
  }

  /** Closes the connection without a word to the server, which may be unable to hear it. */
  destroy(): void {
    this.#connection.destroy();
    this.socket.destroy();
  }

  release(): void {
    this.#connection.release();
    this.#onRelease();
  }
}

/** The error without the values that it quotes, in its message and in its SQL: they are personal and must not be logged. */
function withoutValues({ code, errno }: QueryError): Error {
  return Object.assign(new Error(code), { code, errno });
}
