import { isDeepStrictEqual } from 'node:util';
import type { Value, Values } from '../change.ts';
import { isBlock } from '../values.ts';
import { registry } from './constraints.ts';
import { keyOf, mappings, registryKey } from './mapping.ts';

/** A difference between Terraform's providers and the registry. */
interface Difference {
  readonly type: string;
  /** Terraform's paths, without indexes. */
  readonly paths: readonly string[];
  /** The file that says so. */
  readonly source: string;
}

/*
 * Checked on 28 November 2026. AWS: what `PlanResourceChange` of the provider's version 5.100.0 answers for a change of each
 * argument that a stack sets, and the source where that is not enough. Kubernetes 3.2.1 and Helm 3.1.2: the source.
 */

/** A file of a provider's source, where the argument has `ForceNew`, `RequiresReplace`, or neither. */
const aws = (file: string): string =>
  `https://github.com/hashicorp/terraform-provider-aws/blob/v6.25.0/internal/service/${file}.go`;
const kubernetes = (file: string): string =>
  `https://github.com/hashicorp/terraform-provider-kubernetes/blob/v2.38.0/kubernetes/${file}.go`;

/** Arguments whose change replaces the resource, although the registry does not say so. */
export const alsoReplacing: readonly Difference[] = [
  { type: 'aws_acm_certificate', paths: ['validation_method'], source: aws('acm/certificate') },
  {
    type: 'aws_acm_certificate_validation',
    paths: ['certificate_arn', 'validation_record_fqdns'],
    source: aws('acm/certificate_validation'),
  },
  {
    type: 'aws_autoscaling_group_tag',
    paths: ['autoscaling_group_name', 'tag.key'],
    source: aws('autoscaling/group_tag'),
  },
  { type: 'aws_autoscaling_schedule', paths: ['scheduled_action_name'], source: aws('autoscaling/schedule') },
  { type: 'aws_cloudwatch_event_rule', paths: ['event_bus_name'], source: aws('events/rule') },
  { type: 'aws_cloudwatch_event_target', paths: ['event_bus_name', 'target_id'], source: aws('events/target') },
  {
    type: 'aws_cloudwatch_log_delivery_source',
    paths: ['log_type', 'resource_arn'],
    source: aws('logs/delivery_source'),
  },
  { type: 'aws_db_instance', paths: ['engine', 'restore_to_point_in_time'], source: aws('rds/instance') },
  {
    type: 'aws_db_instance_automated_backups_replication',
    paths: ['kms_key_id', 'pre_signed_url', 'retention_period', 'source_db_instance_arn'],
    source: aws('rds/instance_automated_backups_replication'),
  },
  { type: 'aws_default_security_group', paths: ['vpc_id'], source: aws('ec2/vpc_default_security_group') },
  { type: 'aws_ec2_tag', paths: ['key', 'resource_id'], source: aws('ec2/tag_gen') },
  { type: 'aws_ecr_lifecycle_policy', paths: ['policy'], source: aws('ecr/lifecycle_policy') },
  { type: 'aws_ecr_repository_policy', paths: ['repository'], source: aws('ecr/repository_policy') },
  { type: 'aws_eip', paths: ['domain'], source: aws('ec2/ec2_eip') },
  {
    type: 'aws_eks_access_policy_association',
    paths: ['access_scope', 'policy_arn'],
    source: aws('eks/access_policy_association'),
  },
  {
    type: 'aws_eks_node_group',
    // Another version of the same template replaces the nodes, not the group.
    paths: ['launch_template.id', 'launch_template.name'],
    source: aws('eks/node_group'),
  },
  { type: 'aws_iam_role_policy_attachment', paths: ['policy_arn'], source: aws('iam/role_policy_attachment') },
  { type: 'aws_lb', paths: ['internal'], source: aws('elbv2/load_balancer') },
  { type: 'aws_lb_listener_certificate', paths: ['certificate_arn'], source: aws('elbv2/listener_certificate') },
  { type: 'aws_route53_record', paths: ['name'], source: aws('route53/record') },
  ...[
    'lifecycle_configuration',
    'ownership_controls',
    'public_access_block',
    'server_side_encryption_configuration',
    'versioning',
  ].map((part) => ({ type: `aws_s3_bucket_${part}`, paths: ['bucket'], source: aws(`s3/bucket_${part}`) })),
  { type: 'aws_scheduler_schedule', paths: ['group_name'], source: aws('scheduler/schedule') },
  { type: 'aws_sns_topic_policy', paths: ['arn'], source: aws('sns/topic_policy') },
  ...['cluster_role_binding_v1', 'role_binding_v1'].map((part) => ({
    type: `kubernetes_${part}`,
    paths: ['role_ref'],
    source: kubernetes(`resource_kubernetes_${part}`),
  })),
  {
    type: 'kubernetes_storage_class_v1',
    paths: ['parameters', 'storage_provisioner', 'volume_binding_mode'],
    source: kubernetes('resource_kubernetes_storage_class_v1'),
  },
  {
    type: 'helm_release',
    paths: ['name', 'namespace'],
    source: 'https://github.com/hashicorp/terraform-provider-helm/blob/v3.1.1/helm/resource_helm_release.go',
  },
];

