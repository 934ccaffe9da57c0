/** The program that prints the newest rows, as people run it beside the API. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { paths } from 'contract';
import { ended } from '../../../test/support/outcome.ts';
import { tableOf } from '../src/database/newest-rows.ts';
import { type Api, startApi, untilReady } from './support/api.ts';
import { describeEachDatabase, newDatabaseFile, type TestDatabase } from './support/databases.ts';

const folder = resolve(import.meta.dirname, '..');

const printRows = (env: Readonly<Record<string, string>>, ...args: string[]) =>
  ended(
    promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', 'src/rows.ts', ...args], {
      cwd: folder,
      env: { PATH: process.env.PATH, ...env },
    }),
  );

describeEachDatabase((kind) => {
  let api: Api | undefined;
  let database: TestDatabase;
  const post = async (nome: string, operador1: number, operador2: number) => {
    const headers = { 'content-type': 'application/json', connection: 'close' };
    const body = JSON.stringify({ nome, operador1, operador2 });
    expect((await fetch(api?.url + paths.sum, { method: 'POST', headers, body })).status).toBe(200);
  };
  beforeAll(() => kind.start());
  afterAll(() => kind.stop());
  afterEach(async () => {
    await api?.stop();
    api = undefined;
  });

  test('prints the newest rows first, with exact numbers and the time in UTC, and leaves them as they are', async () => {
    database = await kind.newDatabase();
    api = await startApi(database.env);
    await untilReady(api);
    const before = Date.now();
    await post('Wander', 5, -10);
    await post('José 李', Number.MAX_SAFE_INTEGER - 1, 1);
    const stored = await database.rows();

    const { code, stdout, stderr } = await printRows(database.env);
    expect([code, stderr]).toEqual([0, '']);
    const [heading, newest = '', oldest = '', ...others] = stdout.trimEnd().split('\n');
    expect(heading).toMatch(/^id +data_execucao +nome +operador1 +operador2$/);
    expect(newest).toMatch(/^2 +\S.* +José 李 +9007199254740990 +1$/);
    expect(oldest).toMatch(/^1 +\S.* +Wander +5 +-10$/);
    expect(others).toEqual([]);
    const [, time = ''] = /^1 +(\d{4}-\d\d-\d\d[T ][\d:.]+Z?) +Wander/.exec(oldest) ?? [];
    const storedAt = Date.parse(`${time.replace(' ', 'T').replace('Z', '')}Z`);
    expect(storedAt).toBeGreaterThanOrEqual(before - 1);
    expect(storedAt).toBeLessThanOrEqual(Date.now());
    expect(await database.rows()).toEqual(stored);

    expect((await printRows(database.env, '1')).stdout.trimEnd().split('\n')).toHaveLength(2);
  });

  test('says that nothing is stored yet, and creates nothing', async () => {
    database = await kind.newDatabase();
    const { code, stdout, stderr } = await printRows(database.env);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^There is no table operacoes in \S+ yet\n$/);
    expect((await printRows(database.env)).stderr).toBe(stderr);
  });
});

test('shows what an adopted table may hold: no value, and a name that would command the terminal', () => {
  const row = {
    id: '1',
    data_execucao: null,
    nome: '🧮 Wan\u001b[2Jder\u202e\n\u2028\u2029',
    operador1: '1',
    operador2: null,
  };
  expect(tableOf([row])).toBe(
    'id  data_execucao  nome                                            operador1  operador2\n' +
      '1   NULL           🧮 Wan\\u{1b}[2Jder\\u{202e}\\u{a}\\u{2028}\\u{2029}  1          NULL',
  );
});

test('prints 20 rows unless it is told otherwise', async () => {
  const { env } = await newDatabaseFile();
  const api = await startApi(env);
  try {
    await untilReady(api);
    for (let count = 1; count <= 21; count++) {
      const body = JSON.stringify({ nome: 'Wander', operador1: count, operador2: 0 });
      const headers = { 'content-type': 'application/json', connection: 'close' };
      await fetch(api.url + paths.sum, { method: 'POST', headers, body });
    }
    const lines = (await printRows(env)).stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(21);
    expect(lines[20]).toMatch(/^2 /);
  } finally {
    await api.stop();
  }
});

test('does not create a file that is missing', async () => {
  const { env, file } = await newDatabaseFile();
  // With the largest number of rows that is allowed.
  expect((await printRows(env, '1000')).code).toBe(1);
  expect(existsSync(file)).toBe(false);
});

test.each([['0'], ['1001'], ['all'], ['-5'], ['5', '6']])('refuses %s, and says what to give', async (...args) => {
  const { env } = await newDatabaseFile();
  const { code, stderr } = await printRows(env, ...args);
  expect([code, stderr]).toEqual([
    2,
    'Usage: node dist/rows.js [ROWS], with a number of rows from 1 to 1000; 20 by default\n',
  ]);
});

test('names each setting that is wrong, and a server that does not answer, without a stack trace', async () => {
  const wrong = await printRows({ DB_HOST: '127.0.0.1', DB_PORT: 'x' });
  expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('DB_PORT is "x"')]);
  const away = { DB_HOST: '127.0.0.1:1', DB_NAME: 'calculadora', DB_USER: 'user', DB_PASSWORD: 'hunter2' };
  const { code, stderr } = await printRows(away);
  expect([code, stderr]).toEqual([1, expect.stringMatching(/^Cannot read: [^\n]*ECONNREFUSED[^\n]*\n$/)]);
  expect(stderr).not.toContain('hunter2');
});
