import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits until something is so.
 *
 * @param timeout milliseconds
 * @throws if it is not so in time
 */
export async function eventually(isSo: () => Promise<boolean>, timeout = 60_000): Promise<void> {
  for (const deadline = Date.now() + timeout; !(await isSo().catch(() => false)); await sleep(25)) {
    if (Date.now() > deadline) throw new Error(`It did not happen within ${timeout} ms`);
  }
}