/** Arguments that Terraform's provider changes in place, although CloudFormation would replace the resource. */
export const notReplacing: readonly Difference[] = [
  { type: 'aws_db_instance', paths: ['identifier', 'db_subnet_group_name'], source: aws('rds/instance') },
  { type: 'aws_eks_cluster', paths: ['encryption_config'], source: aws('eks/cluster') },
  { type: 'aws_internet_gateway', paths: ['vpc_id'], source: aws('ec2/vpc_internet_gateway') },
  { type: 'aws_route_table_association', paths: ['route_table_id'], source: aws('ec2/vpc_route_table_association') },
  ...['ingress', 'egress'].map((direction) => ({
    type: `aws_vpc_security_group_${direction}_rule`,
    paths: ['cidr_ipv4', 'cidr_ipv6', 'from_port', 'ip_protocol', 'referenced_security_group_id', 'to_port'],
    source: aws(`ec2/vpc_security_group_${direction}_rule`),
  })),
  {
    type: 'aws_vpc_security_group_ingress_rule',
    paths: ['prefix_list_id'],
    source: aws('ec2/vpc_security_group_ingress_rule'),
  },
];

/** The name of a Kubernetes object: https://github.com/hashicorp/terraform-provider-kubernetes, schema_metadata.go */
const kubernetesNames = ['metadata.name', 'metadata.namespace', 'metadata.generate_name'];

/** Names of the arguments, at the top level, whose change replaces the resource. */
export function replacedBy(type: string, before: Values, after: Values): string[] {
  return Object.keys(after).filter((name) => isReplacing(type, name, argument(before, name), argument(after, name)));
}

/** Whether a change of an argument replaces the resource. The path is Terraform's, without indexes. */
export function isCreateOnly(type: string, path: string): boolean {
  if (has(notReplacing, type, path)) return false;
  if (has(alsoReplacing, type, path)) return true;
  if (type.startsWith('kubernetes_') && kubernetesNames.includes(path)) return true;
  // A name is given whole or as a prefix.
  return isListed(type, path) || (path.endsWith('_prefix') && isCreateOnly(type, path.replace(/_prefix$/, '')));
}

/** Whether the registry says that a change of an argument replaces the resource. */
export function isListed(type: string, path: string): boolean {
  const mapping = mappings[type];
  const key = mapping && keyOf(mapping, path);
  return key !== undefined && createOnly.get(mapping?.type ?? '')?.has(key) === true;
}

const createOnly = new Map(
  Object.entries(registry.createOnly).map(([type, paths]) => [type, new Set(paths.map(registryKey))]),
);

const has = (differences: readonly Difference[], type: string, path: string): boolean =>
  differences.some((difference) => difference.type === type && difference.paths.includes(path));

function isReplacing(type: string, path: string, before: Value, after: Value): boolean {
  if (isDeepStrictEqual(before, after)) return false;
  if (isCreateOnly(type, path)) return true;
  const old = only(before);
  const wanted = only(after);
  return (
    isBlock(old) &&
    isBlock(wanted) &&
    Object.keys(wanted).some((name) =>
      isReplacing(type, `${path}.${name}`, argument(old, name), argument(wanted, name)),
    )
  );
}

function argument(values: Values, name: string): Value {
  const value = values[name];
  return value === undefined ? null : value;
}

/** The block itself, if it can be there only once. */
function only(value: Value): Value {
  const elements: readonly Value[] = Array.isArray(value) ? value : [value];
  const [first] = elements;
  return elements.length === 1 && first !== undefined ? first : value;
}
