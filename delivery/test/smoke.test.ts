import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { request as ask, createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, test } from '@jest/globals';
import { applications } from 'platform/applications';
import { ask as send, type WrongAnswer } from 'smoke';
import { startApi, untilReady } from '../../apps/calculadora-api/test/support/api.ts';
import { delivery } from './support/delivery.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const page = '<script type="module">start()</script>';
const policyFor = (script: string) => ({
  'content-security-policy': `script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'`,
});

/** Correct responses of all applications: what each smoke test expects, and a real sum and page. */
const right: Readonly<Record<string, Handler>> = {
  ...Object.fromEntries(
    applications
      .flatMap(({ smokeTest }) => smokeTest)
      .map(({ expected, method = 'GET', path }): [string, Handler] => [
        `${method} ${path}`,
        (_, response) => response.end(expected),
      ]),
  ),
  'GET /backend': (_, response) => response.end('API em execução!'),
  'POST /backend': (request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      const { operador1, operador2 } = JSON.parse(body);
      response.end(JSON.stringify({ resultado: operador1 + operador2 }));
    });
  },
  'GET /frontend/': (_, response) => response.writeHead(200, policyFor('start()')).end(page),
};

describe('A request of the smoke test', () => {
  const check = { path: '/backend', expected: 'right' };
  const asked = (address: string) =>
    send(check, address, 'key').then(
      () => 'right',
      ({ status }: WrongAnswer) => status,
    );

  test('is answered correctly with the status 200 and the whole text alone, and tells another status, or none', async () => {
    let [status, body] = [200, 'right'];
    const server = createServer((_, response) => response.writeHead(status).end(body)).listen(0, '127.0.0.1');
    // A test that fails must not keep the process alive.
    server.unref();
    await once(server, 'listening');
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await asked(address)).toBe('right');
    for (status of [201, 202, 203, 206, 302, 404, 500]) expect(await asked(address)).toBe(status);
    // And with the whole answer alone.
    status = 200;
    for (body of ['', 'righ', 'ight', 'right!', 'right\n', 'Right', 'wrong']) expect(await asked(address)).toBe(200);
    // An answer that breaks off was one.
    server.removeAllListeners('request').on('request', (_, response) => {
      response.writeHead(200, { 'content-length': 99 }).write('right', () => response.destroy());
    });
    expect(await asked(address)).toBe(200);
    server.close().closeAllConnections();
    await once(server, 'close');
    expect(await asked(address)).toBeUndefined();
  });
});

