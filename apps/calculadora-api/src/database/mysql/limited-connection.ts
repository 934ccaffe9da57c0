import type { Socket } from 'node:net';
import type { MysqlPoolConnection, MysqlQueryResult, MysqlStream, MysqlStreamOptions } from 'kysely';
import type { Connection, QueryError } from 'mysql2';
import { isTooLarge, objectionOf } from './errors.ts';

/** What a pool is told by one of its connections. */
export interface ConnectionEvents {
  /** Its user gives it back. */
  released(): void;
  /** The server that it leads to does not write. */
  readOnly(): void;
}

/** A connection of a pool: it is closed when a query on it takes too long, and no error on it quotes values. */
export class LimitedConnection implements MysqlPoolConnection {
  readonly #connection: Connection;
  readonly #queryTimeout: number;
  readonly #events: ConnectionEvents;
  #isRetired = false;

  /** @param queryTimeout milliseconds */
  constructor(connection: Connection, queryTimeout: number, events: ConnectionEvents) {
    this.#connection = connection;
    this.#queryTimeout = queryTimeout;
    this.#events = events;
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

  /** Whether it may be lent again. */
  get isUsable(): boolean {
    return !this.#isRetired && !this.socket.destroyed;
  }

  /** It is not lent again; who has it may finish. */
  retire(): void {
    this.#isRetired = true;
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
      // The server closes the connection after this error, which is seen too late for the next who asks for it.
      if (isTooLarge(error)) this.retire();
      if (objectionOf(error) === 'elsewhere') this.#events.readOnly();
      callback(error && parameters.length > 0 ? withoutValues(error) : error, result as MysqlQueryResult);
    });
  }

  /** Closes the connection without telling the server, which may be unable to hear it. */
  destroy(): void {
    this.#connection.destroy();
    this.socket.destroy();
  }

  /** Ends it in good order, after what was sent on it. */
  end(): Promise<void> {
    return new Promise((resolve) => this.#connection.end(() => resolve()));
  }

  release(): void {
    this.#events.released();
  }
}

/** The error without the values that a server quotes, in its message and in its SQL: they are personal and must not be logged. */
function withoutValues({ code, errno, message }: QueryError): Error {
  return Object.assign(new Error(errno === undefined ? message : code), { code, errno });
}
