import { expect, test } from '@jest/globals';
import { readSeconds } from '../arguments.ts';

test.each([
  ['90', 90],
  ['0.5', 0.5],
])('%s is a number of seconds', (given, seconds) => {
  expect(readSeconds(given)).toBe(seconds);
});

test.each(['5m', '-1', '', '1.5.2', '1e3'])(
  '%j is no number of seconds, and would be waited for without end',
  (given) => {
    expect(() => readSeconds(given)).toThrow(`--timeout ${given}: `);
  },
);
