import { rename, rm, truncate, writeFile } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, expect, jest, test } from '@jest/globals';
import { Kysely, SqliteDialect } from 'kysely';
import { applyMigrations } from '../src/apply-migrations.ts';
import { sqliteAdapter } from '../src/sqlite/sqlite-adapter.ts';
import { FileMoved, SqliteFile } from '../src/sqlite/sqlite-file.ts';
import { newDatabaseFile, selectFrom } from './support/databases.ts';
import { notes } from './support/notes.ts';

const table = 'create table names (name text)';
const insert = 'insert into names (name) values (?)';

afterEach(() => {
  jest.restoreAllMocks();
});

test('a row that is written just after its file was removed does not count as stored', async () => {
  const { file: path, select } = await newDatabaseFile();
  const file = new SqliteFile(path);
  file.prepare(table).run([]);
  const statement = file.prepare(insert);
  statement.run(['first']);
  await rm(path);
  expect(() => statement.run(['second'])).toThrow(FileMoved);
  file.prepare(table).run([]);
  file.prepare(insert).run(['third']);
  file.close();
  expect((await select('select name from names')).map(({ name }) => name)).toEqual(['third']);
});

test('a file that was moved away keeps its rows, without its log, and later ones go to a new file', async () => {
  const { file: path } = await newDatabaseFile();
  const file = new SqliteFile(path);
  file.prepare(table).run([]);
  file.prepare(insert).run(['first']);
  await rename(path, `${path}.old`);
  expect(() => file.prepare(insert)).toThrow(FileMoved);
  file.prepare(table).run([]);
  file.prepare(insert).run(['second']);
  file.close();
  const names = [`${path}.old`, path].map((name) => selectFrom(name, 'select name from names'));
  expect(names).toEqual([[{ name: 'first' }], [{ name: 'second' }]]);
});

test('a file that was moved away is left even if its log cannot be moved into it', async () => {
  const { file: path, select } = await newDatabaseFile();
  const file = new SqliteFile(path);
  file.prepare(table).run([]);
  await rename(path, `${path}.old`);
  jest.spyOn(DatabaseSync.prototype, 'exec').mockImplementationOnce(() => {
    throw new Error('disk I/O error');
  });
  expect(() => file.prepare(insert)).toThrow('disk I/O error');
  file.prepare(table).run([]);
  file.close();
  expect(await select('select name from names')).toEqual([]);
});

test('a file that was emptied in place is replaced by a new one, without parts of the old content', async () => {
  const { file: path, select } = await newDatabaseFile();
  const file = new SqliteFile(path);
  file.prepare(table).run([]);
  file.prepare(insert).run(['first']);
  await truncate(path);
  expect(() => file.prepare(insert)).toThrow(FileMoved);
  expect(file.prepare('select name from sqlite_master').all([])).toEqual([]);
  file.prepare(table).run([]);
  file.prepare(insert).run(['second']);
  file.close();
  expect(await select('select name from names')).toEqual([{ name: 'second' }]);
});

test.each(['-wal', '-shm'])(
  'a file whose %s was removed is opened again, because its rows may be there',
  async (suffix) => {
    const { file: path, select } = await newDatabaseFile();
    const file = new SqliteFile(path);
    file.prepare(table).run([]);
    file.prepare(insert).run(['first']);
    await rm(path + suffix);
    expect(() => file.prepare(insert)).toThrow(FileMoved);
    file.prepare(insert).run(['second']);
    file.close();
    expect((await select('select name from names')).map(({ name }) => name)).toEqual(['first', 'second']);
  },
);

test('a file that is no database is closed again after each attempt to open it', async () => {
  const { file: path } = await newDatabaseFile();
  await writeFile(path, 'x'.repeat(4_096));
  const closed = jest.spyOn(DatabaseSync.prototype, 'close');
  const file = new SqliteFile(path);
  for (let attempt = 0; attempt < 3; attempt++) expect(() => file.prepare(insert)).toThrow('file is not a database');
  expect(closed).toHaveBeenCalledTimes(3);
});

const pragmaOf = (file: SqliteFile, name: string) => Object.values(file.prepare(`pragma ${name}`).all([])[0] ?? {})[0];

test('a commit is on disk before it is acknowledged', async () => {
  const { file: path } = await newDatabaseFile();
  const file = new SqliteFile(path);
  const pragma = (name: string) => pragmaOf(file, name);
  expect(pragma('journal_mode')).toBe('wal');
  // FULL: https://www.sqlite.org/pragma.html#pragma_synchronous
  expect(pragma('synchronous')).toBe(2);
  file.close();
});

test('a statement fails at once while another process is writing, because waiting would block this one', async () => {
  const { file: path } = await newDatabaseFile();
  const file = new SqliteFile(path);
  expect(pragmaOf(file, 'busy_timeout')).toBe(0);
  file.close();
});

test('the readiness probe fails if reading works but writing does not', async () => {
  const { file: path } = await newDatabaseFile();
  const adapter = sqliteAdapter({ kind: 'sqlite', file: path });
  await applyMigrations(adapter, notes);
  const file = new SqliteFile(path);
  const kysely = new Kysely<unknown>({ dialect: new SqliteDialect({ database: file }) });
  await adapter.writeProbe?.execute(kysely);
  file.prepare('pragma query_only = on').run([]);
  await expect(adapter.writeProbe?.execute(kysely)).rejects.toThrow(/readonly/);
  await kysely.destroy();
});
