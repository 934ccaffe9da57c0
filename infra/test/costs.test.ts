import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, jest, test } from '@jest/globals';
import { costs, costsFile } from '../commands/costs.ts';
import { asItWas, fargate, seed, serverless } from '../costs/designs.ts';
import { costDifference, estimate, monthlyCosts } from '../costs/estimate.ts';
import { costsPage } from '../costs/page.ts';
import {
  betweenZones,
  database,
  edge,
  firewall,
  loadBalancer,
  names,
  nat,
  nodes,
  nodesFor,
  statusPage,
  total,
  watching,
} from '../costs/parts.ts';
import { planCosts } from '../costs/plan.ts';
import { defaultList } from '../costs/price-lists.ts';
import { priceList } from '../costs/prices.ts';
import { cheaper, dearer, type Switch } from '../costs/switches.ts';
import { regionTable } from '../costs/terminal.ts';
import { counts, everyday, type Traffic, times } from '../costs/traffic.ts';
import { dev } from '../environments/dev.ts';
import { type Environment, signozVolumes } from '../environments/environment.ts';
import { prd } from '../environments/prd.ts';
import { root } from '../terraform.ts';
import { type Block, type Synthesised, synthesise } from './support/synthesised.ts';

const made = new Map<string, Synthesised>();
/** Synthesised once, because it takes a second. */
function stackOf(name: 'dev' | 'prd'): Synthesised {
  const stack = made.get(name) ?? synthesise(name);
  made.set(name, stack);
  return stack;
}

const monthly = (environment: Environment) => total(estimate(environment));

test('docs/costs.md is up to date', () => {
  expect(readFileSync(costsFile, 'utf8')).toBe(costsPage());
  expect(costs({ check: true })).toBe(0);
});

test('the page is the same on a computer that writes numbers in another way', () => {
  const module = pathToFileURL(join(root, 'infra/costs/page.ts')).href;
  const program = `
import { costsPage } from '${module}';
process.stdout.write((1234.5).toLocaleString() + costsPage());`;
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
    env: { ...process.env, LC_ALL: 'pt_BR.UTF-8' },
    encoding: 'utf8',
  });
  expect(output.slice(0, 7)).toBe('1.234,5');
  expect(output.slice(7)).toBe(readFileSync(costsFile, 'utf8'));
});

test('an outdated or missing page fails the check, and the next run updates it; both say so', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'costs-')), 'costs.md');
  writeFileSync(file, 'old');
  const said: string[] = [];
  const listeners = (['log', 'error'] as const).map((method) =>
    jest.spyOn(console, method).mockImplementation((line: string) => void said.push(`${method}: ${line}`)),
  );
  try {
    expect([costs({ check: true }, file), readFileSync(file, 'utf8')]).toEqual([1, 'old']);
    expect([costs({}, file), readFileSync(file, 'utf8')]).toEqual([0, costsPage()]);
    expect(costs({ check: true }, file)).toBe(0);
    rmSync(file);
    expect([costs({ check: true }, file), existsSync(file)]).toEqual([1, false]);
    expect([costs({}, file), readFileSync(file, 'utf8')]).toEqual([0, costsPage()]);
  } finally {
    for (const listener of listeners) listener.mockRestore();
  }
  expect(said).toEqual([
    expect.stringMatching(/^error: .*\ndocs\/costs\.md is out of date: run pnpm infra costs/),
    expect.stringMatching(/^log: .*\ndocs\/costs\.md was updated\./),
    expect.stringMatching(/^log: .*\ndocs\/costs\.md is up to date/),
    expect.stringMatching(/^error: .*\ndocs\/costs\.md is out of date/),
    expect.stringMatching(/^log: .*\ndocs\/costs\.md was updated\./),
  ]);
});

/** An alarm is billed by its metrics; expressions are free. */
const metricsOf = ({ metric_query }: Block): number =>
  (metric_query ?? [{ metric: {} }]).filter(({ metric }: Block) => metric).length;

