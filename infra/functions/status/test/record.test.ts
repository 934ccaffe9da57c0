/** The function against AWS's documented answers: what it writes, minute by minute. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { invoke } from '../../../test/support/lambda.ts';
import type { Figures, PartFigures, State } from '../src/figures.ts';
import type { handler as handlerType, record as recordType } from '../src/index.ts';
import type { Checks } from '../src/measure.ts';
import { Aws } from './support/aws.ts';

const aws = new Aws();
const environment = { ...process.env };
let record: typeof recordType;
let handler: typeof handlerType;

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
  ({ handler, record } = await import('../src/index.ts'));
});
afterAll(() => {
  process.env = environment;
  aws.stop();
});
beforeEach(() => {
  aws.objects.clear();
  aws.broken.clear();
  aws.silent.clear();
  aws.asked.length = 0;
  aws.onRead = () => undefined;
  process.env.CHECKS = JSON.stringify(checks);
  for (const alarm of ['site-unreachable', 'site-slow', 'edge-errors', 'database-cpu']) set(alarm, 'OK');
  aws.databases.set('mysql', 'available');
});

function set(alarm: string, state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA', transitionedAt = '2026-11-01T00:00:00.000Z') {
  // CloudFront's alarms are only in Virginia.
  aws.alarms.set(alarm, { state, transitionedAt, region: alarm === 'edge-errors' ? 'us-east-1' : 'sa-east-1' });
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
    // CloudFront could not read an object with a key, a storage class or an access list of its own.
    const { headers = {} } = aws.objects.get(key) ?? {};
    const ofTransfer =
      /^(accept|amz-sdk-|authorization|connection|content-length|expect|host|if-|user-agent|x-amz-(checksum|content-sha256|date|sdk|user-agent))/;
    expect(Object.fromEntries(Object.entries(headers).filter(([name]) => !ofTransfer.test(name)))).toEqual({
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
    [
      'the site is slow for all we know',
      () => {
        set('site-unreachable', 'INSUFFICIENT_DATA');
        set('site-slow', 'ALARM');
      },
      { site: 'unknown' },
      ['site-slow'],
    ],
    ['an alarm of another region fires', () => set('edge-errors', 'ALARM'), { site: 'disturbed' }, ['edge-errors']],
    ['a warning has no data', () => set('site-slow', 'INSUFFICIENT_DATA'), {}, []],
    ['the database is busy', () => set('database-cpu', 'ALARM'), { database: 'disturbed' }, ['database-cpu']],
    ['the database is stopped', () => aws.databases.set('mysql', 'stopped'), { database: 'out' }, []],
    [
      'the database is stopped and was busy before',
      () => {
        set('database-cpu', 'ALARM');
        aws.databases.set('mysql', 'stopped');
      },
      { database: 'out' },
      ['database-cpu'],
    ],
    ['the database is gone', () => aws.databases.delete('mysql'), { database: 'out' }, []],
  ])('if %s', async (_, change, expected, alarms) => {
    change();
    await at('10:00:00');
    const states = Object.fromEntries(Object.entries(figures().parts).map(([name, { state }]) => [name, state]));
    expect(states).toEqual({ site: 'works', database: 'works', ...expected });
    expect(Object.values(figures().parts).flatMap((each) => each.alarms)).toEqual(alarms);
  });

  // From the list of AWS:
  // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html
  test.each<[State, string[]]>([
    [
      'out',
      [
        ...['creating', 'deleting', 'failed', 'inaccessible-encryption-credentials', 'incompatible-network'],
        ...['inaccessible-encryption-credentials-recoverable', 'incompatible-parameters', 'incompatible-restore'],
        ...['insufficient-capacity', 'maintenance', 'rebooting', 'restore-error', 'starting', 'stopped', 'stopping'],
        ...['storage-full', 'upgrading'],
      ],
    ],
    [
      'works',
      [
        ...['available', 'backing-up', 'configuring-associated-roles', 'configuring-enhanced-monitoring'],
        ...['configuring-iam-database-auth', 'configuring-log-exports', 'converting-to-vpc', 'delete-precheck'],
        ...['incompatible-option-group', 'modifying', 'moving-to-vpc', 'renaming', 'resetting-master-credentials'],
        ...['storage-config-upgrade', 'storage-initialization', 'storage-optimization'],
        'one of tomorrow',
      ],
    ],
  ])('a database counts as “%s” in each of these states of RDS', async (state, statuses) => {
    const measured: Record<string, State | undefined> = {};
    for (const status of statuses) {
      aws.databases.set('mysql', status);
      await at('10:00:00');
      measured[status] = part('database')?.state;
    }
    expect(measured).toEqual(Object.fromEntries(statuses.map((status) => [status, state])));
  });

  test.each(['outage', 'warnings'] as const)('lasts since the first of several alarms: %s', async (kind) => {
    process.env.CHECKS = JSON.stringify({ site: { outage: [], warnings: [], [kind]: ['site-slow', 'edge-errors'] } });
    set('site-slow', 'ALARM', '2026-11-28T12:40:00.000Z');
    set('edge-errors', 'ALARM', '2026-11-28T12:30:00.000Z');
    await at('10:00:00');
    expect(part('site')?.since).toBe('2026-11-28T12:30:00.000Z');
  });

  test('is since now, where nothing tells when it began', async () => {
    await at('10:00:00');
    aws.databases.set('mysql', 'stopped');
    await at('10:01:00');
    await at('10:02:00');
    expect(part('database')).toEqual({ state: 'out', since: '2026-11-28T13:01:00.000Z', alarms: [] });
  });

  test('is not since a time at which it was another', async () => {
    aws.databases.set('mysql', 'stopped');
    await at('10:00:00');
    await at('10:01:00');
    aws.databases.set('mysql', 'available');
    await at('10:02:00');
    await at('10:03:00');
    // Its alarm has said since the first of the month that all is well. It was last seen stopped a minute before.
    expect(part('database')).toEqual({ state: 'works', since: '2026-11-28T13:01:00.000Z', alarms: [] });
    // A part that is new was in no other state.
    process.env.CHECKS = JSON.stringify({ ...checks, shop: checks.database });
    await at('10:04:00');
    expect(part('shop')?.since).toBe('2026-11-01T00:00:00.000Z');
  });

  test.each<[State, ...('OK' | 'ALARM' | 'INSUFFICIENT_DATA')[]]>([
    ['works', 'OK', 'OK'],
    ['unknown', 'OK', 'INSUFFICIENT_DATA'],
    ['unknown', 'INSUFFICIENT_DATA', 'OK'],
    ['out', 'OK', 'ALARM'],
    ['out', 'INSUFFICIENT_DATA', 'ALARM'],
  ])('is “%s” where two checks from outside say %s and %s', async (expected, one, other) => {
    process.env.CHECKS = JSON.stringify({ site: { outage: ['site-unreachable', 'site-slow'], warnings: [] } });
    set('site-unreachable', one);
    set('site-slow', other);
    await at('10:00:00');
    expect(part('site')?.state).toBe(expected);
  });

  test('of an alarm that has never changed lasts since AWS first looked at it', async () => {
    const updatedAt = '2026-11-05T00:00:00.000Z';
    aws.alarms.set('site-slow', { state: 'OK', region: 'sa-east-1', updatedAt });
    await at('10:00:00');
    expect(part('site')).toMatchObject({ state: 'works', since: updatedAt });
  });

  test('is that of each database, whichever of several is stopped', async () => {
    const ofDatabase = (database: string) => ({ outage: [], warnings: [], database });
    process.env.CHECKS = JSON.stringify({
      one: ofDatabase('mysql'),
      two: ofDatabase('gone'),
      three: ofDatabase('mysql-2'),
    });
    aws.databases.set('mysql-2', 'stopped');
    await at('10:00:00');
    expect(Object.values(figures().parts).map(({ state }) => state)).toEqual(['works', 'out', 'out']);
    aws.databases.set('mysql', 'stopped').set('mysql-2', 'available');
    await at('10:01:00');
    expect(Object.values(figures().parts).map(({ state }) => state)).toEqual(['out', 'out', 'works']);
    aws.databases.delete('mysql-2');
  });

  test.each([100, 101, 200, 250])('knows each of %d alarms, also if several parts have the same', async (count) => {
    const warnings = Array.from({ length: count - 1 }, (_, index) => `warning-${index}`);
    for (const warning of warnings) set(warning, 'ALARM');
    const ofBoth = { outage: ['site-unreachable'], warnings };
    process.env.CHECKS = JSON.stringify({ site: ofBoth, shop: ofBoth });
    await at('10:00:00');
    for (const name of ['site', 'shop']) expect(part(name)).toMatchObject({ state: 'disturbed', alarms: warnings });
    // Each once, and as many at a time as CloudWatch takes.
    const sizes = Array.from({ length: Math.ceil(count / 100) }, (_, page) => Math.min(100, count - 100 * page));
    expect(Map.groupBy(aws.asked, ({ region }) => region)).toEqual(
      new Map(['sa-east-1', 'us-east-1'].map((region) => [region, sizes.map((names) => ({ region, names }))])),
    );
  });

  test('is due to the alarms that fire now, also while it lasts', async () => {
    set('site-slow', 'ALARM', '2026-11-28T12:40:00.000Z');
    await at('10:00:00');
    set('site-slow', 'OK', '2026-11-28T13:00:20.000Z');
    set('edge-errors', 'ALARM', '2026-11-28T13:00:10.000Z');
    await at('10:01:00');
    expect(part('site')).toEqual({ state: 'disturbed', since: '2026-11-28T12:40:00.000Z', alarms: ['edge-errors'] });
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
    for (const time of ['10:01:29.999', '10:01:30', '10:01:59.999']) await at(time);
    expect(figures().days[0]?.parts.site).toEqual({ works: 1, out: 1 });
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
    expect(Object.keys(figures().parts)).toEqual(['shop', 'database']);
    expect(figures().days[0]?.parts).toEqual({ shop: { works: 1 }, database: { works: 2 } });
  });
});

describe('a failure leaves the file as it was, and the run fails', () => {
  // Only a database that RDS does not know is gone. A right that is missing, or too many requests, say nothing of it.
  const failures = [
    [500, 'InternalFailure'],
    [403, 'AccessDenied'],
    [400, 'Throttling'],
    [404, 'ResourceNotFound'],
  ] as const;
  const services = ['CLOUDWATCH', 'RDS', 'S3'] as const;
  test.each(services.flatMap((service) => failures.map(([status, code]) => [service, status, code] as const)))(
    'of %s, by the answer %d %s',
    async (service, status, code) => {
      await at('10:00:00');
      const before = aws.objects.get(key)?.body;
      aws.broken.set(service, [status, code]);
      await expect(at('10:01:00')).rejects.toMatchObject({ $metadata: { httpStatusCode: status } });
      // Lambda counts a run as failed only if the handler fails, and the alarm counts those.
      await expect(handler()).rejects.toMatchObject({ $metadata: { httpStatusCode: status } });
      expect(aws.objects.get(key)?.body).toBe(before);
      aws.broken.clear();
      await at('10:02:00');
      expect(figures().days[0]?.parts.site).toEqual({ works: 2 });
    },
  );

  test('of another run that writes at the same time, whose minute is not lost', async () => {
    await at('10:00:00');
    const other = { ...figures(), measuredAt: '2026-11-28T13:01:00.000Z' };
    aws.onRead = () => aws.objects.set(key, { body: JSON.stringify(other), headers: {} });
    await expect(at('10:01:30')).rejects.toMatchObject({ name: 'PreconditionFailed' });
    expect(figures()).toEqual(other);
  });

  test('of another run that writes the first figures at the same time', async () => {
    aws.onRead = () => aws.objects.set(key, { body: '{"first":true}', headers: {} });
    await expect(at('10:00:00')).rejects.toMatchObject({ name: 'PreconditionFailed' });
    expect(figures()).toEqual({ first: true });
  });

  test('of a file that is not JSON', async () => {
    aws.objects.set(key, { body: '{', headers: {} });
    await expect(at('10:00:00')).rejects.toThrow(SyntaxError);
  });
});

describe('a service that does not answer ends the run, long before Lambda would', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  test.each(['CLOUDWATCH', 'RDS', 'S3'] as const)('%s', async (service) => {
    aws.silent.add(service);
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'Date', 'performance'] });
    let failure: unknown;
    at('10:00:00').catch((error: unknown) => {
      failure = error;
    });
    // Time passes only here. What the network needs is done between two steps.
    for (let waited = 0; !failure && waited < 10_000; waited += 20) {
      await jest.advanceTimersByTimeAsync(20);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(failure).toMatchObject({ name: 'TimeoutError' });
  });
});

test('the bundle writes the figures, by its environment', async () => {
  const names = /^(AWS_.+|ALARM_REGIONS|BUCKET|CHECKS|KEY|TIME_ZONE)$/;
  const env = Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (names.test(name) ? [[name, value ?? '']] : [])),
  );
  set('site-unreachable', 'ALARM');
  await invoke('status', {}, env);
  expect(part('site')?.state).toBe('out');
});

test('Lambda measures the current time', async () => {
  const before = new Date().toISOString();
  await handler();
  const { measuredAt } = figures();
  expect([before, measuredAt, new Date().toISOString()].toSorted()[1]).toBe(measuredAt);
});
