import { type Change, type Resource, unknown, type Value, type Values } from '../change.ts';
import type { Problem, Rule } from '../rule.ts';
import { cloudFront, ec2, eks, elb, iam, iamQuotas, logs, rds, route53, secretsManager, waf } from '../sources.ts';
import { isTrue, text } from '../values.ts';
import { others } from '../world.ts';

/** Arguments that are unique among the resources of a type. */
interface Unique {
  readonly type: string;
  /** Unique together. A resource with an unset or unknown one is not checked. */
  readonly keys: readonly string[];
  /** Whether AWS ignores case. */
  readonly ignoresCase?: true;
  /** Whether the name is taken in all regions. Otherwise each region has its own. */
  readonly inAllRegions?: true;
  /** Argument that makes Terraform overwrite the existing resource. */
  readonly overwrittenIf?: string;
  readonly code: string;
  readonly message: (values: Values) => string;
  readonly source: string;
}

const named = (values: Values): string => text(values, 'name') ?? '';

/** AWS silently overwrites topics, alarms, event rules and inline policies, which are therefore not listed. */
const uniques: readonly Unique[] = [
  {
    type: 'aws_lb',
    keys: ['name'],
    code: 'DuplicateLoadBalancerName',
    message: (values) => `A load balancer with the same name '${named(values)}' exists, but with different settings`,
    source: elb('CreateLoadBalancer'),
  },
  {
    type: 'aws_lb_target_group',
    keys: ['name'],
    code: 'DuplicateTargetGroupName',
    message: (values) => `A target group with the same name '${named(values)}' exists, but with different settings`,
    source: elb('CreateTargetGroup'),
  },
  {
    type: 'aws_lb_listener',
    keys: ['load_balancer_arn', 'port'],
    code: 'DuplicateListener',
    message: () => 'A listener already exists on this port for this load balancer',
    source: elb('CreateListener'),
  },
  {
    type: 'aws_lb_listener_rule',
    keys: ['listener_arn', 'priority'],
    code: 'PriorityInUse',
    message: (values) => `Priority '${values.priority?.toString()}' is currently in use`,
    source: elb('CreateRule'),
  },
  {
    type: 'aws_iam_role',
    keys: ['name'],
    ignoresCase: true,
    code: 'EntityAlreadyExists',
    message: (values) => `Role with name ${named(values)} already exists.`,
    source: `${iam('CreateRole')} and ${iamQuotas}`,
  },
  {
    type: 'aws_iam_policy',
    keys: ['name'],
    ignoresCase: true,
    code: 'EntityAlreadyExists',
    message: (values) => `A policy called ${named(values)} already exists. Duplicate names are not allowed.`,
    source: iam('CreatePolicy'),
  },
  {
    type: 'aws_iam_openid_connect_provider',
    keys: ['url'],
    code: 'EntityAlreadyExists',
    message: (values) => `Provider with url ${text(values, 'url')} already exists.`,
    source: iam('CreateOpenIDConnectProvider'),
  },
  {
    type: 'aws_iam_instance_profile',
    keys: ['name'],
    ignoresCase: true,
    code: 'EntityAlreadyExists',
    message: (values) => `Instance Profile ${named(values)} already exists.`,
    source: iam('CreateInstanceProfile'),
  },
  {
    type: 'aws_security_group',
    keys: ['vpc_id', 'name'],
    ignoresCase: true,
    code: 'InvalidGroup.Duplicate',
    message: (values) => `The security group '${named(values)}' already exists for VPC '${text(values, 'vpc_id')}'`,
    source: ec2('CreateSecurityGroup'),
  },
  {
    type: 'aws_launch_template',
    keys: ['name'],
    code: 'InvalidLaunchTemplateName.AlreadyExistsException',
    message: () => 'Launch template name already in use.',
    source: 'https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html',
  },
  {
    type: 'aws_autoscaling_group',
    keys: ['name'],
    code: 'AlreadyExists',
    message: (values) => `AutoScalingGroup by this name already exists: ${named(values)}`,
    source: 'https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateAutoScalingGroup.html',
  },
  {
    type: 'aws_db_instance',
    keys: ['identifier'],
    ignoresCase: true,
    code: 'DBInstanceAlreadyExists',
    message: () => 'DB instance already exists',
    source: rds('CreateDBInstance'),
  },
  {
    type: 'aws_db_parameter_group',
    keys: ['name'],
    ignoresCase: true,
    code: 'DBParameterGroupAlreadyExists',
    message: (values) => `Parameter group ${named(values)} already exists`,
    source: rds('CreateDBParameterGroup'),
  },
  {
    type: 'aws_db_subnet_group',
    keys: ['name'],
    ignoresCase: true,
    code: 'DBSubnetGroupAlreadyExists',
    message: (values) => `The DB subnet group '${named(values)}' already exists.`,
    source: rds('CreateDBSubnetGroup'),
  },
  {
    type: 'aws_eks_cluster',
    keys: ['name'],
    code: 'ResourceInUseException',
    message: (values) => `Cluster already exists with name: ${named(values)}`,
    source: eks('CreateCluster'),
  },
  {
    type: 'aws_eks_node_group',
    keys: ['cluster_name', 'node_group_name'],
    code: 'ResourceInUseException',
    message: (values) =>
      `NodeGroup already exists with name ${text(values, 'node_group_name')} and cluster name ${text(values, 'cluster_name')}`,
    source: eks('CreateNodegroup'),
  },
  {
    type: 'aws_eks_addon',
    keys: ['cluster_name', 'addon_name'],
    code: 'ResourceInUseException',
    message: () => 'Addon already exists.',
    source: eks('CreateAddon'),
  },
  {
    type: 'aws_eks_access_entry',
    keys: ['cluster_name', 'principal_arn'],
    code: 'ResourceInUseException',
    message: () => 'The specified access entry resource is already in use on this cluster.',
    source: eks('CreateAccessEntry'),
  },
  {
    type: 'aws_eks_pod_identity_association',
    keys: ['cluster_name', 'namespace', 'service_account'],
    code: 'ResourceInUseException',
    message: (values) => `Association already exists: ${text(values, 'namespace')}/${text(values, 'service_account')}`,
    source: eks('CreatePodIdentityAssociation'),
  },
  {
    type: 'aws_cloudwatch_log_group',
    keys: ['name'],
    code: 'ResourceAlreadyExistsException',
    message: () => 'The specified log group already exists',
    source: logs('CreateLogGroup'),
  },
  {
    type: 'aws_s3_bucket',
    keys: ['bucket'],
    inAllRegions: true,
    code: 'BucketAlreadyOwnedByYou',
    message: () => 'Your previous request to create the named bucket succeeded and you already own it.',
    source: 'https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html',
  },
  {
    type: 'aws_kms_alias',
    keys: ['name'],
    code: 'AlreadyExistsException',
    message: (values) => `An alias with the name ${named(values)} already exists`,
    source: 'https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html',
  },
  {
    type: 'aws_secretsmanager_secret',
    keys: ['name'],
    code: 'ResourceExistsException',
    message: (values) => `The operation failed because the secret ${named(values)} already exists.`,
    source: secretsManager('CreateSecret'),
  },
  {
    type: 'aws_route53_record',
    keys: ['zone_id', 'name', 'type', 'set_identifier'],
    ignoresCase: true,
    overwrittenIf: 'allow_overwrite',
    code: 'InvalidChangeBatch',
    message: (values) =>
      `Tried to create resource record set [name='${named(values)}', type='${text(values, 'type')}'] but it already exists`,
    source: route53('ChangeResourceRecordSets'),
  },
  {
    type: 'aws_cloudfront_response_headers_policy',
    keys: ['name'],
    code: 'ResponseHeadersPolicyAlreadyExists',
    message: () => 'A response headers policy with this name already exists.',
    source: cloudFront('CreateResponseHeadersPolicy'),
  },
  {
    type: 'aws_cloudfront_origin_access_control',
    keys: ['name'],
    code: 'OriginAccessControlAlreadyExists',
    message: () => 'An origin access control with the specified parameters already exists.',
    source: cloudFront('CreateOriginAccessControl'),
  },
  {
    type: 'aws_wafv2_web_acl',
    keys: ['scope', 'name'],
    code: 'WAFDuplicateItemException',
    message: () =>
      'AWS WAF could not perform the operation because some resource in your request is a duplicate of an existing one.',
    source: waf('CreateWebACL'),
  },
  {
    type: 'aws_budgets_budget',
    keys: ['name'],
    code: 'DuplicateRecordException',
    message: (values) => `Error creating budget: ${named(values)} - the budget already exists.`,
    source: 'https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_CreateBudget.html',
  },
  {
    type: 'aws_ecr_repository',
    keys: ['name'],
    code: 'RepositoryAlreadyExistsException',
    message: (values) => `The repository with name '${named(values)}' already exists in the registry`,
    source: 'https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html',
  },
  {
    type: 'aws_scheduler_schedule',
    keys: ['name', 'group_name'],
    code: 'ConflictException',
    message: (values) => `Schedule ${named(values)} already exists.`,
    source: 'https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html',
  },
];

