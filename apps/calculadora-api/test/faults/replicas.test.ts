import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { type MariaDb, mariadbd, startMariaDb } from '../../../../packages/database/test/support/mariadb.ts';
import { freePort } from '../../../../test/support/ports.ts';
import { describeWith } from '../../../../test/support/tools.ts';
import { type Api, startApi, untilReady } from '../support/api.ts';
import { newDatabaseOn } from '../support/databases.ts';
import { startLoad, wrongRows } from '../support/load.ts';
import { type ReverseProxy, startProxy } from '../support/proxy.ts';

describeWith('MariaDB', mariadbd, 'Three replicas behind a proxy', () => {
  let server: MariaDb;
  let replicas: Api[] = [];
  let proxy: ReverseProxy;

  beforeAll(async () => {
    server = await startMariaDb();
  });
  afterEach(async () => {
    await proxy.stop();
    await Promise.all(replicas.map((api) => api.stop()));
  });
  afterAll(() => server.stop());

  test('are restarted one after another, twice, without a failed request', async () => {
    const database = newDatabaseOn(server);
    const environments = await Promise.all(
      [1, 2, 3].map(async () => ({ ...database.env, PORT: String(await freePort()) })),
    );
    replicas = await Promise.all(environments.map(startApi));
    await Promise.all(replicas.map(untilReady));
    proxy = await startProxy(replicas.map(({ url }) => url));

    const load = startLoad(proxy.url, { clients: 32 });
    for (let round = 0; round < 2; round++) {
      for (const [index, env] of environments.entries()) {
        await load.answers(200, 300);
        expect(await replicas[index]?.stop()).toBe(0);
        await load.answers(200, 300);
        const api = await startApi(env);
        replicas[index] = api;
        await untilReady(api);
      }
    }
    await load.stop();
    const rows = await database.rows();

    expect(load.attempts.filter(({ answer }) => answer?.status !== 200)).toEqual([]);
    expect(wrongRows(load.attempts, rows)).toEqual([]);
    console.log(`two rolling restarts of three replicas: ${load.attempts.length} requests, none failed`);
  });
});