test.each(['dev', 'prd'] as const)('the estimate counts as many alarms, keys and other resources as %s has', (name) => {
  const stack = stackOf(name);
  const count = (type: string) => stack.all(type).length;
  // The alarms of NAT instances, of the base and of the status page are counted with these.
  const alarms = stack
    .some('aws_cloudwatch_metric_alarm')
    .filter(({ alarm_name }) => !/-(nat-\d-missing|base-node-missing|status-page)$/.test(alarm_name));
  expect(counts).toEqual({
    alarms: alarms.length,
    alarmMetrics: alarms.reduce((sum, alarm) => sum + metricsOf(alarm), 0),
    dashboards: count('aws_cloudwatch_dashboard'),
    healthChecks: count('aws_route53_health_check'),
    firewallRules: name === 'dev' ? counts.firewallRules : stack.one('aws_wafv2_web_acl').rule.length,
    keys: count('aws_kms_key'),
    // RDS creates the master secret.
    secrets: count('aws_secretsmanager_secret') + count('aws_db_instance'),
    zones: count('aws_route53_zone'),
  });
});

test('the alarm of the status page has the two metrics that the estimate counts, and a NAT instance one', () => {
  const alarms = stackOf('prd').some('aws_cloudwatch_metric_alarm');
  const metrics = (end: string) => alarms.filter(({ alarm_name }) => alarm_name.endsWith(end)).map(metricsOf);
  expect([metrics('-status-page'), metrics('-missing').length]).toEqual([[2], 6]);
  expect(new Set(metrics('-missing'))).toEqual(new Set([1]));
});

test('outside us-east-1 an environment has one more KMS key, as the page says', () => {
  const elsewhere = synthesise('dev', { settings: { region: 'sa-east-1' } });
  const keys = [stackOf('dev'), elsewhere].map((stack) => stack.some('aws_kms_key').length);
  expect(keys).toEqual([counts.keys, counts.keys + 1]);
  expect(costsPage()).toMatch(/Outside us-east-1 .* one more KMS key/);
});

test('the estimate has all volumes that the chart of SigNoz asks for', () => {
  const { signoz } = JSON.parse(stackOf('prd').one('helm_release', 'observability_signoz_release').values[0]);
  const sizes = [signoz.clickhouse, signoz.clickhouse.zookeeper, signoz.signoz].map(({ persistence }) =>
    Number(/^(\d+)Gi$/.exec(persistence.size)?.[1]),
  );
  expect(sizes).toEqual([prd.observability.storage, signozVolumes.zookeeper, signozVolumes.settings]);
});

