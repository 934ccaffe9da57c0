import { randomUUID } from 'node:crypto';
import { idempotencyKeyHeader } from 'contract';
import type { Answer, Application, SmokeCheck } from 'platform';
import { texts } from './delivery-texts.ts';
import { say } from './github.ts';

const text = texts.smoke;

export interface Result {
  readonly name: string;
  /** Why the check failed, in both languages. Undefined if it passed. */
  readonly found?: string;
}

/** Milliseconds: limit of one request, and pause between two attempts. */
const requestTimeout = 10_000;
const pause = 2_000;

/**
 * Idempotency key of this workflow run, or of this process. A run asks several times: the new pod by itself, then the
 * public address, each until the answer is right. With the same key, all of it stores a single row.
 */
const key = `smoke-${process.env.GITHUB_RUN_ID || randomUUID()}`;

/**
 * Runs the smoke test of an application. Each check is retried until it passes or the time is over: the address of a new
 * environment takes a while to propagate.
 *
 * @param address without a trailing slash
 * @param timeout milliseconds
 */
export async function smoke({ smokeTest }: Application, address: string, timeout: number): Promise<readonly Result[]> {
  const deadline = Date.now() + timeout;
  const results: Result[] = [];
  for (const check of smokeTest) results.push(await attempt(check, address, deadline));
  return results;
}

/** Tells people the results. @returns whether all checks passed */
export function report(results: readonly Result[]): boolean {
  for (const { name, found } of results) say(found === undefined ? text.passed(name) : text.failed(name, found));
  return results.every(({ found }) => found === undefined);
}

async function attempt(check: SmokeCheck, address: string, deadline: number): Promise<Result> {
  const name = `${check.method ?? 'GET'} ${check.path}`;
  for (;;) {
    try {
      const answer = await ask(check, address);
      if (typeof check.expected === 'string') expectText(answer.body, check.expected);
      else check.expected(answer);
      return { name };
    } catch (error) {
      if (Date.now() + pause > deadline) return { name, found: describe(error as Error) };
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

async function ask({ body, isStored, method = 'GET', path }: SmokeCheck, address: string): Promise<Answer> {
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
  const received = await answer.text();
  if (answer.status !== 200) throw new Error(`${answer.status} ${quote(received)}`);
  return { headers: answer.headers, body: received };
}

function expectText(found: string, expected: string): void {
  if (found !== expected) throw new Error(text.unexpected(quote(found), quote(expected)));
}

function quote(body: string): string {
  return JSON.stringify(body.length > 200 ? `${body.slice(0, 200)}…` : body);
}

/** Says why a check failed. `fetch` gives the reason of a failed connection in the cause. */
function describe({ cause, message, name }: Error): string {
  if (name === 'TimeoutError') return texts.noResponse(requestTimeout / 1_000);
  return cause instanceof Error ? text.noConnection(cause.message) : message;
}
