import { rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Database } from 'database';
import { eventually } from '../../../test/support/eventually.ts';
import { OperationsDatabase } from '../src/database/operations-database.ts';
import { KeyReused, Overloaded, StorageRefused, StorageUnavailable } from '../src/domain/operations.ts';
import { newDatabaseFile, rowsOf } from './support/databases.ts';

const operation = { nome: 'Wander', operador1: 5, operador2: 10 };

describe('A database', () => {
  let file: string;
  let database: OperationsDatabase;
  let lines: [level: string, details: object, message: string][];
  const log = {
    info: (details: object, message: string) => void lines.push(['info', details, message]),
    warn: (details: object, message: string) => void lines.push(['warn', details, message]),
    error: (details: object, message: string) => void lines.push(['error', details, message]),
  };

  beforeEach(async () => {
    file = String((await newDatabaseFile()).env.DB_FILE);
    database = new OperationsDatabase({ kind: 'sqlite', file });
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

  test('lets 2,000 operations wait, refuses the next one at once, and stores them in a few statements', async () => {
    database.start(log);
    await eventually(() => database.isReady());
    // Two batches begin at once, with one operation each.
    const statements = jest.spyOn(Database.prototype, 'use');
    const outcomes = Array.from({ length: 2_003 }, () => database.record(operation));
    expect(database.waiting()).toBe(2_000);
    await expect(outcomes.at(-1)).rejects.toThrow(Overloaded);
    await Promise.allSettled(outcomes);
    expect(database.waiting()).toBe(0);
    // Of at most 512 operations each.
    expect(statements.mock.calls.length).toBeLessThanOrEqual(2 + 4);
    statements.mockRestore();
  });

  test('that refuses all operations is not asked again for each operation in a batch', async () => {
    const other = new DatabaseSync(file);
    other.exec('create table operacoes (id integer primary key)');
    other.close();
    database.start(log);
    await eventually(async () => lines.length > 0);
    const statements = jest.spyOn(Database.prototype, 'use');
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => database.record(operation)));
    expect(outcomes).toEqual(Array(20).fill({ status: 'rejected', reason: expect.any(StorageRefused) }));
    // The first two operations are batches of their own.
    expect(statements).toHaveBeenCalledTimes(3);
    statements.mockRestore();
  });

  test('on a server has a connection for each batch, for readiness checks and for lookups of keys', async () => {
    const login = { user: 'app', password: 'only-for-tests' };
    const remote = new OperationsDatabase({ kind: 'mysql', host: 'db.invalid', port: 3306, name: 'x', login });
    expect(remote.connections()).toEqual({ used: 0, idle: 0, waiting: 0, maximum: 4 });
    await remote.close();
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

describe('A SQLite file that somebody else made', () => {
  let file: string;
  let other: DatabaseSync;
  let database: OperationsDatabase;
  let lines: string[];
  const log = {
    info: (_: object, message: string) => void lines.push(message),
    warn: (_: object, message: string) => void lines.push(message),
    error: (_: object, message: string) => void lines.push(message),
  };
  beforeEach(async () => {
    file = String((await newDatabaseFile()).env.DB_FILE);
    other = new DatabaseSync(file);
    database = new OperationsDatabase({ kind: 'sqlite', file });
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
      `create table Operacoes (ID integer primary key, Nome varchar(255) not null, OPERADOR1 int not null, Operador2 int, DATA_execucao text default '', Idempotency_KEY text unique);
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
