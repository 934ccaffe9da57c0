import { once } from 'node:events';
import { copyFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { paths } from 'contract';
import { eventually } from '../../../../test/support/eventually.ts';
import { type Api, startApi, untilReady } from '../support/api.ts';
import { newDatabaseFile, rowsOf } from '../support/databases.ts';
import { isFinalRefusal, isRefusal, newOperation, post, startLoad, wrongAnswers, wrongRows } from '../support/load.ts';

let file: string;
let api: Api;
afterEach(() => api.stop());

const statusOf = async (path: string) => (await fetch(api.url + path, { headers: { connection: 'close' } })).status;

/** Retries an operation until it is stored, and returns it. Until then it may only be refused as unavailable. */
async function storeOne() {
  const operation = newOperation();
  await eventually(async () => {
    const answer = await post(api.url, operation);
    if (answer.status !== 200) expect(isRefusal(answer)).toBe(true);
    return answer.status === 200;
  });
  return operation;
}

describe('The API, when its SQLite file', () => {
  beforeEach(async () => {
    const { env } = await newDatabaseFile();
    file = String(env.DB_FILE);
    api = await startApi(env);
    await untilReady(api);
  });

  test.each([
    ['is removed with its folder', () => rm(dirname(file), { recursive: true })],
    ['is removed', () => rm(file)],
    ['is emptied', () => truncate(file)],
  ])('%s, stores operations in a new one, and logs that', async (_, remove) => {
    expect(await post(api.url, newOperation())).toMatchObject({ status: 200 });
    await remove();
    const operation = await storeOne();
    expect(await statusOf(paths.ready)).toBe(200);
    expect(api.output()).toMatch(/was removed or replaced while it was open/);
    await api.stop();
    expect(rowsOf(file)).toEqual([operation]);
  });

  test('is moved, leaves the old operations in it and stores later ones in a new file', async () => {
    const first = newOperation();
    expect(await post(api.url, first)).toMatchObject({ status: 200 });
    await rename(file, `${file}.old`);
    const second = await storeOne();
    await api.stop();
    expect(rowsOf(`${file}.old`)).toEqual([first]);
    expect(rowsOf(file)).toEqual([second]);
  });

  test('is replaced by another, continues in that one and keeps its rows', async () => {
    const other = `${file}.other`;
    const first = newOperation();
    expect(await post(api.url, first)).toMatchObject({ status: 200 });
    await api.stop();
    await copyFile(file, other);
    api = await startApi({ DB_FILE: file });
    await untilReady(api);
    expect(await post(api.url, newOperation())).toMatchObject({ status: 200 });
    await rename(other, file);
    const second = await storeOne();
    await api.stop();
    expect(rowsOf(file)).toEqual([first, second]);
  });

  test('loses its write-ahead log, loses no operation', async () => {
    const operations = [newOperation(), newOperation()];
    for (const operation of operations) expect(await post(api.url, operation)).toMatchObject({ status: 200 });
    await rm(`${file}-wal`);
    operations.push(await storeOne());
    api.process.kill('SIGKILL');
    await once(api.process, 'exit');
    expect(rowsOf(file)).toEqual(operations);
  });

  test('is removed under load, acknowledges only operations that are in the new one', async () => {
    const before = startLoad(api.url, { clients: 8 });
    await before.answers(200, 50);
    await rm(dirname(file), { recursive: true });
    const after = startLoad(api.url, { clients: 8 });
    await after.answers(200, 100);
    await Promise.all([before.stop(), after.stop()]);
    await api.stop();
    expect(wrongAnswers([...before.attempts, ...after.attempts])).toEqual([]);
    const names = new Set(after.attempts.map(({ operation }) => operation.nome));
    const rows = rowsOf(file).filter(({ nome }) => names.has(nome));
    expect(wrongRows(after.attempts, rows)).toEqual([]);
  });

  describe('is locked by another process,', () => {
    let other: DatabaseSync;
    beforeEach(() => {
      other = new DatabaseSync(file);
      other.exec('begin immediate');
    });
    afterEach(() => other.close());

    test('still answers health checks, and stores the operation once the lock is released', async () => {
      const operation = newOperation();
      let isAnswered = false;
      const answer = post(api.url, operation).finally(() => {
        isAnswered = true;
      });
      for (let count = 0; count < 5; count++) {
        expect(await statusOf(paths.live)).toBe(200);
        expect(await statusOf(paths.ready)).toBe(200);
        expect(await statusOf(paths.sum)).toBe(200);
      }
      expect(isAnswered).toBe(false);
      other.exec('commit');
      expect(await answer).toMatchObject({ status: 200 });
      expect(rowsOf(file)).toEqual([operation]);
    });

    test('refuses the operation temporarily, and is not ready, if the lock is not released', async () => {
      expect(isRefusal(await post(api.url, newOperation()))).toBe(true);
      expect(await statusOf(paths.ready)).toBe(503);
      other.exec('rollback');
      expect(await post(api.url, newOperation())).toMatchObject({ status: 200 });
      expect(await statusOf(paths.ready)).toBe(200);
    });
  });
});

describe('The API on a SQLite file with an existing table operacoes', () => {
  test.each([
    [
      'floating-point numbers',
      'id integer primary key, nome text, operador1 real, operador2 integer, data_execucao text',
      /operador1 is real/i,
    ],
    [
      'an extra mandatory column',
      'id integer primary key, nome text, operador1 integer, operador2 integer, data_execucao text, setor text not null',
      /setor must have a value/,
    ],
    ['a missing column', 'id integer primary key, nome text, operador1 integer', /no column operador2/],
    [
      'a mandatory time without a default',
      'id integer primary key, nome text, operador1 integer, operador2 integer, data_execucao text not null',
      /data_execucao must have a value.*no default/,
    ],
    [
      'a check constraint',
      'id integer primary key, nome text, operador1 integer check (operador1 < 3), operador2 integer, data_execucao text',
      /a check or a foreign key/,
    ],
    [
      'mandatory keys',
      "id integer primary key, nome text, operador1 integer, operador2 integer, data_execucao text default '', idempotency_key text not null",
      /idempotency_key must have a value/,
    ],
    [
      'another primary key',
      'codigo integer primary key, id integer, nome text, operador1 integer, operador2 integer, data_execucao text',
      /primary key is not id/,
    ],
    [
      'unique names',
      'id integer primary key, nome text unique, operador1 integer, operador2 integer, data_execucao text',
      /allows each nome only once/,
    ],
  ])('is not ready if the table has %s, logs the reason, and changes nothing', async (_, columns, why) => {
    const { env } = await newDatabaseFile();
    const file = String(env.DB_FILE);
    const open = () => new DatabaseSync(file);
    const definitions = () => {
      const database = open();
      const rows = database
        .prepare('select sql from sqlite_master')
        .all()
        .map((row) => ({ ...row }));
      database.close();
      return rows;
    };
    const database = open();
    database.exec(`create table operacoes (${columns})`);
    database.close();
    const before = definitions();
    api = await startApi(env);
    await eventually(async () => why.test(api.output()));
    expect(await statusOf(paths.ready)).toBe(503);
    expect(isFinalRefusal(await post(api.url, newOperation()))).toBe(true);
    await api.stop();
    expect(definitions()).toEqual(before);
  });
});

test.each([
  ['is not a database', (file: string) => writeFile(file, 'x'.repeat(4_096))],
  [
    'has a file in place of its folder',
    async (file: string) => {
      await rm(dirname(file), { recursive: true });
      await writeFile(dirname(file), '');
    },
  ],
])('The API answers 500 with a SQLite file that %s, until it is repaired', async (_, spoil) => {
  const { env } = await newDatabaseFile();
  file = String(env.DB_FILE);
  await spoil(file);
  api = await startApi(env);
  await eventually(async () => isFinalRefusal(await post(api.url, newOperation())));
  expect(await statusOf(paths.ready)).toBe(503);
  await rm(dirname(file), { recursive: true });
  await untilReady(api);
  expect(await post(api.url, newOperation())).toMatchObject({ status: 200 });
});
