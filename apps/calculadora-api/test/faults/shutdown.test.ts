import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { paths } from 'contract';
import { type MariaDb, mariadbd, startMariaDb } from '../../../../packages/database/test/support/mariadb.ts';
import { describeWith } from '../../../../test/support/tools.ts';
import { type Api, startApi, untilReady } from '../support/api.ts';
import { newDatabaseFile, newDatabaseOn, type TestDatabase } from '../support/databases.ts';
import { newOperation, post, startLoad, wrongAnswers, wrongRows } from '../support/load.ts';

let api: Api;
afterEach(() => {
  api.process.kill('SIGKILL');
});

/** Polls readiness on one connection until the API closes that, and returns the last status. */
async function lastReadiness(url: string): Promise<number | undefined> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (;;) {
    const [response] = (await once(get(url + paths.ready, { agent }), 'response')) as [IncomingMessage];
    response.resume();
    await once(response, 'end');
    if (response.headers.connection === 'close') return response.statusCode;
  }
}

/** Waits until the API reports that it is not ready, or no longer accepts connections. */
async function untilNotReady(url: string): Promise<void> {
  const isReady = () =>
    fetch(url + paths.ready)
      .then(({ ok }) => ok)
      .catch(() => false);
  while (await isReady()) await sleep(10);
}

async function acceptsConnections(host: string, port: number): Promise<boolean> {
  const socket = connect(port, host);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Stops the API under load, and waits until both the API and the load have ended. */
async function stopUnderLoad(database: TestDatabase, atSignal: () => Promise<void> = async () => undefined) {
  api = await startApi(database.env);
  await untilReady(api);
  const load = startLoad(api.url, { clients: 32, untilConnectionClose: true });
  await load.answers(200, 300);
  await atSignal();
  const [readiness, exitCode] = await Promise.all([lastReadiness(api.url), api.stop(), load.ended()]);
  return { attempts: load.attempts, readiness, exitCode };
}

async function expectNoRequestToFail(database: TestDatabase) {
  const { attempts, readiness, exitCode } = await stopUnderLoad(database);
  expect(wrongAnswers(attempts)).toEqual([]);
  expect(attempts.filter(({ answer }) => answer?.status !== 200)).toEqual([]);
  expect(await database.rows()).toHaveLength(attempts.length);
  expect(wrongRows(attempts, await database.rows())).toEqual([]);
  expect(readiness).toBe(503);
  expect(exitCode).toBe(0);
}

describe('Shutdown of the API on SQLite', () => {
  // Several rounds, because a failure would depend on timing.
  test.each([1, 2, 3])('answers and stores every request, then exits with 0 (round %i)', async () => {
    await expectNoRequestToFail(await newDatabaseFile());
  });

  test('still accepts connections while draining, from clients that open one per request', async () => {
    api = await startApi((await newDatabaseFile()).env);
    await untilReady(api);
    const exit = api.stop();
    await untilNotReady(api.url);
    for (let request = 0; request < 5; request++) {
      expect(await post(api.url, newOperation())).toMatchObject({ status: 200, headers: { connection: 'close' } });
    }
    expect(await exit).toBe(0);
  });

  test('answers and stores a request that was arriving when it stopped listening', async () => {
    const database = await newDatabaseFile();
    api = await startApi(database.env);
    await untilReady(api);
    const operation = newOperation();
    const body = JSON.stringify(operation);
    const { hostname, port } = new URL(api.url);
    const client = connect(Number(port), hostname);
    await once(client, 'connect');
    const exit = api.stop();
    await untilNotReady(api.url);
    client.write(`POST ${paths.sum} HTTP/1.1\r\nHost: api\r\nContent-Type: application/json\r\n`);
    while (await acceptsConnections(hostname, Number(port))) await sleep(10);
    client.write(`Content-Length: ${body.length}\r\n\r\n${body}`);
    expect(await text(client)).toMatch(/^HTTP\/1\.1 200 /);
    expect(await exit).toBe(0);
    expect(await database.rows()).toEqual([operation]);
  });

  test('ends at once on a second signal, even with requests in flight', async () => {
    api = await startApi((await newDatabaseFile()).env);
    await untilReady(api);
    const { hostname, port } = new URL(api.url);
    const unfinished = connect(Number(port), hostname);
    unfinished
      .resume()
      .write('POST /backend HTTP/1.1\r\nHost: api\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{');
    await once(unfinished, 'ready');
    const connectionEnded = once(unfinished, 'close');
    await fetch(api.url + paths.live);

    const exit = once(api.process, 'exit');
    api.process.kill('SIGTERM');
    await untilNotReady(api.url);
    expect(api.process.exitCode).toBeNull();
    api.process.kill('SIGTERM');
    expect(await exit).toEqual([1, null]);
    await connectionEnded;
    expect(unfinished.bytesRead).toBe(0);
  });
});

describeWith('MariaDB', mariadbd, 'Shutdown of the API on MariaDB', () => {
  let server: MariaDb;

  beforeAll(async () => {
    server = await startMariaDb();
  });
  afterEach(() => server.thaw());
  afterAll(() => server.stop());

  test.each([1, 2, 3])('answers and stores every request, then exits with 0 (round %i)', async () => {
    await expectNoRequestToFail(newDatabaseOn(server));
  });

  test('answers all clients and exits with 0 even if the database is frozen', async () => {
    const database = newDatabaseOn(server);
    const { attempts, exitCode } = await stopUnderLoad(database, () => server.freeze());
    server.thaw();
    expect(wrongAnswers(attempts)).toEqual([]);
    expect(wrongRows(attempts, await database.rows())).toEqual([]);
    expect(exitCode).toBe(0);
  });
});
