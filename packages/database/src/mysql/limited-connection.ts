import type { Socket } from 'node:net';
import type { MysqlPoolConnection, MysqlQueryResult, MysqlStream, MysqlStreamOptions } from 'kysely';
import type { Connection, QueryError } from 'mysql2';
import { connectionLost, failureKindOf, isTooLarge } from './errors.ts';

/** Events of a connection that its pool handles. */
export interface ConnectionEvents {
  /** The caller returned the connection. */
  released(): void;
  /** The server does not accept writes. */
  readOnly(): void;
}

/** A pooled connection. It is closed when a query takes too long, and its errors contain no values. */
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

  /** Whether the pool may reuse it. */
  get isUsable(): boolean {
    return !this.#isRetired && !this.socket.destroyed;
  }

  /** Prevents reuse. The current caller may finish. */
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
      // The server closes the connection after this error, but the next caller could get it before that is noticed.
      if (isTooLarge(error)) this.retire();
      if (failureKindOf(error) === 'readOnly') this.#events.readOnly();
      callback(error && parameters.length > 0 ? withoutValues(error) : error, result as MysqlQueryResult);
    });
  }

  /** Closes the connection without notifying the server, which may be unreachable. */
  destroy(): void {
    this.#connection.destroy();
    this.socket.destroy();
  }

  /** Closes the connection gracefully, after the queries already sent. */
  end(): Promise<void> {
    return new Promise((resolve) => this.#connection.end(() => resolve()));
  }

  release(): void {
    this.#events.released();
  }
}

/** Removes message and SQL from an error. They may quote personal values, which must not be logged. */
function withoutValues({ code, errno, fatal, message }: QueryError): Error {
  // mysql2 gives no code to the error of a statement on a connection that has just broken.
  return Object.assign(new Error(errno === undefined ? message : code), {
    code: code ?? (fatal ? connectionLost : undefined),
    errno,
  });
}
