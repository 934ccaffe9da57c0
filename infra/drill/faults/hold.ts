import { setTimeout as sleep } from 'node:timers/promises';

/** Seconds between two looks at what happens meanwhile. */
const interval = 10;

/**
 * Lets a fault last.
 *
 * @param watch called now and then. An error of it ends the fault
 * @throws the signal's reason
 */
export async function hold(
  seconds: number,
  signal: AbortSignal,
  watch = async (): Promise<void> => undefined,
): Promise<void> {
  for (let passed = 0; passed < seconds; passed += interval) {
    await watch();
    await sleep(interval * 1000, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}
