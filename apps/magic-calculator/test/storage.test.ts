import { expect, test } from '@jest/globals';
import { randomId, storage } from '../src/storage.ts';

const refuse = () => {
  throw new DOMException('refused', 'SecurityError');
};

test.each<[string, () => Storage]>([
  ['gives no storage', refuse],
  ['refuses each use of it', () => ({ getItem: refuse, setItem: refuse, removeItem: refuse }) as never],
  ['has no room in it', () => ({ getItem: () => null, setItem: refuse, removeItem: () => undefined }) as never],
])('a browser that %s still keeps things as long as the page is open', (_, open) => {
  const kept = storage(open);
  expect(kept.get('a')).toBeUndefined();
  kept.set('a', '1');
  kept.set('b', '2');
  expect([kept.get('a'), kept.get('b')]).toEqual(['1', '2']);
  kept.remove('a');
  expect([kept.get('a'), kept.get('b')]).toEqual([undefined, '2']);
});

test('what was set last is given, though the browser refused it, or has room for it again', () => {
  const inBrowser = new Map([['a', '1']]);
  let isFull = true;
  const setItem = (name: string, value: string) => (isFull ? refuse() : inBrowser.set(name, value));
  const kept = storage(() => ({ getItem: (name: string) => inBrowser.get(name) ?? null, setItem }) as never);
  expect(kept.get('a')).toBe('1');
  kept.set('a', '2');
  expect(kept.get('a')).toBe('2');
  isFull = false;
  kept.set('a', '3');
  expect([kept.get('a'), inBrowser.get('a')]).toEqual(['3', '3']);
});

test('a random id is 128 bits in hexadecimal digits, another each time', () => {
  const ids = Array.from({ length: 100 }, randomId);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
  expect(new Set(ids).size).toBe(100);
});
