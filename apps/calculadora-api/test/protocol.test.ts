import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { limits, paths, problemMediaType } from 'contract';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { eventually } from '../../../test/support/eventually.ts';
import { Refusals, refusalReasons } from '../src/routes/refusals.ts';
import { buildServer } from '../src/server.ts';
import { type Api, startApi, untilReady } from './support/api.ts';
import { newDatabaseFile } from './support/databases.ts';

const body = JSON.stringify({ nome: 'Wander', operador1: 5, operador2: 10 });
const json = 'Content-Type: application/json';
const length = `Content-Length: ${body.length}`;

/** A request with these lines, starting with the request line. The API closes the connection after its response. */
const request = (lines: readonly string[], content = '') =>
  `${[...lines, 'Connection: close', '', ''].join('\r\n')}${content}`;
const post = (...headers: string[]) => request([`POST ${paths.sum} HTTP/1.1`, 'Host: api', json, ...headers], body);
const withoutClose = (sent: string) => sent.replace('Connection: close\r\n', '');
const get = (...headers: string[]) => request([`GET ${paths.sum} HTTP/1.1`, ...headers]);

async function open(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  await once(socket, 'connect');
  return socket;
}

/** Sends text over a new connection, and returns everything received until the API closes it. */
async function exchange(port: number, sent: string): Promise<string> {
  const socket = await open(port);
  const answer = text(socket);
  socket.write(sent);
  await answer;
  socket.destroy();
  return answer;
}

