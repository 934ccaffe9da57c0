import { rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Database, retryDelay } from 'database';
import { Kysely, SqliteDialect } from 'kysely';
import { eventually } from '../../../test/support/eventually.ts';
import { migrate } from '../src/database/migrate.ts';
import { sqliteEngine } from '../src/database/sqlite/engine.ts';
import { SqliteFile } from '../src/database/sqlite/file.ts';
import { KeyReused, StorageRefused, StorageUnavailable } from '../src/domain/operations.ts';
import { newDatabaseFile, rowsOf } from './support/databases.ts';

const operation = { nome: 'Wander', operador1: 5, operador2: 10 };

describe('A database', () => {
  let file: string;
  let database: Database;
  let lines: [level: string, details: object, message: string][];
  const log = {
    info: (details: object, message: string) => void lines.push(['info', details, message]),
    warn: (details: object, message: string) => void lines.push(['warn', details, message]),
    error: (details: object, message: string) => void lines.push(['error', details, message]),
  };

  beforeEach(async () => {
    file = String((await newDatabaseFile()).env.DB_FILE);
    database = new Database({ kind: 'sqlite', file });
    lines = [];
  });
  afterEach(() => database.close());

  test('is not ready and stores nothing before it is started, and logs when it is ready', async () => {
    expect(await database.isReady()).toBe(false);
    await expect(database.record(operation)).rejects.toEqual(
      new StorageUnavailable('The database is not prepared yet'),
    );
    database.start(log);
    await eventually(() => database.isReady());
    expect(lines).toEqual([['info', { database: file }, 'The database is ready']]);
    await database.record(operation, 'key');
    await database.record(operation, 'key');
    await database.record(operation);
    expect(database.operationsStored()).toBe(2);
    expect(database.waiting()).toBe(0);
    expect(database.connections()).toEqual({ used: 0, idle: 1, waiting: 0, maximum: 1 });
    expect(rowsOf(file)).toHaveLength(2);
  });

  test('logs once that its data is gone, and continues in a new file', async () => {
    database.start(log);
    await eventually(() => database.isReady());
    await rm(dirname(file), { recursive: true });
    const failed = await Promise.allSettled([database.record(operation), database.isReady()]);
    expect(failed).toEqual([
      { status: 'rejected', reason: expect.any(StorageUnavailable) },
      { status: 'fulfilled', value: false },
    ]);
    await eventually(() => database.isReady());
    await database.record(operation);
    expect(rowsOf(file)).toEqual([operation]);
    expect(lines).toEqual([
      ['info', { database: file }, 'The database is ready'],
      [
        'warn',
        {
          err: expect.objectContaining({
            name: 'FileMoved',
            message: `The file ${file}, or its write-ahead log, was removed or replaced while it was open`,
          }),
          database: file,
        },
        'The data is gone',
      ],
      ['info', { database: file }, 'The database is ready'],
    ]);
  });

  test('with an unusable table logs an error without a stack trace, and refuses operations', async () => {
    const other = new DatabaseSync(file);
    other.exec('create table operacoes (id integer primary key)');
    other.close();
    database.start(log);
    await eventually(async () => lines.length > 0);
    const reasons = ['nome', 'operador1', 'operador2', 'data_execucao'].map((name) => `it has no column ${name}`);
    expect(lines[0]).toEqual([
      'error',
      { database: file, delay: expect.any(Number) },
      `The table operacoes in ${file} cannot be used: ${reasons.join('; ')}. Nothing was changed`,
    ]);
    await expect(database.record(operation)).rejects.toThrow(StorageRefused);
    expect(await database.isReady()).toBe(false);
  });

  test('that cannot be opened logs a warning with the reason, and refuses operations until it can', async () => {
    await writeFile(file, 'x'.repeat(4_096));
    database.start(log);
    await eventually(async () => lines.length > 0);
    expect(lines[0]).toEqual([
      'warn',
      { err: expect.objectContaining({ errcode: 26 }), database: file, delay: expect.any(Number) },
      'The database could not be prepared; trying again',
    ]);
    await expect(database.record(operation)).rejects.toThrow(StorageRefused);
    await rm(file);
    await eventually(() => database.isReady());
    await database.record(operation);
    expect(rowsOf(file)).toEqual([operation]);
  });
});

