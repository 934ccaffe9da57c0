import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import { slow } from 'contract';
import { type Collector, startCollector } from '../../../test/support/collector.ts';
import { StorageUnavailable } from '../src/domain/operations.ts';
import { BoundedQueue, queueSize } from '../src/telemetry/bounded-queue.ts';
import { startTelemetry, tracesPerSecond } from '../src/telemetry/open-telemetry.ts';
import { noteStatement, RequestTrace, type Statement } from '../src/telemetry/request-trace.ts';
import type { Answered, Telemetry } from '../src/telemetry/telemetry.ts';

const ids = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
const unsampled = `00-${ids.traceId}-${ids.spanId}-00`;
const posted: Answered = { method: 'POST', route: '/backend', status: 200 };

// Notes as the server makes them, without a server. A real collector gets the spans.
describe('A span', () => {
  let collector: Collector;
  let telemetry: Telemetry;

  beforeEach(async () => {
    collector = await startCollector();
    process.env.OTEL_RESOURCE_ATTRIBUTES = 'k8s.pod.name=pod-7';
    process.env.OTEL_SERVICE_NAME = 'my-api';
    // People write a base URL with or without the slash.
    telemetry = startTelemetry({ endpoint: `${collector.url}/`, database: 'mysql', onFailure: () => undefined });
  });
  afterEach(async () => {
    delete process.env.OTEL_RESOURCE_ATTRIBUTES;
    delete process.env.OTEL_SERVICE_NAME;
    await telemetry.close();
    await collector.stop();
  });

  async function sent() {
    await telemetry.close();
    return collector.spans();
  }
  /** A request that began this many milliseconds ago. */
  const traceSince = (duration: number, traceparent?: string) =>
    Object.assign(new RequestTrace(traceparent), { start: performance.now() - duration });
  const inMs = (nanoseconds = 0n) => Math.round(Number(nanoseconds) / 1e6);
  const statement = (traces: RequestTrace[], more: Partial<Statement> = {}): Statement => {
    const noted = { operation: 'INSERT' as const, start: performance.now() - 50, traces, ...more };
    for (const trace of traces) {
      trace.wait = { start: noted.start };
      trace.statements.push(noted);
    }
    return noted;
  };

  test('has the method and the route of its request, and nothing that a client made up', async () => {
    const methods = ['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'TRACE'];
    for (const method of methods) telemetry.answered(new RequestTrace(), { method, route: undefined, status: 404 });
    for (const answered of [
      { method: 'WANDER', route: undefined, status: 400 },
      { method: 'WANDER', route: '/backend', status: 405 },
      { method: 'GET', route: '/backend/docs/*', status: 200 },
      { method: 'GET', route: '/backend/:id', status: 200 },
      posted,
    ]) {
      telemetry.answered(new RequestTrace(), answered);
    }
    const scheme = { 'url.scheme': 'http' };
    const other = { 'http.request.method': '_OTHER', ...scheme };
    const get = { 'http.request.method': 'GET', 'http.response.status_code': 200, ...scheme };
    const route = { 'http.route': '/backend', 'url.path': '/backend' };
    expect((await sent()).map(({ name, attributes }) => [name, attributes])).toEqual([
      ...methods.map((method) => [
        method,
        { 'http.request.method': method, 'http.response.status_code': 404, ...scheme },
      ]),
      ['HTTP', { ...other, 'http.response.status_code': 400 }],
      ['HTTP /backend', { ...other, 'http.response.status_code': 405, ...route }],
      ['GET /backend/docs/*', { ...get, 'http.route': '/backend/docs/*' }],
      ['GET /backend/:id', { ...get, 'http.route': '/backend/:id' }],
      ['POST /backend', { ...get, 'http.request.method': 'POST', ...route }],
    ]);
  });

  test('is an error only for an answer of 500 or more, with the problem’s code or else the status', async () => {
    for (const [status, problem] of [
      [499, 'bad_request'],
      [500, undefined],
      [503, 'overloaded'],
    ] as const) {
      telemetry.answered(Object.assign(new RequestTrace(), { problem }), { ...posted, status });
    }
    expect((await sent()).map(({ isError, attributes }) => [isError, attributes['error.type']])).toEqual([
      [false, undefined],
      [true, '500'],
      [true, 'overloaded'],
    ]);
  });

  test('of a request that the client does not want traced is sent if it failed or was slow', async () => {
    telemetry.answered(new RequestTrace(unsampled), posted);
    telemetry.answered(traceSince(slow + 500, unsampled), posted);
    telemetry.answered(traceSince(0, unsampled), { ...posted, status: 500 });
    const spans = await sent();
    expect(spans.map(({ attributes }) => attributes['http.response.status_code'])).toEqual([200, 500]);
    for (const span of spans) expect(span).toMatchObject({ traceId: ids.traceId, parentId: ids.spanId });
    expect(telemetry.limited()).toBe(0);
  });

  test('of a request or a visit’s sum that failed or was slow has a limit of its own', async () => {
    // In less than 10 seconds on any machine.
    for (let count = 0; count < 10 * tracesPerSecond; count++) telemetry.answered(new RequestTrace(), posted);
    const ordinary = 10 * tracesPerSecond - telemetry.limited();
    expect(telemetry.limited()).toBeGreaterThan(0);
    telemetry.answered(traceSince(slow + 500), posted);
    telemetry.answered(new RequestTrace(), { ...posted, status: 500 });
    telemetry.reported({ ...ids, start: 0, duration: slow + 1, outcome: 'ok' }, 5_000);
    telemetry.reported({ ...ids, start: 0, duration: 1, outcome: 'offline' }, 5_000);
    const spans = (await sent()).slice(ordinary);
    expect(spans.map(({ service, isError }) => [service, isError])).toEqual([
      ['my-api', false],
      ['my-api', true],
      ['magic-calculator', false],
      ['magic-calculator', true],
    ]);
  });

  test('has the times of the wall clock: of the request, its wait and its statement, and of a visitor’s sum', async () => {
    const trace = traceSince(700);
    statement([trace], { start: trace.start + 200, end: trace.start + 600 });
    trace.wait = { start: trace.start + 100, end: trace.start + 650 };
    const before = Date.now();
    telemetry.answered(trace, posted);
    telemetry.reported({ ...ids, start: 1_300, duration: 400, outcome: 'ok' }, 700);
    const after = Date.now();
    const [insert, wait, request, sum] = (await sent()).map(({ start, end }) => ({
      start: inMs(start),
      end: inMs(end),
    }));
    const began = Number(request?.start);
    expect(insert).toEqual({ start: began + 200, end: began + 600 });
    expect(wait).toEqual({ start: began + 100, end: began + 650 });
    // A millisecond more or less, because the clocks have fractions.
    expect(request?.end).toBeGreaterThanOrEqual(before - 1);
    expect(request?.end).toBeLessThanOrEqual(after + 1);
    expect(Number(request?.end) - began).toBeGreaterThanOrEqual(700 - 1);
    expect(sum?.start).toBeGreaterThanOrEqual(before - 700);
    expect(sum?.start).toBeLessThanOrEqual(after - 700);
    expect(sum?.end).toBe(Number(sum?.start) + 400);
  });

  test('of a statement has the database’s error, or says that it got no answer', async () => {
    const trace = new RequestTrace();
    const before = Date.now();
    statement([trace], { operation: 'SELECT', end: performance.now() });
    statement([trace], { end: performance.now(), error: 'ER_LOCK_DEADLOCK' });
    statement([trace]);
    telemetry.answered(trace, { ...posted, status: 503 });
    const spans = await sent();
    const statements = spans.filter(({ kind }) => kind === 'client');
    expect(statements.map(({ name, isError, attributes }) => [name, isError, attributes['error.type']])).toEqual([
      ['SELECT operacoes', false, undefined],
      ['INSERT operacoes', true, 'ER_LOCK_DEADLOCK'],
      ['INSERT operacoes', true, 'timeout'],
    ]);
    expect(new Set(statements.map(({ attributes }) => attributes['db.system.name']))).toEqual(new Set(['mysql']));
    // What has not ended lasts until the span is sent.
    const [unanswered, wait] = [statements[2], spans.find(({ kind }) => kind === 'internal')];
    for (const span of [unanswered, wait]) expect(inMs(span?.end)).toBeGreaterThanOrEqual(before - 1);
  });

  test('of a statement links only to requests whose traces are sent', async () => {
    const [first, second, unwanted] = [new RequestTrace(), new RequestTrace(), new RequestTrace(unsampled)];
    statement([first, second, unwanted], { end: performance.now() });
    for (const trace of [first, second, unwanted]) telemetry.answered(trace, posted);
    const spans = await sent();
    expect(spans.filter(({ name }) => name === 'POST /backend')).toHaveLength(2);
    const [insert, ...others] = spans.filter(({ name }) => name === 'INSERT operacoes');
    expect(others).toEqual([]);
    expect(insert?.links).toEqual([{ traceId: second.traceId, spanId: second.spanId }]);
    expect(insert?.attributes['calculadora.batch.size']).toBe(3);
  });

  test('says which pod of the API it comes from, by OpenTelemetry’s variables', async () => {
    telemetry.answered(new RequestTrace(), posted);
    expect((await sent()).map(({ service }) => service)).toEqual(['my-api']);
    expect(collector.text()).toContain('pod-7');
  });

  test('of a visitor’s sum is one of the site, and of no pod', async () => {
    telemetry.reported({ ...ids, start: 0, duration: 1, outcome: 'ok' }, 1);
    const [span, ...others] = await sent();
    expect(others).toEqual([]);
    expect(span).toMatchObject({ service: 'magic-calculator', name: 'POST /backend', kind: 'client', ...ids });
    expect(span?.attributes).toEqual({ 'http.request.method': 'POST', 'url.path': '/backend' });
    expect(collector.text()).not.toContain('pod-7');
  });
});

describe('A statement is noted', () => {
  const failed = async (error: unknown) => {
    const trace = new RequestTrace();
    await noteStatement('INSERT', [{ trace }, {}], () => Promise.reject(error)).catch(() => undefined);
    return trace.statements.map((noted) => noted.error);
  };

  test('with the code of the database’s error, or else its name', async () => {
    const deadlock = Object.assign(new Error('Deadlock'), { code: 'ER_LOCK_DEADLOCK' });
    expect(await failed(new StorageUnavailable(deadlock))).toEqual(['ER_LOCK_DEADLOCK']);
    expect(await failed(new StorageUnavailable(new TypeError('wrong')))).toEqual(['TypeError']);
    expect(await failed(new StorageUnavailable(Object.assign(new RangeError('a'), { code: 7 })))).toEqual([
      'RangeError',
    ]);
    expect(await failed(new StorageUnavailable(undefined))).toEqual(['StorageUnavailable']);
    expect(await failed('text')).toEqual(['unavailable']);
  });

  test('with its end, for each traced request of its batch', async () => {
    const traces = [new RequestTrace(), new RequestTrace()];
    const entries = [...traces.map((trace) => ({ trace })), {}];
    expect(await noteStatement('SELECT', entries, async () => 'the rows')).toBe('the rows');
    for (const trace of traces) {
      const [noted] = trace.statements;
      expect(noted).toMatchObject({ operation: 'SELECT', traces });
      expect(noted?.error).toBeUndefined();
      expect(Number(noted?.end)).toBeGreaterThanOrEqual(Number(noted?.start));
    }
  });
});

describe('The queue of spans', () => {
  const span = { spanContext: () => ({ traceFlags: 1 }), resource: {} } as unknown as ReadableSpan;
  afterEach(() => {
    jest.useRealTimers();
    jest.restoreAllMocks();
  });

  test('has room again after spans that the collector refused, and reports at most one failure a minute', async () => {
    let now = 1_000;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    const failures: Error[] = [];
    const error = new Error('refused');
    const exporter: SpanExporter = { export: (_, done) => done({ code: 1, error }), shutdown: async () => undefined };
    const queue = new BoundedQueue(exporter, (failure) => failures.push(failure));
    const send = async (spans: number) => {
      for (let count = 0; count < spans; count++) queue.onEnd(span);
      await queue.forceFlush().catch(() => undefined);
    };
    // From the start, so that a graph of them has no gap.
    expect([...queue.dropped]).toEqual([
      ['queue_full', 0],
      ['export_failed', 0],
    ]);
    await send(queueSize);
    await send(queueSize);
    expect([...queue.dropped]).toEqual([
      ['queue_full', 0],
      ['export_failed', 2 * queueSize],
    ]);
    now += 59_999;
    await send(1);
    expect(failures).toEqual([error]);
    now += 1;
    await send(1);
    expect(failures).toEqual([error, error]);
  });

  test('sends a span after a second', async () => {
    jest.useFakeTimers();
    let taken = 0;
    const exporter: SpanExporter = {
      export: (spans, done) => {
        taken += spans.length;
        done({ code: 0 });
      },
      shutdown: async () => undefined,
    };
    const queue = new BoundedQueue(exporter, () => undefined);
    queue.onEnd(span);
    await jest.advanceTimersByTimeAsync(999);
    expect(taken).toBe(0);
    await jest.advanceTimersByTimeAsync(1);
    expect(taken).toBe(1);
  });

  test('is closed after two seconds if the collector does not answer, so that the process ends in time', async () => {
    jest.useFakeTimers();
    const queue = new BoundedQueue({ export: () => undefined, shutdown: async () => undefined }, () => undefined);
    queue.onEnd(span);
    let isClosed = false;
    void queue.close().then(() => (isClosed = true));
    await jest.advanceTimersByTimeAsync(1_999);
    expect(isClosed).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    expect(isClosed).toBe(true);
  });

  test('is bounded, and counts what does not fit', async () => {
    const answers: (() => void)[] = [];
    let taken = 0;
    // Answers only when asked to.
    const slowExporter: SpanExporter = {
      export(spans, done) {
        taken += spans.length;
        answers.push(() => done({ code: 0 }));
      },
      shutdown: async () => {},
    };
    const queue = new BoundedQueue(slowExporter, () => {});
    for (let count = 0; count < 3 * queueSize; count++) queue.onEnd(span);
    expect(queue.dropped.get('queue_full')).toBe(2 * queueSize);

    const flushed = queue.forceFlush();
    expect(taken).toBe(queueSize);
    for (const answer of answers) answer();
    await flushed;
    queue.onEnd(span);
    expect(queue.dropped.get('queue_full')).toBe(2 * queueSize);
  });
});
