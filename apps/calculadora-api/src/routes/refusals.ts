import type { Duplex } from 'node:stream';
import { problemMediaType } from 'contract';
import type { FastifyBaseLogger } from 'fastify';
import { problemOf } from './problems.ts';

/** Milliseconds at least between two lines about the same reason: refusals come in thousands when they come. */
const interval = 1_000;

/** Why a request came to no route. Fixed names, because each is a time series for ever. */
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

/** By the code of Node's error; all others of its parser's are `malformed`. */
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

/** Counts the requests that are refused before there is a route for them, which no other metric and no other line tells of. */
export class Refusals {
  readonly #refused = new Map(refusalReasons.map((reason) => [reason, { total: 0, told: 0, toldAt: -interval }]));

  /** How many were refused since the process started, by reason. */
  totals(): [RefusalReason, number][] {
    return [...this.#refused].map(([reason, { total }]) => [reason, total]);
  }

  /** Counts one, and writes a line that says how many there were since the line before, if that is long enough ago. */
  count(reason: RefusalReason, log: FastifyBaseLogger): void {
    const state = this.#refused.get(reason);
    if (state === undefined) return;
    state.total++;
    const now = performance.now();
    if (now - state.toldAt < interval) return;
    log.info({ reason, refused: state.total - state.told }, 'Requests refused before any route');
    state.told = state.total;
    state.toldAt = now;
  }

  /** Answers what is no HTTP request, or too slow or too large a one for Node to make a request of, and closes the connection. */
  answerClientError({ code = '' }: NodeJS.ErrnoException, socket: Duplex, log: FastifyBaseLogger): void {
    const reason = reasons[code] ?? (code.startsWith('HPE_') ? 'malformed' : undefined);
    // Anything else means that the connection broke: nothing was refused, and there is nobody to answer.
    if (reason === undefined) socket.destroy();
    else this.answer(reason, socket, log);
  }

  /** Answers where there is no request to reply to, and closes the connection. */
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
