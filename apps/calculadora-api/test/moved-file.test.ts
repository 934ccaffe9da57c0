import { rm } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { Kysely, SqliteDialect } from 'kysely';
import { migrate } from '../src/database/migrate.ts';
import { sqliteEngine } from '../src/database/sqlite/engine.ts';
import { FileMoved, SqliteFile } from '../src/database/sqlite/file.ts';
import { newDatabaseFile, rowsOf } from './support/databases.ts';

const table = 'create table operacoes (id integer primary key, nome text, operador1 integer, operador2 integer)';
const insert = 'insert into operacoes (nome, operador1, operador2) values (?, ?, ?)';

test('a row that is written just after its file was removed does not count as stored', async () => {
  const { env } = await newDatabaseFile();
  const path = String(env.DB_FILE);
  const file = new SqliteFile(path);
  file.prepare(table).run([]);
  const statement = file.prepare(insert);
  statement.run(['first', 1, 1]);
  await rm(path);
  expect(() => statement.run(['second', 2, 2])).toThrow(FileMoved);
  file.prepare(table).run([]);
  file.prepare(insert).run(['third', 3, 3]);
  file.close();
  expect(rowsOf(path).map(({ nome }) => nome)).toEqual(['third']);
});

test('a commit is on disk before it is acknowledged', async () => {
  const { env } = await newDatabaseFile();
  const file = new SqliteFile(String(env.DB_FILE));
  const pragma = (name: string) => Object.values(file.prepare(`pragma ${name}`).all([])[0] ?? {})[0];
  expect(pragma('journal_mode')).toBe('wal');
  // FULL: https://www.sqlite.org/pragma.html#pragma_synchronous
  expect(pragma('synchronous')).toBe(2);
  file.close();
});

test('the readiness probe fails if reading works but writing does not', async () => {
  const { env } = await newDatabaseFile();
  const path = String(env.DB_FILE);
  const engine = sqliteEngine({ kind: 'sqlite', file: path });
  await migrate(engine);
  const file = new SqliteFile(path);
  const kysely = new Kysely<unknown>({ dialect: new SqliteDialect({ database: file }) });
  await engine.writeProbe.execute(kysely);
  file.prepare('pragma query_only = on').run([]);
  await expect(engine.writeProbe.execute(kysely)).rejects.toThrow(/readonly/);
  await kysely.destroy();
});