// A plan of our own: nothing in it may be counted as free by mistake.
test('each type of our stacks is priced, billed by use or free, as AWS bills it', () => {
  const others = [
    ...['aws_acm_certificate', 'aws_acm_certificate_validation', 'aws_codebuild_project', 'aws_codebuild_webhook'],
    ...['aws_ecr_lifecycle_policy', 'aws_ecr_repository', 'aws_iam_openid_connect_provider', 'aws_iam_policy'],
    ...['aws_lb_listener_certificate', 'aws_nat_gateway', 'aws_s3_bucket_versioning'],
  ];
  const types = new Set([...stackOf('dev').types, ...stackOf('prd').types, ...others]);
  const database = { allocated_storage: 20, instance_class: 'db.t4g.micro', storage_type: 'gp3' };
  const values = { ...database, scaling_config: [{ desired_size: 1 }] };
  const kinds = Map.groupBy([...types].toSorted(), (type) => {
    const resources = [{ address: type, mode: 'managed', type, values }];
    const found = planCosts({ planned_values: { root_module: { resources } } });
    return (['priced', 'byUse', 'unpriced'] as const).find((kind) => found?.[kind].length) ?? 'free';
  });
  expect(Object.fromEntries(kinds)).toEqual({
    byUse: [
      'aws_cloudfront_distribution',
      'aws_cloudwatch_log_group',
      'aws_codebuild_project',
      'aws_ecr_repository',
      'aws_flow_log',
      'aws_lambda_function',
      'aws_s3_bucket',
      'aws_sns_topic',
    ],
    free: [
      'aws_acm_certificate',
      'aws_acm_certificate_validation',
      'aws_autoscaling_group_tag',
      'aws_autoscaling_schedule',
      'aws_budgets_budget',
      'aws_cloudfront_origin_access_control',
      'aws_cloudfront_response_headers_policy',
      'aws_cloudfront_vpc_origin',
      'aws_cloudwatch_event_rule',
      'aws_cloudwatch_event_target',
      'aws_cloudwatch_log_delivery',
      'aws_cloudwatch_log_delivery_destination',
      'aws_cloudwatch_log_delivery_source',
      'aws_codebuild_webhook',
      'aws_db_parameter_group',
      'aws_db_subnet_group',
      'aws_default_security_group',
      'aws_ec2_tag',
      'aws_ecr_lifecycle_policy',
      'aws_eks_access_entry',
      'aws_eks_access_policy_association',
      'aws_eks_addon',
      'aws_eks_pod_identity_association',
      'aws_iam_instance_profile',
      'aws_iam_openid_connect_provider',
      'aws_iam_policy',
      'aws_iam_role',
      'aws_iam_role_policy',
      'aws_iam_role_policy_attachment',
      'aws_internet_gateway',
      'aws_kms_alias',
      'aws_lambda_permission',
      'aws_launch_template',
      'aws_lb_listener',
      'aws_lb_listener_certificate',
      'aws_lb_listener_rule',
      'aws_lb_target_group',
      'aws_network_interface',
      'aws_route',
      'aws_route53_record',
      'aws_route_table',
      'aws_route_table_association',
      'aws_s3_bucket_lifecycle_configuration',
      'aws_s3_bucket_ownership_controls',
      'aws_s3_bucket_policy',
      'aws_s3_bucket_public_access_block',
      'aws_s3_bucket_server_side_encryption_configuration',
      'aws_s3_bucket_versioning',
      'aws_s3_object',
      'aws_scheduler_schedule',
      'aws_secretsmanager_secret_rotation',
      'aws_security_group',
      'aws_sns_topic_policy',
      'aws_subnet',
      'aws_vpc',
      'aws_vpc_security_group_egress_rule',
      'aws_vpc_security_group_ingress_rule',
      'helm_release',
      'kubernetes_cluster_role_binding_v1',
      'kubernetes_cluster_role_v1',
      'kubernetes_config_map_v1',
      'kubernetes_limit_range_v1',
      'kubernetes_namespace_v1',
      'kubernetes_network_policy_v1',
      'kubernetes_resource_quota_v1',
      'kubernetes_role_binding_v1',
      'kubernetes_role_v1',
      'kubernetes_storage_class_v1',
    ],
    priced: [
      'aws_cloudwatch_dashboard',
      'aws_cloudwatch_metric_alarm',
      'aws_db_instance',
      'aws_eip',
      'aws_eks_cluster',
      'aws_eks_node_group',
      'aws_kms_key',
      'aws_lb',
      'aws_nat_gateway',
      'aws_route53_health_check',
      'aws_route53_zone',
      'aws_secretsmanager_secret',
      'aws_wafv2_web_acl',
    ],
    unpriced: ['aws_autoscaling_group', 'aws_vpc_endpoint'],
  });
});

// What the environments may cost at everyday traffic, by this price list.
test.each([
  ['dev', 140],
  ['prd', 300],
] as const)('%s costs at most %i USD a month', (name, most) => {
  expect(monthlyCosts()[name].total).toBeLessThanOrEqual(most);
});

const node = { diskSize: 20, minimum: 1, desired: 1, maximum: 1 };
const micro = {
  version: '8.4',
  instanceClass: 'db.t4g.micro',
  storage: { initial: 20, maximum: 50 },
  backupDays: 1,
  finalSnapshot: false,
};

