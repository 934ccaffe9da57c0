import { describe, expect, test } from '@jest/globals';
import { type Change, quotaRules, type Resource, type Values, warningsOf } from '../../rules/index.ts';

const live = (type: string, count: number, values: Values): Resource[] =>
  Array.from({ length: count }, (_, index) => ({ type, values: { ...values, id: `${index}` } }));
const create = (type: string, after: Values): Change => ({ action: 'create', phase: 'apply', type, after });
const nodes = (capacity_type: string, max_size: number): Values => ({
  capacity_type,
  instance_types: ['c7i-flex.large', 'm7i-flex.large'],
  scaling_config: [{ min_size: 1, desired_size: 1, max_size }],
});
const ingress = 'aws_vpc_security_group_ingress_rule';

/** The number of live resources at which one more exceeds the quota, and values of those that do not count. */
const cases: readonly (readonly [rule: string, type: string, values: Values, most: number, others?: Values])[] = [
  ['quota-vpc', 'aws_vpc', {}, 5],
  ['quota-internet-gateway', 'aws_internet_gateway', {}, 5],
  ['quota-eip', 'aws_eip', {}, 5],
  ['quota-nat-gateway', 'aws_nat_gateway', { subnet_id: 'subnet-1' }, 5, { subnet_id: 'subnet-2' }],
  ['quota-iam-role-policy-attachment', 'aws_iam_role_policy_attachment', { role: 'app' }, 10, { role: 'site' }],
  ['quota-lb-listener-rule', 'aws_lb_listener_rule', { listener_arn: 'arn:1' }, 100, { listener_arn: 'arn:2' }],
  [
    'quota-security-group-rules',
    ingress,
    { security_group_id: 'sg-1', cidr_ipv4: '10.0.0.0/8' },
    60,
    { security_group_id: 'sg-2' },
  ],
  ['quota-processors', 'aws_eks_node_group', nodes('SPOT', 1), 2, nodes('ON_DEMAND', 1)],
];

describe.each(cases)('%s', (rule, type, values, most, others) => {
  test("warns when a new account's quota is exceeded", () => {
    const source = quotaRules.find(({ id }) => id === rule)?.source;
    expect(warningsOf(create(type, values), live(type, most, values))).toEqual([
      expect.objectContaining({ code: expect.stringMatching(/^\w+$/), source }),
    ]);
    const below = live(type, most - 1, values);
    expect(warningsOf(create(type, values), below)).toEqual([]);
    const ofOthers = [...live('aws_cloudwatch_dashboard', most, values), ...(others ? live(type, most, others) : [])];
    expect(warningsOf(create(type, values), [...below, ...ofOthers])).toEqual([]);
  });
});

test('every quota has a test', () => {
  expect(quotaRules.map(({ id }) => id).filter((id) => !cases.some(([rule]) => rule === id))).toEqual([
    'quota-distribution',
    'free-plan-instance-types',
    'free-plan-backups',
  ]);
});

test("CloudFront's prefix list leaves room for five rules", () => {
  const list = { security_group_id: 'sg-1', prefix_list_id: 'pl-1' };
  const rules = (count: number) => live(ingress, count, { security_group_id: 'sg-1', cidr_ipv4: '10.0.0.0/8' });
  expect(warningsOf(create(ingress, list), rules(5))).toEqual([]);
  expect(warningsOf(create(ingress, list), rules(6))).toHaveLength(1);
  const rule = { security_group_id: 'sg-1', cidr_ipv4: '10.0.0.0/8' };
  expect(warningsOf(create(ingress, rule), [...live(ingress, 1, list), ...rules(4)])).toEqual([]);
  expect(warningsOf(create(ingress, rule), [...live(ingress, 1, list), ...rules(5)])).toHaveLength(1);
});

test('spot and on-demand nodes have separate quotas', () => {
  const world = live('aws_eks_node_group', 2, nodes('SPOT', 1));
  expect(warningsOf(create('aws_eks_node_group', nodes('ON_DEMAND', 2)), world)).toEqual([]);
  expect(warningsOf(create('aws_eks_node_group', nodes('ON_DEMAND', 3)), world)).toHaveLength(1);
});

test('warns of more than 25 origins', () => {
  const origins = (count: number) =>
    create('aws_cloudfront_distribution', {
      origin: Array.from({ length: count }, (_, index) => ({ origin_id: `${index}` })),
    });
  expect(warningsOf(origins(25), [])).toEqual([]);
  expect(warningsOf(origins(26), [])).toHaveLength(1);
});

test('warns of what the free plan lacks', () => {
  const backups = (days: number) => create('aws_db_instance', { backup_retention_period: days });
  expect(warningsOf(backups(1), [])).toEqual([]);
  expect(warningsOf(backups(2), [])).toEqual([expect.objectContaining({ code: 'FreeTierRestrictionError' })]);
  const free = ['t3.micro', 't3.small', 't4g.micro', 't4g.small', 'c7i-flex.large', 'm7i-flex.large'];
  const others = ['t4g.nano', 't4g.medium', 't3.medium', 'm7i.large', 'c7g.large'];
  for (const [type, argument] of [
    ['aws_instance', 'instance_type'],
    ['aws_launch_template', 'instance_type'],
    ['aws_eks_node_group', 'instance_types'],
  ] as const) {
    const warned = (...types: string[]) =>
      warningsOf(create(type, { [argument]: argument === 'instance_types' ? types : (types[0] ?? '') }), []);
    expect([type, [...free, ...others].filter((one) => warned(one).length > 0)]).toEqual([type, others]);
  }
  const nodesOf = create('aws_eks_node_group', { instance_types: ['t4g.micro', 'm7i.large', 'c7g.large'] });
  expect(warningsOf(nodesOf, []).map(({ path }) => path)).toEqual(['instance_types[1]']);
});
