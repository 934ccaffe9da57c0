import { randomUUID } from 'node:crypto';
import type { Application, SmokeCheck } from 'platform';
import { ask, nameOf } from 'smoke';
import { texts } from './delivery-texts.ts';
import { say } from './github.ts';

const text = texts.smoke;

export interface Result {
  readonly name: string;
  /** Why the check failed, in both languages. Undefined if it passed. */
  readonly found?: string;
}

/** Milliseconds between two attempts. */
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
  const name = nameOf(check);
  for (;;) {
    try {
      await ask(check, address, key);
      return { name };
    } catch (error) {
      if (Date.now() + pause > deadline) return { name, found: (error as Error).message };
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}
