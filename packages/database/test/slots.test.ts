import { beforeEach, describe, expect, test } from '@jest/globals';
import { Slots } from '../src/mysql/slots.ts';

describe('Slots', () => {
  let slots: Slots;
  let entered: string[];
  beforeEach(() => {
    slots = new Slots(2, 2);
    entered = [];
  });

  const never = new AbortController().signal;
  const take = (name: string, signal = never) => slots.take(signal).then(() => void entered.push(name));
  const turn = () => new Promise((resolve) => setImmediate(resolve));

  test('are taken at once while one is free', async () => {
    expect(slots.tryTake()).toBe(true);
    await take('a');
    expect(slots.tryTake()).toBe(false);
    expect({ used: slots.used, waiting: slots.waiting }).toEqual({ used: 2, waiting: 0 });
    slots.give();
    expect({ used: slots.used, waiting: slots.waiting }).toEqual({ used: 1, waiting: 0 });
    expect(slots.tryTake()).toBe(true);
  });

  test('that are returned go to waiting callers, first in, first out', async () => {
    for (const name of ['a', 'b', 'c', 'd']) void take(name);
    await turn();
    expect(entered).toEqual(['a', 'b']);
    expect({ used: slots.used, waiting: slots.waiting }).toEqual({ used: 2, waiting: 2 });
    slots.give();
    await turn();
    expect(entered).toEqual(['a', 'b', 'c']);
    expect({ used: slots.used, waiting: slots.waiting }).toEqual({ used: 2, waiting: 1 });
    for (let count = 0; count < 3; count++) slots.give();
    await turn();
    expect(entered).toEqual(['a', 'b', 'c', 'd']);
    expect({ used: slots.used, waiting: slots.waiting }).toEqual({ used: 0, waiting: 0 });
  });

  test('refuse a caller if the queue is full, and remove a caller that gives up', async () => {
    const leaving = new AbortController();
    for (const name of ['a', 'b']) void take(name);
    const left = expect(take('c', leaving.signal)).rejects.toThrow('Too late');
    void take('d');
    await expect(take('e')).rejects.toThrow('Too many requests are waiting for a connection');
    leaving.abort(new Error('Too late'));
    await left;
    expect(slots.waiting).toBe(1);
    slots.give();
    await turn();
    expect(entered).toEqual(['a', 'b', 'd']);
    expect({ used: slots.used, waiting: slots.waiting }).toEqual({ used: 2, waiting: 0 });
  });

  test('stay with a caller that has one when its signal aborts later', async () => {
    const controller = new AbortController();
    for (const name of ['a', 'b']) void take(name);
    void take('c', controller.signal);
    slots.give();
    await turn();
    controller.abort();
    await turn();
    expect(entered).toEqual(['a', 'b', 'c']);
    expect(slots.used).toBe(2);
  });
});
