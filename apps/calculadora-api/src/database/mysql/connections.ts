import type { Socket } from 'node:net';
import type { MysqlPool, MysqlPoolConnection, MysqlQueryResult, MysqlStream, MysqlStreamOptions } from 'kysely';
import { type Connection, type ConnectionOptions, createConnection, type QueryError } from 'mysql2';
import type { ConnectionUsage } from '../../domain/operations.ts';
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

const accessDenied = 1045;

/** Milliseconds until one more connection is tried again, where others are open. */
const retryInterval = 100;

/**
 * A pool of connections in the shape that Kysely expects. mysql2's own lets a request wait for a connection for ever, keeps
 * one password, and its `timeout` of a query only calls back: the connection goes on waiting for the answer and everything
 * sent on it later waits behind. Here a waiting request leaves the queue when its time is over, a connection whose query was
 * too slow is closed, and a new connection takes the login that is right now; those that are open stay.
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
      // Too late for whoever asked: the next one has it.
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
    const connection = new LimitedConnection(await this.#logIn(), this.#limits.queryTimeout, () => {
      // A connection that was closed for a slow query comes back before its socket tells of its end.
      if (this.#open.has(connection) && !connection.socket.destroyed) {
        const [waiting] = this.#waiting;
        if (waiting) waiting(connection);
        else this.#idle.push(connection);
      }
      this.#slots.give();
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

/** True for the server's refusal of a user and a password. */
export function isAccessDenied(error: unknown): boolean {
  return error instanceof Error && 'errno' in error && error.errno === accessDenied;
}

function open(options: ConnectionOptions): Promise<Connection> {
  const connection = createConnection(options);
  return new Promise((resolve, reject) => {
    connection.connect((error) => {
      // An error that nobody listens to would end the process; whoever uses the connection is told of it anyhow.
      connection.on('error', () => undefined);
      if (error) reject(error);
      else resolve(connection);
    });
  });
}

/** A connection that is closed when a query on it takes too long. */
class LimitedConnection implements MysqlPoolConnection {
  readonly #connection: Connection;
  readonly #queryTimeout: number;
  readonly #onRelease: () => void;

  constructor(connection: Connection, queryTimeout: number, onRelease: () => void) {
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

  /** Ends it in good order, after what was sent on it. */
  end(): Promise<void> {
    return new Promise((resolve) => this.#connection.end(() => resolve()));
  }

  release(): void {
    this.#onRelease();
  }
}

/** The error without the values that a server quotes, in its message and in its SQL: they are personal and must not be logged. */
function withoutValues({ code, errno, message }: QueryError): Error {
  return Object.assign(new Error(errno === undefined ? message : code), { code, errno });
}
