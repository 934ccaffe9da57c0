import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Kysely, SqliteDialect } from 'kysely';
import type { Engine, Objection } from '../src/database/engine.ts';
import { migrate } from '../src/database/migrate.ts';
import type { Schema } from '../src/database/schema.ts';
import { sqliteEngine } from '../src/database/sqlite/engine.ts';
import { SqliteFile } from '../src/database/sqlite/file.ts';
import { KeyReused, StorageRefused, StorageUnavailable } from '../src/domain/operations.ts';
import { newDatabaseFile, rowsOf } from './support/databases.ts';

// Node's promises of timers are its own, which fake timers leave alone.
jest.unstable_mockModule('node:timers/promises', () => ({
  setTimeout: (delay: number) => new Promise((resolve) => setTimeout(resolve, delay)),
}));
const { OperationStore, RowRefused } = await import('../src/database/operation-store.ts');

/** What the database says of one statement. */
class Said extends Error {
  readonly objection: Objection | undefined;

  constructor(objection: Objection | undefined) {
    super(`It said ${objection}`);
    this.objection = objection;
  }
}

const entry = (nome: string, key: string | null = null) => ({ nome, operador1: 1, operador2: 2, key });
const row = (nome: string) => ({ nome, operador1: 1, operador2: 2 });

describe('A batch', () => {
  let file: string;
  let database: SqliteFile;
  let store: InstanceType<typeof OperationStore>;
  /** What the next statements are answered; those after them are carried out. */
  let answers: (Objection | undefined)[];
  /** When each statement was sent, in milliseconds from the start. */
  let sent: number[];
  let start: number;

  beforeEach(async () => {
    file = String((await newDatabaseFile()).env.DB_FILE);
    const engine = sqliteEngine({ kind: 'sqlite', file });
    await migrate(engine);
    database = new SqliteFile(file);
    const kysely = new Kysely<Schema>({ dialect: new SqliteDialect({ database }) });
    answers = [];
    sent = [];
    jest.useFakeTimers();
    // As it is some time after a start.
    jest.advanceTimersByTime(3_600_000);
    jest.spyOn(Math, 'random').mockReturnValue(0.5);
    start = performance.now();
    const scripted: Engine = {
      ...engine,
      objection: (error) => (error instanceof Said ? error.objection : engine.objection(error)),
    };
    store = new OperationStore(scripted, async (query) => {
      sent.push(performance.now() - start);
      try {
        if (answers.length > 0) throw new Said(answers.shift());
        return await query(kysely);
      } catch (error) {
        throw new StorageUnavailable(error);
      }
    });
  });
  afterEach(() => {
    jest.restoreAllMocks();
    jest.useRealTimers();
    database.close();
  });

  /** What became of a batch, and of the time. */
  async function storeAll(...entries: ReturnType<typeof entry>[]): Promise<unknown> {
    const outcome = store.store(entries).catch((error) => error);
    await jest.runAllTimersAsync();
    return outcome;
  }
  const always = (objection: Objection) => {
    answers = Array.from({ length: 1_000 }, () => objection);
  };

  test('is one statement, whose rows are counted', async () => {
    expect(await storeAll(entry('Ana'), entry('Eva', 'key'), entry('Ivo'))).toEqual([undefined, undefined, undefined]);
    expect(sent).toEqual([0]);
    expect(rowsOf(file)).toEqual([row('Ana'), row('Eva'), row('Ivo')]);
    expect(store.stored).toBe(3);
    expect(store.isFailing).toBe(false);
  });

  test('whose keys come twice has one row for each, and refuses the key that comes with other data', async () => {
    expect(await storeAll(entry('Ana', 'a'), entry('Ana', 'a'), entry('Eva', 'a'), entry('Ivo'))).toEqual([
      undefined,
      undefined,
      new KeyReused(),
      undefined,
    ]);
    expect(rowsOf(file)).toEqual([row('Ana'), row('Ivo')]);
    expect(store.stored).toBe(2);
  });

  test('some of whose keys are there already has rows for the others', async () => {
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

  test('that an index of somebody else refuses is told apart from a key that is there', async () => {
    database.prepare('create unique index theirs on operacoes (nome)').run([]);
    await storeAll(entry('Ana'));
    expect(await storeAll(entry('Ana', 'a'), entry('Eva'))).toBeInstanceOf(RowRefused);
    expect(rowsOf(file)).toEqual([row('Ana')]);
    expect(store.isFailing).toBe(false);
  });

  test('that is in the way of another is tried again in a moment', async () => {
    answers = ['conflict', 'conflict', 'conflict'];
    expect(await storeAll(entry('Ana'))).toEqual([undefined]);
    expect(sent).toEqual([0, 20, 40, 60]);
    expect(rowsOf(file)).toEqual([row('Ana')]);
    expect(store.stored).toBe(1);
  });

  test('is tried again at different moments by those who were in the way of each other', async () => {
    answers = ['conflict', 'conflict'];
    jest.spyOn(Math, 'random').mockReturnValueOnce(0).mockReturnValueOnce(0.9);
    await storeAll(entry('Ana'));
    expect(sent).toEqual([0, 10, 38]);
  });

  test('that stays in the way is given up after three seconds, and the database counts as failing', async () => {
    always('conflict');
    const error = await storeAll(entry('Ana'));
    expect(error).toBeInstanceOf(StorageUnavailable);
    expect(error).toMatchObject({ cause: new Said('conflict') });
    expect(sent.at(-1)).toBe(3_020);
    expect(store.isFailing).toBe(true);
  });

  test('that comes to a server which does not write is sent to another at once, and then four times a second', async () => {
    answers = ['elsewhere', 'elsewhere', 'elsewhere'];
    expect(await storeAll(entry('Ana'))).toEqual([undefined]);
    expect(sent).toEqual([0, 0, 250, 500]);
    expect(store.isFailing).toBe(false);
  });

  test('for which no server writes waits three seconds for one, and those after it do not wait again', async () => {
    always('elsewhere');
    const error = await storeAll(entry('Ana'));
    expect(error).toBeInstanceOf(StorageRefused);
    expect(error).not.toBeInstanceOf(RowRefused);
    expect(error).toMatchObject({ cause: new Said('elsewhere') });
    expect(sent.at(-1)).toBe(3_250);
    expect(store.isFailing).toBe(true);
    sent = [];
    start = performance.now();
    expect(await storeAll(entry('Eva'))).toBeInstanceOf(StorageRefused);
    expect(sent).toEqual([0, 0]);
    answers = ['elsewhere'];
    expect(await storeAll(entry('Eva'))).toEqual([undefined]);
    expect(store.isFailing).toBe(false);
  });

  test('that the database refuses for good is tried once, and the database counts as failing for half a minute', async () => {
    answers = ['refused'];
    const error = await storeAll(entry('Ana'));
    expect(error).toBeInstanceOf(StorageRefused);
    expect(error).not.toBeInstanceOf(RowRefused);
    expect(error).toMatchObject({ cause: new Said('refused') });
    expect(sent).toEqual([0]);
    expect(store.isFailing).toBe(true);
    jest.advanceTimersByTime(29_999);
    expect(store.isFailing).toBe(true);
    jest.advanceTimersByTime(1);
    expect(store.isFailing).toBe(false);
  });

  test('that is stored after a failure ends it', async () => {
    answers = ['refused'];
    await storeAll(entry('Ana'));
    await storeAll(entry('Ana'));
    expect(store.isFailing).toBe(false);
  });

  test('of which a row is refused is tried once, and the database does not count as failing', async () => {
    answers = ['row'];
    const error = await storeAll(entry('Ana'), entry('Eva'));
    expect(error).toBeInstanceOf(RowRefused);
    expect(error).toMatchObject({ cause: new Said('row') });
    expect(sent).toEqual([0]);
    expect(store.isFailing).toBe(false);
    expect(store.stored).toBe(0);
  });

  test('of which nobody knows what became is not tried again, because it may be stored', async () => {
    answers = [undefined];
    const error = await storeAll(entry('Ana'));
    expect(error).toBeInstanceOf(StorageUnavailable);
    expect(error).toMatchObject({ cause: new Said(undefined) });
    expect(sent).toEqual([0]);
    expect(store.isFailing).toBe(false);
    expect(store.stored).toBe(0);
  });

  test('passes on at once what is no error of the database', async () => {
    const broken = new TypeError('Ours');
    const ours = new OperationStore(sqliteEngine({ kind: 'sqlite', file }), () => Promise.reject(broken));
    await expect(ours.store([entry('Ana')])).rejects.toBe(broken);
  });
});
