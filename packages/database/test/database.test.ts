import { rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { Kysely } from 'kysely';
import { eventually } from '../../../test/support/eventually.ts';
import { Database, EnvironmentVariables, readDatabase } from '../src/index.ts';
import { UnusableTable } from '../src/schema.ts';
import { newDatabaseFile } from './support/databases.ts';
import { describeEachDatabase } from './support/each-database.ts';
import { notes, type Tables } from './support/notes.ts';

describeEachDatabase((kind) => {
  let database: Database<Tables>;
  let select: (statement: string) => Promise<object[]>;
  let lines: string[];
  const add = (_: object, message: string) => void lines.push(message);
  const log = { info: add, warn: add, error: add };

  beforeAll(() => kind.start());
  afterAll(() => kind.stop());
  beforeEach(async () => {
    const empty = await kind.newDatabase();
    select = empty.select;
    database = new Database(readDatabase(new EnvironmentVariables(empty.env), ''), notes);
    lines = [];
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await database.close();
  });

  const write = (text: string) => database.use((kysely) => kysely.insertInto('notes').values({ text }).execute());

  test('creates its tables once it is started, and only then runs queries', async () => {
    await expect(write('too early')).rejects.toMatchObject({
      name: 'DatabaseUnavailable',
      cause: 'The database is not prepared yet',
    });
    expect(await database.isReady()).toBe(false);
    database.start(log);
    await eventually(() => database.isReady());
    expect(lines).toEqual(['The database is ready']);
    await write('Hello');
    expect(await select('SELECT text FROM notes')).toEqual([{ text: 'Hello' }]);
  });

  test('no longer tries to prepare itself once it is closed', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
    const before = timers();
    const unreachable = new Database<Tables>({ kind: 'sqlite', file: '/dev/null/notes.sqlite' }, notes);
    unreachable.start(log);
    await eventually(async () => lines.length > 0);
    await unreachable.close();
    expect(timers()).toBe(before);
  });

  test('waits longer after each failed attempt to prepare itself', async () => {
    jest.spyOn(Math, 'random').mockReturnValue(0);
    const delays: unknown[] = [];
    const unreachable = new Database<Tables>({ kind: 'sqlite', file: '/dev/null/notes.sqlite' }, notes);
    unreachable.start({ ...log, warn: (details) => void delays.push((details as { delay: number }).delay) });
    await eventually(async () => delays.length > 1);
    await unreachable.close();
    expect(delays.slice(0, 2)).toEqual([125, 250]);
  });

  test('a query that fails keeps its error as the cause, and the database stays ready', async () => {
    database.start(log);
    await eventually(() => database.isReady());
    const row = { id: 1, text: 'Hello' };
    const insert = () => database.use((kysely) => kysely.insertInto('notes').values(row).execute());
    await insert();
    const error = await insert().catch((refused) => refused);
    expect(error).toMatchObject({ name: 'DatabaseUnavailable', message: 'The database is unavailable' });
    expect(database.failureKind(error.cause)).toBe('duplicate');
    expect(await database.isReady()).toBe(true);
  });

  test('a table that is missing although it was created makes the database unusable, and is named', async () => {
    database.start(log);
    await eventually(() => database.isReady());
    await database.use((kysely) => kysely.schema.dropTable('notes').execute());
    await expect(write('lost')).rejects.toMatchObject({ name: 'DatabaseUnavailable' });
    await eventually(async () => {
      const error = await write('lost').catch((refused) => refused);
      return error.name === 'DatabaseUnusable' && /^The table notes in .* cannot be used/.test(error.cause.message);
    });
    expect(await database.isReady()).toBe(false);
    expect(await select('SELECT count(*) AS steps FROM kysely_migration')).toEqual([{ steps: 1 }]);
  });
});

