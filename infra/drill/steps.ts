import { setTimeout as sleep } from 'node:timers/promises';
import { duration, type Text } from 'command-line';
import { texts } from '../command-texts.ts';
import { inBoth } from '../rehearse/terminal.ts';

export interface Step {
  /** Key of its text. */
  readonly name: keyof typeof texts.drill.steps;
  readonly seconds: number;
  readonly isDone: boolean;
}

/** Runs the steps of a drill, and prints the time that each of them took. */
export class Steps {
  readonly taken: Step[] = [];

  async run<T>(name: Step['name'], action: () => Promise<T>): Promise<T> {
    const title = inBoth(texts.drill.steps[name]);
    console.log(`… ${title}`);
    const start = performance.now();
    const end = (isDone: boolean) => {
      const seconds = Math.round((performance.now() - start) / 1000);
      this.taken.push({ name, seconds, isDone });
      console.log(`${isDone ? '✓' : '✗'} ${title}: ${duration(seconds)}`);
    };
    try {
      const result = await action();
      end(true);
      return result;
    } catch (error) {
      end(false);
      throw error;
    }
  }
}

export interface Waiting {
  /** Milliseconds between two questions. */
  readonly every: number;
  /** Questions until it gives up. */
  readonly times: number;
  readonly signal?: AbortSignal;
}

/**
 * Asks until there is an answer.
 *
 * @throws if there is none in time, or the signal's reason
 */
export async function waitFor<T>(what: Text, ask: () => Promise<T | undefined>, waiting: Waiting): Promise<T> {
  const { every, signal, times } = waiting;
  for (let asked = 0; asked < times; asked++) {
    signal?.throwIfAborted();
    const answer = await ask();
    if (answer !== undefined) return answer;
    await sleep(every, undefined, { ...(signal && { signal }) }).catch(() => signal?.throwIfAborted());
  }
  throw new Error(texts.drill.tookTooLong(what, (every * times) / 60_000));
}
