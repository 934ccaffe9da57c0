/** Sends the requests of an application's smoke test, for a release and for a drill. */
import { idempotencyKeyHeader } from 'contract';
import type { SmokeCheck } from 'platform';
import { texts } from './texts.ts';

/** Milliseconds: limit of one request. */
const requestTimeout = 10_000;

/** The answer was not the right one, or there was none. The message says what was found, in both languages. */
export class WrongAnswer extends Error {
  override readonly name = 'WrongAnswer';
  /** Undefined if there was no answer. */
  readonly status: number | undefined;

  constructor(found: string, status?: number) {
    super(found);
    this.status = status;
  }
}

/** How people are told of a request: `POST /backend`. */
export const nameOf = ({ method = 'GET', path }: SmokeCheck): string => `${method} ${path}`;

/**
 * Sends a request, and checks its answer.
 *
 * @param address without a trailing slash
 * @param key idempotency key of requests that are stored. All with the same key store a single row.
 * @throws {WrongAnswer}
 */
export async function ask(check: SmokeCheck, address: string, key: string): Promise<void> {
  const { body, expected, isStored, method = 'GET', path } = check;
  let status: number | undefined;
  try {
    const answer = await fetch(address + path, {
      method,
      redirect: 'manual',
      signal: AbortSignal.timeout(requestTimeout),
      headers: {
        ...(body && { 'content-type': 'application/json' }),
        ...(isStored && { [idempotencyKeyHeader]: key }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    status = answer.status;
    const received = await answer.text();
    if (status !== 200) throw new Error(`${status} ${quote(received)}`);
    if (typeof expected === 'string') expectText(received, expected);
    else expected({ headers: answer.headers, body: received });
  } catch (error) {
    throw new WrongAnswer(describe(error as Error), status);
  }
}

function expectText(found: string, expected: string): void {
  if (found !== expected) throw new Error(texts.unexpected(quote(found), quote(expected)));
}

function quote(body: string): string {
  return JSON.stringify(body.length > 200 ? `${body.slice(0, 200)}…` : body);
}

/**
 * Says why a check failed. `fetch` gives the reason of a failed connection in the cause, which has only a code if the host
 * has several addresses.
 */
function describe({ cause, message, name }: Error): string {
  if (name === 'TimeoutError') return texts.noResponse(requestTimeout / 1_000);
  if (cause === undefined) return message;
  const { code, message: reason } = cause as NodeJS.ErrnoException;
  return texts.noConnection(reason || String(code));
}
