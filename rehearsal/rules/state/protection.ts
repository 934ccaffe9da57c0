import type { Rule } from '../rule.ts';
import { deleteRule } from '../rule.ts';
import { eks, elb, rds, route53 } from '../sources.ts';
import { isTrue, text } from '../values.ts';

/** Deletion protection, by type. */
const protections = [
  {
    id: 'load-balancer-protected',
    type: 'aws_lb',
    argument: 'enable_deletion_protection',
    code: 'OperationNotPermitted',
    message: (values: string) => `Load balancer '${values}' cannot be deleted because deletion protection is enabled`,
    named: 'arn',
    source: elb('DeleteLoadBalancer'),
  },
  {
    id: 'database-protected',
    type: 'aws_db_instance',
    argument: 'deletion_protection',
    code: 'InvalidParameterCombination',
    message: () => 'Cannot delete protected DB Instance, please disable deletion protection and try again.',
    named: 'identifier',
    source: 'https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DeleteInstance.html',
  },
  {
    id: 'cluster-protected',
    type: 'aws_eks_cluster',
    argument: 'deletion_protection',
    code: 'InvalidRequestException',
    message: (name: string) => `Cluster ${name} has deletion protection enabled, and cannot be deleted`,
    named: 'name',
    source: eks('CreateCluster'),
  },
] as const;

/** Protection must be disabled by an earlier apply, so it already fails the plan. */
const protectedRules = protections.map(
  ({ argument, code, id, message, named, source, type }): Rule => ({
    id,
    types: [type],
    source,
    check: ({ action, before }) =>
      action === 'delete' && isTrue(before, argument)
        ? [{ code, message: message(text(before, named) ?? ''), path: argument }]
        : [],
  }),
);

/** The final snapshot needs a name that is not taken. */
const finalSnapshot = deleteRule({
  id: 'final-snapshot',
  types: ['aws_db_instance'],
  source: rds('DeleteDBInstance'),
  check: (before, world) => {
    const name = text(before, 'final_snapshot_identifier');
    if (before.skip_final_snapshot === true) return [];
    if (before.final_snapshot_identifier === undefined || before.final_snapshot_identifier === null) {
      const message = 'FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.';
      return [{ code: 'InvalidParameterCombination', message, path: 'final_snapshot_identifier' }];
    }
    const isTaken = world.some(
      ({ type, values }) => type === 'aws_db_snapshot' && values.db_snapshot_identifier === name,
    );
    const message = `Cannot create the snapshot because a snapshot with the identifier ${name} already exists.`;
    return isTaken ? [{ code: 'DBSnapshotAlreadyExists', message, path: 'final_snapshot_identifier' }] : [];
  },
});

/** A bucket with objects cannot be deleted without `force_destroy`. */
const bucket = deleteRule({
  id: 'bucket-not-empty',
  types: ['aws_s3_bucket'],
  source: 'https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucket.html',
  check: (before, world) =>
    !isTrue(before, 'force_destroy') &&
    world.some(({ type, values }) => type === 'aws_s3_object' && values.bucket === before.bucket)
      ? [
          {
            code: 'BucketNotEmpty',
            message: 'The bucket you tried to delete is not empty. You must delete all versions in the bucket.',
          },
        ]
      : [],
});

/** A zone with records cannot be deleted without `force_destroy`. */
const zone = deleteRule({
  id: 'zone-not-empty',
  types: ['aws_route53_zone'],
  source: route53('DeleteHostedZone'),
  check: (before, world) =>
    !isTrue(before, 'force_destroy') &&
    world.some(({ type, values }) => type === 'aws_route53_record' && values.zone_id === before.zone_id)
      ? [
          {
            code: 'HostedZoneNotEmpty',
            message: 'The specified hosted zone contains non-required resource record sets and so cannot be deleted.',
          },
        ]
      : [],
});

/** A repository with images cannot be deleted without `force_delete`. */
const repository = deleteRule({
  id: 'repository-not-empty',
  types: ['aws_ecr_repository'],
  source: 'https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DeleteRepository.html',
  check: (before, world) =>
    !isTrue(before, 'force_delete') &&
    world.some(({ type, values }) => type === 'aws_ecr_image' && values.repository_name === before.name)
      ? [
          {
            code: 'RepositoryNotEmptyException',
            message: `The repository with name '${text(before, 'name')}' cannot be deleted because it still contains images`,
          },
        ]
      : [],
});

export const protectionRules: readonly Rule[] = [...protectedRules, finalSnapshot, bucket, zone, repository];
