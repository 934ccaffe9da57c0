import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { planCosts } from '../costs/plan.ts';
import { infra } from './support/command.ts';

const resource = (type: string, values: object, mode = 'managed') => ({
  address: `${type}.one`,
  mode,
  type,
  name: 'one',
  values,
});
/** As `terraform show -json` prints a plan: https://developer.hashicorp.com/terraform/internals/json-format */
const planOf = (resources: object[], inModule: object[] = []) => ({
  format_version: '1.2',
  planned_values: {
    root_module: {
      resources,
      child_modules: [{ address: 'module.a', resources: inModule }],
    },
  },
});
const usd = (type: string, values: object) => planCosts(planOf([resource(type, values)]))?.priced[0]?.usd;

// Each from AWS's list price in docs/costs.md: 730 hours a month.
test.each<[string, object, number]>([
  ['aws_eks_cluster', {}, 73],
  ['aws_nat_gateway', {}, 32.85],
  ['aws_eip', {}, 3.65],
  ['aws_lb', { load_balancer_type: 'application' }, 16.425],
  [
    'aws_instance',
    {
      instance_type: 't4g.nano',
      root_block_device: [{ volume_size: 8, volume_type: 'gp3' }],
    },
    3.706,
  ],
  ['aws_ebs_volume', { size: 100, type: 'gp3' }, 8],
  [
    'aws_db_instance',
    {
      instance_class: 'db.t4g.small',
      allocated_storage: 20,
      storage_type: 'gp3',
    },
    25.66,
  ],
  [
    'aws_db_instance',
    {
      instance_class: 'db.t4g.small',
      allocated_storage: 20,
      storage_type: 'gp3',
      multi_az: true,
    },
    51.32,
  ],
  ['aws_cloudwatch_metric_alarm', { metric_name: 'CPUUtilization' }, 0.1],
  [
    'aws_cloudwatch_metric_alarm',
    {
      metric_query: [{ metric: [{}] }, { metric: [{}] }, { expression: 'a/b' }],
    },
    0.2,
  ],
  ['aws_wafv2_web_acl', { rule: [{}, {}] }, 7],
  [
    'aws_eks_node_group',
    {
      capacity_type: 'ON_DEMAND',
      disk_size: 20,
      instance_types: ['t4g.medium', 'c6g.large'],
      scaling_config: [{ desired_size: 2 }],
    },
    2 * (730 * 0.0336 + 1.6),
  ],
  [
    'aws_eks_node_group',
    {
      capacity_type: 'SPOT',
      disk_size: 20,
      instance_types: ['c7g.large', 't4g.medium'],
      scaling_config: [{ desired_size: 1 }],
    },
    730 * 0.0157 + 1.6,
  ],
  // What EKS takes if a group says nothing: one type, and a disk of 20 GiB.
  ['aws_eks_node_group', { scaling_config: [{ desired_size: 3 }] }, 3 * (730 * 0.0416 + 1.6)],
  ['aws_lb', {}, 16.425],
  ['aws_lb', { load_balancer_type: 'network' }, 16.425],
  [
    'aws_instance',
    {
      instance_type: 't3.large',
      root_block_device: [{ volume_type: 'gp3' }],
      ebs_block_device: [{ volume_size: 100, volume_type: 'gp3' }],
    },
    730 * 0.0832 + 0.64 + 8,
  ],
  ['aws_cloudwatch_dashboard', {}, 3],
  ['aws_kms_key', {}, 1],
  ['aws_route53_health_check', {}, 2.75],
  ['aws_route53_zone', {}, 0.5],
  ['aws_secretsmanager_secret', {}, 0.4],
  ['aws_wafv2_web_acl', {}, 5],
  ['aws_cloudwatch_metric_alarm', { metric_query: [{ expression: 'a/b' }] }, 0.1],
])('%s with %j has its price', (type, values, expected) => {
  expect(usd(type, values)).toBeCloseTo(expected, 6);
});

test('resources of modules count, and data sources do not', () => {
  const both = [resource('aws_eip', {}), resource('aws_eip', {}, 'data')];
  expect(planCosts(planOf(both, both))?.priced).toHaveLength(2);
  const inner = { address: 'module.a.module.b', resources: both };
  const outer = { address: 'module.a', resources: both, child_modules: [inner] };
  const plan = { planned_values: { root_module: { resources: both, child_modules: [outer] } } };
  expect(planCosts(plan)?.priced).toHaveLength(3);
});

