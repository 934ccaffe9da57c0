import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { Refused } from 'command-line';
import { command } from '../commands/costs.ts';
import { planCosts } from '../costs/plan.ts';
import type { PriceName } from '../costs/price.ts';
import { defaultList } from '../costs/price-lists.ts';
import { printed } from './support/printed.ts';

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
  // AWS bills each public address, whether an instance has it or nothing.
  ['aws_eip', {}, 3.65],
  ['aws_eip', { domain: 'vpc', instance: null, network_interface: null, public_ipv4_pool: 'amazon' }, 3.65],
  ['aws_eip', { domain: 'vpc', instance: 'i-0123456789abcdef0', network_interface: 'eni-0123456789abcdef0' }, 3.65],
  ['aws_eip', { domain: 'vpc', instance: null, network_interface: 'eni-0123456789abcdef0' }, 3.65],
  ['aws_lb', { load_balancer_type: 'application' }, 16.425],
  [
    'aws_instance',
    {
      instance_type: 't4g.nano',
      root_block_device: [{ volume_size: 8, volume_type: 'gp3' }],
    },
    3.706,
  ],
  // A plan leaves out blocks of which the configuration says nothing.
  ['aws_instance', { instance_type: 't3.large' }, 60.736],
  ['aws_wafv2_web_acl', {}, 5],
  ['aws_ebs_volume', { size: 100, type: 'gp3' }, 8],
  [
    'aws_db_instance',
    {
      instance_class: 'db.t4g.small',
      allocated_storage: 20,
      storage_type: 'gp3',
      multi_az: false,
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
      engine: 'mysql',
    },
    51.32,
  ],
  [
    'aws_db_instance',
    { allocated_storage: 100, instance_class: 'db.t4g.small', multi_az: null, storage_type: 'gp3' },
    34.86,
  ],
  ['aws_cloudwatch_metric_alarm', { metric_name: 'CPUUtilization' }, 0.1],
  [
    'aws_cloudwatch_metric_alarm',
    {
      metric_query: [{ metric: [{}] }, { metric: [{}] }, { expression: 'a/b' }],
    },
    0.2,
  ],
  // Terraform writes a block that is not there as an empty list.
  ['aws_cloudwatch_metric_alarm', { metric_query: [{ metric: [{}] }, { expression: 'a/b', metric: [] }] }, 0.1],
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
      disk_size: 50,
      instance_types: ['c7g.large', 't4g.medium'],
      scaling_config: [{ min_size: 1, desired_size: 2, max_size: 3 }],
    },
    2 * (730 * 0.0157 + 4),
  ],
  // What EKS takes if a group says nothing: one type, and a disk of 20 GiB. Terraform writes what is not given as null.
  ['aws_eks_node_group', { scaling_config: [{ desired_size: 3 }] }, 3 * (730 * 0.0416 + 1.6)],
  [
    'aws_eks_node_group',
    { capacity_type: null, disk_size: null, instance_types: null, scaling_config: [{ desired_size: 1 }] },
    730 * 0.0416 + 1.6,
  ],
  ['aws_eks_node_group', { scaling_config: [{ desired_size: 0 }] }, 0],
  ['aws_lb', {}, 16.425],
  ['aws_lb', { load_balancer_type: 'network' }, 16.425],
  [
    'aws_instance',
    {
      instance_type: 't3.large',
      root_block_device: [{ volume_size: null, volume_type: 'gp3' }],
      ebs_block_device: [
        { volume_size: 100, volume_type: 'gp3' },
        { volume_size: 50, volume_type: 'gp3' },
      ],
    },
    730 * 0.0832 + 0.64 + 8 + 4,
  ],
  ['aws_cloudwatch_dashboard', {}, 3],
  ['aws_kms_key', {}, 1],
  // Also of what is disabled.
  ['aws_kms_key', { is_enabled: false, enable_key_rotation: false, multi_region: false }, 1],
  ['aws_route53_health_check', {}, 2.75],
  ['aws_route53_health_check', { disabled: true, type: 'HTTPS' }, 2.75],
  ['aws_route53_zone', {}, 0.5],
  ['aws_secretsmanager_secret', {}, 0.4],
  ['aws_wafv2_web_acl', {}, 5],
  ['aws_cloudwatch_metric_alarm', { metric_query: [{ expression: 'a/b' }] }, 0.1],
])('%s with %j has its price', (type, values, expected) => {
  expect(usd(type, values)).toBeCloseTo(expected, 6);
});