/** The problem in a raw response. @throws if it is not a complete problem */
function problemIn(answer: string): { status: number; code: string } {
  const [head = '', content = ''] = answer.split('\r\n\r\n');
  expect(head.toLowerCase()).toContain(`\r\ncontent-type: ${problemMediaType}`);
  const problem = JSON.parse(content);
  expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${problem.status} ${problem.title}\r\n`));
  return problem;
}

describe("The API's HTTP server", () => {
  let api: Api;
  let port: number;
  beforeAll(async () => {
    api = await startApi({ ...(await newDatabaseFile()).env, LOG_LEVEL: 'info' });
    port = Number(new URL(api.url).port);
    await untilReady(api);
  });
  afterAll(() => api.stop());

  async function refused(): Promise<Record<string, number>> {
    const metrics = await (await fetch(api.url + paths.metrics, { headers: { connection: 'close' } })).text();
    const lines = metrics.matchAll(/^calculadora_requests_refused_total\{reason="(\w+)"\} (\d+)$/gm);
    return Object.fromEntries([...lines].map(([, reason, total]) => [reason, Number(total)]));
  }
  const linesAbout = (reason: string) =>
    api
      .output()
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line))
      .filter((line) => line.reason === reason);
  const untilLogged = (reason: string) => eventually(async () => linesAbout(reason).length > 0);

  test('reports a count for every reason from startup', async () => {
    expect(Object.keys(await refused()).toSorted()).toEqual([...refusalReasons].toSorted());
  });

  test.each([
    ['a URL that cannot be decoded', request(['GET /%zz HTTP/1.1', 'Host: api']), 400, 'address'],
    ['headers of 20 kB', get('Host: api', `X-Long: ${'x'.repeat(20_000)}`), 431, 'headers_too_large'],
    ['a content length with chunked encoding', post(length, 'Transfer-Encoding: chunked'), 400, 'body_length'],
    ['two content lengths', post(length, 'Content-Length: 1'), 400, 'body_length'],
    ['an invalid content length', post('Content-Length: +5'), 400, 'body_length'],
    ['an unknown method', request(['FOO /backend HTTP/1.1', 'Host: api']), 400, 'method'],
    ['CONNECT', request(['CONNECT api:80 HTTP/1.1', 'Host: api']), 400, 'method'],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'malformed'],
    ['a header without a name', get('Host: api', ': x'), 400, 'malformed'],
  ])('answers with a problem, counts, and logs %s', async (_what, sent, status, reason) => {
    const before = await refused();
    expect(problemIn(await exchange(port, sent))).toMatchObject({ status, code: 'bad_request' });
    expect(await refused()).toEqual({ ...before, [reason]: Number(before[reason]) + 1 });
    await untilLogged(reason);
  });

  test('answers input that is not a request with exactly these bytes', async () => {
    const raw = (status: number, title: string) => {
      const detail = 'O pedido não pôde ser entendido.';
      const problem = JSON.stringify({ type: 'about:blank', title, status, code: 'bad_request', detail });
      return [
        `HTTP/1.1 ${status} ${title}`,
        'Content-Type: application/problem+json',
        `Content-Length: ${Buffer.byteLength(problem)}`,
        'Connection: close',
        '',
        problem,
      ].join('\r\n');
    };
    expect(await exchange(port, 'nonsense\r\n\r\n')).toBe(raw(400, 'Bad Request'));
    expect(await exchange(port, get('Host: api', `X-Long: ${'x'.repeat(20_000)}`))).toBe(
      raw(431, 'Request Header Fields Too Large'),
    );
  });

  test('answers, counts and logs a request that never ends, and one that ends too early', async () => {
    const before = await refused();
    const head = `POST ${paths.sum} HTTP/1.1\r\nHost: api\r\n`;
    expect(problemIn(await exchange(port, head))).toMatchObject({ status: 408 });
    const socket = await open(port);
    socket.end(`${head}${json}\r\nContent-Length: 999\r\n\r\n${body}`);
    expect(problemIn(await text(socket))).toMatchObject({ status: 400 });
    expect(await refused()).toEqual({
      ...before,
      timeout: Number(before.timeout) + 1,
      incomplete: Number(before.incomplete) + 1,
    });
    for (const reason of ['timeout', 'incomplete']) await untilLogged(reason);
  });

  test('logs refusals at most once per second, without their content', async () => {
    const start = performance.now();
    const total = async () => Number((await refused()).method);
    const [before, logged] = [await total(), linesAbout('method').length];
    for (let i = 0; i < 50; i++) await exchange(port, request(['SECRET /Maria HTTP/1.1', 'Host: api']));
    expect((await total()) - before).toBe(50);
    const seconds = (performance.now() - start) / 1_000;
    expect(linesAbout('method').length - logged).toBeLessThanOrEqual(seconds + 1);
    expect(api.output()).not.toMatch(/SECRET|Maria/);
  });

  test.each([
    ['no host', get(), 400, 'bad_request'],
    ['two hosts', get('Host: a', 'Host: b'), 400, 'bad_request'],
    ['the same host twice', get('Host: api', 'Host: api'), 400, 'bad_request'],
    ['an invalid host', get('Host: user@api/path'), 400, 'bad_request'],
    ['two hosts in one header', get('Host: api, other'), 400, 'bad_request'],
    ['a host with an invalid port', get('Host: api:port'), 400, 'bad_request'],
    ['a host with a port that is too long', get('Host: api:123456'), 400, 'bad_request'],
    ['a host in brackets that is not an IPv6 address', get('Host: [api]'), 400, 'bad_request'],
    ['a host with a space', get('Host: a b'), 400, 'bad_request'],
    ['an unknown expectation', withoutClose(get('Host: api', 'Expect: foo')), 417, 'bad_request'],
    ['two content types', post(length, 'Content-Type: text/plain'), 415, 'unsupported_media_type'],
    ['two idempotency keys', post(length, 'Idempotency-Key: a', 'Idempotency-Key: b'), 400, 'invalid_idempotency_key'],
  ])('answers with a problem to %s', async (_what, sent, status, code) => {
    expect(problemIn(await exchange(port, sent))).toMatchObject({ status, code });
  });

  test('closes the connection after an unknown expectation, because the body may still follow', async () => {
    const answer = await exchange(port, withoutClose(get('Host: api', 'Expect: FOO')));
    expect(answer).toMatch(/^HTTP\/1\.1 417 /);
    expect(answer).toMatch(/^connection: close\r$/im);
  });

  test.each([
    ['a name and a port', get('Host: calculadora-api.example:7000')],
    ['an IPv6 address and a port', get('Host: [::1]:7000')],
    ['only an IPv6 address', get('Host: [FE80::A1]')],
    ['only an IPv4 address', get('Host: 10.0.0.7')],
    ['empty, as HTTP allows', get('Host:')],
    ['a name and the highest port', get('Host: api:65535')],
    ['missing, in HTTP/1.0', request([`GET ${paths.sum} HTTP/1.0`])],
  ])('accepts a host that is %s', async (_what, sent) => {
    expect(await exchange(port, sent)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  });

  test('refuses a body that is too long from its headers, before it is sent', async () => {
    const tooLong = (path: string) =>
      `POST ${path} HTTP/1.1\r\nHost: api\r\n${json}\r\nExpect: 100-continue\r\nContent-Length: ${limits.bodyBytes + 1}\r\n\r\n`;
    expect(problemIn(await exchange(port, tooLong(paths.sum)))).toMatchObject({
      status: 413,
      code: 'payload_too_large',
    });
    expect(problemIn(await exchange(port, tooLong('/nada')))).toMatchObject({ status: 404 });
  });

  test.each([
    ['a short body', '100-continue', body],
    ['a header with capital letters', '100-Continue', body],
    ['the longest body', '100-continue', body.padEnd(limits.bodyBytes)],
  ])('sends 100 Continue, then receives and answers the request: %s', async (_what, expectation, content) => {
    const socket = await open(port);
    const [head] = post(`Content-Length: ${content.length}`, `Expect: ${expectation}`).split(body);
    socket.write(head ?? '');
    const [first] = await once(socket, 'data');
    expect(String(first)).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    socket.write(content);
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\{"resultado":15\}$/);
    socket.destroy();
  });
});

test('A broken connection is closed, and does not count as a refusal', () => {
  const refusals = new Refusals();
  const socket = new PassThrough();
  for (const code of ['ECONNRESET', 'EPIPE', undefined]) {
    refusals.answerClientError(Object.assign(new Error(), { code }), socket, {} as FastifyBaseLogger);
  }
  expect(socket.destroyed).toBe(true);
  expect(socket.read()).toBeNull();
  expect(refusals.totals().map(([, total]) => total)).toEqual(refusalReasons.map(() => 0));
});

test.each([
  ['ERR_HTTP_REQUEST_TIMEOUT', 'timeout', 408],
  ['HPE_HEADER_OVERFLOW', 'headers_too_large', 431],
  ['HPE_INVALID_CONTENT_LENGTH', 'body_length', 400],
  ['HPE_INVALID_EOF_STATE', 'incomplete', 400],
  ['HPE_INVALID_METHOD', 'method', 400],
  ['HPE_INVALID_TRANSFER_ENCODING', 'body_length', 400],
  ['HPE_UNEXPECTED_CONTENT_LENGTH', 'body_length', 400],
  ['HPE_INVALID_VERSION', 'malformed', 400],
])("Node's parser error %s is counted as %s and answered with %i", (code, reason, status) => {
  const lines: unknown[] = [];
  const log = { info: (...line: unknown[]) => lines.push(line) } as unknown as FastifyBaseLogger;
  const refusals = new Refusals();
  const socket = new PassThrough();
  refusals.answerClientError(Object.assign(new Error(), { code }), socket, log);
  const [line = ''] = String(socket.read()).split('\r\n');
  expect(line).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(socket.destroyed).toBe(true);
  expect(refusals.totals().filter(([, total]) => total > 0)).toEqual([[reason, 1]]);
  expect(lines).toEqual([[{ reason, refused: 1 }, 'Requests refused before reaching a route']]);
});

test('A client that closed its connection gets no response', () => {
  const socket = new PassThrough();
  socket.end();
  new Refusals().answer('method', socket, { info: () => undefined } as unknown as FastifyBaseLogger);
  expect(socket.destroyed).toBe(true);
});

test('A log line about refusals has their number since the previous line', () => {
  jest.useFakeTimers();
  try {
    const lines: object[] = [];
    const log = { info: (details: object) => lines.push(details) } as unknown as FastifyBaseLogger;
    const refusals = new Refusals();
    for (const reason of ['method', 'method', 'timeout', 'method'] as const) refusals.count(reason, log);
    jest.advanceTimersByTime(999);
    refusals.count('method', log);
    jest.advanceTimersByTime(1);
    refusals.count('method', log);
    expect(lines).toEqual([
      { reason: 'method', refused: 1 },
      { reason: 'timeout', refused: 1 },
      { reason: 'method', refused: 4 },
    ]);
  } finally {
    jest.useRealTimers();
  }
});

/** A server with a scripted storage. */
function newServer(record: () => Promise<void>): Promise<FastifyInstance> {
  const storage = {
    isReady: async () => true,
    operationsStored: () => 0,
    connections: () => ({ used: 0, idle: 0, waiting: 0, maximum: 0 }),
    waiting: () => 0,
  };
  return buildServer({ operations: { record }, storage, logger: false, isDraining: () => false });
}

test('A request that was arriving when the server stopped listening is answered like all others', async () => {
  const app = await newServer(async () => undefined);
  await app.listen({ host: '127.0.0.1', port: 0 });
  const connection = once(app.server, 'connection');
  const socket = await open((app.server.address() as AddressInfo).port);
  const sent = post(length);
  socket.write(sent.slice(0, 30));
  const [accepted] = (await connection) as [Socket];
  await eventually(async () => accepted.bytesRead > 0);
  const closed = app.close();
  await eventually(async () => !app.server.listening);
  socket.write(sent.slice(30));
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\{"resultado":15\}$/);
  await closed;
});

describe('A client that closes its side of the connection', () => {
  let app: FastifyInstance;
  let port: number;
  let store: () => void;
  let closed: Promise<void>;
  beforeEach(async () => {
    // Storing waits until the test calls `store`.
    const stored = new Promise<void>((resolve) => {
      store = resolve;
    });
    app = await newServer(() => stored);
    closed = new Promise((resolve) => {
      app.server.once('connection', (socket) => socket.once('end', resolve));
    });
    await app.listen({ host: '127.0.0.1', port: 0 });
    ({ port } = app.server.address() as AddressInfo);
  });
  afterEach(() => app.close());

  const connections = () =>
    new Promise<number>((resolve) => {
      app.server.getConnections((_error, count) => resolve(count));
    });
  // Without `Connection: close`, as most clients send it.
  const sent = withoutClose(post(length));

  test('after its request gets the response, and then the connection is closed', async () => {
    const socket = await open(port);
    socket.end(sent);
    await closed;
    store();
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\{"resultado":15\}$/);
    await eventually(async () => (await connections()) === 0);
  });

  test('after two requests gets both responses', async () => {
    const socket = await open(port);
    socket.end(sent + sent);
    await closed;
    store();
    expect((await text(socket)).match(/\{"resultado":15\}/g)).toHaveLength(2);
  });

  test('and then disconnects leaves no connection behind', async () => {
    const socket = await open(port);
    socket.end(sent);
    await closed;
    socket.destroy();
    store();
    await eventually(async () => (await connections()) === 0);
  });

  test('without a request is disconnected', async () => {
    const socket = await open(port);
    socket.end();
    expect(await text(socket)).toBe('');
    await eventually(async () => (await connections()) === 0);
  });
});
