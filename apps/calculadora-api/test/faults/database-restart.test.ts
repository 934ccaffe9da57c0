import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { paths } from 'contract';
import { durable, type MariaDb, mariadbd, startMariaDb } from '../../../../packages/database/test/support/mariadb.ts';
import { describeWith } from '../../../../test/support/tools.ts';
import { type Api, startApi, untilReady } from '../support/api.ts';
import { newDatabaseOn, query, type TestDatabase } from '../support/databases.ts';
import {
  type Attempt,
  isRefusal,
  newOperation,
  patience,
  post,
  startLoad,
  wrongAnswers,
  wrongRows,
} from '../support/load.ts';

/** Milliseconds. */
const frozen = 20_000;

describeWith('MariaDB', mariadbd, 'The API while its database fails', () => {
  let server: MariaDb;
  let database: TestDatabase;
  let api: Api;

  beforeAll(async () => {
    server = await startMariaDb(...durable);
  });
  beforeEach(() => {
    database = newDatabaseOn(server);
  });
  afterEach(async () => {
    server.thaw();
    await api.stop();
  });
  afterAll(() => server.stop());

  test('loses no acknowledged operation and answers all others with 503 if the database is killed ten times', async () => {
    api = await startApi(database.env);
    await untilReady(api);
    const load = startLoad(api.url, { clients: 16 });
    for (let crash = 0; crash < 10; crash++) {
      await load.answers(200, 200);
      await server.kill();
      await load.answers(503, 50);
      await server.restart();
    }
    await load.answers(200, 200);
    await load.stop();

    expect(wrongAnswers(load.attempts)).toEqual([]);
    expect(wrongRows(load.attempts, await database.rows())).toEqual([]);
    expect((await fetch(api.url + paths.ready)).status).toBe(200);
    expect(await api.stop()).toBe(0);
  });

  test('stores no operation twice if the database stalls repeatedly under load', async () => {
    api = await startApi(database.env);
    await untilReady(api);
    const load = startLoad(api.url, { clients: 8 });
    for (let stall = 0; stall < 3; stall++) {
      await load.answers(200, 200);
      await server.freeze();
      // Wait until the running statements time out. The server still executes them when it continues, so a retry would
      // store them twice.
      await load.answers(503, 8);
      server.thaw();
    }
    await load.answers(200, 200);
    await load.stop();

    expect(wrongAnswers(load.attempts)).toEqual([]);
    expect(wrongRows(load.attempts, await database.rows())).toEqual([]);
  });

  test('starts without its database, and becomes ready by itself once that is available', async () => {
    await server.kill();
    api = await startApi(database.env);
    expect((await fetch(api.url + paths.live)).status).toBe(200);
    expect((await fetch(api.url + paths.ready)).status).toBe(503);
    expect(isRefusal(await post(api.url, newOperation()))).toBe(true);

    await server.restart();
    await untilReady(api);
    const operation = newOperation();
    expect((await post(api.url, operation)).status).toBe(200);
    expect(await database.rows()).toEqual([operation]);
  });

  test('refuses in time, without a backlog, while the database is frozen for 20 s, and then recovers', async () => {
    api = await startApi(database.env);
    await untilReady(api);
    const attempts: Attempt[] = [];
    const send = async () => {
      const operation = newOperation();
      attempts.push({ operation, answer: await post(api.url, operation) });
    };
    const probe = async (path: string) =>
      (await fetch(api.url + path, { signal: AbortSignal.timeout(patience) })).status;

    await server.freeze();
    for (const end = Date.now() + frozen; Date.now() < end; ) {
      const answered = Promise.all(Array.from({ length: 400 }, send));
      for (let count = 0; count < 10; count++) {
        expect(await probe(paths.live)).toBe(200);
        expect(await probe(paths.ready)).toBe(503);
      }
      await answered;
    }
    expect(attempts.every(({ answer }) => answer && isRefusal(answer))).toBe(true);
    server.thaw();
    await untilReady(api);

    await Promise.all(Array.from({ length: 100 }, send));
    expect(attempts.filter(({ answer }) => answer?.status === 200)).toHaveLength(100);
    expect(wrongAnswers(attempts)).toEqual([]);
    expect(wrongRows(attempts, await database.rows())).toEqual([]);
    const [connections] = await query(server, "SHOW STATUS LIKE 'Threads_connected'");
    expect(Number(connections?.Value)).toBeLessThanOrEqual(12);
  });
});
