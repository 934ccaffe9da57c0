import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { adapterOf, applyMigrations, type FailureKind } from 'database';
import { Kysely, sql } from 'kysely';
import { eventually } from '../../../test/support/eventually.ts';
import { schema, type Tables } from '../src/database/schema.ts';
import { KeyReused, StorageRefused, StorageUnavailable } from '../src/domain/operations.ts';
import { newDatabaseFile, rowsOf } from './support/databases.ts';

// Jest's fake timers do not replace node:timers/promises.
jest.unstable_mockModule('node:timers/promises', () => ({
  setTimeout: (delay: number) => new Promise((resolve) => setTimeout(resolve, delay)),
}));
const { OperationStore, RowRefused, retryTime } = await import('../src/database/operation-store.ts');
const { OperationsDatabase } = await import('../src/database/operations-database.ts');

/** A simulated failure of a statement. */
class StatementFailure extends Error {
  readonly kind: FailureKind | undefined;

  constructor(kind: FailureKind | undefined) {
    super(`The statement failed: ${kind}`);
    this.kind = kind;
  }
}

const entry = (nome: string, key: string | null = null) => ({ nome, operador1: 1, operador2: 2, key });
const row = (nome: string) => ({ nome, operador1: 1, operador2: 2 });

describe('A batch', () => {
  let file: string;
  let kysely: Kysely<Tables>;
  let store: InstanceType<typeof OperationStore>;
  /** How the next statements fail. Those that are `stored` are executed, and then the connection breaks. */
  let failures: (FailureKind | 'stored' | undefined)[];
  /** When each statement was sent, in milliseconds since the start. */
  let sent: number[];
  let start: number;
  let isRemote: boolean;

  beforeEach(async () => {
    file = String((await newDatabaseFile()).env.DB_FILE);
    const adapter = adapterOf({ kind: 'sqlite', file });
    await applyMigrations(adapter, schema);
    kysely = new Kysely<Tables>({ dialect: adapter.dialect });
    failures = [];
    sent = [];
    jest.useFakeTimers();
    // As in a process that has been running for a while.
    jest.advanceTimersByTime(3_600_000);
    jest.spyOn(Math, 'random').mockReturnValue(0.5);
    start = performance.now();
    isRemote = false;
    store = new OperationStore({
      failureKind: (error) => (error instanceof StatementFailure ? error.kind : adapter.failureKind(error)),
      get isRemote() {
        return isRemote;
      },
      async use(query) {
        sent.push(performance.now() - start);
        try {
          const [failure] = failures;
          if (failures.length > 0 && failure !== 'stored') throw new StatementFailure(failure);
          const result = await query(kysely);
          if (failure === 'stored') throw new StatementFailure('interrupted');
          return result;
        } catch (error) {
          throw new StorageUnavailable(error);
        } finally {
          failures.shift();
        }
      },
    });
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    jest.useRealTimers();
    await kysely.destroy();
  });

  /** Stores a batch, runs all timers, and returns the outcomes or the error. */
  async function storeAll(...entries: ReturnType<typeof entry>[]): Promise<unknown> {
    const outcome = store.store(entries).catch((error) => error);
    await jest.runAllTimersAsync();
    return outcome;
  }
  const always = (kind: FailureKind) => {
    failures = Array.from({ length: 1_000 }, () => kind);
  };

  test('is one statement, and its rows are counted', async () => {
    expect(await storeAll(entry('Ana'), entry('Eva', 'key'), entry('Ivo'))).toEqual([undefined, undefined, undefined]);
    expect(sent).toEqual([0]);
    expect(rowsOf(file)).toEqual([row('Ana'), row('Eva'), row('Ivo')]);
    expect(store.stored).toBe(3);
    expect(store.isFailing).toBe(false);
  });

  test('with repeated keys has one row per key, and refuses a key that is reused with other data', async () => {
    expect(await storeAll(entry('Ana', 'a'), entry('Ana', 'a'), entry('Eva', 'a'), entry('Ivo'))).toEqual([
      undefined,
      undefined,
      new KeyReused(),
      undefined,
    ]);
    expect(rowsOf(file)).toEqual([row('Ana'), row('Ivo')]);
    expect(store.stored).toBe(2);
  });

  test('with keys that are already stored adds rows only for the others', async () => {
    await storeAll(entry('Ana', 'a'), entry('Eva', 'e'));
    expect(await storeAll(entry('Ana', 'a'), entry('Ivo', 'e'), entry('Lia', 'l'), entry('Rui'))).toEqual([
      undefined,
      new KeyReused(),
      undefined,
      undefined,
    ]);
    expect(rowsOf(file)).toEqual([row('Ana'), row('Eva'), row('Lia'), row('Rui')]);
    expect(store.stored).toBe(4);
    expect(await storeAll(entry('Ana', 'a'), entry('Eva', 'e'))).toEqual([undefined, undefined]);
    expect(rowsOf(file)).toHaveLength(4);
  });

  test('refused by an unknown unique index is distinguished from one with a stored key', async () => {
    await sql`create unique index unknown on operacoes (nome)`.execute(kysely);
    await storeAll(entry('Ana'));
    const refusal = await storeAll(entry('Ana', 'a'), entry('Eva'));
    expect(refusal).toBeInstanceOf(RowRefused);
    // So that the client is told that a retry does not help.
    expect(refusal).toBeInstanceOf(StorageRefused);
    expect(rowsOf(file)).toEqual([row('Ana')]);
    expect(store.isFailing).toBe(false);
  });

  test('refused by an unknown unique index causes no lookup if it has no keys', async () => {
    failures = ['duplicate'];
    expect(await storeAll(entry('Ana'), entry('Eva'))).toBeInstanceOf(RowRefused);
    expect(sent).toHaveLength(1);
  });

  test('with a lock conflict is retried soon', async () => {
    failures = ['conflict', 'conflict', 'conflict'];
    expect(await storeAll(entry('Ana'))).toEqual([undefined]);
    expect(sent).toEqual([0, 20, 40, 60]);
    expect(rowsOf(file)).toEqual([row('Ana')]);
    expect(store.stored).toBe(1);
  });

  test('with a lock conflict is retried with jitter', async () => {
    failures = ['conflict', 'conflict'];
    jest.spyOn(Math, 'random').mockReturnValueOnce(0).mockReturnValueOnce(0.9);
    await storeAll(entry('Ana'));
    expect(sent).toEqual([0, 10, 38]);
  });

  test('with a lasting conflict fails after three seconds, and the database counts as failing', async () => {
    always('conflict');
    const error = await storeAll(entry('Ana'));
    expect(error).toBeInstanceOf(StorageUnavailable);
    expect(error).toMatchObject({ cause: new StatementFailure('conflict') });
    expect(sent.at(-1)).toBe(3_020);
    expect(store.isFailing).toBe(true);
  });

  test('sent to a read-only server is retried on a new connection at once, and then four times a second', async () => {
    failures = ['readOnly', 'readOnly', 'readOnly'];
    expect(await storeAll(entry('Ana'))).toEqual([undefined]);
    expect(sent).toEqual([0, 0, 250, 500]);
    expect(store.isFailing).toBe(false);
  });

  test('waits three seconds for a writable server, and later batches do not wait again', async () => {
    always('readOnly');
    const error = await storeAll(entry('Ana'));
    expect(error).toBeInstanceOf(StorageRefused);
    expect(error).not.toBeInstanceOf(RowRefused);
    expect(error).toMatchObject({ cause: new StatementFailure('readOnly') });
    expect(sent.at(-1)).toBe(3_250);
    expect(store.isFailing).toBe(true);
    sent = [];
    start = performance.now();
    expect(await storeAll(entry('Eva'))).toBeInstanceOf(StorageRefused);
    expect(sent).toEqual([0, 0]);
    failures = ['readOnly'];
    expect(await storeAll(entry('Eva'))).toEqual([undefined]);
    expect(store.isFailing).toBe(false);
  });

  test('that the database refuses is not retried, and the database counts as failing for half a minute', async () => {
    failures = ['refused'];
    const error = await storeAll(entry('Ana'));
    expect(error).toBeInstanceOf(StorageRefused);
    expect(error).not.toBeInstanceOf(RowRefused);
    expect(error).toMatchObject({ cause: new StatementFailure('refused') });
    expect(sent).toEqual([0]);
    expect(store.isFailing).toBe(true);
    jest.advanceTimersByTime(29_999);
    expect(store.isFailing).toBe(true);
    jest.advanceTimersByTime(1);
    expect(store.isFailing).toBe(false);
  });

  test('that is stored after a failure ends the failing state', async () => {
    failures = ['refused'];
    await storeAll(entry('Ana'));
    await storeAll(entry('Ana'));
    expect(store.isFailing).toBe(false);
  });

  test('with a refused row is not retried, and the database does not count as failing', async () => {
    failures = ['row'];
    const error = await storeAll(entry('Ana'), entry('Eva'));
    expect(error).toBeInstanceOf(RowRefused);
    expect(error).toMatchObject({ cause: new StatementFailure('row') });
    expect(sent).toEqual([0]);
    expect(store.isFailing).toBe(false);
    expect(store.stored).toBe(0);
  });

  test('with an unknown outcome is not retried, because it may be stored', async () => {
    failures = [undefined];
    const error = await storeAll(entry('Ana'));
    expect(error).toBeInstanceOf(StorageUnavailable);
    expect(error).toMatchObject({ cause: new StatementFailure(undefined) });
    expect(sent).toEqual([0]);
    expect(store.isFailing).toBe(false);
    expect(store.stored).toBe(0);
  });

  test('passes on errors that do not come from the database', async () => {
    const bug = new TypeError('Not from the database');
    const use = () => Promise.reject(bug);
    const broken = new OperationStore({ use, failureKind: () => undefined, isRemote: true });
    await expect(broken.store([entry('Ana')])).rejects.toBe(bug);
  });

  describe('sent to a server', () => {
    beforeEach(() => {
      isRemote = true;
    });
    const batches: [string, ReturnType<typeof entry>[]][] = [
      ['without keys', [entry('Ana'), entry('Eva')]],
      ['with keys', [entry('Ana', 'a'), entry('Eva', 'e')]],
      ['of both', [entry('Ana', 'a'), entry('Eva'), entry('Ivo', 'i'), entry('Lia')]],
    ];

    test.each(batches)('is stored once if the connection breaks before it is stored: %s', async (_, entries) => {
      failures = ['interrupted', 'unreachable', 'interrupted'];
      expect(await storeAll(...entries)).toEqual(entries.map(() => undefined));
      expect(sent).toEqual([0, 0, 250, 500]);
      expect(rowsOf(file)).toEqual(entries.map(({ nome }) => row(nome)));
      expect(store.stored).toBe(entries.length);
    });

    test.each(batches)('is stored once if the connection breaks before the answer arrives: %s', async (_, entries) => {
      failures = ['stored', 'unreachable'];
      expect(await storeAll(...entries)).toEqual(entries.map(() => undefined));
      expect(rowsOf(file)).toEqual(entries.map(({ nome }) => row(nome)));
      // Rows that all have a client's key may be another request's, and are not counted.
      expect(store.stored).toBe(entries.every(({ key }) => key !== null) ? 0 : entries.length);
    });

    test.each(['interrupted', 'unreachable', 'readOnly', 'conflict'] as const)(
      'is stored once if the search for what is stored fails, too: %s',
      async (kind) => {
        // The second statement runs into the rows of the first.
        failures = ['stored', 'stored', kind, 'stored', kind];
        const entries = [entry('Ana', 'a'), entry('Eva'), entry('Ivo', 'i')];
        expect(await storeAll(...entries)).toEqual([undefined, undefined, undefined]);
        expect(sent).toHaveLength(7);
        expect(rowsOf(file)).toEqual([row('Ana'), row('Eva'), row('Ivo')]);
        expect(store.stored).toBe(3);
      },
    );

    test('is stored once if the connection breaks while it waits for another with the same key', async () => {
      await storeAll(entry('Ana', 'a'));
      failures = ['interrupted'];
      expect(await storeAll(entry('Ana', 'a'), entry('Eva'), entry('Ivo', 'a'))).toEqual([
        undefined,
        undefined,
        new KeyReused(),
      ]);
      expect(rowsOf(file)).toEqual([row('Ana'), row('Eva')]);
    });

    test.each(['interrupted', 'unreachable'] as const)(
      'is given up after three seconds without a connection, and later ones do not wait again: %s',
      async (kind) => {
        always(kind);
        const error = await storeAll(entry('Ana'));
        expect(error).toBeInstanceOf(StorageUnavailable);
        expect(error).toMatchObject({ cause: new StatementFailure(kind) });
        expect(sent.at(-1)).toBe(3_250);
        // The probe shows by itself whether the database is back.
        expect(store.isFailing).toBe(false);
        sent = [];
        start = performance.now();
        expect(await storeAll(entry('Eva'))).toBeInstanceOf(StorageUnavailable);
        expect(sent).toEqual([0]);
        failures = [];
        expect(await storeAll(entry('Eva'))).toEqual([undefined]);
        failures = [kind];
        expect(await storeAll(entry('Ivo'))).toEqual([undefined]);
        expect(rowsOf(file)).toEqual([row('Eva'), row('Ivo')]);
      },
    );

    test.each(['row', 'refused', undefined] as const)(
      'is not called refused if an attempt before may have been stored: %s',
      async (kind) => {
        failures = ['stored', kind];
        const error = await storeAll(entry('Ana'));
        expect(error).toBeInstanceOf(StorageUnavailable);
        expect(error).toMatchObject({ cause: new StatementFailure('interrupted') });
      },
    );

    test.each(['row', 'refused'] as const)(
      'is called refused if the attempts before found no connection: %s',
      async (kind) => {
        failures = ['unreachable', kind];
        const error = await storeAll(entry('Ana'));
        expect(error).toBeInstanceOf(StorageRefused);
        expect(error).toMatchObject({ cause: new StatementFailure(kind) });
        expect(store.isFailing).toBe(kind === 'refused');
      },
    );

    test('is not called refused while no server is writable, if an attempt before may have been stored', async () => {
      always('readOnly');
      failures[0] = 'stored';
      expect(await storeAll(entry('Ana'))).toBeInstanceOf(StorageUnavailable);
    });

    test('has one key of its own, if an operation has none', async () => {
      await storeAll(entry('Ana', 'a'), entry('Eva'), entry('Ivo'));
      await storeAll(entry('Lia', 'l'));
      const keys = await kysely.selectFrom('operacoes').select('idempotency_key as key').orderBy('id').execute();
      const own = expect.stringMatching(/^api:[\da-f-]{36}$/);
      expect(keys.map(({ key }) => key)).toEqual(['a', own, null, 'l']);
    });
  });

  test('in a file has no key of its own, because no connection can break', async () => {
    await storeAll(entry('Ana'));
    expect(await kysely.selectFrom('operacoes').select('idempotency_key as key').execute()).toEqual([{ key: null }]);
  });
});

