/**
 * Quotas of a new account, and limits of AWS's free plan. AWS raises the former on request, and another plan lifts the
 * latter, so they are warnings only.
 */
import type { Resource, Values } from '../change.ts';
import type { Problem, Rule } from '../rule.ts';
import { valueRule } from '../rule.ts';
import { iamQuotas } from '../sources.ts';
import { number, text, texts } from '../values.ts';
import { others } from '../world.ts';

const vpcQuotas = 'https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html';
const distributionQuotas = 'https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html';

/** A quota on the number of resources of a type. */
interface Count {
  readonly type: string;
  readonly most: number;
  readonly code: string;
  readonly message: string;
  readonly source: string;
  /** The quota counts resources with the same value of this argument. Without it, all of the region. */
  readonly within?: string;
}

const counts: readonly Count[] = [
  { type: 'aws_vpc', most: 5, code: 'VpcLimitExceeded', message: 'VPCs', source: vpcQuotas },
  {
    type: 'aws_internet_gateway',
    most: 5,
    code: 'InternetGatewayLimitExceeded',
    message: 'internet gateways',
    source: vpcQuotas,
  },
  { type: 'aws_eip', most: 5, code: 'AddressLimitExceeded', message: 'Elastic IP addresses', source: vpcQuotas },
  {
    type: 'aws_nat_gateway',
    most: 5,
    code: 'NatGatewayLimitExceeded',
    message: 'NAT gateways in a zone',
    source: vpcQuotas,
    within: 'subnet_id',
  },
  {
    type: 'aws_iam_role_policy_attachment',
    most: 10,
    code: 'LimitExceeded',
    message: 'managed policies of a role',
    source: iamQuotas,
    within: 'role',
  },
  {
    type: 'aws_lb_listener_rule',
    most: 100,
    code: 'TooManyRules',
    message: 'rules of a load balancer',
    source: 'https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html',
    within: 'listener_arn',
  },
];

/** Rules of a security group in one direction. A prefix list counts with its maximum number of entries. */
const groupRules = valueRule({
  id: 'quota-security-group-rules',
  types: ['aws_vpc_security_group_ingress_rule', 'aws_vpc_security_group_egress_rule'],
  source: `${vpcQuotas} and https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/LocationsOfEdgeServers.html`,
  check: (after, world, change) => {
    const group = text(after, 'security_group_id');
    if (group === undefined || change.action !== 'create') return [];
    const siblings = others(world, change.type, change).filter((rule) => rule.security_group_id === group);
    const total = [...siblings, after].reduce((sum, rule) => sum + weight(rule), 0);
    const message = `The security group has rules of weight ${total}; the quota is 60`;
    return total > 60 ? [{ code: 'RulesPerSecurityGroupLimitExceeded', message }] : [];
  },
});

/** CloudFront's managed prefix list counts as 55 rules. */
const weight = (rule: Values): number => (typeof rule.prefix_list_id === 'string' ? 55 : 1);

/** vCPUs of running instances: 5 on demand and 5 on spot. */
const processors = valueRule({
  id: 'quota-processors',
  types: ['aws_eks_node_group'],
  source: 'https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html',
  check: (after, world, change) => {
    const kind = text(after, 'capacity_type') ?? 'ON_DEMAND';
    const groups = [...others(world, change.type, change), after].filter(
      (group) => (text(group, 'capacity_type') ?? 'ON_DEMAND') === kind,
    );
    const total = groups.reduce(
      (sum, group) => sum + largest(group) * (number(group, 'scaling_config.max_size') ?? 0),
      0,
    );
    const message = `The node groups may grow to ${total} vCPUs (${kind}); a new account has 5`;
    const code = kind === 'SPOT' ? 'MaxSpotInstanceCountExceeded' : 'VcpuLimitExceeded';
    return total > 5 ? [{ code, message, path: 'scaling_config[0].max_size' }] : [];
  },
});

const largest = (group: Values): number =>
  Math.max(0, ...texts(group, 'instance_types').map(({ value }) => processorsOf(value)));

/** vCPUs by size: `large` has 2, `xlarge` 4, `2xlarge` 8. Smaller burstable sizes have 2 as well. */
function processorsOf(type: string): number {
  const [family = '', size = ''] = type.split('.');
  const [, factor] = /^(\d*)xlarge$/.exec(size) ?? [];
  if (factor !== undefined) return 4 * Number(factor || 1);
  return size === 'medium' && !family.startsWith('t') ? 1 : 2;
}

/** Origins, cache behaviors and aliases of a distribution. */
const distribution = valueRule({
  id: 'quota-distribution',
  types: ['aws_cloudfront_distribution'],
  source: distributionQuotas,
  check: (after) => [
    ...more(after, 'origin', 25, 'TooManyOrigins'),
    ...more(after, 'ordered_cache_behavior', 75, 'TooManyCacheBehaviors'),
    ...more(after, 'aliases', 100, 'TooManyDistributionCNAMEs'),
  ],
});

function more(after: Values, name: string, most: number, code: string): Problem[] {
  const list = after[name];
  return Array.isArray(list) && list.length > most
    ? [{ code, message: `${list.length} are more than the quota of ${most}`, path: name }]
    : [];
}

/** Instance types of the free plan. */
const free = ['t3.micro', 't3.small', 't4g.micro', 't4g.small', 'c7i-flex.large', 'm7i-flex.large'];

/** The free plan has a few instance types only. */
const freeInstances = valueRule({
  id: 'free-plan-instance-types',
  types: ['aws_eks_node_group', 'aws_instance', 'aws_launch_template'],
  source: 'https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-free-tier-usage.html',
  check: (after) =>
    [...texts(after, 'instance_types'), ...texts(after, 'instance_type')]
      .filter(({ value }) => !free.includes(value))
      .slice(0, 1)
      .map(({ path, value }) => ({
        code: 'InvalidParameterCombination',
        message: `The specified instance type is not eligible for Free Tier: ${value}`,
        path,
      })),
});

/** The free plan keeps automated backups for a day. */
const freeBackups = valueRule({
  id: 'free-plan-backups',
  types: ['aws_db_instance'],
  source:
    'https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.BackupRetention.html',
  check: (after) =>
    (number(after, 'backup_retention_period') ?? 0) > 1
      ? [
          {
            code: 'FreeTierRestrictionError',
            message: 'The specified backup retention period exceeds the maximum available to free tier customers.',
            path: 'backup_retention_period',
          },
        ]
      : [],
});

/** All quotas and limits. */
export const quotaRules: readonly Rule[] = [
  ...counts.map((count) =>
    valueRule({
      id: `quota-${count.type.replace('aws_', '').replaceAll('_', '-')}`,
      types: [count.type],
      source: count.source,
      check: (after, world, change) =>
        change.action === 'create' && together(count, after, world) > count.most
          ? [{ code: count.code, message: `There are more than ${count.most} ${count.message}` }]
          : [],
    }),
  ),
  groupRules,
  processors,
  distribution,
  freeInstances,
  freeBackups,
];

function together({ type, within }: Count, after: Values, world: readonly Resource[]): number {
  const shared = within === undefined ? undefined : after[within];
  if (within !== undefined && typeof shared !== 'string') return 0;
  return (
    1 +
    world.filter((resource) => resource.type === type && (within === undefined || resource.values[within] === shared))
      .length
  );
}
