/** For `toEqual`, [undefined] is the same as []. In these tests it is not: something was found, although it says nothing. */
import { expect } from '@jest/globals';

expect.addEqualityTesters([
  (one, other) => (Array.isArray(one) && Array.isArray(other) && one.length !== other.length ? false : undefined),
]);
