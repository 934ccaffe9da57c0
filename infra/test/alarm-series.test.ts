/**
 * Each alarm with recorded series of its metrics, evaluated by CloudWatch's rules: red in the stated minute for its
 * fault, and green otherwise. Only its own team is notified.
 */
import { describe, expect, test } from '@jest/globals';
import { infrastructureTeam, names as namesOf } from 'platform';
import { applications } from 'platform/applications';
import { dev } from '../environments/dev.ts';
import { prd } from '../environments/prd.ts';
import { type Samples, states } from './support/cloudwatch.ts';
import { type Block, synthesise } from './support/synthesised.ts';

const environments = (
  [
    ['dev', 'dev', {}],
    ['prd', 'prd', {}],
    ['dev with a NAT instance', 'dev', { environment: { network: { ...dev.network, nat: 'instance' } } }],
    [
      'prd in another region, with a NAT instance per zone',
      'prd',
      { environment: { network: { ...prd.network, nat: 'instance-per-zone' } }, settings: { region: 'sa-east-1' } },
    ],
  ] as const
).map(([title, name, changes]) => {
  const stack = synthesise(name, changes);
  const { prefix } = namesOf(name);
  const alarms = stack.some('aws_cloudwatch_metric_alarm').map((alarm) => {
    const id: string = alarm.alarm_name.slice(prefix.length + 1);
    const application = applications.find((each) => id.startsWith(`${each.name}-`));
    return {
      alarm,
      /** The key of `watches`. */
      kind: application ? id.replace(application.name, 'application') : id.replace(/^nat-\d-/, 'nat-'),
      team: application?.team ?? infrastructureTeam,
      topics: [...alarm.alarm_actions, ...alarm.ok_actions].map((topic) => stack.target(stack.target(topic).arn).name),
    };
  });
  return { title, name, prefix, alarms };
});

const minutes = (count: number, ...samples: number[]): Samples => Array.from({ length: count }, () => samples);
const silence = (count: number): Samples => minutes(count);
const many = (count: number, value: number): number[] => Array.from({ length: count }, () => value);
const gibibytes = (count: number) => count * 1024 ** 3;

type Recorded = Readonly<Record<string, Samples>>;
interface Watch {
  /** Title, series, and the minute at whose end the alarm is first red. */
  readonly red: readonly (readonly [title: string, recorded: Recorded, minute: number])[];
  readonly green: readonly (readonly [title: string, recorded: Recorded])[];
}

const responses = (each: readonly (readonly [requests: number, errors: number])[]): Recorded => ({
  RequestCount: each.flatMap(([requests]) => (requests ? minutes(5, ...many(requests, 1)) : silence(5))),
  HTTPCode_Target_5XX_Count: each.flatMap(([, errors]) => (errors ? minutes(5, ...many(errors, 1)) : silence(5))),
});
const times = (...each: Samples[]): Recorded => ({ TargetResponseTime: each.flat() });
const healthy = (...each: Samples[]): Recorded => ({ HealthyHostCount: each.flat() });
const check = (...each: Samples[]): Recorded => ({ HealthCheckStatus: each.flat() });
const rate = (...each: Samples[]): Recorded => ({ '5xxErrorRate': each.flat() });
const refused = (...each: Samples[]): Recorded => ({ HTTPCode_ELB_5XX_Count: each.flat() });
const free = (...each: Samples[]): Recorded => ({ FreeStorageSpace: each.flat() });
const cpu = (...each: Samples[]): Recorded => ({ CPUUtilization: each.flat() });
const connections = (...each: Samples[]): Recorded => ({ DatabaseConnections: each.flat() });
const rotations = (...each: Samples[]): Recorded => ({ Errors: each.flat() });
const written = (runs: Samples, failures: Samples): Recorded => ({ Invocations: runs, Errors: failures });
const webhook = (...each: Samples[]): Recorded => ({
  apiserver_admission_webhook_rejection_count_ADMIT: each.flat(),
});
/** EC2 reports a 0 for each running instance and minute. */
const nodes = (...each: (readonly [instances: number, minutes: number])[]): Recorded => ({
  StatusCheckFailed: each.flatMap(([instances, count]) => minutes(count, ...many(instances, 0))),
});
const inService = (...each: Samples[]): Recorded => ({ GroupInServiceInstances: each.flat() });