/** prd, where no group has as many nodes as its minimum or maximum, and each other disks. */
const growing: Environment = {
  ...prd,
  cluster: {
    ...prd.cluster,
    nodes: { ...prd.cluster.nodes, minimum: 1, desired: 2, maximum: 6, diskSize: 50 },
    baseNodes: { ...prd.cluster.nodes, minimum: 2, desired: 3, maximum: 4, diskSize: 30 },
    storageNodes: { ...prd.cluster.storageNodes, minimum: 1, desired: 2, maximum: 3, diskSize: 40 },
    logTypes: ['audit'],
  },
  database: { ...prd.database, storage: { initial: 60, maximum: 100 }, copiesBackups: true },
};

// Computed by hand, with AWS's prices of us-east-1 and 730 hours a month.
test.each([
  ['one NAT gateway and 30 GB: 730 × 0.045 + 30 × 0.045 + 730 × 0.005', () => nat('single', 30), 37.85],
  ['three NAT gateways and 40 GB: 3 × 730 × (0.045 + 0.005) + 40 × 0.045', () => nat('per-zone', 40), 111.3],
  [
    'copies of a database’s backups: 20 × 0.095 kept and 20 × 0.02 sent',
    () => costDifference(prd, { ...prd, database: { ...prd.database, copiesBackups: true } }),
    2.3,
  ],
  ['a NAT instance: 730 × (0.0042 + 0.005) + 8 × 0.08, and its alarm at 0.10', () => nat('instance', 30), 7.46],
  ['a NAT instance in each of three zones', () => nat('instance-per-zone', 40), 22.37],
  [
    'an on-demand t3.large with 20 GB: 730 × 0.0832 + 20 × 0.08',
    () => nodes({ ...node, instanceTypes: ['t3.large'] }, 1, 'on-demand'),
    62.34,
  ],
  [
    'on demand, where AWS takes the first type that it has: the same with an m5.large after it',
    () => nodes({ ...node, instanceTypes: ['t3.large', 'm5.large'] }, 1, 'on-demand'),
    62.34,
  ],
  [
    'two spot nodes, c7g.large or t4g.medium, with 20 GB each: 2 × (730 × 0.0157 + 20 × 0.08)',
    () => nodes({ ...node, instanceTypes: ['c7g.large', 't4g.medium'] }, 2, 'spot'),
    26.12,
  ],
  [
    'a spot node of a type without a spot price: 730 × 0.47 × 0.0832 + 20 × 0.08',
    () => nodes({ ...node, instanceTypes: ['t3.large'] }, 1, 'spot'),
    30.15,
  ],
  [
    'prd’s nodes, 20 GB each: 2 × 730 × 0.0336 for the base, 730 × 0.0157 on spot, 3 × 20 × 0.08',
    () => estimate(prd).computing ?? 0,
    65.32,
  ],
  [
    'SigNoz in prd: 730 × 0.0672 + 20 × 0.08, and volumes of 50, 8 and 1 GB',
    () => estimate(prd).observability ?? 0,
    55.38,
  ],
  [
    'as many nodes as desired: 3 × (730 × 0.0336 + 30 × 0.08) for the base, and 2 × (730 × 0.0157 + 50 × 0.08) on spot',
    () => estimate(growing).computing ?? 0,
    111.706,
  ],
  [
    'SigNoz on two nodes, of one to three: 2 × (730 × 0.0672 + 40 × 0.08), and volumes of 50, 8 and 1 GB',
    () => estimate(growing).observability ?? 0,
    109.232,
  ],
  [
    'a database of 60 GB in two zones, and copies of its backups: 2 × (730 × 0.016 + 60 × 0.115) + 60 × 0.115',
    () => estimate(growing).database ?? 0,
    44.06,
  ],
  [
    'one log type of three, at 3 GB each: 2 × 3 × (0.5 + 0.03) less',
    () => (estimate(prd).watching ?? 0) - (estimate(growing).watching ?? 0),
    3.18,
  ],
  [
    'SigNoz in dev, on spot and asleep but for 279 hours: 279 × (0.0271 + 20 × 0.08 / 730) + (20 + 8 + 1) × 0.08',
    () => estimate(dev).observability ?? 0,
    10.49,
  ],
  [
    'the nodes of dev before, t3a.large on spot: 2 × (730 × 0.47 × 0.0752 + 20 × 0.08)',
    () => estimate(asItWas(dev)).computing ?? 0,
    54.8,
  ],
  ['those of prd, three of them and no others', () => estimate(asItWas(prd)).computing ?? 0, 82.2],
  [
    'SigNoz in dev before, on demand and awake: 730 × 0.0832 + 20 × 0.08, and volumes of 20, 8 and 1 GB',
    () => estimate(asItWas(dev)).observability ?? 0,
    64.66,
  ],
  ['the way out of dev before: one NAT gateway and 30 GB', () => estimate(asItWas(dev)).wayOut ?? 0, 37.85],
  ['that of prd: three NAT gateways and 40 GB', () => estimate(asItWas(prd)).wayOut ?? 0, 111.3],
  ['a db.t4g.micro with 20 GB: 730 × 0.016 + 20 × 0.115', () => database({ ...micro, multiZone: false }), 13.98],
  ['the same in two zones: 2 × (730 × 0.016 + 20 × 0.115)', () => database({ ...micro, multiZone: true }), 27.96],
  ['the database of dev, asleep but for 279 hours: 279 × 0.016 + 20 × 0.115', () => estimate(dev).database ?? 0, 6.76],
  [
    'a load balancer with 38.05 requests a second: 730 × (0.0225 + 38.05 / 25 × 0.008)',
    () => loadBalancer(times(100)),
    25.31,
  ],
  [
    'a load balancer with 2.74 GB an hour and few requests: 730 × (0.0225 + 2.74 × 0.008)',
    () => loadBalancer({ ...everyday, deliveredGigabytes: 2000 }),
    32.425,
  ],
  ['CloudFront within its free tier: 1 GB of requests to the origin at 0.13', () => edge(everyday), 0.13],
  [
    'CloudFront with 100 million requests and 2 TB: 9 000 × 0.022 + 1 000 × 0.11 + 100 × 0.13',
    () => edge({ ...times(100), deliveredGigabytes: 2000 }),
    321,
  ],
  ['a firewall with five rules and a million requests: 5 + 5 × 1 + 0.6', () => firewall(everyday), 10.6],
  ['14 GB of logs, taken in and kept: 14 × (0.5 + 0.03)', () => watching(14) - watching(0), 7.42],
  [
    'the status page: 43 800 × (0.2 / 1 000 000 + 0.125 × 0.0000133334 + (0.005 + 0.0004 + 0.01) / 1 000) + 525.6 × 0.0004 + 2 × 0.1',
    () => statusPage(),
    1.167,
  ],
  ['12 GB, of which two thirds change zones, both ways: 12 × 2 / 3 × 2 × 0.01', () => betweenZones(everyday), 0.16],
  ['a zone, two keys and three secrets: 0.5 + 2 × 1 + 3 × 0.4', () => names({ zones: 1, keys: 2, secrets: 3 }), 3.7],
  [
    'Fargate: four tasks, 4 × 730 × (0.25 × 0.04048 + 0.5 × 0.004445)',
    () => fargate(prd, everyday).computing ?? 0,
    36.04,
  ],
  [
    'Lambda: half a million calls of 0.05 s with 0.25 GB, 0.5 × 0.2 + 6 250 × 0.0000166667',
    () => serverless(prd, everyday).computing ?? 0,
    0.2,
  ],
])('%s', (_, bill, usd) => {
  expect(bill()).toBeCloseTo(usd, 2);
});

