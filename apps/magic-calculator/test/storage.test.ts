import { expect, test } from '@jest/globals';
import { randomId, storage } from '../src/storage.ts';

const refuse = () => {
  throw new DOMException('refused', 'SecurityError');
};

test.each<[string, () => Storage]>([
  ['gives no access to its storage', refuse],
  ['refuses every read and write', () => ({ getItem: refuse, setItem: refuse, removeItem: refuse }) as never],
  ['has a full storage', () => ({ getItem: () => null, setItem: refuse, removeItem: () => undefined }) as never],
])('in a browser that %s, values are kept while the page is open', (_, open) => {
  const stored = storage(open);
  expect(stored.get('a')).toBeUndefined();
  stored.set('a', '1');
  stored.set('b', '2');
  expect([stored.get('a'), stored.get('b')]).toEqual(['1', '2']);
  stored.remove('a');
  expect([stored.get('a'), stored.get('b')]).toEqual([undefined, '2']);
});

test('the last value is returned, whether the browser refused it or has room again', () => {
  const inBrowser = new Map([['a', '1']]);
  let isFull = true;
  const setItem = (name: string, value: string) => (isFull ? refuse() : inBrowser.set(name, value));
  const stored = storage(() => ({ getItem: (name: string) => inBrowser.get(name) ?? null, setItem }) as never);
  expect(stored.get('a')).toBe('1');
  stored.set('a', '2');
  expect(stored.get('a')).toBe('2');
  isFull = false;
  stored.set('a', '3');
  expect([stored.get('a'), inBrowser.get('a')]).toEqual(['3', '3']);
});

test('a random id has 128 bits, in hexadecimal, and differs each time', () => {
  const ids = Array.from({ length: 100 }, randomId);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
  expect(new Set(ids).size).toBe(100);
});