const watches: Readonly<Record<string, Watch>> = {
  'application-errors': {
    red: [
      [
        'every response is an error',
        responses([
          [20, 0],
          [20, 20],
        ]),
        10,
      ],
      ['one response in ten is an error', responses([[20, 2]]), 5],
      ['an outage at night, with one request a minute', responses([[1, 1]]), 5],
    ],
    green: [
      [
        'no response is an error',
        responses([
          [20, 0],
          [20, 0],
        ]),
      ],
      ['two errors in a hundred', responses([[100, 2]])],
      [
        'nobody is there',
        responses([
          [0, 0],
          [0, 0],
        ]),
      ],
    ],
  },
  'application-slow': {
    red: [
      ['one response in fifty takes two seconds', times(minutes(15, ...many(294, 0.05), ...many(6, 2))), 15],
      ['one in fifty at everyday traffic, 60 in five minutes', times(minutes(15, ...many(11, 0.05), 2)), 15],
      ['the few responses at night are all slow', times(minutes(15, 2)), 15],
    ],
    green: [
      ['responses are fast', times(minutes(30, ...many(300, 0.05)))],
      ['responses are slow for ten minutes', times(minutes(10, ...many(300, 2)), minutes(10, ...many(300, 0.05)))],
      ['one slow response in a thousand', times(minutes(30, ...many(999, 0.05), 3))],
      ['the only response at night is slow', times(minutes(1, 3), silence(29))],
      ['two slow responses at night, five minutes apart', times(minutes(1, 3), silence(4), minutes(1, 3), silence(24))],
      [
        'one slow response at everyday traffic',
        times(minutes(1, ...many(11, 0.05), 3), minutes(29, ...many(12, 0.05))),
      ],
      ['nobody is there', times(silence(30))],
    ],
  },
  'application-down': {
    red: [
      ['no zone has a healthy pod', healthy(minutes(5, 1, 1, 0), minutes(5, 0, 0, 0)), 7],
      ['the load balancer has no targets', healthy(minutes(5, 1), silence(10)), 9],
    ],
    green: [
      ['one zone of three has a healthy pod', healthy(minutes(10, 1, 0, 0))],
      ['a pod is replaced within a minute', healthy(minutes(3, 2), minutes(1, 0), minutes(3, 2))],
    ],
  },
  'application-unreachable': {
    red: [
      ['the checks fail', check(minutes(3, 1), minutes(2, 0)), 4],
      ['the health check was deleted', check(minutes(3, 1), silence(5)), 6],
    ],
    green: [['the checks succeed', check(minutes(10, 1))]],
  },
  'edge-errors': {
    red: [['one response in ten is an error for ten minutes', rate(minutes(5, 0), minutes(10, 10)), 15]],
    green: [
      ['an error in a hundred', rate(minutes(20, 1))],
      ['five minutes of errors during a release', rate(minutes(5, 0), minutes(5, 10), minutes(10, 0))],
      ['nobody is there', rate(silence(20))],
    ],
  },
  'load-balancer-errors': {
    red: [['five requests reach no pod', refused(silence(5), minutes(5, 1)), 10]],
    green: [
      ['four requests reach no pod', refused(minutes(4, 1), silence(6))],
      ['no errors, so no data', refused(silence(20))],
    ],
  },
  'database-storage': {
    red: [['half a gibibyte is free', free(minutes(5, gibibytes(5)), minutes(15, gibibytes(0.5))), 20]],
    green: [
      ['the disk is nearly empty', free(minutes(30, gibibytes(19)))],
      ['two gibibytes are free, which is when RDS adds storage', free(minutes(30, gibibytes(2)))],
    ],
  },
  'database-cpu': {
    red: [['the processor is busy for a quarter of an hour', cpu(minutes(5, 20), minutes(15, 95)), 20]],
    green: [
      ['the processor is idle', cpu(minutes(30, 3))],
      ['the processor is busy for ten minutes', cpu(minutes(10, 95), minutes(20, 20))],
    ],
  },
  'database-connections': {
    red: [['most connections are taken', connections(minutes(15, 60)), 15]],
    green: [
      ['both applications have full pools', connections(minutes(30, 40))],
      ['nobody is connected', connections(minutes(30, 0))],
    ],
  },
  'database-logins': {
    red: [['a rotation fails', rotations(minutes(1, 1), silence(59)), 60]],
    green: [
      ['a rotation succeeds', rotations(minutes(4, 0), silence(56))],
      ['there is no rotation', rotations(silence(120))],
    ],
  },
  'status-page': {
    red: [
      ['every run fails', written(minutes(20, 1), [...minutes(5, 0), ...minutes(15, 1)]), 15],
      ['the schedule is gone', written([...minutes(10, 1), ...silence(30)], [...minutes(10, 0), ...silence(30)]), 30],
    ],
    green: [
      ['it is written every minute', written(minutes(20, 1), minutes(20, 0))],
      ['some runs fail', written(minutes(20, 1), [...minutes(5, 0), ...minutes(4, 1), ...minutes(11, 0)])],
    ],
  },
  'controller-away': {
    red: [['a pod is refused again and again', webhook(minutes(5, 0), minutes(1, 13), minutes(4, 1)), 10]],
    green: [
      ['the controller answers', webhook(minutes(10, 0))],
      ['a pod is refused while a controller restarts, and then created', webhook(minutes(1, 3), minutes(9, 0))],
      ['no pods are created, so no data', webhook(silence(10))],
    ],
  },
  'nodes-missing': {
    red: [['no nodes at all', nodes([2, 5], [0, 20]), 17]],
    green: [
      ['two nodes', nodes([2, 30])],
      ['more nodes than the minimum', nodes([3, 30])],
      ['a spot node is replaced within five minutes', nodes([2, 10], [1, 5], [2, 15])],
    ],
  },
  'base-node-missing': {
    red: [['one of two nodes for ten minutes', nodes([2, 5], [1, 10]), 15]],
    green: [
      ['two nodes', nodes([2, 30])],
      ['a node is replaced within five minutes', nodes([2, 10], [1, 5], [2, 15])],
    ],
  },
  'storage-node-missing': {
    red: [['the node is gone', nodes([1, 5], [0, 20]), 17]],
    green: [
      ['the node is there', nodes([1, 30])],
      ['the node is replaced within five minutes', nodes([1, 5], [0, 5], [1, 5])],
    ],
  },
  'nat-missing': {
    red: [
      ['no instance is in service', inService(minutes(5, 1), minutes(15, 0)), 15],
      ['the group was deleted', inService(minutes(5, 1), silence(20)), 17],
    ],
    green: [
      ['the instance is in service', inService(minutes(30, 1))],
      ['the instance is replaced within five minutes', inService(minutes(5, 1), minutes(5, 0), minutes(5, 1))],
    ],
  },
};

