/** The resources that a change is about, as IAM sees them: by ARN and with tags. */
import type { Change, Resource, Value, Values } from '../rules/index.ts';
import { entries, isBlock, text } from '../rules/values.ts';

/** The account number that AWS uses in its examples. */
export const accountId = '123456789012';
const defaultRegion = 'us-east-1';

/** A resource of a request. */
export interface Target {
  /** Terraform's type. */
  readonly type: string;
  /** Kinds in the service authorization reference, such as `ec2:vpc`. */
  readonly kinds: readonly string[];
  readonly arn: string;
  readonly values: Values;
  /** Whether it is the resource that changes, and not one that it refers to. */
  readonly isOwn: boolean;
}

interface Format {
  readonly kinds: readonly string[];
  /** The ARN. Without the values that AWS chooses, it has `new` in their place. */
  readonly arn: (values: Values) => string;
}

/** ARN formats by Terraform's type: https://docs.aws.amazon.com/service-authorization/latest/reference/ */
const formats: Readonly<Record<string, Format>> = {
  aws_acm_certificate: regional('acm:certificate', (v) => `certificate/${id(v)}`),
  aws_autoscaling_group: regional(
    'autoscaling:autoScalingGroup',
    (v) => `autoScalingGroup:new:autoScalingGroupName/${name(v)}`,
  ),
  aws_autoscaling_group_tag: regional(
    'autoscaling:autoScalingGroup',
    (v) => `autoScalingGroup:new:autoScalingGroupName/${name(v, 'autoscaling_group_name')}`,
  ),
  aws_autoscaling_schedule: regional(
    'autoscaling:autoScalingGroup',
    (v) => `autoScalingGroup:new:autoScalingGroupName/${name(v, 'autoscaling_group_name')}`,
  ),
  aws_budgets_budget: global('budgets:budget', (v) => `budget/${name(v)}`),
  aws_cloudfront_distribution: global('cloudfront:distribution', (v) => `distribution/${id(v)}`),
  aws_cloudfront_origin_access_control: global(
    'cloudfront:origin-access-control',
    (v) => `origin-access-control/${id(v)}`,
  ),
  aws_cloudfront_response_headers_policy: global(
    'cloudfront:response-headers-policy',
    (v) => `response-headers-policy/${id(v)}`,
  ),
  aws_cloudfront_vpc_origin: global('cloudfront:vpcorigin', (v) => `vpcorigin/${id(v)}`),
  aws_cloudwatch_dashboard: global('cloudwatch:dashboard', (v) => `dashboard/${name(v, 'dashboard_name')}`),
  aws_cloudwatch_event_rule: regional('events:rule-on-default-event-bus', (v) => `rule/${name(v)}`),
  aws_cloudwatch_log_delivery: regional('logs:delivery', (v) => `delivery:${id(v)}`),
  aws_cloudwatch_log_delivery_destination: regional(
    'logs:delivery-destination',
    (v) => `delivery-destination:${name(v)}`,
  ),
  aws_cloudwatch_log_delivery_source: regional('logs:delivery-source', (v) => `delivery-source:${name(v)}`),
  aws_cloudwatch_log_group: regional('logs:log-group', (v) => `log-group:${name(v)}`),
  aws_cloudwatch_metric_alarm: regional('cloudwatch:alarm', (v) => `alarm:${name(v, 'alarm_name')}`),
  aws_codebuild_project: regional('codebuild:project', (v) => `project/${name(v)}`),
  aws_db_instance: regional('rds:db', (v) => `db:${name(v, 'identifier')}`),
  aws_db_parameter_group: regional('rds:pg', (v) => `pg:${name(v)}`),
  aws_db_subnet_group: regional('rds:subgrp', (v) => `subgrp:${name(v)}`),
  aws_default_security_group: regional('ec2:security-group', (v) => `security-group/${id(v)}`),
  aws_ecr_repository: regional('ecr:repository', (v) => `repository/${name(v)}`),
  aws_eip: regional('ec2:elastic-ip', (v) => `elastic-ip/${id(v)}`),
  aws_eks_access_entry: regional(
    'eks:access-entry',
    (v) => `access-entry/${cluster(v)}/role/${accountId}/${lastOf(text(v, 'principal_arn'))}/new`,
  ),
  aws_eks_access_policy_association: regional(
    'eks:access-entry',
    (v) => `access-entry/${cluster(v)}/role/${accountId}/${lastOf(text(v, 'principal_arn'))}/new`,
  ),
  aws_eks_addon: regional('eks:addon', (v) => `addon/${cluster(v)}/${name(v, 'addon_name')}/new`),
  aws_eks_cluster: regional('eks:cluster', (v) => `cluster/${name(v)}`),
  aws_eks_node_group: regional('eks:nodegroup', (v) => `nodegroup/${cluster(v)}/${name(v, 'node_group_name')}/new`),
  aws_eks_pod_identity_association: regional(
    'eks:podidentityassociation',
    (v) => `podidentityassociation/${cluster(v)}/a-${id(v)}`,
  ),
  aws_flow_log: regional('ec2:vpc-flow-log', (v) => `vpc-flow-log/${id(v)}`),
  aws_iam_instance_profile: global('iam:instance-profile', (v) => `instance-profile/${name(v)}`),
  aws_iam_openid_connect_provider: global(
    'iam:oidc-provider',
    (v) => `oidc-provider/${name(v, 'url').replace('https://', '')}`,
  ),
  aws_iam_policy: global('iam:policy', (v) => `policy/${name(v)}`),
  aws_iam_role: global('iam:role', (v) => `role/${name(v)}`),
  aws_iam_role_policy: global('iam:role', (v) => `role/${name(v, 'role')}`),
  aws_iam_role_policy_attachment: global('iam:role', (v) => `role/${name(v, 'role')}`),
  aws_instance: regional('ec2:instance', (v) => `instance/${id(v)}`),
  aws_internet_gateway: regional('ec2:internet-gateway', (v) => `internet-gateway/${id(v)}`),
  aws_kms_alias: regional('kms:alias', (v) => name(v)),
  aws_kms_key: regional('kms:key', (v) => `key/${id(v)}`),
  aws_lambda_function: regional('lambda:function', (v) => `function:${name(v, 'function_name')}`),
  aws_launch_template: regional('ec2:launch-template', (v) => `launch-template/${id(v)}`),
  aws_lb: regional(
    ['elasticloadbalancing:loadbalancer', 'elasticloadbalancing:loadbalancer/app/'],
    (v) => `loadbalancer/app/${name(v)}/${id(v)}`,
  ),
  aws_lb_listener: regional('elasticloadbalancing:listener/app', (v) => `listener/app/${ofLoadBalancer(v)}/${id(v)}`),
  aws_lb_listener_rule: regional(
    'elasticloadbalancing:listener-rule/app',
    (v) => `listener-rule/app/${ofListener(v)}/${id(v)}`,
  ),
  aws_lb_target_group: regional('elasticloadbalancing:targetgroup', (v) => `targetgroup/${name(v)}/${id(v)}`),
  aws_nat_gateway: regional('ec2:natgateway', (v) => `natgateway/${id(v)}`),
  aws_network_interface: regional('ec2:network-interface', (v) => `network-interface/${id(v)}`),
  aws_route53_record: ofRoute53('route53:hostedzone', (v) => `hostedzone/${name(v, 'zone_id')}`),
  aws_route53_health_check: ofRoute53('route53:healthcheck', (v) => `healthcheck/${id(v)}`),
  aws_route53_zone: ofRoute53('route53:hostedzone', (v) => `hostedzone/${id(v)}`),
  aws_route_table: regional('ec2:route-table', (v) => `route-table/${id(v)}`),
  aws_s3_bucket: {
    kinds: ['s3:bucket'],
    arn: (v) => `arn:aws:s3:::${text(v, 'bucket') ?? `${name(v, 'bucket_prefix')}new`}`,
  },
  aws_s3_object: {
    kinds: ['s3:object'],
    arn: (v) => `arn:aws:s3:::${text(v, 'bucket') ?? 'new'}/${name(v, 'key')}`,
  },
  aws_scheduler_schedule: regional(
    'scheduler:schedule',
    (v) => `schedule/${text(v, 'group_name') ?? 'default'}/${name(v)}`,
  ),
  aws_secretsmanager_secret: regional('secretsmanager:Secret', (v) => `secret:${name(v)}-AbCdEf`),
  aws_security_group: regional('ec2:security-group', (v) => `security-group/${id(v)}`),
  aws_sns_topic: regional('sns:topic', (v) => name(v)),
  aws_subnet: regional('ec2:subnet', (v) => `subnet/${id(v)}`),
  aws_vpc: regional('ec2:vpc', (v) => `vpc/${id(v)}`),
  aws_vpc_endpoint: regional('ec2:vpc-endpoint', (v) => `vpc-endpoint/${id(v)}`),
  aws_vpc_security_group_egress_rule: regional('ec2:security-group-rule', (v) => `security-group-rule/${id(v)}`),
  aws_vpc_security_group_ingress_rule: regional('ec2:security-group-rule', (v) => `security-group-rule/${id(v)}`),
  aws_wafv2_web_acl: regional('wafv2:webacl', (v) => `global/webacl/${name(v)}/${id(v)}`),
};

