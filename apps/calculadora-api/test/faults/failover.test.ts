import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { paths, type SumRequest } from 'contract';
import { type MariaDb, mariadbd, startMariaDb } from '../../../../packages/database/test/support/mariadb.ts';
import { describeWith } from '../../../../test/support/tools.ts';
import { type Address, startAddress } from '../support/address.ts';
import { type Api, startApi, untilReady } from '../support/api.ts';
import { newDatabaseOn, query, type TestDatabase } from '../support/databases.ts';
import { isFinalRefusal, newOperation, post, startLoad, wrongAnswers, wrongRows } from '../support/load.ts';

describeWith('MariaDB', mariadbd, 'A failover that leaves the old server running, read-only,', () => {
  let [first, second]: MariaDb[] = [];
  let address: Address;
  let database: TestDatabase & { readonly name: string };
  let api: Api;

  beforeAll(async () => {
    [first, second] = await Promise.all([startMariaDb(), startMariaDb()]);
  });
  afterAll(() => Promise.all([first?.stop(), second?.stop()]));

  const servers = () => {
    if (!first || !second) throw new Error('The servers did not start');
    return [first, second] as const;
  };
  const readiness = async () => (await fetch(api.url + paths.ready, { headers: { connection: 'close' } })).status;

  beforeEach(async () => {
    const [old, young] = servers();
    database = newDatabaseOn(old);
    // An ordinary user, because an administrator may write to a read-only server. Both servers have the schema, as with
    // replication.
    for (const server of [old, young]) {
      await query(
        server,
        `CREATE USER IF NOT EXISTS 'ordinary'@'%' IDENTIFIED BY 'only-for-tests'`,
        `GRANT ALL ON ${database.name}.* TO 'ordinary'@'%'`,
      );
    }
    address = await startAddress(young);
    const env = { ...database.env, DB_PORT: String(address.port), DB_USER: 'ordinary', DB_PASSWORD: 'only-for-tests' };
    const preparing = await startApi(env);
    await untilReady(preparing);
    await preparing.stop();
    address.routeTo(old);
    api = await startApi(env);
    await untilReady(api);
  });
  afterEach(async () => {
    await api.stop();
    address.stop();
    await query(servers()[0], 'SET GLOBAL read_only = 0');
  });

  const rowsOn = (server: MariaDb) =>
    query(server, `SELECT nome, operador1, operador2 FROM ${database.name}.operacoes ORDER BY id`) as Promise<
      SumRequest[]
    >;

  test('loses no request: the new server takes over', async () => {
    const [old, young] = servers();
    for (let count = 0; count < 3; count++) expect(await post(api.url, newOperation())).toMatchObject({ status: 200 });
    address.routeTo(young);
    await query(old, 'SET GLOBAL read_only = 1');
    for (let count = 0; count < 3; count++) expect(await post(api.url, newOperation())).toMatchObject({ status: 200 });
    expect(await readiness()).toBe(200);
    expect(await rowsOn(old)).toHaveLength(3);
    expect(await rowsOn(young)).toHaveLength(3);
  });

  test('loses no request even if the new server is available only after a second', async () => {
    const [old, young] = servers();
    await query(old, 'SET GLOBAL read_only = 1');
    const answers = [post(api.url, newOperation()), post(api.url, newOperation())];
    await sleep(1_000);
    address.routeTo(young);
    for (const answer of answers) expect(await answer).toMatchObject({ status: 200 });
    expect(await rowsOn(young)).toHaveLength(2);
  });

  test('loses no request under load, and stores none twice', async () => {
    const [old, young] = servers();
    const load = startLoad(api.url, { clients: 32 });
    await load.answers(200, 200);
    address.routeTo(young);
    await query(old, 'SET GLOBAL read_only = 1');
    await load.answers(200, 200);
    await load.stop();
    expect(wrongAnswers(load.attempts)).toEqual([]);
    expect(load.attempts.filter(({ answer }) => answer?.status !== 200)).toEqual([]);
    const rows = [...(await rowsOn(old)), ...(await rowsOn(young))];
    expect(wrongRows(load.attempts, rows)).toEqual([]);
  });

  test('makes the API answer 500 and not be ready while no server is writable', async () => {
    const [old] = servers();
    await query(old, 'SET GLOBAL read_only = 1');
    expect(await readiness()).toBe(503);
    expect(isFinalRefusal(await post(api.url, newOperation()))).toBe(true);
    expect(await readiness()).toBe(503);
    await query(old, 'SET GLOBAL read_only = 0');
    expect(await post(api.url, newOperation())).toMatchObject({ status: 200 });
    expect(await readiness()).toBe(200);
  });
});
