import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { limits, paths, type SumRequest } from 'contract';
import { readyTimeout } from 'database';
import {
  type DatabaseServer,
  type MariaDb,
  mariadbd,
  startMariaDb,
} from '../../../packages/database/test/support/mariadb.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { describeWith } from '../../../test/support/tools.ts';
import { OperationsDatabase } from '../src/database/operations-database.ts';
import { readSettings } from '../src/settings.ts';
import { type Api, startApi, untilReady } from './support/api.ts';
import { namedServer, newDatabaseOn, query, seedColumns } from './support/databases.ts';
import { startLoad, wrongRows } from './support/load.ts';

// An open connection would delay the shutdown of the process.
const headers = { 'content-type': 'application/json', connection: 'close' };
let api: Api;

function post(operador1 = 5): Promise<Response> {
  const body = JSON.stringify({ nome: 'Wander', operador1, operador2: 10 });
  return fetch(api.url + paths.sum, { method: 'POST', headers, body });
}

/** Tests for any MySQL or MariaDB server. */
function serverTests(getServer: () => DatabaseServer): void {
  afterEach(async () => {
    await api?.stop();
  });

  test("adopts the seed's table without losing a row, a number or a time", async () => {
    const server = getServer();
    const database = newDatabaseOn(server);
    await query(
      server,
      `CREATE DATABASE ${database.name} CHARACTER SET latin1`,
      `CREATE TABLE ${database.name}.operacoes (
         id INT AUTO_INCREMENT PRIMARY KEY,
         nome VARCHAR(255),
         operador1 INT,
         operador2 INT,
         data_execucao TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP)`,
      "SET time_zone = '-03:00'",
      `INSERT INTO ${database.name}.operacoes VALUES
         (7, 'José', 2147483647, -2147483648, '2024-05-06 07:08:09'), (9, NULL, NULL, NULL, NULL)`,
    );
    api = await startApi(database.env);
    await untilReady(api);
    const before = Date.now();
    expect((await post(Number.MAX_SAFE_INTEGER - 10)).status).toBe(200);

    const rows = await query(
      server,
      `SELECT id, nome, operador1, operador2, DATE_FORMAT(data_execucao, '%Y-%m-%dT%H:%i:%s.%fZ') AS at,
         idempotency_key AS own FROM ${database.name}.operacoes ORDER BY id`,
    );
    expect(rows.slice(0, 2)).toEqual([
      {
        id: 7,
        nome: 'José',
        operador1: 2147483647,
        operador2: -2147483648,
        at: '2024-05-06T10:08:09.000000Z',
        own: null,
      },
      { id: 9, nome: null, operador1: null, operador2: null, at: null, own: null },
    ]);
    expect(rows[2]).toMatchObject({ id: 10, nome: 'Wander', operador1: Number.MAX_SAFE_INTEGER - 10, operador2: 10 });
    // With it, a statement whose connection breaks is stored once.
    expect(rows[2]?.own).toMatch(/^api:/);
    const storedAt = Date.parse(rows[2]?.at);
    expect(storedAt).toBeGreaterThanOrEqual(before);
    expect(storedAt).toBeLessThanOrEqual(Date.now());
  });

  test('loses no request and stores none twice while the server cuts its connections', async () => {
    const server = getServer();
    const database = newDatabaseOn(server);
    api = await startApi(database.env);
    await untilReady(api);
    const load = startLoad(api.url, { clients: 16 });
    let cuts = 0;
    for (let round = 0; round < 10; round++) {
      await load.answers(200, 50);
      const connections = await query(
        server,
        `SELECT id FROM information_schema.processlist WHERE db = '${database.name}'`,
      );
      cuts += connections.length;
      // One may have ended meanwhile.
      await Promise.all(connections.map(({ id }) => query(server, `KILL ${id}`).catch(() => undefined)));
    }
    await load.answers(200, 50);
    await load.stop();
    expect(cuts).toBeGreaterThan(9);
    expect(load.attempts.filter(({ answer }) => answer?.status !== 200)).toEqual([]);
    const rows = await query(server, `SELECT nome, operador1, operador2 FROM ${database.name}.operacoes`);
    expect(rows).toHaveLength(load.attempts.length);
    expect(wrongRows(load.attempts, rows as unknown as SumRequest[])).toEqual([]);
  });

  test('stores emoji in a table whose names were latin1', async () => {
    const server = getServer();
    const database = newDatabaseOn(server);
    await query(
      server,
      `CREATE DATABASE ${database.name} CHARACTER SET latin1`,
      `CREATE TABLE ${database.name}.operacoes (id INT AUTO_INCREMENT PRIMARY KEY, nome VARCHAR(255), operador1 INT,
         operador2 INT, data_execucao TIMESTAMP DEFAULT CURRENT_TIMESTAMP)`,
    );
    api = await startApi(database.env);
    await untilReady(api);
    const body = JSON.stringify({ nome: '李 🧮', operador1: 1, operador2: 2 });
    await fetch(api.url + paths.sum, { method: 'POST', headers, body });
    expect(await database.rows()).toEqual([{ nome: '李 🧮', operador1: 1, operador2: 2 }]);
  });

  const keyType = 'VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin';
  test.each<[string, Record<string, string | undefined>, string, RegExp]>([
    ['decimal numbers', { operador1: 'DECIMAL(10,2)' }, '', /operador1 is decimal\(10,2\)/],
    ['floating-point numbers', { operador2: 'DOUBLE' }, '', /operador2 is double/],
    ['numbers beyond 63 bits', { operador1: 'BIGINT UNSIGNED' }, '', /operador1 is bigint\(?.*unsigned/],
    ['longer names', { nome: 'TEXT' }, '', /nome is text/],
    ['times in microseconds', { data_execucao: 'DATETIME(6)' }, '', /data_execucao is datetime\(6\)/],
    ['an extra mandatory column', { setor: 'INT NOT NULL' }, '', /setor must have a value/],
    ['a missing column', { operador2: undefined }, '', /no column operador2/],
    ['another primary key', { id: 'INT', codigo: 'INT AUTO_INCREMENT PRIMARY KEY' }, '', /primary key is not id/],
    ['unique names', { nome: 'VARCHAR(100) UNIQUE' }, '', /nome allows each nome only once/],
    ['another storage engine', {}, 'ENGINE=MyISAM', /engine is MyISAM/],
    ['partitions', {}, 'PARTITION BY HASH(id) PARTITIONS 2', /it is partitioned/],
    ['a check constraint', { operador1: 'INT CHECK (operador1 < 3)' }, '', /CHECK/],
    ['mandatory keys', { idempotency_key: `${keyType} NOT NULL UNIQUE` }, '', /idempotency_key must have a value/],
    ['keys that are not unique', { idempotency_key: keyType }, '', /must be unique/],
    ['case-insensitive keys', { idempotency_key: 'VARCHAR(255) UNIQUE' }, '', /byte by byte/],
  ])('is not ready with a table with %s, logs the reason, and changes nothing', async (_, change, options, why) => {
    const server = getServer();
    const database = newDatabaseOn(server);
    const table = `${database.name}.operacoes`;
    const columns = Object.entries({ ...seedColumns, ...change }).flatMap(([name, type]) =>
      type ? `${name} ${type}` : [],
    );
    await query(server, `CREATE DATABASE ${database.name}`, `CREATE TABLE ${table} (${columns.join(', ')}) ${options}`);
    const definition = async () => (await query(server, `SHOW CREATE TABLE ${table}`))[0]?.['Create Table'];
    const before = await definition();
    api = await startApi(database.env);
    await eventually(async () => why.test(api.output()));
    expect((await fetch(api.url + paths.ready, { headers })).status).toBe(503);
    expect(api.output()).toContain(`The table operacoes in mysql://`);
    expect((await post()).status).toBe(500);
    expect(await definition()).toBe(before);
    expect(await query(server, `SHOW TABLES IN ${database.name} LIKE 'operacoes'`)).toHaveLength(1);
  });

  test('answers that a retry does not help if the table is missing but its migrations are recorded', async () => {
    const server = getServer();
    const database = newDatabaseOn(server);
    api = await startApi(database.env);
    await untilReady(api);
    await query(server, `DROP TABLE ${database.name}.operacoes`);
    await eventually(async () => (await post()).status === 500);
    // The log goes another way than the response, and may arrive after it.
    await eventually(async () => /it is missing, although kysely_migration records its creation/.test(api.output()));
    expect((await fetch(api.url + paths.ready, { headers })).status).toBe(503);
    expect(await query(server, `SHOW TABLES IN ${database.name} LIKE 'operacoes'`)).toEqual([]);
  });

  test('adopts a table with extra columns if they are all optional', async () => {
    const server = getServer();
    const database = newDatabaseOn(server);
    const more = "setor VARCHAR(20), origem VARCHAR(20) NOT NULL DEFAULT 'web', dobro INT AS (operador1 * 2)";
    const columns = Object.entries(seedColumns).map(([name, type]) => `${name} ${type}`);
    await query(
      server,
      `CREATE DATABASE ${database.name}`,
      `CREATE TABLE ${database.name}.operacoes (${columns.join(', ')}, ${more})`,
    );
    api = await startApi(database.env);
    await untilReady(api);
    expect((await post()).status).toBe(200);
    expect(await database.rows()).toEqual([{ nome: 'Wander', operador1: 5, operador2: 10 }]);
  });

  test('runs as a user that may only read and insert, once the tables exist', async () => {
    const server = getServer();
    const database = newDatabaseOn(server);
    api = await startApi(database.env);
    await untilReady(api);
    await api.stop();
    const user = `u${database.name.slice(-12)}`;
    await query(
      server,
      `CREATE USER '${user}'@'%' IDENTIFIED BY 'only-for-tests'`,
      `GRANT SELECT, INSERT ON ${database.name}.* TO '${user}'@'%'`,
    );

    api = await startApi({ ...database.env, DB_USER: user, DB_PASSWORD: 'only-for-tests' });
    await untilReady(api);
    expect((await post()).status).toBe(200);
    expect(await database.rows()).toHaveLength(1);
  });

  test('reports a wrong password only in the log, not in a response, and keeps retrying', async () => {
    const { env } = newDatabaseOn(getServer());
    api = await startApi({ ...env, DB_PASSWORD: 'wrong-one' });
    const answer = await post();
    expect(answer.status).toBe(503);
    expect(await answer.text()).not.toMatch(/denied|tester|127\.0\.0\.1/);
    await eventually(async () => /Access denied/.test(api.output()));
    expect(api.output()).not.toContain('wrong-one');
  });

  test('creates a database again that was dropped while in use', async () => {
    const server = getServer();
    const database = newDatabaseOn(server);
    api = await startApi(database.env);
    await untilReady(api);
    expect((await post()).status).toBe(200);
    await query(server, `DROP DATABASE ${database.name}`);
    await eventually(async () => (await post()).status === 200);
    expect(await database.rows()).toHaveLength(1);
  });
}

describeWith('MariaDB', mariadbd, 'The API on MariaDB', () => {
  let server: MariaDb;
  beforeAll(async () => {
    server = await startMariaDb();
  });
  afterAll(() => server.stop());

  serverTests(() => server);

  test('answers 503 in time while the server is frozen, and continues when it thaws', async () => {
    const database = newDatabaseOn(server);
    api = await startApi(database.env);
    await untilReady(api);
    await server.freeze();
    const started = performance.now();
    const answers = await Promise.all(Array.from({ length: 30 }, () => post()));
    // Sooner than the site's timeout, so that the site gets the response.
    expect(performance.now() - started).toBeLessThan(limits.clientTimeout);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 503));
    expect((await fetch(api.url + paths.ready)).status).toBe(503);
    server.thaw();
    await untilReady(api);
    expect((await post()).status).toBe(200);
  });

  test('reports that it is not ready within its time limit, although the frozen server never responds', async () => {
    const { env } = newDatabaseOn(server);
    const nothing = () => undefined;
    const database = new OperationsDatabase(readSettings(env).database);
    try {
      database.start({ info: nothing, warn: nothing, error: nothing });
      // More checks than connections, as from several probes at once.
      await eventually(async () =>
        (await Promise.all(Array.from({ length: 10 }, () => database.isReady()))).every(Boolean),
      );
      await server.freeze();
      // Both timers run in this process, so they end in this order however busy the machine is.
      const limit = sleep(1.5 * readyTimeout, 'too late');
      expect(await Promise.race([database.isReady(), limit])).toBe(false);
    } finally {
      server.thaw();
      await database.close();
    }
  });

  test('refuses a name that is longer than its column with 500, even if the server would truncate it', async () => {
    const database = newDatabaseOn(server);
    await query(server, "SET GLOBAL sql_mode = ''");
    try {
      api = await startApi(database.env);
      await untilReady(api);
      await query(server, `ALTER TABLE ${database.name}.operacoes MODIFY nome VARCHAR(5) NOT NULL`);
      expect((await post()).status).toBe(500);
      expect(await database.rows()).toEqual([]);
    } finally {
      await query(server, 'SET GLOBAL sql_mode = DEFAULT');
    }
  });
});

const named = namedServer();
if (named !== undefined) describe(`The API on ${named.host}`, () => serverTests(() => named));
