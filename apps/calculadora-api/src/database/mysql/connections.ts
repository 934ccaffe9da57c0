import type { MysqlPool, MysqlPoolConnection } from 'kysely';
import { type Connection, type ConnectionOptions, createConnection } from 'mysql2';
import type { ConnectionUsage } from '../../domain/operations.ts';
import { isAccessDenied } from './errors.ts';
import { LimitedConnection } from './limited-connection.ts';
import type { Logins } from './logins.ts';
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

/** Milliseconds until one more connection is tried again, where others are open. */
const retryInterval = 100;

/**
 * A pool of connections in the shape that Kysely expects. mysql2's own lets a request wait for a connection for ever, keeps
 * one password, and its `timeout` of a query only calls back: the connection goes on waiting for the answer and everything
 * sent on it later waits behind. Here a waiting request leaves the queue when its time is over, a connection whose query was
 * too slow is closed, and a new connection takes the login that is right now; those that are open stay. When a server says that
 * it does not write, mysql2's pool drops that one connection; here all of them are dropped, because all lead to that server.
 */
export class Connections implements MysqlPool {
  readonly #options: ConnectionOptions;
  readonly #logins: Logins;
  readonly #limits: ConnectionLimits;
  readonly #slots: Slots;
  readonly #open = new Set<LimitedConnection>();
  readonly #idle: LimitedConnection[] = [];
  /** Those who could not open one and wait for one that is open. */
  readonly #waiting = new Set<(connection: LimitedConnection) => void>();

  constructor(options: ConnectionOptions, logins: Logins, limits: ConnectionLimits) {
    this.#options = options;
    this.#logins = logins;
    this.#limits = limits;
    this.#slots = new Slots(limits.connections, limits.waiting);
  }

  getConnection(callback: (error: unknown, connection: MysqlPoolConnection) => void): void {
    const idle = this.#idle.at(-1);
    // The usual case, without a timer and a promise: there is nothing to wait for.
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
      (callback as (error: unknown) => void)(error);
    };
    const timer = setTimeout(() => {
      fail(new Error(`There was no connection to the database within ${this.#limits.acquireTimeout} ms`));
    }, this.#limits.acquireTimeout);
    this.#acquire(controller.signal).then((connection) => {
      // The caller has given up: the next one gets it.
      if (!waiting) return connection.release();
      waiting = false;
      clearTimeout(timer);
      callback(null, connection);
    }, fail);
  }

  /** Ends all connections in good order, and by force those that still are there after a second. */
  end(callback: (error: unknown) => void): void {
    const finish = () => {
      clearTimeout(limit);
      for (const connection of this.#open) connection.destroy();
      callback(null);
    };
    const limit = setTimeout(finish, 1_000);
    // An error, such as that of a server which is gone, is no matter any more.
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
          // Such as a refused password while a new one is on its way to the secret: those that are open go on and will do.
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

  /** The next connection that somebody gives back, or none if that takes longer than `retryInterval`. */
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
    const connection = new LimitedConnection(await this.#logIn(), this.#limits.queryTimeout, {
      released: () => this.#takeBack(connection),
      readOnly: () => this.#retireAll(),
    });
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
    else if (this.#open.has(connection)) {
      const [waiting] = this.#waiting;
      if (waiting) waiting(connection);
      else this.#idle.push(connection);
    }
    this.#slots.give();
  }

  /** The server behind the address may have changed: what is lent from now on is a new connection. */
  #retireAll(): void {
    for (const connection of this.#open) connection.retire();
    for (const connection of this.#idle.splice(0)) connection.destroy();
  }

  /** Opens a connection, once more if the login was refused and has been renewed since. */
  async #logIn(): Promise<Connection> {
    const login = await this.#logins.current();
    try {
      return await open({ ...this.#options, ...login });
    } catch (error) {
      if (!isAccessDenied(error) || !(await this.#logins.renew(login))) throw error;
      return open({ ...this.#options, ...(await this.#logins.current()) });
    }
  }
}

function open(options: ConnectionOptions): Promise<Connection> {
  const connection = createConnection(options);
  return new Promise((resolve, reject) => {
    connection.connect((error) => {
      // Without a listener an error would end the process. The query under way fails with it anyway.
      connection.on('error', () => undefined);
      if (error) reject(error);
      else resolve(connection);
    });
  });
}