test('An unavailable database is retried with exponential backoff and jitter', () => {
  const random = jest.spyOn(Math, 'random');
  const delays = (value: number) => {
    random.mockReturnValue(value);
    return [0, 1, 2, 3, 4, 5, 6, 10_000].map(retryDelay);
  };
  expect(delays(0)).toEqual([125, 250, 500, 1_000, 2_000, 2_500, 2_500, 2_500]);
  expect(delays(1)).toEqual([250, 500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000]);
  random.mockRestore();
});

describe('The table operacoes in a SQLite file', () => {
  let file: string;
  let database: SqliteFile;
  let kysely: Kysely<unknown>;
  beforeEach(async () => {
    file = String((await newDatabaseFile()).env.DB_FILE);
    database = new SqliteFile(file);
    kysely = new Kysely({ dialect: new SqliteDialect({ database }) });
  });
  afterEach(() => kysely.destroy());

  const engine = () => sqliteEngine({ kind: 'sqlite', file });
  const all = (statement: string) => database.prepare(statement).all([]) as Record<string, unknown>[];
  const expectedColumns = [
    { name: 'id', type: 'INTEGER', notnull: 0, dflt_value: null, pk: 1 },
    { name: 'nome', type: 'TEXT', notnull: 1, dflt_value: null, pk: 0 },
    { name: 'operador1', type: 'INTEGER', notnull: 1, dflt_value: null, pk: 0 },
    { name: 'operador2', type: 'INTEGER', notnull: 1, dflt_value: null, pk: 0 },
    { name: 'data_execucao', type: 'TEXT', notnull: 1, dflt_value: "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')", pk: 0 },
    { name: 'idempotency_key', type: 'TEXT', notnull: 0, dflt_value: null, pk: 0 },
  ];

  test('is created only once, with a sortable time', async () => {
    for (let time = 0; time < 2; time++) await migrate(engine());
    const columns = all(
      'select name, upper(type) as type, "notnull", dflt_value, pk from pragma_table_info(\'operacoes\')',
    );
    expect(columns.map((column) => ({ ...column }))).toEqual(expectedColumns);
    const before = new Date().toISOString();
    database
      .prepare('insert into operacoes (nome, operador1, operador2) values (?, ?, ?)')
      .run(['Ana', 2 ** 53 - 1, -0]);
    const [row] = all(
      'select typeof(operador1) as type, typeof(operador2) as zero, data_execucao as at, id from operacoes',
    );
    expect({ ...row }).toEqual({
      type: 'integer',
      zero: 'integer',
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      id: 1,
    });
    expect(String(row?.at) >= before).toBe(true);
    // The id of a deleted row is not reused.
    database.prepare('delete from operacoes').run([]);
    database.prepare('insert into operacoes (nome, operador1, operador2) values (?, ?, ?)').run(['Ana', 1, 2]);
    expect({ ...all('select id from operacoes')[0] }).toEqual({ id: 2 });
    const [index] = all('select name, "unique" as once from pragma_index_list(\'operacoes\')');
    expect({ ...index }).toEqual({ name: 'operacoes_idempotency_key', once: 1 });
  });

  const existing = {
    id: 'integer primary key',
    nome: 'varchar(255)',
    operador1: 'int',
    operador2: 'bigint',
    data_execucao: "text default ''",
  };
  /** The obstacles of an existing table with these columns. */
  function obstacles(change: Record<string, string>, more = ''): Promise<string[]> {
    const columns = Object.entries({ ...existing, ...change }).map((column) => column.join(' '));
    database.prepare('drop table if exists operacoes').run([]);
    database.prepare(`create table operacoes (${columns.join(', ')}${more})`).run([]);
    return engine().findObstacles(kysely);
  }

  test('is adopted if its columns have types that can be converted without loss', async () => {
    for (const nome of ['text', 'VARCHAR(10)', 'clob', 'nchar(3) not null'])
      expect(await obstacles({ nome })).toEqual([]);
    for (const operador1 of ['INTEGER not null', 'tinyint', 'int8']) expect(await obstacles({ operador1 })).toEqual([]);
    expect(await obstacles({ setor: 'text', origem: "text not null default 'web'" })).toEqual([]);
    expect(await obstacles({ idempotency_key: 'text unique' })).toEqual([]);
    await migrate(engine());
  });

  test.each<[Record<string, string>, string, string]>([
    [{ nome: 'blob' }, '', 'its column nome is BLOB, and values might change'],
    [{ nome: 'charint' }, '', 'its column nome is charint, and values might change'],
    [{ nome: '' }, '', 'its column nome is of no type, and values might change'],
    [{ operador1: 'numeric' }, '', 'its column operador1 is NUMERIC, and values might change'],
    [{ operador2: 'text' }, '', 'its column operador2 is TEXT, and values might change'],
    [{ idempotency_key: 'integer unique' }, '', 'its column idempotency_key is INTEGER, and values might change'],
    [{ data_execucao: 'text' }, '', 'its column data_execucao has no default'],
    [{ setor: 'text not null' }, '', 'its column setor must have a value, and the API does not supply one'],
    [{ nome: 'text references people (name)' }, '', 'it has a check or a foreign key, which may refuse operations'],
    [{}, ', check (operador1 <> 0)', 'it has a check or a foreign key, which may refuse operations'],
    [
      {},
      ', unique (operador1, operador2)',
      'its index sqlite_autoindex_operacoes_1 allows each operador1,operador2 only once',
    ],
  ])('is not adopted with %j%s', async (change, more, why) => {
    expect((await obstacles(change, more)).map((sentence) => sentence.toLowerCase())).toEqual([why.toLowerCase()]);
  });

  test('is not adopted with a primary key other than its id, or as a view', async () => {
    expect(await obstacles({ id: 'integer' })).toEqual(['its primary key is not id']);
    expect(await obstacles({ id: 'integer' }, ', primary key (id, nome)')).toContain('its primary key is not id');
    database.prepare('drop table operacoes').run([]);
    database.prepare('create view operacoes as select 1 as id').run([]);
    expect(await engine().findObstacles(kysely)).toEqual(['it is a view']);
  });
});

