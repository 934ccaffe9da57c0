import type { Change, Resource, Values } from '../change.ts';
import type { Rule } from '../rule.ts';
import { cloudFront, eks, secretsManager } from '../sources.ts';
import { number, text, texts } from '../values.ts';

/** The current number of nodes is within the new limits. The autoscaler changes that number. */
const liveSize: Rule = {
  id: 'node-group-live-size',
  types: ['aws_eks_node_group'],
  source: `${eks('UpdateNodegroupConfig')} and https://github.com/hashicorp/terraform-provider-aws/issues/18310`,
  check: ({ action, after, before }, world) => {
    if (action !== 'update' || !after || !before) return [];
    const live =
      world.find(({ type, values }) => type === 'aws_eks_node_group' && values.id === before.id)?.values ?? before;
    const nodes = number(live, 'scaling_config.desired_size');
    const wanted = number(after, 'scaling_config.desired_size');
    // An update of the desired size changes all three at once, and the same size is checked as a value.
    if (nodes === undefined || nodes === wanted || wanted !== number(before, 'scaling_config.desired_size')) return [];
    const [minimum, maximum] = [number(after, 'scaling_config.min_size'), number(after, 'scaling_config.max_size')];
    const code = 'InvalidParameterException';
    if (minimum !== undefined && minimum > nodes) {
      const message = `Minimum capacity ${minimum} can't be greater than desired size ${nodes}`;
      return [{ code, message, path: 'scaling_config[0].min_size' }];
    }
    const message = `desired capacity ${nodes} can't be greater than max size ${maximum}`;
    return maximum !== undefined && maximum < nodes ? [{ code, message, path: 'scaling_config[0].max_size' }] : [];
  },
};

/** A VPC origin that a distribution uses cannot be changed. */
const vpcOrigin: Rule = {
  id: 'vpc-origin-update-in-use',
  types: ['aws_cloudfront_vpc_origin'],
  source: `${cloudFront('UpdateVpcOrigin')} and https://github.com/hashicorp/terraform-provider-aws/issues/40905`,
  check: ({ action, after, before }, world) =>
    action === 'update' &&
    isChanged('vpc_origin_endpoint_config', before, after) &&
    world.some(
      ({ type, values }) =>
        type === 'aws_cloudfront_distribution' &&
        texts(values, 'origin.vpc_origin_config.vpc_origin_id').some(({ value }) => value === before?.id),
    )
      ? [
          {
            code: 'CannotUpdateEntityWhileInUse',
            message: 'The entity cannot be updated while it is in use.',
            path: 'vpc_origin_endpoint_config',
          },
        ]
      : [],
};

/** A cluster is upgraded only when all its node groups have its version. */
const nodesBehind: Rule = {
  id: 'cluster-version-of-nodes',
  types: ['aws_eks_cluster'],
  source: eks('UpdateClusterVersion'),
  check: ({ action, after, before, phase }, world) => {
    const [from, to] = [text(before, 'version'), text(after, 'version')];
    if (action !== 'update' || phase !== 'apply' || to === undefined || from === to) return [];
    const behind = world.filter(
      ({ type, values }) =>
        type === 'aws_eks_node_group' &&
        values.cluster_name === before?.name &&
        text(values, 'version') !== undefined &&
        text(values, 'version') !== from,
    );
    const message = `Nodegroups [${behind.map(({ values }) => text(values, 'node_group_name')).join(', ')}] must be updated to match cluster version ${from} before updating cluster version`;
    return behind.length === 0 ? [] : [{ code: 'InvalidRequestException', message, path: 'version' }];
  },
};

/** A policy can only be associated with an existing access entry. */
const entryMissing: Rule = {
  id: 'access-entry-missing',
  types: ['aws_eks_access_policy_association'],
  source: eks('AssociateAccessPolicy'),
  check: ({ action, after, phase }, world) => {
    const [cluster, principal] = [text(after, 'cluster_name'), text(after, 'principal_arn')];
    if (action !== 'create' || phase !== 'apply' || cluster === undefined || principal === undefined) return [];
    const exists = world.some(
      ({ type, values }) =>
        type === 'aws_eks_access_entry' && values.cluster_name === cluster && values.principal_arn === principal,
    );
    const message = `The specified principalArn could not be found: ${principal}. You can view the list of access entries with ListAccessEntries`;
    return exists ? [] : [{ code: 'ResourceNotFoundException', message, path: 'principal_arn' }];
  },
};

/** The name of a secret that is scheduled for deletion is taken. */
const deletedSecret: Rule = {
  id: 'secret-scheduled-for-deletion',
  types: ['aws_secretsmanager_secret'],
  source: `${secretsManager('DeleteSecret')} and https://repost.aws/knowledge-center/delete-secrets-manager-secret`,
  check: ({ action, after, phase }, world) =>
    action === 'create' &&
    phase === 'apply' &&
    world.some(({ type, values }) => type === scheduledSecret && values.name === after?.name)
      ? [
          {
            code: 'InvalidRequestException',
            message: "You can't create this secret because a secret with this name is already scheduled for deletion.",
            path: 'name',
          },
        ]
      : [],
};

const scheduledSecret = 'scheduled secret';

/** Rules that combine a change with the live resources. */
export const changeRules: readonly Rule[] = [liveSize, vpcOrigin, nodesBehind, entryMissing, deletedSecret];

/**
 * What remains in the account after a deletion and can conflict with the next deployment: a final snapshot, a secret
 * within its recovery window, and the log group that EKS can create again
 * (https://github.com/terraform-aws-modules/terraform-aws-eks/issues/920).
 */
export function leftBehind({ action, before, type }: Change): Resource[] {
  if (action !== 'delete' || !before) return [];
  if (type === 'aws_db_instance') {
    const name = text(before, 'final_snapshot_identifier');
    return before.skip_final_snapshot === true || name === undefined
      ? []
      : [{ type: 'aws_db_snapshot', values: { db_snapshot_identifier: name } }];
  }
  if (type === 'aws_secretsmanager_secret') {
    const days = number(before, 'recovery_window_in_days') ?? 30;
    return days === 0 ? [] : [{ type: scheduledSecret, values: { name: text(before, 'name') ?? '' } }];
  }
  const isLogged = Array.isArray(before.enabled_cluster_log_types) && before.enabled_cluster_log_types.length > 0;
  return type === 'aws_eks_cluster' && isLogged
    ? [{ type: 'aws_cloudwatch_log_group', values: { name: `/aws/eks/${text(before, 'name')}/cluster` } }]
    : [];
}

const isChanged = (name: string, before: Values | undefined, after: Values | undefined): boolean =>
  JSON.stringify(before?.[name]) !== JSON.stringify(after?.[name]);
