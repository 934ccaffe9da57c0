import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { SleepSchedule } from '../constructs/cluster/sleep-schedule.ts';
import { dev } from '../environments/dev.ts';
import { alone } from './support/terraform.ts';

const choices = { ...dev.cluster, baseNodes: { ...dev.cluster.nodes, minimum: 1, desired: 1, maximum: 2 } };
const stack = alone((scope, providers) => {
  new SleepSchedule(scope, 'sleep-schedule', {
    prefix: 'desafio-aws-dev',
    providers,
    cluster: {
      spotAutoScalingGroupName: 'eks-spot',
      baseAutoScalingGroupName: 'eks-base',
      storageAutoScalingGroupName: 'eks-storage',
    },
    clusterChoices: choices,
    database: { identifier: 'desafio-aws-dev-mysql' },
    alarms: [
      { name: 'here', arn: 'arn:aws:cloudwatch:sa-east-1:123456789012:alarm:here' },
      { name: 'there', arn: 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:there', provider: providers.global },
    ],
  });
}, 'sa-east-1');
const calls = stack
  .all('aws_scheduler_schedule')
  .map(({ schedule_expression, target }) => [target.arn.split(':').at(-1), schedule_expression]);

const groups = { spot: choices.nodes, base: choices.baseNodes, storage: choices.storageNodes };
/** The group's two schedules, evening first. */
const scheduleOf = (group: string) =>
  stack
    .some('aws_autoscaling_schedule')
    .filter(({ autoscaling_group_name }) => autoscaling_group_name === `eks-${group}`)
    .toSorted((one, other) => one.max_size - other.max_size);
/** Minutes from midnight, in Brazil's time zone. The environment sleeps every day, and wakes from Monday to Friday. */
function timeOf(expression: string): number {
  const [, minute, hour, days] =
    /^(?:cron\()?(\d+) (\d+) (?:\* \*|\? \*) (MON-FRI|\*)(?: \*\))?$/.exec(expression) ?? [];
  const time = 60 * Number(hour) + Number(minute);
  const expected = time > 12 * 60 ? '*' : 'MON-FRI';
  if (days !== expected) throw new Error(`${expression} is not on the days ${expected}`);
  return time;
}
const callsAt = (action: string) => calls.filter(([name]) => name === action).map(([, at]) => timeOf(at));

test.each(Object.entries(groups))('at night the cluster autoscaler cannot add %s nodes either', (group, size) => {
  const [night, morning, ...others] = scheduleOf(group);
  expect(others).toEqual([]);
  expect(night).toMatchObject({ min_size: 0, desired_capacity: 0, max_size: 0, time_zone: 'America/Sao_Paulo' });
  expect(morning).toMatchObject({ min_size: size.minimum, desired_capacity: size.desired, max_size: size.maximum });
  expect(morning?.time_zone).toBe('America/Sao_Paulo');
});

test('everything sleeps and wakes in order: SigNoz never runs without DNS, nor pods without the database', () => {
  const [spot, base, storage] = ['spot', 'base', 'storage'].map((group) =>
    scheduleOf(group).map(({ recurrence }) => timeOf(recurrence)),
  );
  expect(base).toEqual(spot);
  const steps = (index: number) => [Number(storage?.[index]), Number(spot?.[index])];
  const asleep = [...callsAt('disableAlarmActions').slice(0, 1), ...steps(0), ...callsAt('stopDBInstance')];
  const awake = [...callsAt('startDBInstance'), ...steps(1).toReversed(), ...callsAt('enableAlarmActions').slice(0, 1)];
  for (const order of [asleep, awake]) {
    expect(order).toHaveLength(4);
    expect(order).toEqual([...new Set(order)].toSorted((one, other) => one - other));
  }
  expect(new Set(callsAt('disableAlarmActions')).size).toBe(1);
  expect(new Set(callsAt('enableAlarmActions')).size).toBe(1);
  // The nodes' alarm takes ten minutes, and so does SigNoz to start.
  expect(Number(awake[3]) - Number(awake[2])).toBeGreaterThanOrEqual(20);
});

test('the comparison of Monday morning comes after everything is awake', () => {
  const workflow = readFileSync(resolve(import.meta.dirname, '../../.github/workflows/drift.yml'), 'utf8');
  const [, minute, hour, day] = /cron: "(\d+) (\d+) \* \* (\d)"/.exec(workflow) ?? [];
  // GitHub's schedules are in UTC, and count days from Sunday, which 22 November 2026 was.
  const start = new Date(
    `2026-11-${22 + Number(day)}T${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}:00Z`,
  );
  const local = new Intl.DateTimeFormat('en-GB', {
    ...({ timeZone: 'America/Sao_Paulo', weekday: 'short', hour: '2-digit', minute: '2-digit' } as const),
  }).formatToParts(start);
  const part = (type: string) => local.find((some) => some.type === type)?.value;
  expect(part('weekday')).toBe('Mon');
  const time = 60 * Number(part('hour')) + Number(part('minute'));
  const [lastStep] = callsAt('enableAlarmActions');
  expect(time).toBeGreaterThan(Number(lastStep));
  expect(time).toBeLessThan(Number(callsAt('disableAlarmActions')[0]));
});

test('alarms of all regions send nothing at night', () => {
  const silenced = stack
    .all('aws_scheduler_schedule')
    .filter(({ target }) => target.arn.endsWith('disableAlarmActions'))
    .map(({ provider, target }) => [provider, JSON.parse(target.input).AlarmNames]);
  expect(silenced).toEqual(
    expect.arrayContaining([
      [undefined, ['here']],
      ['aws.global', ['there']],
    ]),
  );
  expect(calls.filter(([action]) => action === 'enableAlarmActions')).toHaveLength(2);
});

test('its role can control only this database and these alarms', () => {
  const { Statement } = JSON.parse(stack.one('aws_iam_role_policy').policy);
  const resources = Statement.flatMap(({ Resource }: { Resource: string[] }) => Resource);
  expect(resources).toEqual([
    'arn:aws:rds:*:123456789012:db:desafio-aws-dev-mysql',
    'arn:aws:cloudwatch:sa-east-1:123456789012:alarm:here',
    'arn:aws:cloudwatch:us-east-1:123456789012:alarm:there',
  ]);
});