test('what has no price is named, and never counted as free', () => {
  const plan = planOf([
    resource('aws_instance', { instance_type: 'p5.48xlarge' }),
    resource('aws_db_instance', {
      instance_class: 'db.t4g.small',
      allocated_storage: 20,
      storage_type: 'io2',
    }),
    // The default of Terraform's provider is gp2, which is dearer.
    resource('aws_db_instance', {
      instance_class: 'db.t4g.small',
      allocated_storage: 20,
    }),
    resource('aws_ebs_volume', { size: 100 }),
    resource('aws_ebs_volume', { size: 100, type: 'io2' }),
    resource('aws_lb', { load_balancer_type: 'gateway' }),
    resource('aws_elasticache_cluster', {}),
    resource('aws_autoscaling_group', {}),
    resource('google_compute_instance', {}),
    // Known only after the apply.
    resource('aws_ebs_volume', { type: 'gp3' }),
    resource('aws_eks_node_group', {
      instance_types: ['t4g.medium'],
      disk_size: 20,
    }),
  ]);
  expect(planCosts(plan)).toEqual({
    priced: [],
    byUse: [],
    unpriced: expect.arrayContaining([expect.stringContaining('elasticache'), expect.stringContaining('google')]),
    free: 0,
  });
  expect(planCosts(plan)?.unpriced).toHaveLength(11);
});

// From AWS's pages of prices: each costs money by the month or hour, although its neighbours are free.
test.each([
  ['aws_cloudwatch_composite_alarm', 'half a dollar a month'],
  ['aws_cloudwatch_contributor_insight_rule', 'half a dollar a month'],
  ['aws_codebuild_fleet', 'machines that are paid for while they wait'],
  ['aws_eks_fargate_profile', 'pods by the hour'],
  ['aws_kms_external_key', 'a dollar a month'],
  ['aws_kms_replica_key', 'a dollar a month'],
  ['aws_lambda_provisioned_concurrency_config', 'memory that is paid for while it waits'],
  ['aws_route53_resolver_endpoint', 'addresses by the hour'],
  ['aws_vpc_ipam', 'addresses by the hour'],
])('%s does not count as free: %s', (type) => {
  expect(planCosts(planOf([resource(type, {})]))).toMatchObject({ unpriced: [`${type}.one`], free: 0 });
});

test('what is only in the state, or on the machine, is free', () => {
  const free = ['null_resource', 'random_password', 'terraform_data', 'time_sleep', 'tls_private_key', 'local_file'];
  const found = planCosts(planOf([...free, 'archive_file'].map((type) => resource(type, {}))));
  expect(found).toEqual({
    priced: [],
    byUse: [],
    unpriced: [],
    free: free.length + 1,
  });
});

test('the command prints the dearest first, the sum, and what the sum lacks', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'plan-')), 'plan.json');
  const resources = [
    resource('aws_eip', {}),
    resource('aws_eks_cluster', {}),
    resource('aws_s3_bucket', {}),
    resource('aws_iam_role', {}),
    resource('aws_elasticache_cluster', {}),
  ];
  writeFileSync(file, JSON.stringify(planOf(resources)));
  const { output, status } = infra(['costs', '--plan', file]);
  expect(status).toBe(0);
  expect(output).toMatch(/^ +73\.00 {2}aws_eks_cluster\.one\n +3\.65 {2}aws_eip\.one\n +76\.65 {2}US\$ por mês/);
  expect(output).toMatch(/not in the sum:\n {2}aws_s3_bucket\.one\n/);
  expect(output).toMatch(/may cost money.*:\n {2}aws_elasticache_cluster\.one\n/);
  expect(output).toContain('Free: 1');
});

test.each([
  ['something else', '{"resources": []}'],
  ['no JSON', 'Terraform will perform the following actions'],
  ['null', 'null'],
])('%s is refused with what to run', (_, content) => {
  const file = join(mkdtempSync(join(tmpdir(), 'plan-')), 'plan.json');
  writeFileSync(file, content);
  const { output, status } = infra(['costs', '--plan', file]);
  expect([status, output]).toEqual([2, expect.stringContaining('is not a plan: run terraform plan')]);
});
