import type { MysqlPool, MysqlPoolConnection } from 'kysely';
import type { ConnectionOptions } from 'mysql2';
import type { ConnectionUsage } from '../adapter.ts';
import { noteUnsent } from './errors.ts';
import { LimitedConnection } from './limited-connection.ts';
import type { Logins } from './logins.ts';
import { openConnection } from './open-connection.ts';
import { Slots } from './slots.ts';

export interface ConnectionLimits {
  connections: number;
  /** Maximum number of requests waiting for a connection. Further requests are refused at once. */
  waiting: number;
  /** Milliseconds to get a connection, including waiting and connecting. */
  acquireTimeout: number;
  /** Milliseconds that one query may take. */
  queryTimeout: number;
}

/** UTC makes DATETIME values unambiguous. In strict mode the server refuses values that it would otherwise truncate. */
const prepareSession = "set time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'";

/** Milliseconds between attempts to open another connection while others are open. */
const retryInterval = 100;

/**
 * A connection pool with Kysely's interface. It replaces mysql2's pool, which lacks the following:
 *
 * - A request leaves the queue after its timeout. In mysql2's pool it waits without a limit.
 * - A connection with a slow query is closed. mysql2's query `timeout` only calls back: the connection still waits for
 *   the result, and later queries wait behind it.
 * - A new connection uses the current login, and open ones stay. mysql2's pool keeps one password.
 * - When the server is read-only, all connections are dropped, because all of them lead to that server. mysql2's pool
 *   drops only the one that noticed.
 */
export class ConnectionPool implements MysqlPool {
  readonly #options: ConnectionOptions;
  readonly #logins: Logins;
  readonly #limits: ConnectionLimits;
  readonly #slots: Slots;
  readonly #open = new Set<LimitedConnection>();
  readonly #idle: LimitedConnection[] = [];
  /** Callers that could not open a connection and wait for one to be released. */
  readonly #waiting = new Set<(connection: LimitedConnection) => void>();

  constructor(options: ConnectionOptions, logins: Logins, limits: ConnectionLimits) {
    this.#options = options;
    this.#logins = logins;
    this.#limits = limits;
    this.#slots = new Slots(limits.connections, limits.waiting);
  }

  getConnection(callback: (error: unknown, connection: MysqlPoolConnection) => void): void {
    const idle = this.#idle.at(-1);
    // Fast path: an idle connection needs no timer and no promise.
    if (idle && this.#slots.tryTake()) {
      this.#idle.pop();
      callback(null, idle);
      return;
    }
    const controller = new AbortController();
    let waiting = true;
    const fail = (error: unknown) => {
      if (!waiting) return;
      waiting = false;
      clearTimeout(timer);
      controller.abort(error);
      noteUnsent(error);
      (callback as (error: unknown) => void)(error);
    };
    const timer = setTimeout(() => {
      fail(new Error(`No database connection was available within ${this.#limits.acquireTimeout} ms`));
    }, this.#limits.acquireTimeout);
    this.#acquire(controller.signal).then((connection) => {
      // The caller has given up, so the connection goes to the next one.
      if (!waiting) return connection.release();
      waiting = false;
      clearTimeout(timer);
      callback(null, connection);
    }, fail);
  }

  /** Closes all connections gracefully, and by force after one second. */
  end(callback: (error: unknown) => void): void {
    const finish = () => {
      clearTimeout(limit);
      for (const connection of this.#open) connection.destroy();
      callback(null);
    };
    const limit = setTimeout(finish, 1_000);
    // Errors no longer matter, for example when the server is gone.
    Promise.all([...this.#open].map((connection) => connection.end())).then(finish, finish);
  }

  usage(): ConnectionUsage {
    const { used, waiting } = this.#slots;
    return { used, idle: this.#idle.length, waiting, maximum: this.#limits.connections };
  }

  async #acquire(signal: AbortSignal): Promise<LimitedConnection> {
    await this.#slots.take(signal);
    try {
      for (;;) {
        try {
          return this.#idle.pop() ?? (await this.#connect());
        } catch (error) {
          // The login may fail, for example while a new password is not in the secret yet. Open connections still work.
          if (this.#open.size === 0 || signal.aborted) throw error;
          const released = await this.#nextReleased();
          if (released) return released;
        }
      }
    } catch (error) {
      this.#slots.give();
      throw error;
    }
  }

  /** The next released connection, or undefined after `retryInterval`. */
  #nextReleased(): Promise<LimitedConnection | undefined> {
    return new Promise((resolve) => {
      const end = (connection?: LimitedConnection) => {
        clearTimeout(timer);
        this.#waiting.delete(end);
        resolve(connection);
      };
      const timer = setTimeout(end, retryInterval);
      this.#waiting.add(end);
    });
  }

  async #connect(): Promise<LimitedConnection> {
    const connection = new LimitedConnection(
      await openConnection(this.#options, this.#logins),
      this.#limits.queryTimeout,
      {
        released: () => this.#takeBack(connection),
        readOnly: () => this.#retireAll(),
      },
    );
    await new Promise<void>((resolve, reject) => {
      connection.query(prepareSession, [], (error) => (error ? reject(error) : resolve()));
    }).catch((error) => {
      connection.destroy();
      throw error;
    });
    this.#open.add(connection);
    connection.socket.once('close', () => {
      this.#open.delete(connection);
      const index = this.#idle.indexOf(connection);
      if (index >= 0) this.#idle.splice(index, 1);
    });
    return connection;
  }

  #takeBack(connection: LimitedConnection): void {
    if (!connection.isUsable) connection.destroy();
    else {
      const [waiting] = this.#waiting;
      if (waiting) waiting(connection);
      else this.#idle.push(connection);
    }
    this.#slots.give();
  }

  /** The server behind the address may have changed, so every request from now on gets a new connection. */
  #retireAll(): void {
    for (const connection of this.#open) connection.retire();
    for (const connection of this.#idle.splice(0)) connection.destroy();
  }
}
