import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Sums } from './rows.ts';
import type { Kind, PeriodFigures, Users } from './users.ts';

export interface CrowdProps {
  readonly address: string;
  readonly users: Readonly<Record<Kind, number>>;
  /** Requests a second of all users together. */
  readonly rate: number;
}

/** What is known of the current period. */
export type Now = Pick<PeriodFigures, 'failed' | 'longest' | 'repeated'>;

/** What the thread of the users tells several times a second, and at the end. */
export type Told =
  | { readonly acknowledged: number; readonly now: Now }
  | { readonly periods: readonly PeriodFigures[]; readonly acknowledged: Uint8Array; readonly sent: number };

/** What it is asked: to begin a period, or to stop sending. */
export type Asked = { readonly begin: string } | 'leave';

export interface Result extends Sums {
  readonly acknowledged: number;
  readonly periods: readonly PeriodFigures[];
}

/** {@link Users} on a thread of their own, so that they do not wait for the load balancer, nor it for them. */
export class Crowd {
  readonly #worker: Worker;
  readonly #result: Promise<Result>;
  #acknowledged = 0;
  #now: Now = {
    failed: { plain: 0, keyed: 0, visitor: 0 },
    longest: 0,
    repeated: 0,
  };

  constructor(props: CrowdProps) {
    this.#worker = new Worker(new URL('./crowd-thread.ts', import.meta.url), { workerData: props });
    const { promise, reject, resolve } = Promise.withResolvers<Result>();
    this.#result = promise;
    promise.catch(() => undefined);
    this.#worker.once('error', reject).on('message', (told: Told) => {
      if ('now' in told) {
        this.#acknowledged = told.acknowledged;
        this.#now = told.now;
        return;
      }
      const { acknowledged, periods, sent } = told;
      resolve({
        periods,
        sent,
        acknowledged: acknowledged.reduce((sum, one) => sum + one, 0),
        isAcknowledged: (number) => acknowledged[number] === 1,
      });
    });
  }

  /** Sums that were answered with their result, as of a moment ago. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** The current period, as of a moment ago. */
  get now(): Now {
    return this.#now;
  }

  /** From now on, requests count for a new period. */
  begin(name: string): void {
    this.#ask({ begin: name });
  }

  /** Stops sending, and waits for the requests in flight. @throws if the thread has failed */
  async leave(): Promise<Result> {
    this.#ask('leave');
    const result = await this.#result;
    const exited = once(this.#worker, 'exit');
    await this.#worker.terminate();
    await exited;
    return result;
  }

  #ask(what: Asked): void {
    this.#worker.postMessage(what);
  }
}
