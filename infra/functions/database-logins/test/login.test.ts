import { expect, test } from '@jest/globals';
import { newPassword } from '../src/login.ts';

test('passwords have 192 random bits, in characters that need no escaping', () => {
  const passwords = Array.from({ length: 100 }, newPassword);
  for (const password of passwords) expect(password).toMatch(/^[\w-]{32}$/);
  expect(new Set(passwords).size).toBe(100);
});
