import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { durable, type MariaDb, mariadbd, startMariaDb } from '../../../../packages/database/test/support/mariadb.ts';
import { freePort } from '../../../../test/support/ports.ts';
import { describeWith } from '../../../../test/support/tools.ts';
import { retryTime } from '../../src/database/operation-store.ts';
import { type Api, startApi, untilReady } from '../support/api.ts';
import { newDatabaseOn, type TestDatabase } from '../support/databases.ts';
import { type Load, startLoad, wrongAnswers, wrongRows } from '../support/load.ts';

const crashes = 10;

describeWith('MariaDB', mariadbd, 'Operations with a key, retried until they are acknowledged, are stored once', () => {
  let server: MariaDb;
  let database: TestDatabase;
  let env: Record<string, string>;
  let api: Api;
  let load: Load;

  beforeAll(async () => {
    server = await startMariaDb(...durable);
  });
  beforeEach(async () => {
    database = newDatabaseOn(server);
    env = { ...database.env, PORT: String(await freePort()) };
    api = await startApi(env);
    await untilReady(api);
    load = startLoad(api.url, { clients: 32, untilAcknowledged: true });
  });
  afterEach(() => api.stop());
  afterAll(() => server.stop());

  /** Every operation was acknowledged with its sum and stored as one row, and some had to be retried. */
  async function expectOneRowEach(fault: string): Promise<void> {
    await load.answers(200, 500);
    await load.stop();
    const rows = await database.rows();
    const repeated = load.attempts.filter((attempt) => attempt.repeated !== undefined);
    expect(load.attempts.filter(({ answer }) => answer?.status !== 200)).toEqual([]);
    expect(wrongAnswers(load.attempts)).toEqual([]);
    expect(wrongRows(load.attempts, rows)).toEqual([]);
    expect(rows).toHaveLength(load.attempts.length);
    expect(repeated.length).toBeGreaterThan(0);
    console.log(`${fault}: ${rows.length} operations, ${repeated.length} of them retried, ${rows.length} rows`);
  }

  test('while the database is killed ten times', async () => {
    for (let crash = 0; crash < crashes; crash++) {
      await load.answers(200, 200);
      await server.kill();
      // Every second time the database is away for longer than the API tries again, so that the clients have to.
      if (crash % 2 === 1) await sleep(retryTime + 1_000);
      await server.restart();
    }
    await expectOneRowEach(`the database killed ${crashes} times`);
  });

  test('while the API is killed ten times', async () => {
    for (let crash = 0; crash < crashes; crash++) {
      await load.answers(200, 200);
      const exit = once(api.process, 'exit');
      api.process.kill('SIGKILL');
      await exit;
      api = await startApi(env);
    }
    await expectOneRowEach(`the API killed ${crashes} times`);
  });
});