/** The arguments that name another resource. Others refer to it by id or ARN. */
const named: readonly (readonly [argument: string, type: string, attribute: string])[] = [
  ['bucket', 'aws_s3_bucket', 'bucket'],
  ['cluster_name', 'aws_eks_cluster', 'name'],
  ['delivery_source_name', 'aws_cloudwatch_log_delivery_source', 'name'],
  ['function_name', 'aws_lambda_function', 'function_name'],
  ['project_name', 'aws_codebuild_project', 'name'],
  ['parameter_group_name', 'aws_db_parameter_group', 'name'],
  ['repository', 'aws_ecr_repository', 'name'],
  ['role', 'aws_iam_role', 'name'],
  ['rule', 'aws_cloudwatch_event_rule', 'name'],
  ['db_subnet_group_name', 'aws_db_subnet_group', 'name'],
];

/** The ARN of a resource, or undefined if the format of its type is not known. */
export const arnOf = (type: string, values: Values): string | undefined => formats[type]?.arn(values);

/** The resource that a change is about and the live ones that it refers to. */
export function targetsOf(
  { after, before, type }: Pick<Change, 'after' | 'before' | 'type'>,
  world: readonly Resource[],
): Target[] {
  const values = { ...before, ...known(after) };
  const own = target(type, values, true);
  const given = new Set(strings(values));
  const related = world.filter((resource) => {
    const { id, arn } = resource.values;
    if (resource.values === before || id === before?.id) return false;
    const isNamed = named.some(
      ([argument, of, attribute]) =>
        of === resource.type && type !== of && values[argument] === resource.values[attribute],
    );
    return isNamed || given.has(`${String(id)}`) || given.has(`${String(arn)}`);
  });
  return [...(own ? [own] : []), ...related.flatMap((resource) => target(resource.type, resource.values, false) ?? [])];
}

