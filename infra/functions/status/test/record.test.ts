/** The function against AWS's documented answers: what it writes, minute by minute. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Figures, PartFigures, State } from '../src/figures.ts';
import type { record as recordType } from '../src/index.ts';
import type { Checks } from '../src/measure.ts';
import { Aws } from './support/aws.ts';

const aws = new Aws();
const environment = { ...process.env };
let record: typeof recordType;

const checks: Checks = {
  site: { outage: ['site-unreachable'], warnings: ['site-slow', 'edge-errors'] },
  database: { outage: [], warnings: ['database-cpu'], database: 'mysql' },
};
const key = 'pages/status/figures.json';

beforeAll(async () => {
  Object.assign(process.env, await aws.start(), {
    ALARM_REGIONS: 'sa-east-1,us-east-1',
    BUCKET: 'pages',
    CHECKS: JSON.stringify(checks),
    KEY: 'status/figures.json',
    TIME_ZONE: 'America/Sao_Paulo',
  });
  ({ record } = await import('../src/index.ts'));
});
afterAll(() => {
  process.env = environment;
  aws.stop();
});
beforeEach(() => {
  aws.objects.clear();
  aws.broken.clear();
  aws.onRead = () => undefined;
  for (const alarm of ['site-unreachable', 'site-slow', 'edge-errors', 'database-cpu']) set(alarm, 'OK');
  aws.databases.set('mysql', 'available');
});

function set(alarm: string, state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA', transitionedAt = '2026-11-01T00:00:00.000Z') {
  aws.alarms.set(alarm, { state, transitionedAt });
}
const figures = (): Figures => JSON.parse(aws.objects.get(key)?.body ?? 'null');
const part = (name: string): PartFigures | undefined => figures().parts[name];
/** Runs at a time of 28 November in Brasília, three hours behind UTC. */
const at = (time: string) => record(new Date(`2026-11-28T${time}-03:00`));

describe('the state', () => {
  test('works if every check says so, since the last of them changed', async () => {
    set('site-slow', 'OK', '2026-11-20T10:00:00.000Z');
    await at('10:00:00');
    expect(figures()).toEqual({
      measuredAt: '2026-11-28T13:00:00.000Z',
      parts: {
        site: { state: 'works', since: '2026-11-20T10:00:00.000Z', alarms: [] },
        database: { state: 'works', since: '2026-11-01T00:00:00.000Z', alarms: [] },
      },
      days: [{ day: '2026-11-28', parts: { site: { works: 1 }, database: { works: 1 } } }],
    });
    expect(aws.objects.get(key)?.headers).toMatchObject({
      'content-type': 'application/json',
      'cache-control': 'no-cache',
    });
  });

  test.each<[string, () => void, Record<string, State>, string[]]>([
    ['nobody reaches the site', () => set('site-unreachable', 'ALARM'), { site: 'out' }, ['site-unreachable']],
    ['the site is slow', () => set('site-slow', 'ALARM'), { site: 'disturbed' }, ['site-slow']],
    [
      'the site is out and was slow before',
      () => {
        set('site-slow', 'ALARM');
        set('site-unreachable', 'ALARM');
      },
      { site: 'out' },
      ['site-unreachable', 'site-slow'],
    ],
    ['the check from outside has no data', () => set('site-unreachable', 'INSUFFICIENT_DATA'), { site: 'unknown' }, []],
    ['the check from outside is gone', () => aws.alarms.delete('site-unreachable'), { site: 'unknown' }, []],
    ['a warning has no data', () => set('site-slow', 'INSUFFICIENT_DATA'), {}, []],
    ['the database is busy', () => set('database-cpu', 'ALARM'), { database: 'disturbed' }, ['database-cpu']],
    ['the database is stopped', () => aws.databases.set('mysql', 'stopped'), { database: 'out' }, []],
    ['the database is gone', () => aws.databases.delete('mysql'), { database: 'out' }, []],
    ['the database is backed up', () => aws.databases.set('mysql', 'backing-up'), {}, []],
  ])('if %s', async (_, change, expected, alarms) => {
    change();
    await at('10:00:00');
    const states = Object.fromEntries(Object.entries(figures().parts).map(([name, { state }]) => [name, state]));
    expect(states).toEqual({ site: 'works', database: 'works', ...expected });
    expect(Object.values(figures().parts).flatMap((each) => each.alarms)).toEqual(alarms);
  });

  test.each(['storage-full', 'failed', 'rebooting', 'maintenance', 'incompatible-network', 'starting', 'upgrading'])(
    'if the database is %s, nobody reaches it',
    async (status) => {
      aws.databases.set('mysql', status);
      await at('10:00:00');
      expect(part('database')?.state).toBe('out');
    },
  );

  test('knows the last of a hundred alarms', async () => {
    const warnings = Array.from({ length: 99 }, (_, index) => `warning-${index}`);
    for (const warning of warnings) set(warning, 'OK');
    set('warning-98', 'ALARM');
    process.env.CHECKS = JSON.stringify({ site: { outage: ['site-unreachable'], warnings } });
    try {
      await at('10:00:00');
      expect(part('site')).toMatchObject({ state: 'disturbed', alarms: ['warning-98'] });
    } finally {
      process.env.CHECKS = JSON.stringify(checks);
    }
  });

  test('an outage lasts since its alarm, also if another alarm takes over', async () => {
    await at('10:00:00');
    set('site-unreachable', 'ALARM', '2026-11-28T13:00:20.000Z');
    await at('10:01:00');
    expect(part('site')).toMatchObject({ state: 'out', since: '2026-11-28T13:00:20.000Z' });
    set('site-unreachable', 'ALARM', '2026-11-28T13:01:40.000Z');
    await at('10:02:00');
    expect(part('site')).toMatchObject({ state: 'out', since: '2026-11-28T13:00:20.000Z' });
    set('site-unreachable', 'OK', '2026-11-28T13:02:30.000Z');
    await at('10:03:00');
    expect(part('site')).toMatchObject({ state: 'works', since: '2026-11-28T13:02:30.000Z' });
  });
});

