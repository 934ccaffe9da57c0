/** What counts as a difference. `apps/calculadora-api/test/compare.test.ts` compares a backup that was taken under load. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type Connection, createConnection } from 'mysql2/promise';
import { describeWith } from '../../../test/support/tools.ts';
import { type Comparison, compareDatabases } from '../src/mysql/compare-databases.ts';
import { longestTransaction } from '../src/mysql/compare-table.ts';
import type { Schema } from '../src/schema.ts';
import { newDatabaseOn } from './support/databases.ts';
import { type MariaDb, mariadbd, startMariaDb } from './support/mariadb.ts';
import { notes } from './support/notes.ts';

describeWith('MariaDB', mariadbd, 'A comparison of two databases', () => {
  let server: MariaDb;
  let live: Connection;
  let copy: Connection;
  beforeAll(async () => {
    server = await startMariaDb();
  });
  afterAll(() => server?.stop());

  beforeEach(async () => {
    [live, copy] = await Promise.all([open(), open()]);
    await both('CREATE TABLE kysely_migration (name VARCHAR(255) PRIMARY KEY, timestamp VARCHAR(255))');
    await both('CREATE TABLE notes (id BIGINT PRIMARY KEY AUTO_INCREMENT, text TEXT, at DATETIME(3) NULL)');
    await both("INSERT INTO notes VALUES (1, 'a', NULL), (2, 'b', NULL), (3, 'c', NULL)");
  });
  afterEach(() => Promise.all([live, copy].map((connection) => connection.end())));

  async function open(): Promise<Connection> {
    const { host, port, user, password } = server;
    const connection = await createConnection({
      host,
      port,
      user,
      password,
      dateStrings: true,
      supportBigNumbers: true,
    });
    const { name } = newDatabaseOn(server);
    for (const statement of [`CREATE DATABASE ${name}`, `USE ${name}`, "SET time_zone = '+00:00'"]) {
      await connection.query(statement);
    }
    return connection;
  }

  const both = (statement: string) => Promise.all([live.query(statement), copy.query(statement)]);
  const compare = (change: Partial<Schema> = {}, restoredTo = new Date()): Promise<Comparison> =>
    compareDatabases({ live, copy }, { ...notes, ...change }, restoredTo);
  const schemaWith = (...privileges: Schema['tables'][string]) => ({ tables: { notes: privileges } });

  test('without times, rows beyond the last key of the copy are newer, and others are missing', async () => {
    await copy.query('DELETE FROM notes WHERE id IN (1, 3)');
    const { differences, tables } = await compare();
    expect(differences).toEqual(['notes: 1 row of the table is missing in the copy (id: 1)']);
    expect(tables).toMatchObject([{ table: 'notes', rows: 1, newer: 1 }]);
    expect(tables[0]).not.toHaveProperty('newest');
  });

  test('with times, they decide, but for the time that a transaction may take', async () => {
    const restoredTo = new Date(Date.UTC(2026, 0, 31, 12));
    const at = (offset: number) => new Date(restoredTo.getTime() + offset).toISOString().replace(/[TZ]/g, ' ');
    await live.query('UPDATE notes SET at = ? WHERE id = 1', [at(-longestTransaction)]);
    await live.query('UPDATE notes SET at = ? WHERE id = 2', [at(1 - longestTransaction)]);
    await live.query('UPDATE notes SET at = ? WHERE id = 3', [at(1)]);
    await copy.query('DELETE FROM notes WHERE id < 3');
    await copy.query('UPDATE notes SET at = ? WHERE id = 3', [at(1)]);
    const { differences, tables } = await compare({ storedAt: { notes: 'at' } }, restoredTo);
    expect(differences).toEqual(['notes: 1 row of the table is missing in the copy (id: 1)']);
    expect(tables).toMatchObject([
      { rows: 1, newer: 1, newest: { copy: null, live: at(1 - longestTransaction).trim() } },
    ]);
  });

  test.each([
    ['changed', "UPDATE notes SET text = 'z' WHERE id = 2", 'UPDATE', 'different in the copy'],
    ['deleted', 'DELETE FROM notes WHERE id = 2', 'DELETE', 'in the copy alone'],
  ] as const)(
    'a row that was %s is a difference, unless the application may do so',
    async (_, statement, privilege, what) => {
      await live.query(statement);
      expect((await compare(schemaWith('SELECT', 'INSERT'))).differences).toEqual([
        `notes: 1 row of the table is ${what} (id: 2)`,
      ]);
      const allowed = await compare(schemaWith('SELECT', privilege));
      expect(allowed).toMatchObject({ isSame: true, tables: [{ changedByApplication: 1, differences: [] }] });
    },
  );

  test('rows are found by keys of several columns, of text, bytes and large numbers', async () => {
    await both('DROP TABLE notes');
    await both('CREATE TABLE pairs (a BIGINT, b VARCHAR(20), c BINARY(2), text TEXT, PRIMARY KEY (a, b, c))');
    await both("INSERT INTO pairs SELECT 9007199254740993, CONCAT('é', seq), 0xff27, 'x' FROM seq_1_to_6000");
    await copy.query("UPDATE pairs SET text = 'y' WHERE b = 'é5999'");
    expect((await compare()).differences).toEqual([
      'pairs: 1 row of the table is different in the copy (a, b, c: 9007199254740993, é5999, ff27)',
    ]);
  });

  test('a database without tables proves nothing', async () => {
    await both('DROP TABLE notes');
    expect((await compare()).differences).toEqual(['there is no table to compare']);
  });
});
