import type { Answer, Application, SmokeCheck } from 'platform';
import { texts } from './delivery-texts.ts';

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
 * Runs the smoke tests of all applications. Each check is retried until it passes or the time is over: the address of a
 * new environment takes a while to propagate.
 *
 * @param address without a trailing slash
 * @param timeout milliseconds
 */
export async function smoke(
  applications: readonly Application[],
  address: string,
  timeout: number,
): Promise<readonly Result[]> {
  const deadline = Date.now() + timeout;
  const results: Result[] = [];
  for (const { smokeTest } of applications) {
    for (const check of smokeTest) results.push(await attempt(check, address, deadline));
  }
  return results;
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

async function ask({ body, method = 'GET', path }: SmokeCheck, address: string): Promise<Answer> {
  const answer = await fetch(address + path, {
    method,
    redirect: 'manual',
    signal: AbortSignal.timeout(requestTimeout),
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
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
  if (name === 'TimeoutError') return text.noResponse(requestTimeout / 1_000);
  return cause instanceof Error ? text.noConnection(cause.message) : message;
}
