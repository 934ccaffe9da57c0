import { rm } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { Kysely, SqliteDialect } from 'kysely';
import { applyMigrations } from '../src/apply-migrations.ts';
import { sqliteAdapter } from '../src/sqlite/sqlite-adapter.ts';
import { FileMoved, SqliteFile } from '../src/sqlite/sqlite-file.ts';
import { newDatabaseFile } from './support/databases.ts';
import { notes } from './support/notes.ts';

const table = 'create table names (name text)';
const insert = 'insert into names (name) values (?)';

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
