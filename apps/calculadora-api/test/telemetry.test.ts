import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { paths, type SumReport } from 'contract';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { type Collector, startCollector } from '../../../test/support/collector.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { freePort } from '../../../test/support/ports.ts';
import { OperationsDatabase } from '../src/database/operations-database.ts';
import { StorageUnavailable } from '../src/domain/operations.ts';
import { buildServer } from '../src/server.ts';
import { startTelemetry, tracesPerSecond } from '../src/telemetry/open-telemetry.ts';
import { RequestTrace } from '../src/telemetry/request-trace.ts';
import type { Telemetry } from '../src/telemetry/telemetry.ts';
import { startApi, untilReady } from './support/api.ts';
import { useFakeTimeouts } from './support/clock.ts';
import { newDatabaseFile } from './support/databases.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const parentId = 'b7ad6b7169203331';
const operation = { nome: 'Wander', operador1: 5, operador2: 10 };
const post = (headers: Record<string, string> = {}, payload: object = operation): InjectOptions => ({
  method: 'POST',
  url: paths.sum,
  headers: { 'content-type': 'application/json', ...headers },
  payload,
});

describe('With a collector, the API', () => {
  let collector: Collector;
  let telemetry: Telemetry;
  let failures: Error[];
  let app: FastifyInstance;
  let logged: string[];
  let folder: string;
  let database: OperationsDatabase;

  async function start(endpoint: string) {
    failures = [];
    logged = [];
    folder = await mkdtemp(join(tmpdir(), 'calculadora-'));
    database = new OperationsDatabase({ kind: 'sqlite', file: join(folder, 'calculadora.sqlite') });
    telemetry = startTelemetry({ endpoint, database: 'sqlite', onFailure: (error) => failures.push(error) });
    app = await buildServer({
      operations: database,
      storage: database,
      logger: { level: 'debug', stream: { write: (line: string) => void logged.push(line) } },
      isDraining: () => false,
      telemetry,
    });
    database.start(app.log);
    await eventually(() => database.isReady());
  }
  beforeEach(async () => {
    collector = await startCollector();
    await start(collector.url);
  });
  afterEach(stop);
  async function stop() {
    jest.useRealTimers();
    await app.close();
    await database.close();
    await telemetry.close();
    await collector.stop();
    await rm(folder, { recursive: true });
  }

  /** Closes the telemetry, which sends what is queued. */
  async function sent() {
    await telemetry.close();
    return collector.spans();
  }
  const linesOf = (trace: string) => logged.map((line) => JSON.parse(line)).filter((line) => line.trace_id === trace);
  const failedMetric = 'calculadora_spans_dropped_total{reason="export_failed"}';
  const metric = async (name: string) => {
    const { body } = await app.inject(paths.metrics);
    return Number(
      body
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.slice(name.length + 1),
    );
  };

  test('sends the request, the wait for the group commit and the statement as one trace', async () => {
    await app.inject(post({ traceparent: `00-${traceId}-${parentId}-01` }));
    const spans = await sent();
    const [statement, wait, request] = spans;
    expect(spans).toEqual([
      {
        service: 'calculadora-api',
        name: 'INSERT operacoes',
        kind: 'client',
        traceId,
        spanId: expect.stringMatching(/^[\da-f]{16}$/),
        parentId: wait?.spanId,
        start: expect.any(BigInt),
        end: expect.any(BigInt),
        isError: false,
        attributes: {
          'db.system.name': 'sqlite',
          'db.collection.name': 'operacoes',
          'db.operation.name': 'INSERT',
          'db.query.summary': 'INSERT operacoes',
          'calculadora.batch.size': 1,
        },
        links: [],
      },
      expect.objectContaining({ name: 'wait for group commit', kind: 'internal', traceId, parentId: request?.spanId }),
      expect.objectContaining({
        service: 'calculadora-api',
        name: 'POST /backend',
        kind: 'server',
        traceId,
        parentId,
        isError: false,
        attributes: {
          'http.request.method': 'POST',
          'http.response.status_code': 200,
          'http.route': '/backend',
          'url.path': '/backend',
          'url.scheme': 'http',
        },
      }),
    ]);
    const times = [request?.start, wait?.start, statement?.start, statement?.end, wait?.end, request?.end].map(Number);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
    // By the wall clock, although the spans are made after the answer.
    expect(Math.abs(Number(request?.end) / 1e6 - Date.now())).toBeLessThan(60_000);
  });

  test('links the requests that share a statement', async () => {
    const requests = 20;
    const traces = Array.from({ length: requests }, () => new RequestTrace());
    // All at once: the first two get their own statements, and the others wait for the next one.
    await Promise.all(traces.map((trace) => database.record(operation, undefined, trace)));
    for (const trace of traces) telemetry.answered(trace, { method: 'POST', route: paths.sum, status: 200 });
    const spans = await sent();
    const statements = spans.filter(({ name }) => name === 'INSERT operacoes');
    const waits = spans.filter(({ name }) => name === 'wait for group commit');
    expect(waits).toHaveLength(requests);
    const served = statements.map(({ attributes }) => Number(attributes['calculadora.batch.size']));
    expect(served).toEqual([1, 1, requests - 2]);
    for (const { spanId, traceId: own, attributes, links } of statements) {
      // To the requests of the other traces, and back.
      expect(links).toHaveLength(Number(attributes['calculadora.batch.size']) - 1);
      const requested = links.map((link) => spans.find((span) => span.spanId === link.spanId));
      expect(requested.every((span) => span?.kind === 'server' && span.traceId !== own)).toBe(true);
      const linked = waits.filter((wait) => wait.links.some((link) => link.spanId === spanId));
      expect(linked.map((wait) => wait.traceId).toSorted()).toEqual(links.map((link) => link.traceId).toSorted());
    }
  });

  test('shows the statements of an operation that is sent again', async () => {
    const again = post({ 'idempotency-key': 'key-1' });
    await app.inject(again);
    await app.inject(again);
    const statements = (await sent()).filter(({ kind }) => kind === 'client');
    expect(statements.map(({ name, isError }) => [name, isError])).toEqual([
      ['INSERT operacoes', false],
      ['INSERT operacoes', true],
      ['SELECT operacoes', false],
    ]);
  });

  test('puts the ids of the trace into log lines and problems', async () => {
    const answer = await app.inject(post({ 'x-request-id': 'id-of-the-request' }, { nome: 'Wa' }));
    expect(answer.statusCode).toBe(400);
    const [request] = await sent();
    expect(answer.json().traceId).toBe(request?.traceId);
    expect(linesOf(String(request?.traceId))).toEqual([
      expect.objectContaining({
        msg: 'Request answered',
        statusCode: 400,
        span_id: request?.spanId,
        reqId: 'id-of-the-request',
      }),
    ]);
  });

  test('sends nothing about a person: no name, no number, no address and no header', async () => {
    const secret = { nome: 'Zuleica Perpétua', operador1: 271828, operador2: 314159 };
    const headers = {
      'idempotency-key': 'key-of-zuleica',
      'user-agent': 'browser-of-zuleica',
      'x-request-id': 'id-of-zuleica',
      'x-forwarded-for': '203.0.113.77',
    };
    expect((await app.inject(post(headers, secret))).statusCode).toBe(200);
    expect((await app.inject(post(headers, { ...secret, operador1: 'zuleica' }))).statusCode).toBe(400);
    expect((await app.inject(post(headers, { ...secret, operador1: 1 }))).statusCode).toBe(422);
    expect((await app.inject('/backend?nome=zuleica')).statusCode).toBe(200);
    expect((await app.inject('/backend/docs/zuleica')).statusCode).toBe(404);
    expect((await app.inject('/zuleica')).statusCode).toBe(404);
    expect((await sent()).filter(({ kind }) => kind === 'server')).toHaveLength(6);
    expect(collector.text()).not.toMatch(/zuleica|perpétua|271828|314159|585987|203\.0|127\.0\.0\.1/i);
  });

  test('leaves out what the client does not want traced, and probes and scrapes', async () => {
    await app.inject(post({ traceparent: `00-${traceId}-${parentId}-00` }));
    for (const url of [paths.live, paths.ready, paths.metrics]) await app.inject(url);
    expect(await sent()).toEqual([]);
  });

  test('logs nothing about probes, scrapes and reports of visits, whatever the response', async () => {
    database.isReady = async () => false;
    for (const url of [paths.live, paths.ready, paths.metrics, paths.sum]) await app.inject(url);
    for (const payload of [{ time: 1, sums: [] }, {}]) await app.inject({ method: 'POST', url: paths.visits, payload });
    const answered = logged.map((line) => JSON.parse(line)).filter(({ reqId }) => reqId !== undefined);
    expect(answered.map(({ route }) => route)).toEqual([paths.sum]);
  });

  test('sends a failed request even if the client does not want it traced', async () => {
    database.record = async () => {
      throw new StorageUnavailable('the cause');
    };
    const answer = await app.inject(post({ traceparent: `00-${traceId}-${parentId}-00` }));
    expect(answer.json()).toMatchObject({ status: 503, traceId });
    const [request] = await sent();
    expect(request).toMatchObject({ traceId, parentId, isError: true });
    expect(request?.attributes['error.type']).toBe('storage_unavailable');
    expect(linesOf(traceId).map(({ msg }) => msg)).toEqual(['Service Unavailable', 'Request answered']);
  });

  test('sends a limited number of traces a second, counts the others, and has room left for failures', async () => {
    // In less than 25 seconds on any machine.
    const requests = 25 * tracesPerSecond;
    await Promise.all(Array.from({ length: requests }, () => app.inject(paths.sum)));
    database.record = () => Promise.reject(new StorageUnavailable('the cause'));
    await app.inject(post());
    const limited = await metric('calculadora_traces_limited_total');
    // Each scrape has the same total.
    expect(await metric('calculadora_traces_limited_total')).toBe(limited);
    const spans = await sent();
    expect(limited).toBeGreaterThan(0);
    expect(spans).toHaveLength(requests - limited + 1);
    expect(spans.at(-1)?.isError).toBe(true);
  });

  test('counts what the collector refuses, reports it, and answers as usual', async () => {
    collector.mode = 'refuse';
    for (let count = 0; count < 2; count++) expect((await app.inject(post())).statusCode).toBe(200);
    await telemetry.close();
    expect(await metric(failedMetric)).toBe(6);
    // Each scrape has the same total.
    expect(await metric(failedMetric)).toBe(6);
    expect(failures).toHaveLength(1);
  });

  test('answers as usual if nothing listens at the collector’s address', async () => {
    await stop();
    collector = await startCollector();
    await start(`http://127.0.0.1:${await freePort()}`);
    useFakeTimeouts({ date: true });
    expect((await app.inject(post())).statusCode).toBe(200);
    // The SDK tries again for some seconds, of the test's clock.
    while ((await metric(failedMetric)) === 0) await jest.advanceTimersByTimeAsync(100);
    expect(await metric(failedMetric)).toBe(3);
    expect(failures).toHaveLength(1);
  });

  describe('given a report of the site', () => {
    const sum: SumReport = { traceId, spanId: parentId, start: 1_300, duration: 400, outcome: 'ok' };
    const time = 2_000;
    const report = (body: unknown): InjectOptions => ({ method: 'POST', url: paths.visits, payload: body as object });

    test('sends the visitor’s sum as the parent of its own spans', async () => {
      await app.inject(post({ traceparent: `00-${traceId}-${parentId}-01` }));
      const before = Date.now();
      const { statusCode, body } = await app.inject(report({ time, sums: [sum] }));
      const after = Date.now();
      expect([statusCode, body]).toEqual([204, '']);
      const spans = await sent();
      const site = spans.find(({ service }) => service === 'magic-calculator');
      expect(site).toMatchObject({ name: 'POST /backend', kind: 'client', traceId, spanId: parentId, isError: false });
      expect(site?.parentId).toBeUndefined();
      expect(Number(site && site.end - site.start) / 1e6).toBeCloseTo(400);
      // It began as long before the report as the site says, by the API's clock.
      const began = Math.round(Number(site?.start) / 1e6) + (time - sum.start);
      expect(began).toBeGreaterThanOrEqual(before);
      expect(began).toBeLessThanOrEqual(after);
      expect(spans.find(({ kind }) => kind === 'server')).toMatchObject({ traceId, parentId });
    });

    test.each([
      [{ outcome: 'ok' }, 'ok', undefined],
      [{ outcome: 'ok', duration: 1_500, start: 500 }, 'slow', undefined],
      [{ outcome: 'timeout' }, 'timeout', 'timeout'],
      [{ outcome: 'storage_refused' }, 'storage_refused', 'storage_refused'],
      [{ outcome: 'of_a_later_release' }, 'other', 'other'],
    ])('counts %j as %s', async (changes, outcome, error) => {
      await app.inject(report({ time, load: 1_500, sums: [{ ...sum, ...changes }] }));
      expect(await metric(`calculadora_site_sum_seconds_count{outcome="${outcome}"}`)).toBe(1);
      expect(await metric('calculadora_site_load_seconds_sum')).toBe(1.5);
      const [span] = await sent();
      expect([span?.isError, span?.attributes['error.type']]).toEqual([error !== undefined, error]);
    });

    test('refuses one with anything else, such as a name', async () => {
      const { statusCode, headers } = await app.inject(report({ time, load: 1, sums: [{ ...sum, nome: 'Wander' }] }));
      expect([statusCode, headers['content-type']]).toEqual([400, 'application/problem+json']);
      expect(await metric('calculadora_site_load_seconds_count')).toBe(0);
      expect(await sent()).toEqual([]);
    });

    test('refuses a body that is too long', async () => {
      const { statusCode } = await app.inject(report({ time, sums: [], text: 'x'.repeat(5_000) }));
      expect(statusCode).toBe(413);
    });
  });
});

