import { expect, test } from '@jest/globals';
import { newPassword } from '../src/login.ts';

test('passwords have 192 random bits, in characters that need no escaping', () => {
  const passwords = Array.from({ length: 100 }, newPassword);
  for (const password of passwords) expect(password).toMatch(/^[\w-]{32}$/);
  const bits = passwords.map((password) =>
    [...Buffer.from(password, 'base64url')].map((byte) => byte.toString(2).padStart(8, '0')).join(''),
  );
  // No bit is the same in all of them, and none is a copy of another.
  const columns = Array.from({ length: 192 }, (_, index) => bits.map((password) => password[index]).join(''));
  expect(columns.filter((column) => new Set(column).size < 2)).toEqual([]);
  expect(new Set(columns).size).toBe(192);
});
