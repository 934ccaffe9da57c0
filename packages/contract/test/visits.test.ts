import { describe, expect, test } from '@jest/globals';
import { isVisitReport, problemMessages, type SumReport, slow, type VisitReport, visitLimits } from '../src/index.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const sum: SumReport = { traceId, spanId: 'b7ad6b7169203331', start: 1_300, duration: 400, outcome: 'ok' };
const time = 2_000;
const report = (change: Partial<SumReport>) => ({ time, sums: [{ ...sum, ...change }] });

/** As many sums as a report may have, each as long as it may be. The site's times have fractions. */
const largest: VisitReport = {
  time: 600_000.100000024,
  load: 600_000,
  sums: Array.from({ length: 10 }, () => ({
    ...sum,
    start: 123_456.100000024,
    duration: 234_567.900000036,
    outcome: 'x'.repeat(40),
  })),
};

describe('A report of a visit', () => {
  test('has these limits, and a sum is slow after one second', () => {
    expect(visitLimits).toEqual({ bodyBytes: 4_096, sums: 10, duration: 600_000 });
    expect(slow).toBe(1_000);
  });

  test.each<[string, unknown]>([
    ['only a load time', { time, load: 1_500.5, sums: [] }],
    ['only a sum', report({})],
    ['everything that it may have', largest],
    ['a sum of ten minutes that has just ended', { time: 600_000, sums: [{ ...sum, start: 0, duration: 600_000 }] }],
    ['a sum in a tab that has been open for a day', { time: 86_400_000, sums: [{ ...sum, start: 86_399_000 }] }],
  ])('may have %s', (_, body) => {
    expect(isVisitReport(body)).toBe(true);
  });

  test('may have the code of any problem as the outcome of a sum', () => {
    const codes = Object.keys(problemMessages);
    expect(codes.length).toBeGreaterThan(10);
    expect(codes.filter((outcome) => !isVisitReport(report({ outcome })))).toEqual([]);
  });

  test('fits into the bytes that the API reads, even the largest', () => {
    expect(JSON.stringify(largest).length).toBeLessThan(visitLimits.bodyBytes);
  });

  test.each<[string, unknown]>([
    ['no object', []],
    ['no sums', { time }],
    ['another field', { time, sums: [], nome: 'Wander' }],
    ['a load time of text', { time, load: '12', sums: [] }],
    ['a negative load time', { time, load: -1, sums: [] }],
    ['a load time of more than ten minutes', { time, load: 600_001, sums: [] }],
    ['no number as a load time', { time, load: Number.NaN, sums: [] }],
    ['null as a load time', { time, load: null, sums: [] }],
    ['a time of text', { time: '2000', sums: [] }],
    ['a start of text', { time, sums: [{ ...sum, start: '1300' }] }],
    ['a trace id in capitals', report({ traceId: traceId.toUpperCase() })],
    ['text around an outcome', report({ outcome: ' ok' })],
    ['a list instead of a sum', { time, sums: [[]] }],
    ['a text instead of sums', { time, sums: '' }],
    ['nothing in it', null],
    ['too many sums', { ...largest, sums: [...largest.sums, sum] }],
    ['another field of a sum', { time, sums: [{ ...sum, nome: 'Wander' }] }],
    ['a trace id of zeros', report({ traceId: '0'.repeat(32) })],
    ['a trace id of letters', report({ traceId: 'Wander' })],
    ['a trace id that is too long', report({ traceId: `${traceId}0` })],
    ['a span id of zeros', report({ spanId: '0'.repeat(16) })],
    ['a span id that is too long', report({ spanId: traceId })],
    ['a negative duration', report({ duration: -1 })],
    ['a duration longer than the time since its start', report({ duration: 701 })],
    ['a sum that began after the report', report({ start: 2_001, duration: 0 })],
    ['a sum that began more than ten minutes before', { time: 600_001, sums: [{ ...sum, start: 0 }] }],
    ['a sum of yesterday', { time: 9e7, sums: [sum] }],
    ['no time', { sums: [] }],
    ['an outcome that is a sentence', report({ outcome: 'Wander fez 15' })],
    ['an outcome that is empty', report({ outcome: '' })],
    ['an outcome that is too long', report({ outcome: 'x'.repeat(41) })],
    ['null instead of a sum', { time, sums: [null] }],
  ])('may not have %s', (_, body) => {
    expect(isVisitReport(body)).toBe(false);
  });
});