describe('The process', () => {
  test('sends the last spans before it ends', async () => {
    const collector = await startCollector();
    const { env } = await newDatabaseFile();
    const api = await startApi({ ...env, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
    await untilReady(api);
    const { payload, headers } = post();
    await fetch(api.url + paths.sum, {
      method: 'POST',
      headers: headers as Record<string, string>,
      body: JSON.stringify(payload),
    });
    expect(await api.stop()).toBe(0);
    expect(collector.spans().map(({ name }) => name)).toContain('POST /backend');
    await collector.stop();
  });

  test('warns that the collector refuses its spans, and ends in time although it then does not answer', async () => {
    const collector = await startCollector();
    collector.mode = 'refuse';
    const { env } = await newDatabaseFile();
    const api = await startApi({ ...env, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, NODE_ENV: 'production' });
    await untilReady(api);
    await (await fetch(api.url + paths.sum)).text();
    const warning = () =>
      api
        .output()
        .split('\n')
        .find((line) => line.includes('The collector does not accept traces; they are dropped'));
    await eventually(async () => warning() !== undefined);
    expect(JSON.parse(warning() ?? '')).toMatchObject({ level: 40, err: { message: expect.any(String) } });
    collector.mode = 'hang';
    await (await fetch(api.url + paths.sum)).text();
    expect(await api.stop()).toBe(0);
    await collector.stop();
  });

  test('without a collector has no trace ids in its answers and log lines, and no metrics of traces', async () => {
    const { env } = await newDatabaseFile();
    const api = await startApi(env);
    await untilReady(api);
    const answer = await fetch(`${api.url}/nothing`);
    expect(Object.keys((await answer.json()) as object)).toEqual(['type', 'title', 'status', 'code', 'detail']);
    const metrics = await (await fetch(api.url + paths.metrics)).text();
    expect(metrics).not.toMatch(/calculadora_(spans|traces)/);
    await api.stop();
    expect(api.output()).toContain('"statusCode":404');
    expect(api.output()).not.toContain('trace_id');
  });
});

describe('A traceparent', () => {
  test.each([
    [`00-${traceId}-${parentId}-01`, true],
    [`00-${traceId}-${parentId}-00`, false],
    [`00-${traceId}-${parentId}-03`, true],
    [`cc-${traceId}-${parentId}-01-what-a-later-version-adds`, true],
  ])('%s is continued', (header, isSampled) => {
    const trace = new RequestTrace(header);
    expect(trace).toMatchObject({ traceId, parentId, isSampled });
    expect(trace.spanId).toMatch(/^(?!b7ad6b7169203331)[\da-f]{16}$/);
  });

  test.each([
    '',
    'Wander',
    `00-${traceId}-${parentId}`,
    `00-${traceId}-${parentId}-01-more`,
    `00-${traceId}-${parentId}-01, 00-${traceId}-${parentId}-01`,
    `00-${traceId.toUpperCase()}-${parentId}-01`,
    `00-${'0'.repeat(32)}-${parentId}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `ff-${traceId}-${parentId}-01`,
    ` 00-${traceId}-${parentId}-01`,
  ])('%j is ignored, and a new trace begins', (header) => {
    const trace = new RequestTrace(header);
    expect(trace).toMatchObject({ parentId: undefined, isSampled: true });
    expect(trace.traceId).toMatch(/^[\da-f]{32}$/);
    expect(trace.traceId).not.toBe(traceId);
  });

  test('never gets the ids of another request', () => {
    const ids = Array.from({ length: 1_000 }, () => new RequestTrace()).flatMap(({ traceId, spanId }) => [
      traceId,
      spanId,
    ]);
    expect(new Set(ids).size).toBe(2_000);
  });
});