describe('A database that another process locks', () => {
  let file: string;
  let database: InstanceType<typeof OperationsDatabase>;
  let other: DatabaseSync;
  beforeEach(async () => {
    ({ file } = await newDatabaseFile());
    database = new OperationsDatabase({ kind: 'sqlite', file });
    const none = () => undefined;
    database.start({ info: none, warn: none, error: none });
    await eventually(() => database.isReady());
    other = new DatabaseSync(file);
    other.exec('begin immediate');
    jest.useFakeTimers();
  });
  afterEach(async () => {
    jest.useRealTimers();
    other.close();
    await database.close();
  });

  test('for less than a second refuses no operation', async () => {
    const outcomes = Promise.all(['Ana', 'Eva', 'Ivo', 'Lia'].map((nome) => database.record(row(nome))));
    // Two are in batches of their own.
    expect(database.waiting()).toBe(2);
    await jest.advanceTimersByTimeAsync(900);
    other.exec('rollback');
    await jest.advanceTimersByTimeAsync(100);
    await outcomes;
    expect(rowsOf(file)).toHaveLength(4);
  });

  test('until an operation fails is not ready, even if it passes its probe, until it stores one', async () => {
    const refused = database.record(row('Ana')).catch((error) => error);
    // The probe passes, because in most cases another process is soon done.
    expect(await database.isReady()).toBe(true);
    await jest.advanceTimersByTimeAsync(retryTime + 100);
    expect(await refused).toBeInstanceOf(StorageUnavailable);
    expect(await database.isReady()).toBe(false);
    other.exec('rollback');
    expect(await database.isReady()).toBe(false);
    await database.record(row('Eva'));
    expect(await database.isReady()).toBe(true);
  });
});
