import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Application, SmokeCheck } from 'platform';
import { ask, nameOf, type WrongAnswer } from 'smoke';

/** Milliseconds between the starts of two equal requests. */
const interval = 1_000;

/** One request and what came back. */
export interface Sent {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly milliseconds: number;
  /** Why the answer was wrong. Undefined if it was right. */
  readonly found?: string;
  /** Undefined without an answer. */
  readonly status?: number | undefined;
}

/** All requests of a kind during a drill. */
export interface Requests {
  readonly application: string;
  /** `POST /backend`. */
  readonly request: string;
  readonly sent: number;
  readonly failed: number;
  /** When the first one failed and the last one: ISO 8601, UTC. */
  readonly first?: string;
  readonly last?: string;
  /** Seconds from the first failed request of a row to the next one that succeeded. 0 if none failed. */
  readonly longestGap: number;
  readonly failures: readonly { readonly at: string; readonly status?: number | undefined; readonly found: string }[];
}

/**
 * Sends the requests of all smoke tests, each once a second and one after the other, from `start` to `stop`. All sums have
 * one idempotency key, so that a drill stores one row.
 */
export class Probe {
  readonly #address: string;
  readonly #checks: readonly { readonly application: string; readonly check: SmokeCheck; readonly sent: Sent[] }[];
  readonly #key = `drill-${randomUUID()}`;
  readonly #stop = new AbortController();
  #running: Promise<unknown> = Promise.resolve();

  /** @param address without a trailing slash */
  constructor(applications: readonly Application[], address: string) {
    this.#address = address;
    this.#checks = applications.flatMap(({ name, smokeTest }) =>
      smokeTest.map((check) => ({ application: name, check, sent: [] })),
    );
  }

  start(): void {
    this.#running = Promise.all(this.#checks.map(({ check, sent }) => this.#repeat(check, sent)));
  }

  /** Waits for the answers that are still missing. */
  async stop(): Promise<readonly Requests[]> {
    this.#stop.abort();
    await this.#running;
    return this.#checks.map(({ application, check, sent }) => ({
      application,
      request: nameOf(check),
      ...summarise(sent),
    }));
  }

  /** The requests of which the newest, sent since a time, was not answered rightly, or of which none was sent since. */
  wrongSince(time: number): readonly string[] {
    return this.#checks.flatMap(({ check, sent }) => {
      const newest = sent.at(-1);
      if (newest === undefined || newest.at < time) return [nameOf(check)];
      return newest.found === undefined ? [] : [`${nameOf(check)}: ${newest.found}`];
    });
  }

  async #repeat(check: SmokeCheck, sent: Sent[]): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const at = Date.now();
      const wrong = await ask(check, this.#address, this.#key).then(
        () => undefined,
        ({ message, status }: WrongAnswer) => ({ found: message, status }),
      );
      const milliseconds = Date.now() - at;
      sent.push({ at, milliseconds, ...wrong });
      // Aborted, it ends early.
      await sleep(Math.max(0, interval - milliseconds), undefined, { signal }).catch(() => undefined);
    }
  }
}

/** @param sent in the order in which they were sent */
export function summarise(sent: readonly Sent[]): Omit<Requests, 'application' | 'request'> {
  const failures = sent.flatMap(({ at, found, status }) =>
    found === undefined ? [] : [{ at: new Date(at).toISOString(), status, found }],
  );
  const [first] = failures;
  const last = failures.at(-1);
  return {
    sent: sent.length,
    failed: failures.length,
    ...(first && last && { first: first.at, last: last.at }),
    longestGap: longestGap(sent) / 1000,
    failures,
  };
}

function longestGap(sent: readonly Sent[]): number {
  let longest = 0;
  let start: number | undefined;
  for (const { at, found, milliseconds } of sent) {
    if (found !== undefined) start ??= at;
    // A gap that never ended lasts as long as is known.
    if (start !== undefined) longest = Math.max(longest, (found === undefined ? at : at + milliseconds) - start);
    if (found === undefined) start = undefined;
  }
  return longest;
}
