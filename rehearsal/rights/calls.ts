/**
 * The calls of Terraform's AWS provider where CloudFormation's handlers differ: types without a handler, data sources,
 * and calls that only CloudFormation makes.
 *
 * CloudFormation's handlers list every action that any feature of a type may need. Terraform calls fewer.
 */
import type { Change, Values } from '../rules/index.ts';
import { text } from '../rules/values.ts';
import { tagsOf } from './targets.ts';

/** IAM actions, such as `ec2:CreateVpc`, by what Terraform does. It reads a resource after each create and update. */
export interface Calls {
  readonly create?: readonly string[];
  readonly read?: readonly string[];
  readonly update?: readonly string[];
  readonly delete?: readonly string[];
}

/** Files of hashicorp/terraform-provider-aws, under `internal/service/`. */
interface Sourced extends Calls {
  readonly source: string;
}

/** By Terraform's type. They replace CloudFormation's handlers. */
export const calls: Readonly<Record<string, Sourced>> = {
  aws_acm_certificate_validation: {
    read: ['acm:DescribeCertificate'],
    source: 'acm/certificate_validation.go',
  },
  aws_autoscaling_group_tag: {
    create: ['autoscaling:CreateOrUpdateTags'],
    read: ['autoscaling:DescribeTags'],
    update: ['autoscaling:CreateOrUpdateTags'],
    delete: ['autoscaling:DeleteTags'],
    source: 'autoscaling/group_tag_gen.go',
  },
  aws_cloudwatch_event_target: {
    create: ['events:PutTargets', 'iam:PassRole'],
    read: ['events:ListTargetsByRule'],
    update: ['events:PutTargets', 'iam:PassRole'],
    delete: ['events:RemoveTargets'],
    source: 'events/target.go',
  },
  aws_codebuild_project: {
    create: ['codebuild:CreateProject', 'iam:PassRole'],
    read: ['codebuild:BatchGetProjects'],
    update: ['codebuild:UpdateProject', 'iam:PassRole'],
    delete: ['codebuild:DeleteProject'],
    source: 'codebuild/project.go',
  },
  aws_codebuild_webhook: {
    create: ['codebuild:CreateWebhook'],
    read: ['codebuild:BatchGetProjects'],
    update: ['codebuild:UpdateWebhook'],
    delete: ['codebuild:DeleteWebhook'],
    source: 'codebuild/webhook.go',
  },
  // It asks for the source in its region, where a database says to where its backups are copied.
  aws_db_instance_automated_backups_replication: {
    create: ['kms:CreateGrant', 'kms:DescribeKey', 'rds:StartDBInstanceAutomatedBackupsReplication'],
    read: ['rds:DescribeDBInstanceAutomatedBackups'],
    delete: ['rds:DescribeDBInstances', 'rds:StopDBInstanceAutomatedBackupsReplication'],
    source: 'rds/instance_automated_backups_replication.go',
  },
  aws_default_security_group: {
    create: ['ec2:RevokeSecurityGroupIngress', 'ec2:RevokeSecurityGroupEgress', 'ec2:CreateTags'],
    read: ['ec2:DescribeSecurityGroups'],
    update: [
      'ec2:AuthorizeSecurityGroupEgress',
      'ec2:AuthorizeSecurityGroupIngress',
      'ec2:CreateTags',
      'ec2:DeleteTags',
      'ec2:RevokeSecurityGroupEgress',
      'ec2:RevokeSecurityGroupIngress',
    ],
    source: 'ec2/vpc_default_security_group.go',
  },
  aws_ec2_tag: {
    create: ['ec2:CreateTags'],
    read: ['ec2:DescribeTags'],
    update: ['ec2:CreateTags'],
    delete: ['ec2:DeleteTags'],
    source: 'ec2/tag_gen.go',
  },
  aws_ecr_lifecycle_policy: {
    create: ['ecr:PutLifecyclePolicy'],
    read: ['ecr:GetLifecyclePolicy'],
    delete: ['ecr:DeleteLifecyclePolicy'],
    source: 'ecr/lifecycle_policy.go',
  },
  aws_eks_access_policy_association: {
    create: ['eks:AssociateAccessPolicy'],
    read: ['eks:ListAssociatedAccessPolicies'],
    delete: ['eks:DisassociateAccessPolicy'],
    source: 'eks/access_policy_association.go',
  },
  aws_iam_role: {
    create: ['iam:CreateRole', 'iam:TagRole'],
    read: ['iam:GetRole', 'iam:GetRolePolicy', 'iam:ListAttachedRolePolicies', 'iam:ListRolePolicies'],
    update: [
      'iam:DeleteRolePermissionsBoundary',
      'iam:PutRolePermissionsBoundary',
      'iam:TagRole',
      'iam:UntagRole',
      'iam:UpdateAssumeRolePolicy',
      'iam:UpdateRole',
      'iam:UpdateRoleDescription',
    ],
    delete: ['iam:DeleteRole', 'iam:ListInstanceProfilesForRole'],
    source: 'iam/role.go',
  },
  aws_iam_role_policy_attachment: {
    create: ['iam:AttachRolePolicy'],
    read: ['iam:ListAttachedRolePolicies'],
    delete: ['iam:DetachRolePolicy'],
    source: 'iam/role_policy_attachment.go',
  },
  aws_internet_gateway: {
    create: ['ec2:AttachInternetGateway', 'ec2:CreateInternetGateway', 'ec2:CreateTags'],
    read: ['ec2:DescribeInternetGateways'],
    update: ['ec2:AttachInternetGateway', 'ec2:CreateTags', 'ec2:DeleteTags', 'ec2:DetachInternetGateway'],
    delete: ['ec2:DeleteInternetGateway', 'ec2:DetachInternetGateway'],
    source: 'ec2/vpc_internet_gateway.go',
  },
  aws_lb_listener_certificate: {
    create: ['elasticloadbalancing:AddListenerCertificates'],
    read: ['elasticloadbalancing:DescribeListenerCertificates'],
    delete: ['elasticloadbalancing:RemoveListenerCertificates'],
    source: 'elbv2/listener_certificate.go',
  },
  aws_s3_bucket: {
    create: ['s3:CreateBucket', 's3:PutBucketTagging'],
    read: [
      's3:GetAccelerateConfiguration',
      's3:GetBucketAcl',
      's3:GetBucketCORS',
      's3:GetBucketLocation',
      's3:GetBucketLogging',
      's3:GetBucketObjectLockConfiguration',
      's3:GetBucketPolicy',
      's3:GetBucketRequestPayment',
      's3:GetBucketTagging',
      's3:GetBucketVersioning',
      's3:GetBucketWebsite',
      's3:GetEncryptionConfiguration',
      's3:GetLifecycleConfiguration',
      's3:GetReplicationConfiguration',
      's3:ListBucket',
    ],
    update: ['s3:PutBucketTagging'],
    delete: ['s3:DeleteBucket'],
    source: 's3/bucket.go',
  },
  aws_s3_bucket_lifecycle_configuration: {
    ...ofBucket('LifecycleConfiguration'),
    source: 's3/bucket_lifecycle_configuration.go',
  },
  aws_s3_bucket_ownership_controls: {
    ...ofBucket('BucketOwnershipControls'),
    source: 's3/bucket_ownership_controls.go',
  },
  aws_s3_bucket_policy: {
    ...ofBucket('BucketPolicy'),
    delete: ['s3:DeleteBucketPolicy'],
    source: 's3/bucket_policy.go',
  },
  aws_s3_bucket_public_access_block: {
    ...ofBucket('BucketPublicAccessBlock'),
    source: 's3/bucket_public_access_block.go',
  },
  aws_s3_bucket_server_side_encryption_configuration: {
    ...ofBucket('EncryptionConfiguration'),
    source: 's3/bucket_server_side_encryption_configuration.go',
  },
  aws_s3_bucket_versioning: {
    ...ofBucket('BucketVersioning'),
    source: 's3/bucket_versioning.go',
  },
  aws_s3_object: {
    create: ['s3:PutObject', 's3:PutObjectTagging'],
    read: ['s3:GetObject', 's3:GetObjectTagging'],
    update: ['s3:PutObject', 's3:PutObjectTagging'],
    delete: ['s3:DeleteObject'],
    source: 's3/object.go',
  },
  aws_secretsmanager_secret: {
    create: ['secretsmanager:CreateSecret', 'secretsmanager:TagResource'],
    // Only aws_secretsmanager_secret_version reads the value.
    read: ['secretsmanager:DescribeSecret', 'secretsmanager:GetResourcePolicy'],
    update: ['secretsmanager:TagResource', 'secretsmanager:UntagResource', 'secretsmanager:UpdateSecret'],
    delete: ['secretsmanager:DeleteSecret'],
    source: 'secretsmanager/secret.go',
  },
};