test.each([...['README.md', 'README.pt-BR.md'], ...['docs/getting-started.md', 'docs/getting-started.pt-BR.md']])(
  '%s names what an environment costs',
  (file) => {
    const text = readFileSync(join(root, file), 'utf8');
    const figures = [...text.matchAll(/US\$ (\d+)/g)].map(([, usd]) => Number(usd));
    expect(figures).toEqual([dev, prd].map((environment) => Math.round(monthly(environment))));
  },
);

test('dev is cheaper than prd', () => {
  expect(monthly(dev)).toBeLessThan(monthly(prd));
  expect(costDifference(dev, prd)).toBeCloseTo(monthly(prd) - monthly(dev));
});

// The sum of rounded parts may differ from it by some cents.
test.each([dev, prd])('the JSON of $name has the figures of the tables, in cents, and the limit', (environment) => {
  const cost = monthlyCosts()[environment.name];
  const inCents = (usd: number) => Number(usd.toFixed(2));
  const parts = Object.entries(estimate(environment)).map(([part, usd]) => [part, inCents(usd)]);
  expect(cost).toEqual({
    total: inCents(monthly(environment)),
    parts: Object.fromEntries(parts),
    approvalAbove: environment.costs.approvalAbove,
    isDestroyed: false,
  });
  const [, ...totals] = /\nTotal +([\d.]+) +([\d.]+)\n/.exec(regionTable(defaultList)) ?? [];
  expect(cost.total).toBe(Number(totals[environment === dev ? 0 : 1]));
});

