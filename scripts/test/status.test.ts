import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import type { Application } from 'platform';
import { applications } from 'platform/applications';
import { measureAll, serveStatusPage } from '../dev/status.ts';

const asked: string[] = [];
let answer: RequestListener;
const server = createServer((request, response) => {
  asked.push(String(request.url));
  answer(request, response);
});
beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
afterEach(() => {
  asked.splice(0);
  jest.restoreAllMocks();
});
const port = () => (server.address() as AddressInfo).port;

const api = applications.find(({ database }) => database !== undefined);
const site = applications.find(({ database }) => database === undefined);
if (!api || !site) throw new Error('There must be an application with a database, and one without');
const shop: Application = { ...api, name: 'shop', healthPath: '/shop/health', database: 'shop' };
const all = [api, site, shop];

const measure = async () => {
  const states = await measureAll((name) => `http://127.0.0.1:${port()}/of/${name}`, all);
  return Object.fromEntries(Object.entries(states).map(([name, { state }]) => [name, state]));
};

test('an application is asked for its health, or for its page if it has no database', async () => {
  answer = (_, response) => void response.end('fine');
  expect(await measure()).toEqual({ [api.name]: 'works', [site.name]: 'works', shop: 'works', database: 'works' });
  expect(asked.toSorted()).toEqual(
    [
      `/of/${api.name}${api.healthPath}`,
      `/of/${site.name}${site.dev.pages[0]?.path}`,
      `/of/shop${shop.healthPath}`,
    ].toSorted(),
  );
});

test('an application that is not healthy is out, and with it the database if it has one', async () => {
  const out = (name: string) => {
    answer = ({ url = '' }, response) => void response.writeHead(url.startsWith(`/of/${name}/`) ? 503 : 200).end();
    return measure();
  };
  expect(await out('shop')).toEqual({ [api.name]: 'works', [site.name]: 'works', shop: 'out', database: 'out' });
  expect(await out(api.name)).toEqual({ [api.name]: 'out', [site.name]: 'works', shop: 'works', database: 'out' });
  expect(await out(site.name)).toEqual({ [api.name]: 'works', [site.name]: 'out', shop: 'works', database: 'works' });
});

test('an application that does not answer in time, or breaks off, is out', async () => {
  const limits: number[] = [];
  jest.spyOn(AbortSignal, 'timeout').mockImplementation((milliseconds) => {
    limits.push(milliseconds);
    const late = new AbortController();
    setTimeout(() => late.abort(new DOMException('It is late', 'TimeoutError')), 50);
    return late.signal;
  });
  answer = ({ socket, url = '' }, response) => {
    if (url.startsWith(`/of/${site.name}/`)) response.end();
    else if (url.startsWith('/of/shop/')) socket.destroy();
    // Late, so that a measurement without a limit ends, too.
    else setTimeout(() => response.end(), 3_000).unref();
  };
  expect(await measure()).toEqual({ [api.name]: 'out', [site.name]: 'works', shop: 'out', database: 'out' });
  expect(limits).toEqual([2_000, 2_000, 2_000]);
});

test('the page and its figures are on this machine only, and nothing else is', async () => {
  const page = await serveStatusPage(0, { '/figures.json': () => undefined, '/content.json': () => ({ parts: [] }) });
  const { address, port } = page.address() as AddressInfo;
  expect(address).toBe('127.0.0.1');
  const statuses = [
    ['/status/content.json?now', 200, 'application/json'],
    // Before the first measurement.
    ['/status/figures.json', 404, null],
    ['/status/other.json', 404, null],
    ['/content.json', 404, null],
    ['/', 404, null],
    ['/status.css', 404, null],
  ] as const;
  for (const [path, status, type] of statuses) {
    const { headers, status: found } = await fetch(`http://127.0.0.1:${port}${path}`);
    expect([path, found, headers.get('content-type')]).toEqual([path, status, type]);
  }
  page.closeAllConnections();
  page.close();
});
