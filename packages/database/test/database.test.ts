import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { eventually } from '../../../test/support/eventually.ts';
import { Database, EnvironmentVariables, readDatabase } from '../src/index.ts';
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
