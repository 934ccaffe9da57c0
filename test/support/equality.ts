/** `toEqual` takes `[undefined]` for `[]`. In these tests, lists of different lengths differ. */
import { expect } from '@jest/globals';

expect.addEqualityTesters([
  (one, other) => (Array.isArray(one) && Array.isArray(other) && one.length !== other.length ? false : undefined),
]);
