import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Batches, type BatchLimits } from '../src/database/batches.ts';
import { Overloaded, StorageUnavailable } from '../src/domain/operations.ts';

const limits: BatchLimits = { size: 3, concurrent: 1, waiting: 4, waitTimeout: 1_000, answerTimeout: 3_000 };

/** A batch in progress, until the test settles it. */
interface BatchInProgress {
  readonly items: readonly string[];
  succeed(...outcomes: (Error | undefined)[]): Promise<void>;
  fail(error: Error): Promise<void>;
}

class Refused extends Error {}

describe('Group commit', () => {
  let stored: BatchInProgress[];
  let batches: Batches<string>;
  /** The outcome of each item, in the order in which they were settled. */
  let outcomes: Map<string, 'stored' | Error>;

  const newBatches = (changes: Partial<BatchLimits> = {}) =>
    new Batches<string>(
      (items) =>
        new Promise((resolve, reject) => {
          stored.push({
            items,
            async succeed(...errors) {
              resolve(errors);
              await settle();
            },
            async fail(error) {
              reject(error);
              await settle();
            },
          });
        }),
      (error) => error instanceof Refused,
      { ...limits, ...changes },
    );
  /** Runs the callbacks of settled promises. */
  const settle = () => jest.advanceTimersByTimeAsync(0);
  const add = (...items: string[]) => {
    for (const item of items) {
      batches.add(item).then(
        () => outcomes.set(item, 'stored'),
        (error) => outcomes.set(item, error),
      );
    }
    return settle();
  };
  const batch = (index: number): BatchInProgress => {
    const found = stored[index];
    if (!found) throw new Error(`There is no batch ${index}`);
    return found;
  };

  beforeEach(() => {
    jest.useFakeTimers();
    stored = [];
    outcomes = new Map();
    batches = newBatches();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  test('stores an item at once and alone if no batch is in progress, and later ones together, in order', async () => {
    await add('a');
    await add('b', 'c', 'd', 'e');
    expect(stored.map(({ items }) => items)).toEqual([['a']]);
    expect(batches.waiting).toBe(4);
    await batch(0).succeed();
    expect(stored.map(({ items }) => items)).toEqual([['a'], ['b', 'c', 'd']]);
    expect(outcomes).toEqual(new Map([['a', 'stored']]));
    await batch(1).succeed();
    await batch(2).succeed();
    expect(batch(2).items).toEqual(['e']);
    expect([...outcomes.keys()]).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(batches.waiting).toBe(0);
  });

  test('works again after being idle, and leaves no timer behind', async () => {
    for (const item of ['a', 'b', 'c']) {
      await add(item);
      expect(stored.at(-1)?.items).toEqual([item]);
      await batch(stored.length - 1).succeed();
    }
    expect(jest.getTimerCount()).toBe(0);
  });

  test('runs up to the maximum number of concurrent batches', async () => {
    batches = newBatches({ concurrent: 2 });
    await add('a', 'b', 'c');
    expect(stored.map(({ items }) => items)).toEqual([['a'], ['b']]);
    await batch(1).succeed();
    expect(stored.map(({ items }) => items)).toEqual([['a'], ['b'], ['c']]);
  });

  test('refuses an item at once if the queue is full, and accepts the next when there is room again', async () => {
    await add('a', 'b', 'c', 'd', 'e', 'f');
    expect(outcomes).toEqual(new Map([['f', expect.any(Overloaded)]]));
    await batch(0).succeed();
    await add('g');
    expect(outcomes.get('g')).toBeUndefined();
  });

  test('refuses each item whose own waiting time is over, and stores none of them', async () => {
    await add('a', 'b');
    await jest.advanceTimersByTimeAsync(400);
    await add('c');
    await jest.advanceTimersByTimeAsync(599);
    expect(outcomes).toEqual(new Map());
    await jest.advanceTimersByTimeAsync(1);
    expect(outcomes).toEqual(new Map([['b', expect.any(Overloaded)]]));
    await jest.advanceTimersByTimeAsync(399);
    expect(outcomes.has('c')).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    expect(outcomes.get('c')).toBeInstanceOf(Overloaded);
    await add('d');
    await jest.advanceTimersByTimeAsync(1_000);
    expect(outcomes.get('d')).toBeInstanceOf(Overloaded);
    await batch(0).succeed();
    expect(stored).toHaveLength(1);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('lets an item wait its full time, even if an earlier one was stored', async () => {
    await add('a', 'b');
    await jest.advanceTimersByTimeAsync(500);
    await batch(0).succeed();
    await add('c');
    const timers = jest.spyOn(globalThis, 'setTimeout');
    await jest.advanceTimersByTimeAsync(999);
    expect(outcomes).toEqual(new Map([['a', 'stored']]));
    // It uses a timer instead of polling.
    expect(timers.mock.calls.length).toBeLessThanOrEqual(2);
    timers.mockRestore();
    await jest.advanceTimersByTimeAsync(1);
    expect(outcomes.get('c')).toBeInstanceOf(Overloaded);
  });

  test('rejects the items of a batch that takes too long, and continues with the next batch when it ends', async () => {
    await add('a');
    await jest.advanceTimersByTimeAsync(2_500);
    await add('b');
    await jest.advanceTimersByTimeAsync(499);
    expect(outcomes).toEqual(new Map());
    await jest.advanceTimersByTimeAsync(1);
    const cause = new Error('The database did not store a batch within 3000 ms');
    expect(outcomes).toEqual(new Map([['a', new StorageUnavailable(cause)]]));
    expect(outcomes.get('a')).toMatchObject({ name: 'StorageUnavailable', cause });
    await batch(0).succeed();
    expect(batch(1).items).toEqual(['b']);
    await batch(1).succeed();
    expect(outcomes.get('b')).toBe('stored');
  });

  test('rejects each item of a batch when its own time is over, with the time that it waited', async () => {
    await add('a', 'b');
    await jest.advanceTimersByTimeAsync(400);
    await add('c');
    await jest.advanceTimersByTimeAsync(500);
    await batch(0).succeed();
    expect(batch(1).items).toEqual(['b', 'c']);
    await jest.advanceTimersByTimeAsync(2_099);
    expect(outcomes).toEqual(new Map([['a', 'stored']]));
    await jest.advanceTimersByTimeAsync(1);
    expect(outcomes.get('b')).toBeInstanceOf(StorageUnavailable);
    expect(outcomes.has('c')).toBe(false);
    await jest.advanceTimersByTimeAsync(400);
    expect(outcomes.get('c')).toBeInstanceOf(StorageUnavailable);
    expect(jest.getTimerCount()).toBe(0);
    await batch(1).succeed();
    await add('d');
    expect(batch(2).items).toEqual(['d']);
  });

  test('gives each item its own outcome', async () => {
    await add('a', 'b', 'c', 'd');
    await batch(0).succeed();
    const error = new Error('Only this one');
    await batch(1).succeed(undefined, error);
    expect(Object.fromEntries(outcomes)).toEqual({ a: 'stored', b: 'stored', c: error, d: 'stored' });
  });

  test('halves a refused batch until the refused item is found, and stores all others', async () => {
    await add('a', 'b', 'c', 'd');
    await batch(0).succeed();
    const error = new Refused('One of them');
    await add('e');
    // One half after the other, so the number of concurrent batches stays within its limit.
    const storedNow = () => stored.slice(2).map(({ items }) => items.join(''));
    await batch(1).fail(error);
    expect(storedNow()).toEqual(['b']);
    await batch(2).succeed();
    expect(storedNow()).toEqual(['b', 'cd']);
    await batch(3).fail(error);
    expect(storedNow()).toEqual(['b', 'cd', 'c']);
    await batch(4).fail(error);
    expect(storedNow()).toEqual(['b', 'cd', 'c', 'd']);
    await batch(5).succeed();
    expect(storedNow()).toEqual(['b', 'cd', 'c', 'd', 'e']);
    expect(Object.fromEntries(outcomes)).toEqual({ a: 'stored', b: 'stored', c: error, d: 'stored' });
  });

  test('does not retry a batch that fails for another reason, and continues with the next', async () => {
    await add('a', 'b', 'c', 'd', 'e');
    await batch(0).succeed();
    const error = new Error('The connection broke');
    await batch(1).fail(error);
    expect(Object.fromEntries(outcomes)).toEqual({ a: 'stored', b: error, c: error, d: error });
    expect(batch(2).items).toEqual(['e']);
  });
});
