import { expect, test } from '@jest/globals';
import { SleepSchedule } from '../constructs/cluster/sleep-schedule.ts';
import { dev } from '../environments/dev.ts';
import { alone } from './support/terraform.ts';

const stack = alone((scope, providers) => {
  new SleepSchedule(scope, 'sleep-schedule', {
    prefix: 'desafio-aws-dev',
    providers,
    cluster: { spotAutoScalingGroupName: 'eks-spot' },
    nodes: dev.cluster.nodes,
    database: { identifier: 'desafio-aws-dev-mysql' },
    alarms: [
      { name: 'here', arn: 'arn:aws:cloudwatch:sa-east-1:123456789012:alarm:here' },
      { name: 'there', arn: 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:there', provider: providers.global },
    ],
  });
}, 'sa-east-1');
const [night, morning] = ['evening', 'morning'].map((id) => stack.one('aws_autoscaling_schedule', id));
const calls = stack
  .all('aws_scheduler_schedule')
  .map(({ schedule_expression, target }) => [target.arn.split(':').at(-1), schedule_expression]);

test('at night the cluster autoscaler cannot add nodes either', () => {
  expect(night).toMatchObject({ min_size: 0, desired_capacity: 0, max_size: 0, time_zone: 'America/Sao_Paulo' });
});

test('in the morning the group has the size that the environment sets', () => {
  const { desired, maximum, minimum } = dev.cluster.nodes;
  expect(morning).toMatchObject({ min_size: minimum, desired_capacity: desired, max_size: maximum });
});

test('the database stops after the nodes and starts before them, on weekdays', () => {
  expect([night?.recurrence, morning?.recurrence]).toEqual(['0 20 * * MON-FRI', '0 7 * * MON-FRI']);
  expect(calls).toEqual(
    expect.arrayContaining([
      ['stopDBInstance', 'cron(10 20 ? * MON-FRI *)'],
      ['startDBInstance', 'cron(40 6 ? * MON-FRI *)'],
    ]),
  );
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