test.each([dev, prd])(
  'a rise of $name that needs no second approval is a tenth to a fifth of what it costs',
  (environment) => {
    const { approvalAbove, total: cost } = monthlyCosts()[environment.name];
    expect(approvalAbove).toBeGreaterThanOrEqual(cost / 10);
    expect(approvalAbove).toBeLessThanOrEqual(cost / 5);
  },
);

test.each([dev, prd])('the budget of $name alerts a tenth above the estimate, and not before', (environment) => {
  const { limit_amount, notification } = stackOf(environment.name).one('aws_budgets_budget');
  expect(notification.length).toBeGreaterThan(0);
  for (const { threshold, threshold_type } of notification) {
    expect(threshold_type).toBe('PERCENTAGE');
    expect((Number(limit_amount) * threshold) / 100).toBeGreaterThan(1.1 * monthly(environment));
  }
});

test.each(dearer)('$choice costs more in one environment and saves money in none', ({ apply }) => {
  const differences = [dev, prd].map((environment) => costDifference(environment, apply(environment)));
  expect(Math.min(...differences)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...differences)).toBeGreaterThan(0);
});

test.each(cheaper)('$choice saves money in one environment and costs more in none', ({ apply }) => {
  const differences = [dev, prd].map((environment) => costDifference(environment, apply(environment)));
  expect(Math.max(...differences)).toBeLessThanOrEqual(0);
  expect(Math.min(...differences)).toBeLessThan(0);
});

