import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type MariaDb, mariadbd, startMariaDb } from '../../../../packages/database/test/support/mariadb.ts';
import { describeWith } from '../../../../test/support/tools.ts';
import { type Api, startApi, untilReady } from '../support/api.ts';
import { newDatabaseFile, newDatabaseOn, query, type TestDatabase } from '../support/databases.ts';
import { newOperation, post } from '../support/load.ts';

const rounds = [1, 2, 3];
let apis: Api[] = [];

afterEach(async () => {
  await Promise.all(apis.map((api) => api.stop()));
});

/** Starts four processes on one database at the same time, and stores one operation with each. */
async function startFour({ env }: TestDatabase) {
  apis = await Promise.all(Array.from({ length: 4 }, () => startApi(env)));
  await Promise.all(apis.map(untilReady));
  const operations = apis.map(newOperation);
  const answers = await Promise.all(apis.map((api, index) => post(api.url, operations[index] ?? newOperation())));
  return { operations, statuses: answers.map(({ status }) => status) };
}

describeWith('MariaDB', mariadbd, 'Four processes that start at the same time on one server', () => {
  let server: MariaDb;

  beforeAll(async () => {
    server = await startMariaDb();
  });
  afterAll(() => server.stop());

  test.each(rounds)('create the database and its table only once, and all become ready (round %i)', async () => {
    const database = newDatabaseOn(server);
    const { operations, statuses } = await startFour(database);

    expect(statuses).toEqual([200, 200, 200, 200]);
    expect(await database.rows()).toHaveLength(4);
    expect(await database.rows()).toEqual(expect.arrayContaining(operations));
  });

  test.each(rounds)("adopt the seed's table without losing a row, and all become ready (round %i)", async () => {
    const database = newDatabaseOn(server);
    await query(
      server,
      `CREATE DATABASE ${database.name}`,
      `CREATE TABLE ${database.name}.operacoes (
         id INT AUTO_INCREMENT PRIMARY KEY,
         nome VARCHAR(255),
         operador1 INT,
         operador2 INT,
         data_execucao TIMESTAMP DEFAULT CURRENT_TIMESTAMP)`,
      `INSERT INTO ${database.name}.operacoes (nome, operador1, operador2) VALUES ('Wander', 5, 10), ('Ana', -7, 2)`,
    );
    const { operations, statuses } = await startFour(database);

    expect(statuses).toEqual([200, 200, 200, 200]);
    const [first, second, ...others] = await database.rows();
    expect(first).toEqual({ nome: 'Wander', operador1: 5, operador2: 10 });
    expect(second).toEqual({ nome: 'Ana', operador1: -7, operador2: 2 });
    expect(others).toHaveLength(4);
    expect(others).toEqual(expect.arrayContaining(operations));
  });
});

describe('Four processes that start at the same time on a new SQLite file', () => {
  test.each(rounds)('create its table only once, and all become ready (round %i)', async () => {
    const database = await newDatabaseFile();
    const { operations, statuses } = await startFour(database);

    expect(statuses).toEqual([200, 200, 200, 200]);
    expect(await database.rows()).toHaveLength(4);
    expect(await database.rows()).toEqual(expect.arrayContaining(operations));
  });
});