const rows = (color: 'red' | 'green') =>
  environments.flatMap(({ alarms }) =>
    alarms.flatMap(({ alarm, kind }) =>
      (watches[kind]?.[color] ?? []).map(
        ([title, recorded, minute]): [string, string, Block, Recorded, number | undefined] => [
          alarm.alarm_name,
          title,
          alarm,
          recorded,
          minute,
        ],
      ),
    ),
  );

test.each(environments)('every alarm of $title has red and green series, and every series an alarm', ({ alarms }) => {
  const unproved = alarms.filter(({ kind }) => !watches[kind]?.red.length || !watches[kind]?.green.length);
  expect(unproved.map(({ alarm }) => alarm.alarm_name)).toEqual([]);
  const kinds = environments.flatMap((each) => each.alarms.map(({ kind }) => kind));
  expect(new Set(Object.keys(watches))).toEqual(new Set(kinds));
});

test.each(environments)('every alarm of $title notifies its own team, and no other', ({ alarms, prefix }) => {
  expect(alarms.length).toBeGreaterThan(10);
  for (const { alarm, team, topics } of alarms) {
    expect([alarm.alarm_name, ...topics]).toEqual([alarm.alarm_name, `${prefix}-${team}`, `${prefix}-${team}`]);
  }
});

test.each(rows('red'))('%s is red when %s', (_name, _title, alarm, recorded, minute) => {
  const period = (alarm.period ?? alarm.metric_query[0].metric.period) / 60;
  expect((states(alarm, recorded).indexOf('ALARM') + 1) * period).toBe(minute);
});

