import { rm } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { FileMoved, SqliteFile } from '../src/database/sqlite/file.ts';
import { newDatabaseFile, rowsOf } from './support/databases.ts';

const table = 'create table operacoes (id integer primary key, nome text, operador1 integer, operador2 integer)';
const insert = 'insert into operacoes (nome, operador1, operador2) values (?, ?, ?)';

test('a row that is written just after its file was removed is not taken for stored', async () => {
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
