import type { Duplex } from 'node:stream';
import { problemMediaType } from 'contract';
import type { FastifyBaseLogger } from 'fastify';
import { problemOf } from './problems.ts';

/** Minimum milliseconds between two log lines with the same reason, because refusals can arrive by the thousands. */
const logInterval = 1_000;

/** Why a request did not reach a route. A fixed list, because each reason is a permanent time series. */
export const refusalReasons = [
  'address',
  'body_length',
  'headers_too_large',
  'incomplete',
  'malformed',
  'method',
  'timeout',
] as const;
export type RefusalReason = (typeof refusalReasons)[number];

/** By Node's error code. All other parser errors are `malformed`. */
const reasons: Record<string, RefusalReason> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'timeout',
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  HPE_INVALID_CONTENT_LENGTH: 'body_length',
  HPE_INVALID_EOF_STATE: 'incomplete',
  HPE_INVALID_METHOD: 'method',
  HPE_INVALID_TRANSFER_ENCODING: 'body_length',
  HPE_UNEXPECTED_CONTENT_LENGTH: 'body_length',
};
const statuses: Partial<Record<RefusalReason, number>> = { headers_too_large: 431, timeout: 408 };

/** Counts and logs requests that are refused before they reach a route. No other metric or log line covers them. */
export class Refusals {
  readonly #refused = new Map(
    refusalReasons.map((reason) => [reason, { total: 0, logged: 0, loggedAt: -logInterval }]),
  );

  /** Refused requests since the process started, by reason. */
  totals(): [RefusalReason, number][] {
    return [...this.#refused].map(([reason, { total }]) => [reason, total]);
  }

  /** Counts a refusal. At most once per `logInterval`, logs the number of refusals since the previous line. */
  count(reason: RefusalReason, log: FastifyBaseLogger): void {
    const state = this.#refused.get(reason);
    if (state === undefined) return;
    state.total++;
    const now = performance.now();
    if (now - state.loggedAt < logInterval) return;
    log.info({ reason, refused: state.total - state.logged }, 'Requests refused before reaching a route');
    state.logged = state.total;
    state.loggedAt = now;
  }

  /** Responds to input that Node could not parse, or that was too slow or too large, and closes the connection. */
  answerClientError({ code = '' }: NodeJS.ErrnoException, socket: Duplex, log: FastifyBaseLogger): void {
    const reason = reasons[code] ?? (code.startsWith('HPE_') ? 'malformed' : undefined);
    // Any other error means that the connection broke. Nothing was refused, and nobody is left to read a response.
    if (reason === undefined) socket.destroy();
    else this.answer(reason, socket, log);
  }

  /** Responds on the raw socket, because there is no request object, and closes the connection. */
  answer(reason: RefusalReason, socket: Duplex, log: FastifyBaseLogger): void {
    this.count(reason, log);
    if (socket.writable) {
      const problem = problemOf(statuses[reason] ?? 400, 'bad_request');
      const body = JSON.stringify(problem);
      socket.write(
        `HTTP/1.1 ${problem.status} ${problem.title}\r\nContent-Type: ${problemMediaType}\r\n` +
          `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
      );
    }
    socket.destroy();
  }
}
