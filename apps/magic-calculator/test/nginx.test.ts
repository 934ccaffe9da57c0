import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, request as send } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { paths, problemMediaType } from 'contract';
import { eventually } from '../../../test/support/eventually.ts';
import { describeWith, findTool } from '../../../test/support/tools.ts';
import { application } from '../application.ts';
import { type NameServer, startNameServer } from './browser/name-server.ts';
import { type Replica, startReplica } from './browser/nginx.ts';
import { buildSite, removeSite } from './browser/system.ts';

describeWith('nginx', findTool('nginx'), 'the configuration of nginx', (nginx) => {
  let pages: string;
  let replica: Replica;
  /** Stands in for the API. */
  let api: Server;
  let nameServer: NameServer;
  let forwarded: { request: IncomingMessage; body: string }[];
  const logged = async () => {
    const lines = (await readFile(join(replica.folder, 'access.log'), 'utf8')).trim().split('\n');
    return lines.map((line): Record<string, unknown> => JSON.parse(line));
  };
  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(replica.url + path, { headers, redirect: 'manual' });

  beforeAll(async () => {
    pages = await buildSite();
    // As in the image.
    for (const file of await readdir(pages)) {
      await writeFile(join(pages, `${file}.gz`), gzipSync(await readFile(join(pages, file))));
    }
    forwarded = [];
    api = createServer(async (request, response) => {
      forwarded.push({ request, body: await text(request) });
      const status = Number(/status=(\d+)/.exec(String(request.url))?.[1] ?? 200);
      response.writeHead(status, { 'content-type': problemMediaType });
      response.end('answered');
    }).listen(0, '127.0.0.1');
    await once(api, 'listening');
    nameServer = await startNameServer('127.0.0.1');
    replica = await startReplica(nginx, pages, { port: apiPort(), nameServer });
  });
  afterAll(async () => {
    await replica?.stop();
    nameServer?.stop();
    api?.close().closeAllConnections();
    await removeSite(pages);
  });

  const apiPort = () => (api.address() as AddressInfo).port;

  const redirect = { 'content-type': expect.stringContaining('text/html'), location: '/frontend/' };
  const page = { 'content-type': 'text/html; charset=utf-8', vary: 'Accept-Encoding' };
  test.each([
    ['/', 302, redirect],
    ['/frontend', 308, redirect],
    ['/frontend/', 200, page],
    ['/frontend/health', 200, { 'content-type': 'text/plain; charset=utf-8' }],
    ['/frontend/favicon.svg', 200, { 'content-type': 'image/svg+xml; charset=utf-8', vary: 'Accept-Encoding' }],
    ['/frontend/anything', 404, page],
  ])('%s is sent with all security headers and no header that reveals more', async (path, status, own) => {
    const answer = await get(path, { 'accept-encoding': 'identity' });
    expect(answer.status).toBe(status);
    const headers = Object.fromEntries(answer.headers);
    for (const name of ['accept-ranges', 'content-length', 'date', 'etag', 'last-modified']) delete headers[name];
    const policy = headers['content-security-policy']?.replaceAll(/'sha256-[^']+'( 'sha256-[^']+')*/g, 'HASHES');
    expect({ ...headers, 'content-security-policy': policy }).toEqual({
      'cache-control': 'no-cache',
      connection: 'keep-alive',
      'content-security-policy':
        "default-src 'none'; script-src HASHES; style-src HASHES; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
      'referrer-policy': 'no-referrer',
      server: 'nginx',
      'x-content-type-options': 'nosniff',
      ...own,
    });
  });

  test.each(['/frontend/anything', '/frontend/any/thing.js', '/frontend/404.html', '/anything'])(
    '%s is not found, and the site’s own 404 page is sent',
    async (path) => {
      const answer = await get(path);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
      expect(answer.headers.get('cache-control')).toBe('no-cache');
      expect(await answer.text()).toContain('<h1>Página não encontrada</h1>');
    },
  );

  test.each(['/frontend/', '/anything'])(
    'the page at %s needs no other file but its icon, and the policy allows its scripts and styles',
    async (path) => {
      const answer = await get(path);
      const html = await answer.text();
      const policy = answer.headers.get('content-security-policy');
      const inline = [...html.matchAll(/<(script|style)[^>]*>(.+?)<\/\1>/gs)];
      expect(inline.map(([, name]) => name)).toContain('style');
      for (const [, name, code = ''] of inline) {
        const hash = createHash('sha256').update(code).digest('base64');
        expect(policy).toMatch(new RegExp(`${name}-src [^;]*'sha256-${hash.replaceAll('+', '\\+')}'`));
      }
      expect([...html.matchAll(/<(?:link|img|script)[^>]* (?:href|src)="([^"]+)"/g)].map(([, file]) => file)).toEqual([
        '/frontend/favicon.svg',
      ]);
      const links = [...html.matchAll(/<a [^>]*href="([^"]+)"/g)].map(([, link = '']) => link);
      expect(links).toContain('/frontend/');
      // CloudFront serves the status page.
      for (const link of links.filter((link) => link !== '/status')) expect((await get(link)).status).toBe(200);
    },
  );

  test('the page has its form before its script, so that it is seen and filled in before the script arrives', async () => {
    const answer = await get('/frontend/');
    const html = await answer.text();
    expect(html).toMatch(/<input[^>]* name="nome".*<input[^>]* name="operador2".*<script type="module">/s);
    const smokeTests = application.smokeTest.filter(({ path }) => path === '/frontend/');
    expect(smokeTests).toHaveLength(1);
    for (const { expected } of smokeTests) {
      if (typeof expected === 'function') expected({ body: html, headers: answer.headers });
    }
  });

  test('the health check returns ok', async () => {
    expect(await (await get(paths.siteHealth)).text()).toBe('ok\n');
  });

  test.each(['', 'anything', 'favicon.svg'])('/frontend/%s is sent precompressed', async (path) => {
    const compressed = await get(`${paths.site}/${path}`, { 'accept-encoding': 'gzip' });
    const { headers } = compressed;
    expect([headers.get('content-encoding'), headers.get('vary')]).toEqual(['gzip', 'Accept-Encoding']);
    const plain = await get(`${paths.site}/${path}`, { 'accept-encoding': 'identity' });
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(await plain.text()).toBe(await compressed.text());
  });

  test('an unchanged page is not sent again, and its policy stays the same', async () => {
    const first = await get(`${paths.site}/`);
    const second = await get(`${paths.site}/`, { 'if-none-match': String(first.headers.get('etag')) });
    expect(second.status).toBe(304);
    const policies = [first, second].map(({ headers }) => headers.get('content-security-policy'));
    expect(policies[0]).toMatch(/script-src 'sha256-[^;]+'; style-src 'sha256-[^;]+';/);
    expect(policies[1]).toBe(policies[0]);
  });

  test('without the hashes of a build, the policy allows no script and no style', async () => {
    const bare = await startReplica(nginx, `${pages}/nowhere`);
    const { status, headers } = await fetch(`${bare.url}${paths.site}/`);
    await bare.stop();
    expect(status).toBe(404);
    expect(headers.get('content-security-policy')).toContain("script-src 'none'; style-src 'none';");
  });

  test('a log line describes the request but not its sender, and health checks are not logged', async () => {
    const before = (await logged()).length;
    await get(paths.siteHealth);
    const personal = { 'user-agent': 'Maria', referer: 'https://maria.example', 'x-forwarded-for': '192.0.2.1' };
    // Not with `fetch`, which would encode the quotation mark.
    const sent = send(`${replica.url}/frontend/log"ged?nome=Maria`, {
      path: '/frontend/log"ged?nome=Maria',
      headers: personal,
    });
    const [answer] = (await once(sent.end(), 'response')) as [IncomingMessage];
    const bytes = Buffer.byteLength(await text(answer));
    await eventually(async () => (await logged()).length > before);
    expect((await logged()).slice(before)).toEqual([
      {
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/),
        requestId: expect.stringMatching(/^[0-9a-f]{32}$/),
        method: 'GET',
        path: '/frontend/log"ged',
        status: 404,
        bytes,
        seconds: expect.any(Number),
      },
    ]);
  });

  test('nginx writes only to one folder', async () => {
    expect((await readdir(replica.folder)).sort()).toEqual(
      ['access.log', 'error.log', 'client_body', 'fastcgi', 'nginx.pid', 'proxy', 'scgi', 'uwsgi'].sort(),
    );
  });

  test.each([
    ['headers', 'GET /frontend/ HTTP/1.1\r\nHost: a\r\n'],
    ['body', 'POST /backend HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n1'],
  ])('a client that does not finish its %s is disconnected', async (_, begun) => {
    const socket = connect(Number(new URL(replica.url).port), '127.0.0.1');
    socket.write(begun);
    socket.resume();
    await once(socket, 'close');
  });

  test('in Compose a sum is forwarded unchanged to the API, with a request id, and its response returned', async () => {
    forwarded = [];
    const body = '{"nome":"Maria"}';
    const answer = await fetch(`${replica.url}${paths.sum}?a=b`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'k', 'x-forwarded-for': '192.0.2.1' },
      body,
    });
    expect(await answer.text()).toBe('answered');
    expect(forwarded).toHaveLength(1);
    for (const { request, body: received } of forwarded) {
      const { method, url, httpVersion, headers } = request;
      expect([method, url, httpVersion, received]).toEqual(['POST', '/backend?a=b', '1.1', body]);
      expect(headers).not.toHaveProperty('connection');
      expect(headers).toMatchObject({
        host: new URL(replica.url).host,
        'content-type': 'application/json',
        'idempotency-key': 'k',
        'x-request-id': expect.stringMatching(/^[0-9a-f]{32}$/),
        // Not the value that the client sent.
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-proto': 'http',
      });
      await eventually(async () => (await logged()).some(({ requestId }) => requestId === headers['x-request-id']));
    }
  });

  test('in Compose every address of the API under /backend is forwarded, and its metrics are not', async () => {
    const ofApi = Object.values(paths).filter((path) => path.startsWith(paths.sum));
    expect(ofApi).toEqual(expect.arrayContaining([paths.sum, paths.ready, paths.docs, paths.openapi]));
    forwarded = [];
    for (const path of ofApi) expect([path, await (await get(path)).text()]).toEqual([path, 'answered']);
    expect((await get(paths.metrics)).status).toBe(404);
    expect(forwarded.map(({ request }) => request.url)).toEqual(ofApi);
  });

  test.each([400, 404, 405, 413, 422, 500, 503])(
    'in Compose the API’s response %d is returned unchanged',
    async (status) => {
      const answer = await get(`${paths.sum}?status=${status}`);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([status, problemMediaType]);
      expect(await answer.text()).toBe('answered');
    },
  );

  test('in Compose the site starts before the API, follows it to a new address, and logs why it did not reach it', async () => {
    const changing = await startNameServer();
    const early = await startReplica(nginx, pages, { port: apiPort(), nameServer: changing });
    try {
      const ask = () => fetch(early.url + paths.sum);
      const errors = () => readFile(join(early.folder, 'error.log'), 'utf8');
      expect((await ask()).status).toBe(502);
      expect(await errors()).toContain('calculadora-api could not be resolved');

      // The API listens only at 127.0.0.1.
      changing.address = '127.0.0.2';
      await eventually(async () => {
        await ask();
        return (await errors()).includes(`connecting to upstream`);
      });
      expect(await errors()).toContain(`upstream: "http://127.0.0.2:${apiPort()}${paths.sum}"`);

      changing.address = '127.0.0.1';
      await eventually(async () => (await ask()).ok);
    } finally {
      await early.stop();
      changing.stop();
    }
  });

  test('hundreds of connections at the same time are answered', async () => {
    const port = Number(new URL(replica.url).port);
    const sockets = Array.from({ length: 400 }, () => connect(port, '127.0.0.1'));
    // They all stay open. nginx closes one that sends nothing, so each asks as soon as it can.
    const answers = await Promise.all(
      sockets.map(async (socket) => {
        socket.write(`HEAD ${paths.site}/ HTTP/1.1\r\nHost: a\r\n\r\n`);
        return String((await once(socket, 'data'))[0]);
      }),
    );
    expect(answers.filter((answer) => !answer.startsWith('HTTP/1.1 200'))).toEqual([]);
    expect(sockets.filter(({ closed }) => closed)).toEqual([]);
    for (const socket of sockets) socket.destroy();
  });

  // Behind the load balancer, all visitors come from its few addresses.
  test('any number of requests from one address is answered', async () => {
    const number = 500;
    const socket = connect(Number(new URL(replica.url).port), '127.0.0.1');
    const head = `HEAD ${paths.site}/ HTTP/1.1\r\nHost: a\r\n`;
    // On one connection, without waiting for the responses.
    socket.write(`${`${head}\r\n`.repeat(number - 1)}${head}Connection: close\r\n\r\n`);
    const statuses = (await text(socket)).match(/^HTTP\/1\.1 \d+/gm);
    expect(statuses).toEqual(Array(number).fill('HTTP/1.1 200'));
  });
});