test.each(rows('green'))('%s is not red when %s', (_name, _title, alarm, recorded) => {
  const found = states(alarm, recorded);
  expect(found.length).toBeGreaterThan(0);
  expect(found).not.toContain('ALARM');
});

const alarmOf = (name: 'dev' | 'prd', id: string): Block => {
  const { alarms, prefix } = environments.find((each) => each.title === name) ?? { alarms: [], prefix: '' };
  const found = alarms.find(({ alarm }) => alarm.alarm_name === `${prefix}-${id}`);
  if (!found) throw new Error(`${name} has no alarm ${id}`);
  return found.alarm;
};

test.each(['dev', 'prd'] as const)('one node of %s fewer than its minimum is an alarm after ten minutes', (name) => {
  const { minimum } = (name === 'dev' ? dev : prd).cluster.nodes;
  expect(states(alarmOf(name, 'nodes-missing'), nodes([minimum, 5], [minimum - 1, 30])).indexOf('ALARM')).toBe(
    minimum > 1 ? 14 : 16,
  );
  expect(states(alarmOf(name, 'nodes-missing'), nodes([minimum, 30]))).not.toContain('ALARM');
});

test.each(['dev', 'prd'] as const)('a stopped database of %s is grey, not red', (name) => {
  for (const id of ['database-storage', 'database-cpu', 'database-connections']) {
    const alarm = alarmOf(name, id);
    expect(new Set(states(alarm, { [alarm.metric_name]: silence(60) }))).toEqual(new Set(['INSUFFICIENT_DATA']));
  }
});

// The examples of AWS's page on missing data, for 3 of 3 points: - is missing, 0 is good, X is breaching.
describe.each([
  ['0-X-X', { missing: 'OK', breaching: 'OK', notBreaching: 'OK' }],
  ['----0', { missing: 'OK', breaching: 'OK', notBreaching: 'OK' }],
  ['-----', { missing: 'INSUFFICIENT_DATA', breaching: 'ALARM', notBreaching: 'OK' }],
  ['0XX-X', { missing: 'ALARM', breaching: 'ALARM', notBreaching: 'ALARM' }],
  ['--X--', { missing: 'ALARM', breaching: 'ALARM', notBreaching: 'OK' }],
])('the points %s', (points, expected) => {
  test.each(Object.entries(expected))('with missing data as %s give %s', (treatment, state) => {
    const alarm = {
      ...{ metric_name: 'm', period: 60, statistic: 'Maximum', comparison_operator: 'GreaterThanThreshold' },
      ...{ threshold: 0, evaluation_periods: 3, treat_missing_data: treatment },
    };
    const samples = [...points].map((point) => (point === '-' ? [] : [point === 'X' ? 1 : 0]));
    expect(states(alarm, { m: samples }).at(-1)).toBe(state);
  });
});
