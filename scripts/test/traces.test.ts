import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startTraceViewer } from '../dev/traces.ts';

let server: Server;
let address: string;

beforeEach(async () => {
  server = await startTraceViewer(0);
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => new Promise((closed) => server.close(closed)));

const send = async (body: string) => {
  const answer = await fetch(`${address}/v1/traces`, { method: 'POST', body });
  return [answer.status, answer.headers.get('content-type'), await answer.json()];
};
const taken = [200, 'application/json', {}];
/** Spans of one service, as OTLP has them. */
const spans = (service: string, ...traceIds: string[]) => ({
  resource: {
    attributes: [
      { key: 'host.name', value: { stringValue: 'laptop' } },
      { key: 'service.name', value: { stringValue: service } },
    ],
  },
  scopeSpans: traceIds.map((traceId, index) => ({ spans: [{ traceId, name: `${service} ${index}` }] })),
});
const sent = (...resourceSpans: object[]) => send(JSON.stringify({ resourceSpans }));
const kept = async () => (await (await fetch(`${address}/traces.json`)).json()) as { traceId: string }[][];

test('the newest trace comes first, with the spans of all services', async () => {
  expect(await sent(spans('site', 'a'), spans('api', 'a', 'b'))).toEqual(taken);
  expect(await sent({ scopeSpans: [{ spans: [{ traceId: 'a' }] }] }, {}, { scopeSpans: [{}] })).toEqual(taken);
  expect(await send('{}')).toEqual(taken);
  expect(await kept()).toEqual([
    [{ traceId: 'b', name: 'api 1', service: 'api' }],
    [
      { traceId: 'a', name: 'site 0', service: 'site' },
      { traceId: 'a', name: 'api 0', service: 'api' },
      { traceId: 'a' },
    ],
  ]);
});

test('it keeps the last 50 traces, and 500 spans of each', async () => {
  const ids = Array.from({ length: 60 }, (_, index) => `trace-${index}`);
  for (const id of ids) await sent(spans('api', id));
  expect((await kept()).map(([span]) => span?.traceId)).toEqual(ids.slice(10).toReversed());
  await sent(spans('api', ...Array(400).fill('long')));
  await sent(spans('api', ...Array(200).fill('long'), 'short'));
  expect((await kept()).slice(0, 2).map(({ length }) => length)).toEqual([1, 500]);
});

test('what it cannot read is refused, and it goes on', async () => {
  expect(await send('no JSON')).toEqual([400, 'application/json', { message: expect.stringContaining('JSON') }]);
  const tooLong = JSON.stringify({ text: 'x'.repeat(8 * 1024 * 1024) });
  expect(await send(tooLong)).toEqual([400, 'application/json', { message: 'Too many spans at once' }]);
  expect(await send(JSON.stringify({ text: 'x'.repeat(8 * 1024 * 1024 - 11) }))).toEqual(taken);
  expect(await kept()).toEqual([]);
});

test('it is a page on this machine only', async () => {
  expect((server.address() as AddressInfo).address).toBe('127.0.0.1');
  const page = await fetch(`${address}/?trace=1`);
  expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  expect(await page.text()).toContain('<h1>Rastros / Traces</h1>');
  const statuses = [
    ['GET', '/v1/traces', 404],
    ['GET', '/traces', 404],
    ['POST', '/', 405],
    ['PUT', '/v1/traces', 405],
    ['GET', '/traces.json?now', 200],
  ] as const;
  for (const [method, path, status] of statuses) {
    const answer = await fetch(address + path, { method });
    expect([method, path, answer.status]).toEqual([method, path, status]);
    await answer.text();
  }
});