// Some prices are the same in us-east-1: an hour of a cluster and an alarm, a key and a rule of a firewall.
test.each<[type: string, names: PriceName[], values?: object]>([
  ['aws_cloudwatch_dashboard', ['dashboard']],
  ['aws_cloudwatch_metric_alarm', ['alarm']],
  [
    'aws_db_instance',
    ['databaseStorage'],
    { allocated_storage: 20, instance_class: 'db.t4g.small', storage_type: 'gp3' },
  ],
  ['aws_ebs_volume', ['volume'], { size: 100, type: 'gp3' }],
  ['aws_eip', ['publicAddress']],
  ['aws_eks_cluster', ['cluster']],
  ['aws_eks_node_group', ['volume'], { scaling_config: [{ desired_size: 1 }] }],
  ['aws_kms_key', ['key']],
  ['aws_lb', ['loadBalancer']],
  ['aws_nat_gateway', ['natGateway']],
  ['aws_route53_health_check', ['healthCheck']],
  ['aws_route53_zone', ['zone']],
  ['aws_secretsmanager_secret', ['secret']],
  ['aws_wafv2_web_acl', ['firewall', 'firewallRule'], { rule: [{}] }],
])('%s has its price where a list has its own prices alone: %j', (type, names, values = {}) => {
  const plan = planOf([resource(type, values)]);
  const prices = Object.fromEntries(names.map((name) => [name, defaultList.prices[name]]));
  expect(planCosts(plan, { ...defaultList, prices })).toEqual(planCosts(plan));
  expect(planCosts(plan)?.priced).toHaveLength(1);
  for (const name of names) {
    const { [name]: _, ...others } = defaultList.prices;
    expect(planCosts(plan, { ...defaultList, prices: others })).toMatchObject({
      priced: [],
      unpriced: [`${type}.one`],
    });
  }
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
  const resources = [
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
    // Other engines have other prices, and a restored database may not say how large it is.
    ...['aurora-mysql', 'mariadb', 'postgres', 'sqlserver-se'].map((engine) =>
      resource('aws_db_instance', {
        ...{ allocated_storage: 20, engine, instance_class: 'db.t4g.small', storage_type: 'gp3' },
      }),
    ),
    resource('aws_db_instance', { instance_class: 'db.t4g.small', storage_type: 'gp3' }),
    resource('aws_ebs_volume', { size: 100 }),
    resource('aws_instance', { instance_type: 't3.large', root_block_device: [{ volume_size: 8 }] }),
    resource('aws_instance', {
      instance_type: 't3.large',
      root_block_device: [{ volume_type: 'gp3' }],
      ebs_block_device: [{ volume_size: 8, volume_type: 'gp3' }, { volume_size: 8 }],
    }),
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
    ...['SPOT', 'ON_DEMAND'].map((capacity_type) =>
      resource('aws_eks_node_group', { capacity_type, instance_types: [], scaling_config: [{ desired_size: 1 }] }),
    ),
  ];
  expect(planCosts(planOf(resources))).toEqual({
    priced: [],
    byUse: [],
    unpriced: resources.map(({ address }) => address),
    free: 0,
  });
  expect(resources).toHaveLength(20);
});