describe('The smoke test', () => {
  const servers: Server[] = [];

  afterEach(() => {
    for (const server of servers.splice(0)) server.close().closeAllConnections();
  });

  async function serve(wrong: Readonly<Record<string, Handler>> = {}): Promise<string> {
    const server = createServer((request, response) => {
      const handler = { ...right, ...wrong }[`${request.method} ${request.url}`];
      if (handler) handler(request, response);
      else response.writeHead(404).end();
    }).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  const smoke = (address: string, timeout = 0, ...more: readonly string[]) =>
    delivery(['smoke', ...more, '--address', address, '--timeout', String(timeout)], { GITHUB_RUN_ID: '7' });

  test('passes if both applications answer correctly, even if the address has a trailing slash', async () => {
    const { code, output } = await smoke(`${await serve()}/`);
    expect(code).toBe(0);
    expect(output).toContain('✓ POST /backend');
    expect(output).not.toContain('✗');
  });

  test.each<[string, Record<string, Handler>, string]>([
    [
      'a wrong sum',
      { 'POST /backend': (_, response) => response.end('{"resultado":41}') },
      '✗ POST /backend: "{\\"resultado\\":41}", esperado / expected: "{\\"resultado\\":42}"',
    ],
    [
      'a page instead of the API',
      { 'GET /backend': (_, response) => response.end('<html>') },
      '✗ GET /backend: "<html>"',
    ],
    [
      'an error of the load balancer',
      { 'GET /backend': (_, response) => response.writeHead(503).end('Service Unavailable') },
      '✗ GET /backend: 503 "Service Unavailable"',
    ],
    [
      'an unexpected redirect',
      { 'GET /frontend/': (_, response) => response.writeHead(302, { location: '/login' }).end() },
      '✗ GET /frontend/: 302',
    ],
    [
      'a page whose script is blocked by the policy of another release',
      { 'GET /frontend/': (_, response) => response.writeHead(200, policyFor('other()')).end(page) },
      "✗ GET /frontend/: o script da página é proibido por / the page's script is forbidden by",
    ],
    [
      'a page without a script',
      { 'GET /frontend/': (_, response) => response.end('soon') },
      '✗ GET /frontend/: sem script em / no script in "soon"',
    ],
    [
      'a connection that breaks',
      { 'POST /backend': (request) => request.socket.destroy() },
      '✗ POST /backend: falha na conexão / connection failed: other side closed',
    ],
  ])('reports %s, and nothing else', async (_, wrong, message) => {
    const { code, output, summary } = await smoke(await serve(wrong));
    expect(code).toBe(1);
    expect(summary).toContain(message);
    expect(output).toContain(message);
    expect(output.match(/✗/g)).toHaveLength(1);
  });

  test('passes with the real API', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'smoke-'));
    const api = await startApi({ DB_FILE: join(folder, 'calculadora.sqlite') });
    try {
      await untilReady(api);
      const toApi: Handler = (request, response) => {
        const { method, url, headers } = request;
        const onward = ask(api.url + url, { method, headers }, (answer) => {
          response.writeHead(answer.statusCode ?? 500, answer.headers);
          answer.pipe(response);
        });
        request.pipe(onward);
      };
      const { code, output } = await smoke(await serve({ 'GET /backend': toApi, 'POST /backend': toApi }));
      expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining('✓ POST /backend') });
    } finally {
      await api.stop();
      await rm(folder, { recursive: true });
    }
  });

  test('times out if there is no answer', async () => {
    const { code, output } = await smoke(await serve({ 'POST /backend': () => undefined }));
    expect(code).toBe(1);
    expect(output).toContain('✗ POST /backend: sem resposta em 10 s / no response within 10 s');
  });

  test('judges a release by its own application', async () => {
    const address = await serve({ 'POST /backend': (_, response) => response.writeHead(503).end() });
    expect(await smoke(address, 0, 'magic-calculator')).toMatchObject({ code: 0 });
    expect(await smoke(address, 0, 'calculadora-api')).toMatchObject({ code: 1 });
  });

  test('stores a single row, however often a workflow run asks', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'smoke-'));
    const file = join(folder, 'calculadora.sqlite');
    const api = await startApi({ DB_FILE: file });
    try {
      await untilReady(api);
      for (const _ of ['the new pod', 'the public address']) {
        expect(await smoke(api.url, 0, 'calculadora-api')).toMatchObject({ code: 0 });
      }
    } finally {
      await api.stop();
    }
    const database = new DatabaseSync(file);
    expect(database.prepare('SELECT nome, operador1, operador2 FROM operacoes').all()).toEqual([
      { nome: 'smoke test', operador1: 20, operador2: 22 },
    ]);
    database.close();
    await rm(folder, { recursive: true });
  });

  test('stores a row each time on a laptop, where no workflow run gives it a key', async () => {
    const keys: unknown[] = [];
    const address = await serve({
      'POST /backend': (request, response) => {
        keys.push(request.headers['idempotency-key']);
        response.end('{"resultado":42}');
      },
    });
    const args = ['smoke', 'calculadora-api', '--address', address, '--timeout', '0'];
    for (const _ of ['first', 'second']) expect(await delivery(args, { GITHUB_RUN_ID: '' })).toMatchObject({ code: 0 });
    expect(keys).toEqual([expect.stringMatching(/^smoke-.{8,}$/), expect.stringMatching(/^smoke-.{8,}$/)]);
    expect(keys[0]).not.toBe(keys[1]);
  });

  test('retries until a new address answers', async () => {
    let asked = 0;
    const address = await serve({
      'GET /backend': (_, response) => {
        if (++asked < 3) response.writeHead(502).end();
        else response.end('API em execução!');
      },
    });
    expect(await smoke(address, 20)).toMatchObject({ code: 0 });
    expect(asked).toBe(3);
  });
});