test('A database that cannot be used is only unavailable once what was in the way has gone, and works once it can', async () => {
  const { file } = await newDatabaseFile();
  const foreign = new UnusableTable('notes', file, ['it is of another application']);
  let inTheWay: Error | undefined = foreign;
  const checkExisting = async () => {
    if (inTheWay) throw inTheWay;
  };
  const schema = { ...notes, sqlite: { ...notes.sqlite, checkExisting } };
  const database = new Database<Tables>({ kind: 'sqlite', file }, schema);
  const silent = () => undefined;
  const isNow = async (name: string | undefined) =>
    (await database.use(async () => undefined).catch((error: Error) => error))?.name === name;
  database.start({ info: silent, warn: silent, error: silent });
  try {
    await eventually(() => isNow('DatabaseUnusable'));
    inTheWay = new Error('The disk is gone');
    await eventually(() => isNow('DatabaseUnavailable'));
    inTheWay = foreign;
    await eventually(() => isNow('DatabaseUnusable'));
    inTheWay = undefined;
    await eventually(() => isNow(undefined));
  } finally {
    await database.close();
  }
});

test('A database whose data is gone says so once, and is prepared once, however many queries notice it', async () => {
  const { file } = await newDatabaseFile();
  const lines: string[] = [];
  const database = new Database<Tables>({ kind: 'sqlite', file }, notes);
  database.start({
    info: (_, message) => void lines.push(`info: ${message}`),
    warn: (_, message) => void lines.push(`warn: ${message}`),
    error: (_, message) => void lines.push(`error: ${message}`),
  });
  const read = () => database.use((kysely) => kysely.selectFrom('notes').selectAll().execute());
  try {
    await eventually(() => database.isReady());
    for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix);
    const found = await Promise.allSettled([read(), read(), read()]);
    expect(found.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    await eventually(() => database.isReady());
    expect(await read()).toEqual([]);
    const ready = 'info: The database is ready';
    expect(lines).toEqual([ready, 'warn: The data is gone', ready]);
  } finally {
    await database.close();
  }
});

test.each([
  ['conflict', 'DatabaseUnavailable'],
  ['unreachable', 'DatabaseUnavailable'],
  ['interrupted', 'DatabaseUnavailable'],
  ['readOnly', 'DatabaseUnusable'],
  ['refused', 'DatabaseUnusable'],
] as const)('A database that cannot be prepared because of the failure %s counts as %s', async (kind, name) => {
  const { file } = await newDatabaseFile();
  const fail = async () => {
    throw new Error('The statement failed');
  };
  const database = new Database<Tables>(
    { kind: 'sqlite', file },
    { ...notes, sqlite: { ...notes.sqlite, checkExisting: fail } },
  );
  jest.spyOn(database, 'failureKind').mockReturnValue(kind);
  let attempts = 0;
  const count = () => void attempts++;
  database.start({ info: count, warn: count, error: count });
  try {
    await eventually(async () => attempts > 0);
    await expect(database.use(async () => undefined)).rejects.toMatchObject({ name });
  } finally {
    await database.close();
  }
});

test('A database whose probe gets no answer within a second is not ready', async () => {
  const database = new Database<Tables>({ kind: 'sqlite', file: (await newDatabaseFile()).file }, notes);
  jest.spyOn(database, 'use').mockReturnValue(new Promise(() => {}));
  expect(await database.isReady()).toBe(false);
  await database.close();
});

test('A database is closed only once its connections are', async () => {
  const { file } = await newDatabaseFile();
  const database = new Database<Tables>({ kind: 'sqlite', file }, notes);
  let end = () => {};
  jest.spyOn(Kysely.prototype, 'destroy').mockReturnValue(new Promise<void>((resolve) => (end = resolve)));
  let isClosed = false;
  const closed = database.close().then(() => (isClosed = true));
  await new Promise(setImmediate);
  expect(isClosed).toBe(false);
  end();
  expect(await closed).toBe(true);
  jest.restoreAllMocks();
});
