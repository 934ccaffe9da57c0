/** @jest-environment jest-fixed-jsdom */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { isVisitReport, paths, slow, type VisitReport } from 'contract';

// Playwright's browser sends the real beacons, in test/browser/trace.test.ts.
let beacons: { address: string | URL; type: string; body: Promise<string> }[];
const reports = () => Promise.all(beacons.map(async ({ body }) => JSON.parse(await body) as VisitReport));

/** Opens the page. @param random decides whether the visit is one of the sample, which is one in ten */
async function open(random: number) {
  jest.spyOn(Math, 'random').mockReturnValue(random);
  // What the module keeps belongs to one page.
  jest.resetModules();
  const { reportVisit, beginSum } = await import('../src/visit-report.ts');
  reportVisit();
  return beginSum;
}
/** The page has loaded, 700 ms after the click on the link to it. */
const load = () => dispatchEvent(Object.defineProperty(new Event('load'), 'timeStamp', { value: 700 }));
const leave = () => document.dispatchEvent(new Event('visibilitychange'));
const after = (milliseconds: number) => jest.advanceTimersByTime(milliseconds);

let listening: [Window | Document, jest.Spied<typeof addEventListener>][];
beforeEach(() => {
  beacons = [];
  listening = [window, document].map((target) => [target, jest.spyOn(target as Window, 'addEventListener')]);
  jest.useFakeTimers();
  navigator.sendBeacon = (address, data) => {
    const blob = data as Blob;
    beacons.push({ address, type: blob.type, body: new Response(blob).text() });
    return true;
  };
});
afterEach(() => {
  // Closes the page.
  for (const [target, { mock }] of listening) {
    for (const [type, listener] of mock.calls) target.removeEventListener(type, listener);
  }
  jest.useRealTimers();
  jest.restoreAllMocks();
});

describe('A visit of the sample', () => {
  test('reports its load time and its sums as JSON, as the API reads it, and each of them once', async () => {
    const beginSum = await open(0.099);
    load();
    after(4_000);
    const sum = beginSum();
    after(300);
    sum.end('ok');
    expect(beacons).toEqual([]);
    after(60_000);
    leave();
    expect(beacons.map(({ address, type }) => [address, type])).toEqual([[paths.visits, 'application/json']]);
    const [report] = await reports();
    expect(isVisitReport(report)).toBe(true);
    const [, traceId, spanId] = sum.traceparent.split('-');
    expect(sum.traceparent).toBe(`00-${traceId}-${spanId}-01`);
    expect(report?.load).toBe(700);
    expect(report?.sums).toEqual([{ traceId, spanId, start: expect.any(Number), duration: 300, outcome: 'ok' }]);
    expect(Number(report?.time) - Number(report?.sums[0]?.start)).toBe(1_000);
  });

  test('reports what it has not reported yet when the visitor leaves', async () => {
    const beginSum = await open(0);
    load();
    beginSum().end('ok');
    leave();
    beginSum().end('refused');
    leave();
    leave();
    const sent = await reports();
    expect(sent.map(({ load, sums }) => [typeof load, sums.map(({ outcome }) => outcome)])).toEqual([
      ['number', ['ok']],
      ['undefined', ['refused']],
    ]);
  });
});

test('a report is sent five seconds after the load or the sum that it has', async () => {
  const beginSum = await open(0);
  for (const report of [load, () => beginSum().end('timeout'), () => beginSum().end('ok')]) {
    const before = beacons.length;
    report();
    after(4_999);
    expect(beacons).toHaveLength(before);
    after(1);
    expect(beacons).toHaveLength(before + 1);
  }
});

test('each sum is reported by its outcome, under the trace that its request had', async () => {
  await open(0);
  const { requestSum } = await import('../src/api.ts');
  const traces: string[] = [];
  const problem = (status: number, body: object) =>
    new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/problem+json' } });
  const mistake = { pointer: '#/nome', code: 'name_too_short' };
  const responses = [
    Response.json({ resultado: 15 }),
    problem(400, { code: 'bad_request', errors: [mistake] }),
    problem(503, { code: 'storage_unavailable' }),
    new Response('<html>', { status: 502 }),
    Response.json({ resultado: 99 }),
    undefined,
  ];
  for (const response of responses) {
    jest.spyOn(globalThis, 'fetch').mockImplementationOnce(async (_address, init) => {
      traces.push(String(new Headers(init?.headers).get('traceparent')));
      if (!response) throw new TypeError('Failed to fetch');
      return response;
    });
    await requestSum({ nome: 'Wander', operador1: 5, operador2: 10 }, 'key');
  }
  leave();
  const [report] = await reports();
  expect(report?.sums.map(({ outcome }) => outcome)).toEqual([
    'ok',
    'refused',
    'storage_unavailable',
    'unavailable',
    'unexpected',
    'offline',
  ]);
  expect(report?.sums.map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`)).toEqual(traces);
});

describe('A visit that is not in the sample', () => {
  test('reports only sums that failed or were slow', async () => {
    const beginSum = await open(0.1);
    load();
    for (const [duration, outcome] of [
      [slow, 'ok'],
      [slow + 1, 'ok'],
      [0, 'timeout'],
      [0, 'refused'],
    ] as const) {
      const sum = beginSum();
      expect(sum.traceparent).toMatch(/^00-[\da-f]{32}-[\da-f]{16}-00$/);
      after(duration);
      sum.end(outcome);
    }
    leave();
    const [report, ...others] = await reports();
    expect(others).toEqual([]);
    expect(report?.load).toBeUndefined();
    expect(report?.sums.map(({ duration, outcome }) => [duration, outcome])).toEqual([
      [slow + 1, 'ok'],
      [0, 'timeout'],
      [0, 'refused'],
    ]);
  });

  test('sends nothing if there is nothing to report', async () => {
    const beginSum = await open(0.5);
    load();
    beginSum().end('ok');
    after(60_000);
    leave();
    expect(beacons).toEqual([]);
  });
});

test('each sum has its own ids', async () => {
  const beginSum = await open(0);
  const ids = Array.from({ length: 3 }, () => beginSum().traceparent.split('-').slice(1, 3)).flat();
  expect(new Set(ids).size).toBe(6);
});

test('a browser without beacons adds as all others', async () => {
  const beginSum = await open(0);
  Object.assign(navigator, { sendBeacon: undefined });
  beginSum().end('timeout');
  expect(() => after(60_000)).not.toThrow();
});