/** What data sources call. */
export const dataCalls: Readonly<Record<string, { readonly read: readonly string[]; readonly source: string }>> = {
  aws_availability_zones: {
    read: ['ec2:DescribeAvailabilityZones'],
    source: 'ec2/ec2_availability_zones_data_source.go',
  },
  // STS answers it without a permission, and no policy can deny it.
  aws_caller_identity: { read: [], source: 'sts/caller_identity_data_source.go' },
  aws_cloudfront_cache_policy: {
    read: ['cloudfront:GetCachePolicy', 'cloudfront:ListCachePolicies'],
    source: 'cloudfront/cache_policy_data_source.go',
  },
  aws_cloudfront_origin_request_policy: {
    read: ['cloudfront:GetOriginRequestPolicy', 'cloudfront:ListOriginRequestPolicies'],
    source: 'cloudfront/origin_request_policy_data_source.go',
  },
  aws_ec2_managed_prefix_list: {
    read: ['ec2:DescribeManagedPrefixLists', 'ec2:GetManagedPrefixListEntries'],
    source: 'ec2/vpc_managed_prefix_list_data_source.go',
  },
  aws_eks_addon_version: { read: ['eks:DescribeAddonVersions'], source: 'eks/addon_version_data_source.go' },
  aws_kms_alias: { read: ['kms:DescribeKey', 'kms:ListAliases'], source: 'kms/alias_data_source.go' },
  aws_route53_zone: {
    read: ['route53:GetHostedZone', 'route53:ListHostedZones', 'route53:ListTagsForResource'],
    source: 'route53/zone_data_source.go',
  },
  aws_ssm_parameter: { read: ['ssm:GetParameter'], source: 'ssm/parameter_data_source.go' },
};

