/** What counts as a difference. `apps/calculadora-api/test/compare.test.ts` compares a backup that was taken under load. */

import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type Connection, createConnection } from 'mysql2/promise';
import { describeWith } from '../../../test/support/tools.ts';
import { type Comparison, compareDatabases } from '../src/mysql/compare-databases.ts';
import { longestTransaction, type Sides } from '../src/mysql/compare-table.ts';
import { openForReading } from '../src/run-comparison.ts';
import type { Schema } from '../src/schema.ts';
import { newDatabaseOn } from './support/databases.ts';
import { type MariaDb, mariadbd, startMariaDb } from './support/mariadb.ts';
import { notes } from './support/notes.ts';

describeWith('MariaDB', mariadbd, 'A comparison of two databases', () => {
  let server: MariaDb;
  let live: Connection;
  let copy: Connection;
  /** The connections of the job, which only read. */
  let sides: Sides;
  beforeAll(async () => {
    server = await startMariaDb('--default-time-zone=+05:00');
  });
  afterAll(() => server?.stop());

  beforeEach(async () => {
    const names = [newDatabaseOn(server).name, newDatabaseOn(server).name] as const;
    [live, copy] = await Promise.all([open(names[0]), open(names[1])]);
    const [ofLive, ofCopy] = await Promise.all(names.map((name) => openForReading(addressOf(name), login())));
    sides = { live: ofLive as Connection, copy: ofCopy as Connection };
    await both('CREATE TABLE kysely_migration (name VARCHAR(255) PRIMARY KEY, timestamp VARCHAR(255))');
    // Its row changes while a migration runs.
    await both('CREATE TABLE kysely_migration_lock (id VARCHAR(255) PRIMARY KEY, is_locked INT)');
    await live.query("INSERT INTO kysely_migration_lock VALUES ('migration_lock', 1)");
    await both('CREATE TABLE notes (id BIGINT PRIMARY KEY AUTO_INCREMENT, text TEXT, at TIMESTAMP(3) NULL)');
    await both("INSERT INTO notes VALUES (1, 'a', NULL), (2, 'b', NULL), (3, 'c', NULL)");
  });
  afterEach(() => Promise.all([live, copy, sides.live, sides.copy].map((connection) => connection.end())));

  const addressOf = (name: string) => ({ host: server.host, port: server.port, name });
  const login = () => ({ user: server.user, password: server.password });

  async function open(name: string): Promise<Connection> {
    const { host, port, user, password } = server;
    const connection = await createConnection({ host, port, user, password });
    for (const statement of [`CREATE DATABASE ${name}`, `USE ${name}`, "SET time_zone = '+00:00'"]) {
      await connection.query(statement);
    }
    return connection;
  }

  const both = (statement: string) => Promise.all([live.query(statement), copy.query(statement)]);
  const compare = (change: Partial<Schema> = {}, restoredTo = new Date()): Promise<Comparison> =>
    compareDatabases(sides, { ...notes, ...change }, restoredTo);
  const schemaWith = (...privileges: Schema['tables'][string]) => ({ tables: { notes: privileges } });

  test.each([
    ['without times', {}],
    ['with times that are NULL', { storedAt: { notes: 'at' } }],
  ])('%s, rows beyond the last key of the copy are newer, and others are missing', async (_, schema) => {
    await copy.query('DELETE FROM notes WHERE id IN (1, 3)');
    const { differences, tables } = await compare(schema);
    expect(differences).toEqual(['notes: 1 row of the table is missing in the copy (id: 1)']);
    expect(tables).toMatchObject([{ table: 'notes', rows: 1, newer: 1 }]);
    expect('newest' in (tables[0] ?? {})).toBe('storedAt' in schema);
    await copy.query('DELETE FROM notes');
    expect(await compare(schema)).toMatchObject({ isSame: true, tables: [{ rows: 0, newer: 3 }] });
  });

  test('more rows of the copy alone than can be listed are counted', async () => {
    await copy.query("INSERT INTO notes SELECT seq, 'd', NULL FROM seq_4_to_17000");
    await live.query('DELETE FROM notes WHERE id < 4');
    await live.query("INSERT INTO notes SELECT seq, 'd', NULL FROM seq_12001_to_17000");
    expect((await compare()).differences).toEqual(['notes: 12000 rows of the table are in the copy alone']);
  });

  test('a migration or a table of one side alone is a difference, and a view is none', async () => {
    const migration = (name: string) => `INSERT INTO kysely_migration VALUES ('${name}', '2026-01-31T12:00:00.000Z')`;
    await both(migration('001_notes'));
    await copy.query(migration('002_more'));
    await copy.query('CREATE TABLE more (id INT PRIMARY KEY)');
    await live.query(migration('003_less'));
    await live.query('CREATE TABLE less (id INT PRIMARY KEY)');
    await live.query('CREATE VIEW latest AS SELECT max(id) AS id FROM notes');
    // To the time at which it was applied.
    const { differences, migrations, restoredTo } = await compare({}, new Date('2026-01-31T12:00:00.000Z'));
    expect(differences).toEqual([
      'the migration 003_less is missing in the copy',
      'the migration 002_more is missing in the live database',
      'the table less is missing in the copy',
      'the table more is missing in the live database',
    ]);
    expect([migrations, restoredTo]).toEqual([{ applied: 2, newer: [] }, '2026-01-31T12:00:00.000Z']);
  });

  test('nothing can be written by the connections of the job', async () => {
    const change = "UPDATE notes SET text = 'z'";
    for (const side of [sides.live, sides.copy]) await expect(side.query(change)).rejects.toThrow(/read.only/i);
  });

  test('a server that cannot be reached yet is waited for, but a login that is refused is not', async () => {
    let refused = 0;
    const gate = createServer((socket) => {
      // For more than a second.
      if (++refused <= 2) return socket.destroy();
      const other = connect(server.port, server.host);
      for (const one of [socket, other]) one.on('error', () => undefined);
      return socket.pipe(other).pipe(socket);
    }).listen(0, '127.0.0.1');
    await once(gate, 'listening');
    const address = { host: '127.0.0.1', port: (gate.address() as AddressInfo).port, name: 'mysql' };
    const connection = await openForReading(address, login());
    connection.destroy();
    const [tries, start] = [refused, performance.now()];
    await expect(openForReading(address, { ...login(), password: 'wrong' })).rejects.toThrow(/Access denied/);
    expect([refused - tries, performance.now() - start < 30_000]).toEqual([1, true]);
    gate.close();
  });

  test('with times, they decide, but for the time that a transaction may take', async () => {
    // Shorter, and a drill under load finds rows missing that no backup can have. Longer, and it excuses rows that are lost.
    expect([longestTransaction >= 10_000, longestTransaction <= 60_000]).toEqual([true, true]);
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
    ['changed', "UPDATE notes SET text = 'z' WHERE id > 1", 'UPDATE', 'different in the copy'],
    ['deleted', 'DELETE FROM notes WHERE id > 1', 'DELETE', 'in the copy alone'],
  ] as const)(
    'a row that was %s is a difference, unless the application may do so',
    async (_, statement, privilege, what) => {
      await live.query(statement);
      const other = privilege === 'UPDATE' ? 'DELETE' : 'UPDATE';
      for (const privileges of [['INSERT'], [other]] as const) {
        expect((await compare(schemaWith('SELECT', ...privileges))).differences).toEqual([
          `notes: 2 rows of the table are ${what} (id: 2; 3)`,
        ]);
      }
      const allowed = await compare(schemaWith('SELECT', privilege));
      expect(allowed).toMatchObject({ isSame: true, tables: [{ changedByApplication: 2, differences: [] }] });
      // A row that is lost is one whatever the application may do.
      await copy.query('DELETE FROM notes WHERE id = 1');
      expect((await compare(schemaWith('SELECT', privilege))).differences).toEqual([
        'notes: 1 row of the table is missing in the copy (id: 1)',
      ]);
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
    // Five are named.
    const keys = [1, 2, 3, 4, 5].map((number) => `9007199254740993, é${number}, ff27`);
    await copy.query("DELETE FROM pairs WHERE b IN ('é1', 'é2', 'é3', 'é4', 'é5')");
    expect((await compare()).differences[0]).toBe(
      `pairs: 5 rows of the table are missing in the copy (a, b, c: ${keys.join('; ')})`,
    );
    await copy.query("DELETE FROM pairs WHERE b = 'é6'");
    expect((await compare()).differences[0]).toBe(
      `pairs: 6 rows of the table are missing in the copy (a, b, c: ${keys.join('; ')}; …)`,
    );
  });

  test('keys of several columns have an order, by which rows are newer or missing', async () => {
    await both('DROP TABLE notes');
    // Another unique key, with values that are missing, is no such order.
    await both('CREATE TABLE pairs (c INT NULL UNIQUE, a INT, b INT, PRIMARY KEY (a, b))');
    await both('INSERT INTO pairs (a, b) VALUES (1, 9), (2, 1), (2, 3)');
    await live.query('INSERT INTO pairs (a, b) VALUES (2, 2), (2, 4), (3, 0)');
    const { differences, tables } = await compare();
    expect(differences).toEqual(['pairs: 1 row of the table is missing in the copy (a, b: 2, 2)']);
    expect(tables).toMatchObject([{ rows: 3, newer: 2 }]);
  });

  test('keys that cannot be read exactly are refused, or it would go on for ever', async () => {
    await both('DROP TABLE notes');
    await both('CREATE TABLE pairs (a FLOAT, b INT, PRIMARY KEY (a, b))');
    await both('INSERT INTO pairs SELECT 0.1, seq FROM seq_1_to_6000');
    await expect(compare()).rejects.toThrow('The keys of pairs cannot be read exactly');
  }, 60_000);

  test('the newest row is that of all rows, and not of the last ones', async () => {
    await both("INSERT INTO notes SELECT seq, 'd', '2020-01-01 00:00:00' FROM seq_4_to_12000");
    await both("UPDATE notes SET at = '2020-01-02 00:00:00' WHERE id = 1");
    await live.query("UPDATE notes SET at = '2020-01-03 00:00:00' WHERE id = 6000");
    const { differences, tables } = await compare({ storedAt: { notes: 'at' } });
    expect(differences).toEqual(['notes: 1 row of the table is different in the copy (id: 6000)']);
    const newest = { copy: '2020-01-02 00:00:00.000', live: '2020-01-03 00:00:00.000' };
    expect(tables).toMatchObject([{ rows: 12_000, newer: 0, newest }]);
  });

  test('a column is told of its side, unless a newer migration changed it, and then the others are compared', async () => {
    await copy.query('ALTER TABLE notes ADD extra INT');
    await copy.query("UPDATE notes SET text = 'z', extra = 1 WHERE id = 2");
    await live.query('ALTER TABLE notes MODIFY text VARCHAR(20)');
    const changed = 'notes: 1 row of the table is different in the copy (id: 2)';
    expect((await compare()).differences).toEqual([
      'the column notes.text is text in the copy and varchar(20) in the live database',
      'the column notes.extra is int(11) in the copy and missing in the live database',
      changed,
    ]);
    const restoredTo = new Date('2020-01-31T12:00:00.000Z');
    await live.query("INSERT INTO kysely_migration VALUES ('002_less', '2020-01-31T12:00:00.001Z')");
    const later = await compare({}, restoredTo);
    expect([later.differences, later.migrations]).toEqual([[changed], { applied: 0, newer: ['002_less'] }]);
    // Of a key with a newer column, the copy has not all.
    await live.query('ALTER TABLE notes ADD part INT DEFAULT 0, DROP PRIMARY KEY, ADD PRIMARY KEY (id, part)');
    expect((await compare({}, restoredTo)).differences).toEqual([
      'the table notes has no primary key by which its rows could be compared',
    ]);
  });

  test('a database without tables proves nothing', async () => {
    await both('DROP TABLE notes');
    expect((await compare()).differences).toEqual(['there is no table to compare']);
  });
});