/** An alias belongs to one distribution only. */
const aliases: Rule = {
  id: 'taken-distribution-alias',
  types: ['aws_cloudfront_distribution'],
  source: cloudFront('CreateDistribution'),
  check: (change, world) => {
    const wanted = change.phase === 'apply' && Array.isArray(change.after?.aliases) ? change.after.aliases : [];
    const taken = others(world, change.type, change).flatMap(({ aliases }) => (Array.isArray(aliases) ? aliases : []));
    const message = 'One or more of the CNAMEs you provided are already associated with a different resource.';
    return wanted.some((alias) => typeof alias === 'string' && taken.includes(alias))
      ? [{ code: 'CNAMEAlreadyExists', message, path: 'aliases' }]
      : [];
  },
};

/** Checked in an apply only: a plan can delete the other resource first. */
export const takenNameRules: readonly Rule[] = [
  ...uniques.map(
    (unique): Rule => ({
      id: `taken-${unique.type.replace('aws_', '').replaceAll('_', '-')}`,
      types: [unique.type],
      source: unique.source,
      check: (change, world) => taken(unique, change, world),
    }),
  ),
  aliases,
];

function taken(unique: Unique, change: Change, world: readonly Resource[]): Problem[] {
  if (change.action === 'delete' || change.phase !== 'apply' || !change.after) return [];
  if (unique.overwrittenIf !== undefined && isTrue(change.after, unique.overwrittenIf)) return [];
  const own = keyOf(unique, change.after);
  // Some are renamed in place.
  if (change.before && keyOf(unique, change.before) === own) return [];
  const { region } = change.after;
  const isTaken =
    own !== undefined &&
    others(world, unique.type, change).some(
      (other) => keyOf(unique, other) === own && (unique.inAllRegions || isSameRegion(region, other.region)),
    );
  const [path] = unique.keys.slice(-1);
  return isTaken
    ? [{ code: unique.code, message: unique.message(change.after), ...(path === undefined ? {} : { path }) }]
    : [];
}

/** Keys that are often unset. */
const optional = ['set_identifier', 'group_name'];

function keyOf({ ignoresCase, keys }: Unique, values: Values): string | undefined {
  const parts = keys.map((key) => {
    const value = values[key];
    if (typeof value === 'string') return ignoresCase ? value.toLowerCase() : value;
    if (typeof value === 'number') return String(value);
    return optional.includes(key) ? '' : undefined;
  });
  return parts.includes(undefined) ? undefined : parts.join(' ');
}

/** Resources of global services have no region. One that is not known may be any. */
const isSameRegion = (one: Value | undefined, other: Value | undefined): boolean =>
  one !== unknown && other !== unknown && (typeof one !== 'string' || typeof other !== 'string' || one === other);