// From AWS's pages of prices: each costs money by the month or hour, although its neighbours are free.
test.each<[type: string, costs: string, values?: object]>([
  ['aws_budgets_budget_action', 'ten cents a day, but for the first two'],
  ['aws_cloudwatch_composite_alarm', 'half a dollar a month'],
  ['aws_cloudwatch_contributor_insight_rule', 'half a dollar a month'],
  ['aws_codebuild_fleet', 'machines that are paid for while they wait'],
  ['aws_eks_fargate_profile', 'pods by the hour'],
  ['aws_kms_external_key', 'a dollar a month'],
  ['aws_kms_replica_key', 'a dollar a month'],
  ['aws_lambda_provisioned_concurrency_config', 'memory that is paid for while it waits'],
  ['aws_route53_resolver_endpoint', 'addresses by the hour'],
  ['aws_s3_bucket_accelerate_configuration', 'gigabytes that go a shorter way'],
  ['aws_s3_bucket_analytics_configuration', 'objects that are watched'],
  ['aws_s3_bucket_intelligent_tiering_configuration', 'objects that are watched'],
  ['aws_s3_bucket_inventory', 'objects that are listed'],
  ['aws_s3_bucket_metadata_configuration', 'tables of objects'],
  ['aws_s3_bucket_metric', 'metrics of its own'],
  ['aws_s3_bucket_replication_configuration', 'a second copy of each object'],
  ['aws_ssm_parameter', 'five cents a month', { tier: 'Advanced' }],
  ['aws_ssm_parameter', 'five cents a month, if it is large', { tier: 'Intelligent-Tiering' }],
  ['aws_vpc_ipam', 'addresses by the hour'],
  ['aws_wafv2_web_acl_rule_group_association', 'a rule, at a dollar a month'],
])('%s does not count as free: %s', (type, _, values = {}) => {
  expect(planCosts(planOf([resource(type, values)]))).toMatchObject({ unpriced: [`${type}.one`], free: 0 });
});

test.each([{}, { tier: null }, { tier: 'Standard' }])('a parameter with %j is free', (values) => {
  expect(planCosts(planOf([resource('aws_ssm_parameter', values)]))).toMatchObject({ unpriced: [], free: 1 });
});

test('an empty plan costs nothing', () => {
  const found = planCosts({ planned_values: { root_module: {} } });
  expect(found).toEqual({ priced: [], byUse: [], unpriced: [], free: 0 });
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

// A new version of the provider can bring types that cost money and begin like free ones: read the diff.
test('of all types of the provider, these are free, billed by use or priced; all others are named', () => {
  const provider = join(dirname(fileURLToPath(import.meta.resolve('@cdktf/provider-aws/package.json'))), 'lib');
  const types = readdirSync(provider, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('data-'))
    .map(({ name }) => `aws_${name.replaceAll('-', '_')}`);
  expect(types.length).toBeGreaterThan(1000);
  const kinds = Map.groupBy(types.toSorted(), (type) => {
    const found = planCosts(planOf([resource(type, {})]));
    return (['priced', 'byUse', 'unpriced'] as const).find((kind) => found?.[kind].length) ?? 'free';
  });
  kinds.delete('unpriced');
  expect(Object.fromEntries(kinds)).toMatchSnapshot();
});

/** Writes a plan, or something else, to a file. */
function written(content: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'plan-')), 'plan.json');
  writeFileSync(file, content);
  return file;
}

test('the command prints the dearest first, the sum, and what the sum lacks', async () => {
  const ofType = (type: string, name: string, values = {}) => ({
    ...resource(type, values),
    address: `${type}.${name}`,
  });
  const resources = [
    ofType('aws_eip', 'one'),
    ofType('aws_eks_cluster', 'one'),
    ofType('aws_lb', 'one'),
    ofType('aws_s3_bucket', 'one'),
    ofType('aws_s3_bucket', 'two'),
    ofType('aws_iam_role', 'one'),
    ofType('aws_elasticache_cluster', 'one'),
    ofType('aws_elasticache_cluster', 'two'),
  ];
  const inModule = [ofType('aws_eip', 'two'), ofType('aws_iam_role', 'two')];
  const { code, output } = await printed(command, ['--plan', written(JSON.stringify(planOf(resources, inModule)))]);
  expect(code).toBe(0);
  expect(output).toMatchSnapshot();
});

test('a plan that costs nothing says so', async () => {
  const { output } = await printed(command, [
    '--plan',
    written(JSON.stringify(planOf([resource('aws_iam_role', {})]))),
  ]);
  expect(output).toMatch(/^ {6}0\.00 {2}/);
  expect(output).toMatch(/Free: 1/);
  expect(output.trim().split('\n\n')).toHaveLength(2);
});

test.each([
  ['something else', '{"resources": []}'],
  ['no JSON', 'Terraform will perform the following actions'],
  ['null', 'null'],
])('%s is refused with what to run', async (_, content) => {
  const file = written(content);
  const refused = printed(command, ['--plan', file]);
  await expect(refused).rejects.toThrow(`${file} is not a plan: run terraform plan`);
  await expect(refused).rejects.toBeInstanceOf(Refused);
});
