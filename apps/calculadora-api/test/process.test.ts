import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from '@jest/globals';
import { paths } from 'contract';
import { eventually } from '../../../test/support/eventually.ts';
import { freePort } from '../../../test/support/ports.ts';
import { type Api, spawnApi, startApi, untilReady } from './support/api.ts';
import { newDatabaseFile } from './support/databases.ts';

/** Runs the program until it exits, and returns its exit code and output. */
async function runToEnd(env: Record<string, string>) {
  const api = spawnApi(env);
  const [code] = await once(api.process, 'close');
  return { code, output: api.output() };
}

describe('The process', () => {
  let api: Api | undefined;
  afterEach(async () => {
    await api?.stop();
  });
  const post = (url: string, operador1: number) =>
    fetch(url + paths.sum, {
      method: 'POST',
      headers: { 'content-type': 'application/json', connection: 'close' },
      body: JSON.stringify({ nome: 'Wander', operador1, operador2: 10 }),
    });

  test('exits with 1 and names every invalid setting, without a stack trace', async () => {
    const { code, output } = await runToEnd({ PORT: 'abc', LOG_LEVEL: 'loud' });
    expect(code).toBe(1);
    expect(output).toBe(
      'PORT is "abc": it must hold a port number from 0 to 65535\n' +
        'LOG_LEVEL is "loud": it must be one of fatal, error, warn, info, debug, trace, silent\n',
    );
  });

  test('refuses to start in production without an explicit database', async () => {
    const { code, output } = await runToEnd({ NODE_ENV: 'production' });
    expect(code).toBe(1);
    expect(output).toMatch(/^DB_HOST is missing/);
  });

  test('exits with 1 and a clear message if its port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const { code, output } = await runToEnd({ PORT: String(port), ...(await newDatabaseFile()).env });
    other.close();
    expect(code).toBe(1);
    expect(output).toBe(`Port ${port} on 127.0.0.1 is in use: stop the other program or set PORT.\n`);
  });

  test('exits with 1 and a clear message if it cannot listen for another reason', async () => {
    const PORT = String(await freePort());
    // An address reserved for documentation, which no machine has.
    const { code, output } = await runToEnd({ HOST: '192.0.2.1', PORT, ...(await newDatabaseFile()).env });
    expect(code).toBe(1);
    expect(output).toBe(`Cannot listen on port ${PORT} of 192.0.2.1 (EADDRNOTAVAIL): set HOST or PORT.\n`);
  });

  /** The log lines of a process, without request lines and the fields that differ in each run. */
  const linesOf = ({ output }: Pick<Api, 'output'>) =>
    output()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .filter(({ reqId }) => reqId === undefined)
      .map(({ time: _, pid: _pid, hostname: _hostname, ...line }) => line);

  test('logs when it listens, when its database is ready, and why it ends', async () => {
    const { env } = await newDatabaseFile();
    api = await startApi({ ...env, LOG_LEVEL: 'info' });
    await untilReady(api);
    expect(await api.stop()).toBe(0);
    expect(linesOf(api)).toEqual([
      { level: 30, msg: `Listening at ${api.url}; data in ${env.DB_FILE}` },
      { level: 30, database: env.DB_FILE, msg: 'The database is ready' },
      { level: 30, signal: 'SIGTERM', msg: 'Ending' },
    ]);
  });

  /** Sends a request but for the end of its body. @returns what sends that, and reads the answer */
  async function begin(url: string): Promise<() => Promise<string>> {
    const client = connect(Number(new URL(url).port), '127.0.0.1');
    const body = JSON.stringify({ nome: 'Wander', operador1: 5, operador2: 10 });
    const head = `POST ${paths.sum} HTTP/1.1\r\nHost: api\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`;
    client.write(`${head}\r\n\r\n${body.slice(0, 5)}`);
    await once(client, 'ready');
    return () => {
      client.write(body.slice(5));
      return text(client);
    };
  }

  test('answers a request that was arriving at the signal, asks to close the connection, and closes its file', async () => {
    const database = await newDatabaseFile();
    api = await startApi(database.env);
    const { output, url } = api;
    await untilReady(api);
    const finish = await begin(url);
    const exit = api.stop();
    await eventually(async () => output().includes('"Ending"'));
    const answer = await finish();
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\{"resultado":15\}$/);
    expect(answer).toMatch(/^connection: close\r$/im);
    expect(await exit).toBe(0);
    // SQLite deletes its write-ahead log when the last connection to the file is closed.
    expect(existsSync(`${database.file}-wal`)).toBe(false);
    expect(await database.rows()).toHaveLength(1);
  });

  test('keeps open connections for two seconds after the signal, for requests on their way, and then answers those that have begun', async () => {
    api = await startApi((await newDatabaseFile()).env);
    await untilReady(api);
    const finish = await begin(api.url);
    const idle = connect(Number(new URL(api.url).port), '127.0.0.1');
    idle.write(`GET ${paths.live} HTTP/1.1\r\nHost: api\r\n\r\n`);
    await once(idle, 'data');
    const closed = once(idle, 'close');
    const start = performance.now();
    const exit = api.stop();
    await closed;
    expect(performance.now() - start).toBeGreaterThan(1_900);
    expect(await finish()).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\{"resultado":15\}$/);
    expect(await exit).toBe(0);
  });

  test('shuts down gracefully with 1 after an unexpected error, and logs it', async () => {
    const { env } = await newDatabaseFile();
    const fault = `process.on('SIGUSR2', () => { throw new Error('Not expected') })`;
    api = await startApi({ ...env, NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(fault)}` });
    await untilReady(api);
    const exit = once(api.process, 'exit');
    api.process.kill('SIGUSR2');
    expect(await exit).toEqual([1, null]);
    expect(linesOf(api)).toContainEqual({
      level: 60,
      err: expect.objectContaining({ type: 'Error', message: 'Not expected', stack: expect.stringContaining('at ') }),
      msg: 'Ending after an unexpected error',
    });
  });

  test('logs nothing below its log level', async () => {
    api = await startApi({ ...(await newDatabaseFile()).env, LOG_LEVEL: 'warn' });
    await untilReady(api);
    expect((await fetch(`${api.url}/nada`, { headers: { connection: 'close' } })).status).toBe(404);
    expect(await api.stop()).toBe(0);
    expect(api.output()).toBe('');
  });

  test('stays alive and answers 503 with Retry-After while its database is unavailable', async () => {
    const env = { DB_HOST: `127.0.0.1:${await freePort()}`, DB_USER: 'app', DB_NAME: 'calculadora' };
    api = await startApi(env);
    expect((await fetch(api.url + paths.live)).status).toBe(200);
    expect((await fetch(api.url + paths.ready)).status).toBe(503);
    const answer = await post(api.url, 5);
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('2');
    expect(await answer.text()).not.toMatch(/127\.0\.0\.1|ECONN/);
    expect(await api.stop()).toBe(0);
    expect(linesOf(api)).toContainEqual({
      level: 40,
      err: expect.objectContaining({ code: 'ECONNREFUSED' }),
      database: `mysql://${env.DB_HOST}/calculadora`,
      delay: expect.any(Number),
      msg: 'The database could not be prepared; trying again',
    });
  });

  test('keeps every acknowledged operation when it is killed', async () => {
    const database = await newDatabaseFile();
    api = await startApi(database.env);
    await untilReady(api);
    const { url } = api;
    const acknowledged: number[] = [];
    const sending = Array.from({ length: 50 }, async (_, number) => {
      if ((await post(url, number).catch(() => undefined))?.status === 200) acknowledged.push(number);
      if (acknowledged.length === 20) api?.process.kill('SIGKILL');
    });
    await Promise.all(sending);
    expect(acknowledged.length).toBeGreaterThanOrEqual(20);
    const stored = (await database.rows()).map(({ operador1 }) => operador1);
    expect(stored).toEqual(expect.arrayContaining(acknowledged));
  });
});
