import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { paths } from 'contract';
import { type MariaDb, mariadbd, startMariaDb } from '../../../../packages/database/test/support/mariadb.ts';
import { describeWith } from '../../../../test/support/tools.ts';
import { type Api, startApi, untilReady } from '../support/api.ts';
import { newDatabaseOn, type TestDatabase } from '../support/databases.ts';
import { type Load, newOperation, post, startLoad, wrongAnswers, wrongRows } from '../support/load.ts';
import { type Network, startNetwork, toxiproxy } from '../support/toxiproxy.ts';

describeWith('MariaDB and Toxiproxy', mariadbd && toxiproxy, 'The API, when its network to the database', () => {
  let server: MariaDb;
  let network: Network;
  let database: TestDatabase;
  let api: Api;
  let load: Load;

  beforeAll(async () => {
    server = await startMariaDb();
  });
  beforeEach(async () => {
    network = await startNetwork(server);
    database = newDatabaseOn(server);
    api = await startApi({ ...database.env, DB_PORT: String(network.port) });
    await untilReady(api);
    load = startLoad(api.url, { clients: 32 });
    await load.answers(200, 100);
  });
  afterEach(async () => {
    await load.stop();
    await api.stop();
    await network.stop();
  });
  afterAll(() => server.stop());

  /** The API recovers by itself, and all responses during the fault were correct. */
  async function expectRecovery(): Promise<void> {
    await network.restore();
    await untilReady(api);
    await load.answers(200, 200);
    await load.stop();
    expect(wrongAnswers(load.attempts)).toEqual([]);
    expect(wrongRows(load.attempts, await database.rows())).toEqual([]);
  }

  test('is slow, keeps storing and refuses nothing', async () => {
    await network.add('latency', { latency: 75, jitter: 25 });
    await load.answers(200, 300);
    expect((await fetch(api.url + paths.ready)).status).toBe(200);
    await expectRecovery();
    expect(load.attempts.filter(({ answer }) => answer?.status !== 200)).toEqual([]);
  });

  test('drops all data, refuses in time, stays alive, and then recovers by itself', async () => {
    await network.add('timeout', { timeout: 0 });
    await load.answers(503, 100);
    for (let probe = 0; probe < 10; probe++) {
      expect((await fetch(api.url + paths.live)).status).toBe(200);
      expect((await fetch(api.url + paths.ready)).status).toBe(503);
    }
    await expectRecovery();
  });

  test('is so slow that connections open too late, keeps them for later requests', async () => {
    await load.stop();
    await network.cut();
    await network.restore();
    // Opening a connection takes more than two round trips, which is longer than the time limit for getting one.
    await network.add('latency', { latency: 350 });
    const statuses: number[] = [];
    // More requests than the maximum number of connections.
    for (let request = 0; request < 6; request++) statuses.push((await post(api.url, newOperation())).status);
    expect(statuses[0]).toBe(503);
    expect(statuses).toContain(200);
  });

  test('is cut repeatedly, loses no acknowledged operation', async () => {
    for (let cut = 0; cut < 10; cut++) {
      await network.cut();
      await load.answers(503, 20);
      await network.restore();
      await load.answers(200, 50);
    }
    await expectRecovery();
  });

  test('breaks connections in the middle of a response, stores every operation and refuses none', async () => {
    const before = await connections();
    await network.add('limit_data', { bytes: 10_000 });
    await load.answers(200, 3_000);
    expect((await connections()) - before).toBeGreaterThan(20);
    await expectRecovery();
    expect(load.attempts.filter(({ answer }) => answer?.status !== 200)).toEqual([]);
    expect(await database.rows()).toHaveLength(load.attempts.length);
  });

  test('breaks connections before any statement ends, loses no acknowledged operation', async () => {
    await network.add('limit_data', { bytes: 400 });
    await load.answers(503, 60);
    await expectRecovery();
  });

  /** Number of connections that the server has accepted so far. */
  async function connections(): Promise<number> {
    const [status] = await database.select("SHOW GLOBAL STATUS LIKE 'Connections'");
    return Number(status?.Value);
  }
});
