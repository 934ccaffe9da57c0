import { jest } from '@jest/globals';

/** Time limits run by the test's clock. All else goes on by itself: `jest.useRealTimers()` ends it. */
export function useFakeTimeouts({ date = false } = {}): void {
  jest.useFakeTimers({
    doNotFake: [
      ...(date ? [] : (['Date'] as const)),
      ...(['hrtime', 'nextTick', 'performance', 'queueMicrotask'] as const),
      ...(['setImmediate', 'clearImmediate', 'setInterval', 'clearInterval'] as const),
    ],
  });
}