/** An action of CloudFormation's handlers that Terraform calls only for some changes, or never. */
interface Exception {
  readonly actions: RegExp;
  /** Terraform's types. All if left out. */
  readonly types?: readonly string[];
  /** Whether Terraform makes the call for this change. */
  readonly called: (change: Change, action: string) => boolean;
  readonly reason: string;
}

const never = (): boolean => false;

/** The first that matches decides. */
export const exceptions: readonly Exception[] = [
  {
    actions: /:(Untag\w*|RemoveTags\w*|DeleteTags)$/,
    called: ({ before, after }) =>
      after !== undefined && tags(before).some(([key]) => !tags(after).some(([other]) => other === key)),
    reason: 'Terraform removes tags in updates that remove one.',
  },
  {
    actions: /:(TagRole|TagResource|AddTags\w*|CreateTags|ChangeTagsForResource|PutBucketTagging)$/,
    called: ({ before, after }) =>
      after !== undefined && tags(after).length > 0 && JSON.stringify(tags(before)) !== JSON.stringify(tags(after)),
    reason: 'Terraform tags what it creates, and in updates what has other tags.',
  },
  {
    actions: /^iam:PutRolePermissionsBoundary$/,
    called: ({ before, after }) =>
      isText(after?.permissions_boundary) && isChanged('permissions_boundary', before, after),
    reason: 'Only for another boundary.',
  },
  {
    actions: /^iam:DeleteRolePermissionsBoundary$/,
    called: ({ before, after }) => !isText(after?.permissions_boundary) && isText(before?.permissions_boundary),
    reason: 'Only to remove the boundary.',
  },
  {
    actions: /^iam:UpdateAssumeRolePolicy$/,
    called: ({ before, after }) => isChanged('assume_role_policy', before, after),
    reason: 'Only for another trust policy.',
  },
  {
    actions: /^iam:UpdateRoleDescription$/,
    called: ({ before, after }) => isChanged('description', before, after),
    reason: 'Only for another description.',
  },
  {
    actions: /^iam:UpdateRole$/,
    called: ({ before, after }) => isChanged('max_session_duration', before, after),
    reason: 'Only for another duration of sessions.',
  },
  {
    actions: /:AllowVendedLogDeliveryForResource$/,
    called: ({ after }, action) => text(after, 'resource_arn')?.split(':')[2] === action.split(':')[0],
    reason: 'The handler lists every service that has logs.',
  },
  {
    actions: /^iam:\w*InstanceProfile$/,
    types: ['aws_eks_cluster'],
    called: never,
    reason: 'Only EKS Auto Mode makes instance profiles.',
  },
  {
    actions: /^eks:CreateAccessEntry$/,
    types: ['aws_eks_cluster'],
    called: never,
    reason: 'Only EKS Auto Mode makes access entries with a cluster.',
  },
  {
    actions: /^sts:AssumeRole$/,
    types: ['aws_cloudfront_vpc_origin'],
    called: never,
    reason: 'The API of VPC origins takes no role. CloudFront assumes its service-linked role itself.',
  },
  {
    actions: /^iam:ListRoles$/,
    types: ['aws_db_instance'],
    called: never,
    reason: 'CreateDBInstance takes roles by ARN, and Terraform does not look them up.',
  },
  {
    actions: /^s3:GetObject(Version)?$/,
    types: ['aws_lambda_function'],
    called: ({ after }) => isText(after?.s3_bucket),
    reason: 'Only for code in a bucket. Ours is uploaded.',
  },
];

/** Whether Terraform calls an action for this change. */
export function isCalled(action: string, change: Change): boolean {
  const exception = exceptions.find(
    ({ actions, types }) => actions.test(action) && (types === undefined || types.includes(change.type)),
  );
  return exception?.called(change, action) ?? true;
}

function ofBucket(part: string): Calls {
  return {
    create: [`s3:Put${part}`],
    read: [`s3:Get${part}`],
    update: [`s3:Put${part}`],
    delete: [`s3:Put${part}`],
  };
}

function tags(values: Values | undefined): (readonly [string, string])[] {
  return tagsOf(values).toSorted(([one], [other]) => (one < other ? -1 : 1));
}

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';

const isChanged = (argument: string, before: Values | undefined, after: Values | undefined): boolean =>
  before?.[argument] !== after?.[argument];