describe('more traffic', () => {
  const designs = [
    { name: 'dev', bill: (factor: number) => estimate(dev, times(factor)) },
    { name: 'prd', bill: (factor: number) => estimate(prd, times(factor)) },
    { name: 'the seed', bill: (factor: number) => seed(times(factor), '8.0') },
    { name: 'Fargate', bill: (factor: number) => fargate(prd, times(factor)) },
    { name: 'serverless', bill: (factor: number) => serverless(prd, times(factor)) },
  ];

  test.each(designs)('never makes $name cheaper', ({ bill }) => {
    const [once = 0, tenfold = 0, hundredfold = 0] = [1, 10, 100].map((factor) => total(bill(factor)));
    expect(tenfold).toBeGreaterThan(once);
    expect(hundredfold).toBeGreaterThan(tenfold);
  });

  test('adds nodes up to the maximum of the environment', () => {
    const computing = (factor: number) => estimate(prd, times(factor)).computing ?? 0;
    const { desired, maximum } = prd.cluster.nodes;
    expect(computing(10_000) - computing(1)).toBeCloseTo(nodes(prd.cluster.nodes, maximum - desired, 'spot'));
  });

  // A node serves 250 requests a second, and the busiest second has 10 times the average.
  test.each([
    [1, 0, 2],
    [500, 0, 2],
    [501, 0, 3],
    [750, 0, 3],
    [751, 0, 4],
    [1_250, 0, 5],
    [100_000, 0, 5],
    [751, 1, 3],
    [751, 2, 2],
    [1_251, 2, 4],
    [100_000, 3, 5],
  ])('of %d requests in the busiest second, with %d nodes of the base, takes %d spot nodes', (peak, base, expected) => {
    const requests = (peak / 10) * 730 * 3600;
    const choices = { ...node, instanceTypes: ['t4g.medium'], desired: 2, maximum: 5 };
    // A billionth less, which rounding may add.
    expect(nodesFor(choices, { ...everyday, requests: requests * (1 - 1e-9) }, base)).toBe(expected);
  });
});

// docs/costs.md has whole dollars, in which what costs cents could have any price.
test.each([
  ['dev', (traffic: Traffic) => estimate({ ...dev, runner: true }, traffic)],
  ['prd', (traffic: Traffic) => estimate(prd, traffic)],
  ['the seed', (traffic: Traffic) => seed(traffic, '8.4')],
  ['Fargate as dev', (traffic: Traffic) => fargate(dev, traffic)],
  ['Fargate as prd', (traffic: Traffic) => fargate(prd, traffic)],
  ['serverless as dev', (traffic: Traffic) => serverless(dev, traffic)],
  ['serverless as prd', (traffic: Traffic) => serverless(prd, traffic)],
])('each part of %s has its price in tenths of a cent, at 1× and 100×', (_, bill) => {
  const [once, most] = [1, 100].map((factor) => Object.entries(bill(times(factor))));
  const parts = (once ?? []).map(([part, usd], index) => [part, [usd, most?.[index]?.[1] ?? 0]] as const);
  expect(parts.map(([part, prices]) => [part, ...prices.map((usd) => usd.toFixed(3))].join(' '))).toMatchSnapshot();
});

// The page has whole dollars, and each switch alone.
test.each([dev, prd])(
  'each choice changes what $name costs by its price in tenths of a cent, and so do all together',
  (environment) => {
    const difference = (changed: Environment) => costDifference(environment, changed).toFixed(3);
    const all = (switches: readonly Switch[]) => switches.reduce((changed, { apply }) => apply(changed), environment);
    expect([
      ...[...dearer, ...cheaper].map(({ apply, choice }) => `${choice}: ${difference(apply(environment))}`),
      `all that are dearer: ${difference(all(dearer))}`,
      `all that are cheaper: ${difference(all(cheaper))}`,
      // Where a NAT gateway counts what more nodes download.
      `a gateway with twice the nodes: ${difference(all(dearer.filter(({ choice }) => /per-zone|one node/.test(choice))))}`,
    ]).toMatchSnapshot();
  },
);

test('in the seed, MySQL 8.0 costs the extended support of two vCPUs more than 8.4', () => {
  expect(total(seed(everyday, '8.0')) - total(seed(everyday, '8.4'))).toBeCloseTo(2 * 730 * 0.1);
});

test('an instance type without a known price is an error that names it', () => {
  const nodes = { ...dev.cluster.nodes, instanceTypes: ['x9.large'] };
  expect(() => estimate({ ...dev, cluster: { ...dev.cluster, nodes } })).toThrow(/x9\.large.*prices\.ts/);
});

test("every price has a link to AWS's own page and a source", () => {
  for (const { page, source, usd } of priceList) {
    expect(page).toMatch(/^https:\/\/aws\.amazon\.com\/.+\/pricing\//);
    expect(source).not.toBe('');
    expect(usd).toBeGreaterThan(0);
  }
});
