import { afterEach, expect, jest, test } from '@jest/globals';
import { RateLimit } from '../src/telemetry/rate-limit.ts';

afterEach(() => {
  jest.restoreAllMocks();
});

test('a limit counts anew in each second', () => {
  let milliseconds = 10_000;
  jest.spyOn(performance, 'now').mockImplementation(() => milliseconds);
  const limit = new RateLimit(2);
  const taken = () => [limit.take(), limit.take(), limit.take()];
  expect(taken()).toEqual([true, true, false]);
  milliseconds += 999;
  expect(limit.take()).toBe(false);
  milliseconds += 1;
  expect(taken()).toEqual([true, true, false]);
});
