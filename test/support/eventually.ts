import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits until a condition is true. An error of the condition counts as false.
 *
 * @param timeout milliseconds
 * @throws if it does not become true in time
 */
export async function eventually(condition: () => Promise<boolean>, timeout = 60_000): Promise<void> {
  for (const deadline = Date.now() + timeout; !(await condition().catch(() => false)); await sleep(25)) {
    if (Date.now() > deadline) throw new Error(`It did not happen within ${timeout} ms`);
  }
}