describe('A SQLite file that somebody else made', () => {
  let file: string;
  let other: DatabaseSync;
  let database: Database;
  let lines: string[];
  const log = {
    info: (_: object, message: string) => void lines.push(message),
    warn: (_: object, message: string) => void lines.push(message),
    error: (_: object, message: string) => void lines.push(message),
  };
  beforeEach(async () => {
    file = String((await newDatabaseFile()).env.DB_FILE);
    other = new DatabaseSync(file);
    database = new Database({ kind: 'sqlite', file });
    lines = [];
  });
  afterEach(async () => {
    other.close();
    await database.close();
  });
  const definitions = () =>
    other
      .prepare('select sql from sqlite_master')
      .all()
      .map(({ sql }) => sql);

  test('and locks for a moment refuses for that moment alone, so that clients try again', async () => {
    other.exec('create table others (id integer); begin exclusive');
    database.start(log);
    await eventually(async () => lines.length > 0);
    await expect(database.record(operation)).rejects.toThrow(StorageUnavailable);
    other.exec('commit');
    await eventually(() => database.isReady());
    await database.record(operation);
    expect(rowsOf(file)).toEqual([operation]);
  });

  test('keeps its table, and its rows, in whatever letters the names are', async () => {
    other.exec(
      `create table Operacoes (ID integer primary key, Nome varchar(255), OPERADOR1 int, Operador2 int, DATA_execucao text default '', Idempotency_KEY text unique);
       insert into Operacoes (Nome, OPERADOR1, Operador2) values ('Ana', 1, 2)`,
    );
    database.start(log);
    await eventually(async () => lines.length > 0);
    expect(lines).toEqual(['The database is ready']);
    for (let time = 0; time < 2; time++) await database.record(operation, 'key');
    await expect(database.record({ ...operation, operador1: 6 }, 'key')).rejects.toThrow(KeyReused);
    expect(rowsOf(file).map((row) => Object.values(row))).toEqual([
      ['Ana', 1, 2],
      ['Wander', 5, 10],
    ]);
  });

  test.each([
    'create table OPERACOES (id integer primary key, nome blob, operador1 int, operador2 int, data_execucao text)',
    'create view Operacoes as select 1 as id',
  ])('is not changed where it cannot be used, in whatever letters its name is: %s', async (statement) => {
    other.exec(statement);
    const before = definitions();
    database.start(log);
    await eventually(async () => lines.length > 0);
    expect(lines[0]).toMatch(/^The table operacoes in .* cannot be used: .*\. Nothing was changed$/);
    expect(definitions()).toEqual(before);
    await expect(database.record(operation)).rejects.toThrow(StorageRefused);
  });
});