describe('the history', () => {
  test('counts each minute once, with the state that it was first measured in', async () => {
    await at('10:00:00');
    set('site-unreachable', 'ALARM');
    await at('10:01:00');
    // As when Lambda repeats a run that failed.
    await at('10:01:30');
    await at('10:02:00');
    expect(figures().days).toEqual([
      { day: '2026-11-28', parts: { site: { works: 1, out: 2 }, database: { works: 3 } } },
    ]);
  });

  test('begins a new day at midnight in Brasília', async () => {
    await at('23:58:00');
    await at('23:59:00');
    await record(new Date('2026-11-29T00:00:00-03:00'));
    expect(figures().days).toEqual([
      { day: '2026-11-28', parts: { site: { works: 2 }, database: { works: 2 } } },
      { day: '2026-11-29', parts: { site: { works: 1 }, database: { works: 1 } } },
    ]);
  });

  test('counts nothing for the time without a measurement', async () => {
    await at('10:00:00');
    await at('13:00:00');
    await record(new Date('2026-12-01T08:00:00-03:00'));
    expect(figures().days.map(({ day, parts }) => [day, parts.site])).toEqual([
      ['2026-11-28', { works: 2 }],
      ['2026-12-01', { works: 1 }],
    ]);
  });

  test('keeps 90 days, in a file of a few kilobytes', async () => {
    await at('10:00:00');
    const minutes = { works: 1400, disturbed: 20, unknown: 10, out: 10 };
    const days = Array.from({ length: 95 }, (_, index) => ({
      day: new Date(Date.UTC(2026, 7, 25 + index)).toISOString().slice(0, 10),
      parts: { site: minutes, database: minutes },
    }));
    aws.objects.set(key, { body: JSON.stringify({ ...figures(), days }), headers: {} });
    await at('10:01:00');
    const kept = figures().days.map(({ day }) => day);
    expect(kept).toHaveLength(90);
    expect([kept[0], kept.at(-1)]).toEqual(['2026-08-31', '2026-11-28']);
    expect(aws.objects.get(key)?.body.length).toBeLessThan(20_000);
  });

  test('a part that is new begins with its first minute, and one that is gone is no longer measured', async () => {
    await at('10:00:00');
    const { site, ...rest } = checks;
    process.env.CHECKS = JSON.stringify({ shop: site, ...rest });
    await at('10:01:00');
    process.env.CHECKS = JSON.stringify(checks);
    expect(Object.keys(figures().parts)).toEqual(['shop', 'database']);
    expect(figures().days[0]?.parts).toEqual({ shop: { works: 1 }, database: { works: 2 } });
  });
});

describe('a failure leaves the file as it was, and the run fails', () => {
  test.each(['CLOUDWATCH', 'RDS', 'S3'] as const)('of %s', async (service) => {
    await at('10:00:00');
    const before = aws.objects.get(key)?.body;
    aws.broken.add(service);
    await expect(at('10:01:00')).rejects.toThrow();
    expect(aws.objects.get(key)?.body).toBe(before);
    aws.broken.clear();
    await at('10:02:00');
    expect(figures().days[0]?.parts.site).toEqual({ works: 2 });
  });

  test('of another run that writes at the same time, whose minute is not lost', async () => {
    await at('10:00:00');
    const other = { ...figures(), measuredAt: '2026-11-28T13:01:00.000Z' };
    aws.onRead = () => aws.objects.set(key, { body: JSON.stringify(other), headers: {} });
    await expect(at('10:01:30')).rejects.toMatchObject({ name: 'PreconditionFailed' });
    expect(figures()).toEqual(other);
  });

  test('of a file that is not JSON', async () => {
    aws.objects.set(key, { body: '{', headers: {} });
    await expect(at('10:00:00')).rejects.toThrow(SyntaxError);
  });
});