/** The tags of a resource, with the provider's default tags. */
export const tagsOf = (values: Values | undefined): readonly [string, string][] =>
  entries(values, isBlock(values?.tags_all) ? 'tags_all' : 'tags');

/**
 * An invented ARN of a kind of resource.
 *
 * @param format pattern of the authorization reference
 */
export function anyArn(format: string): string {
  const parts: Readonly<Record<string, string>> = { Partition: 'aws', Region: defaultRegion, Account: accountId };
  return format.replaceAll(/\$\{(\w+)\}/g, (_, part) => parts[part] ?? '').replaceAll('.*', 'rehearsal');
}

function target(type: string, values: Values, isOwn: boolean): Target | undefined {
  const format = formats[type];
  return format && { type, kinds: format.kinds, arn: format.arn(values), values, isOwn };
}

function regional(kinds: string | readonly string[], rest: (values: Values) => string): Format {
  const [first = '', ...more] = [kinds].flat();
  const [service] = first.split(':');
  return {
    kinds: [first, ...more],
    arn: (values) => `arn:aws:${service}:${text(values, 'region') ?? defaultRegion}:${accountId}:${rest(values)}`,
  };
}

function global(kind: string, rest: (values: Values) => string): Format {
  return { kinds: [kind], arn: (values) => `arn:aws:${kind.split(':')[0]}::${accountId}:${rest(values)}` };
}

/** ARNs of Route 53 have no account. */
function ofRoute53(kind: string, rest: (values: Values) => string): Format {
  return { kinds: [kind], arn: (values) => `arn:aws:route53:::${rest(values)}` };
}

const name = (values: Values, argument = 'name'): string =>
  text(values, argument) ?? `${text(values, `${argument}_prefix`) ?? ''}new`;
const id = (values: Values): string => text(values, 'id') ?? 'new';
const cluster = (values: Values): string => name(values, 'cluster_name');
const lastOf = (arn: string | undefined): string => arn?.split('/').at(-1) ?? 'new';
/** `NAME/ID` of the load balancer of a listener. */
const ofLoadBalancer = (values: Values): string =>
  text(values, 'load_balancer_arn')?.split('loadbalancer/app/')[1] ?? 'new/new';
/** `NAME/ID/LISTENER` of the listener of a rule. */
const ofListener = (values: Values): string => text(values, 'listener_arn')?.split('listener/app/')[1] ?? 'new/new/new';

/** Without the values that are not known or not set, so that those from before remain. */
function known(values: Values | undefined): Values {
  return Object.fromEntries(
    Object.entries(values ?? {}).filter(([, value]) => value !== null && typeof value !== 'symbol'),
  );
}

function strings(value: Value | undefined): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(strings);
  return isBlock(value) ? Object.values(value).flatMap(strings) : [];
}
