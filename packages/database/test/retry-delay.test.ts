import { expect, jest, test } from '@jest/globals';
import { retryDelay } from '../src/retry-delay.ts';

test('An unavailable database is retried with exponential backoff and jitter', () => {
  const random = jest.spyOn(Math, 'random');
  const delays = (value: number) => {
    random.mockReturnValue(value);
    return [0, 1, 2, 3, 4, 5, 6, 10_000].map(retryDelay);
  };
  expect(delays(0)).toEqual([125, 250, 500, 1_000, 2_000, 2_500, 2_500, 2_500]);
  expect(delays(1)).toEqual([250, 500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000]);
  random.mockRestore();
});
