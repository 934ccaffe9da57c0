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
