import { IamPolicy } from '@cdktf/provider-aws/lib/iam-policy/index.js';
import { Construct } from 'constructs';
import {
  bootstrapStateKey,
  branches,
  type EnvironmentName,
  environmentTag,
  githubEnvironments,
  names,
  workspaceStateKey,
} from 'platform';
import type { StateBucket } from '../terraform/state-bucket.ts';
import { GithubRole } from './github-role.ts';
import { policy, type Statement } from './policy.ts';

export interface DeliveryRolesProps {
  readonly environment: EnvironmentName;
  /** Other environments in the same account, which the roles must not reach. */
  readonly others: readonly EnvironmentName[];
  readonly accountId: string;
  /** The region, and the second one if there is one: the roles are the same in both. */
  readonly places: readonly { readonly region: string; readonly stateBucket: StateBucket }[];
  readonly oidcProviderArn: string;
  /** `repo:OWNER/NAME`, or GitHub's newer form with numbers. */
  readonly subjectPrefix: string;
  /** The custom domain of the environment, if there is one. */
  readonly domain?: string | undefined;
  /** Whether the environment sleeps at night, so that a release may have to wake it. */
  readonly sleepsAtNight: boolean;
}

/**
 * Roles of the GitHub workflows for one environment: plan (read-only), apply, deploy (releases applications), and drill (tries
 * a restore of the database).
 *
 * Apply and deploy each trust their own GitHub environment, so that infrastructure changes and releases can have
 * different approvers; dev needs no approval for either. Drill trusts the main branch, because nobody would approve it every
 * month: it can create and delete copies of the database, not the database. Every role that apply creates must have the permissions
 * boundary, so that it cannot create a role with more permissions than its own. Apply, plan and the boundary deny access
 * to the account's other environment. `infra/test/rights.test.ts` lists what each role may do, decision 7 what remains.
 */
export class DeliveryRoles extends Construct {
  readonly planRoleArn: string;
  readonly applyRoleArn: string;
  readonly deployRoleArn: string;
  readonly drillRoleArn: string;

  constructor(scope: Construct, id: string, props: DeliveryRolesProps) {
    super(scope, id);
    const { accountId, domain, environment, oidcProviderArn, others, places, subjectPrefix } = props;
    const buckets = places.map(({ stateBucket }) => stateBucket.arn);
    const [, second] = places;
    const name = names(environment);
    const keepOff = [...denyTagged(others, accountId), ...denyNamed(others, accountId)];
    const statusBucket = `arn:aws:s3:::${name.statusBucketPrefix}*`;
    const statusFiles = `${statusBucket}/*`;
    const boundary = new IamPolicy(this, 'boundary', {
      name: name.boundary,
      description: `Permissions boundary of every role of ${environment}`,
      policy: policy([
        { actions: boundedActions, resources: ['*'] },
        {
          actions: ['s3:GetObject', 's3:ListBucket', 's3:PutObject'],
          resources: [statusBucket, statusFiles],
        },
        { effect: 'Deny', actions: ['s3:*'], resources: buckets.flatMap((bucket) => [bucket, `${bucket}/*`]) },
        ...keepOff,
      ]),
    });

    const states = buckets.map((bucket) => `${bucket}/${workspaceStateKey(environment)}`);
    const locks = states.map((state) => `${state}.tflock`);
    const accessState: Statement[] = [
      // Terraform lists the workspaces before it uses one.
      { actions: ['s3:ListBucket'], resources: buckets },
      { actions: ['s3:GetObject'], resources: states },
      // The managed policies below allow all buckets, so access to the other states must be denied again.
      {
        effect: 'Deny',
        actions: ['s3:*'],
        resources: buckets.flatMap((bucket) => [
          `${bucket}/${bootstrapStateKey}*`,
          ...others.map((other) => `${bucket}/${workspaceStateKey(other)}*`),
        ]),
      },
    ];
    const subjectsOf = (githubEnvironment: string) => [`${subjectPrefix}:environment:${githubEnvironment}`];

    this.planRoleArn = new GithubRole(this, 'plan', {
      name: name.role('plan'),
      description: `Plans changes of ${environment}, read-only`,
      oidcProviderArn,
      // Pull requests from forks get no OIDC token, so the author of any other can push to this repository.
      subjects: [
        `${subjectPrefix}:pull_request`,
        ...Object.values(branches).map((branch) => `${subjectPrefix}:ref:refs/heads/${branch}`),
      ],
      managedPolicies: ['ReadOnlyAccess'],
      statements: [
        ...accessState,
        ...keepOff,
        // ReadOnlyAccess includes the contents of tables, queues, logs and buckets. A plan needs only settings.
        { effect: 'Deny', notActions: plannedServices.map((service) => `${service}:*`), resources: ['*'] },
        { effect: 'Deny', actions: contentActions, resources: ['*'] },
        // The files of the status page are public.
        { effect: 'Deny', actions: ['s3:GetObject'], notResources: [...states, statusFiles] },
        // AWS's public parameters, such as the ids of images, belong to no account.
        { effect: 'Deny', actions: ['ssm:GetParameter*'], resources: [`arn:aws:ssm:*:${accountId}:parameter/*`] },
      ],
    }).arn;

    const ownRoles = `arn:aws:iam::${accountId}:role/${name.prefix}-*`;
    this.applyRoleArn = new GithubRole(this, 'apply', {
      name: name.role('apply'),
      description: `Applies changes of ${environment}`,
      oidcProviderArn,
      subjects: subjectsOf(githubEnvironments.infrastructure(environment)),
      // All services except IAM.
      managedPolicies: ['PowerUserAccess'],
      statements: [
        ...accessState,
        { actions: ['s3:PutObject'], resources: states },
        { actions: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], resources: locks },
        ...keepOff,
        // PowerUserAccess allows every bucket and every zone of the account.
        {
          effect: 'Deny',
          actions: ['s3:*'],
          notResources: [`arn:aws:s3:::${name.prefix}-*`, ...buckets, ...states, ...locks],
        },
        {
          effect: 'Deny',
          actions: ['route53:ChangeResourceRecordSets'],
          resources: ['*'],
          conditions: {
            'ForAnyValue:StringNotLike': {
              'route53:ChangeResourceRecordSetsNormalizedRecordNames': [
                name.privateZone,
                ...(domain ? [domain] : []),
              ].flatMap((own) => [own, `*.${own}`]),
            },
          },
        },
        // PowerUserAccess allows it for every role that trusts the account.
        { effect: 'Deny', actions: ['sts:AssumeRole'], resources: ['*'] },
        // The databases' master logins: RDS makes these secrets, without our tags.
        {
          effect: 'Deny',
          actions: ['secretsmanager:*GetSecretValue'],
          resources: [`arn:aws:secretsmanager:*:${accountId}:secret:rds!*`],
        },
        // Both environments run the same images, and only the images role may change them.
        { effect: 'Deny', actions: imageChanges, resources: ['*'] },
        {
          actions: ['iam:CreateRole', 'iam:PutRolePermissionsBoundary'],
          resources: [ownRoles],
          conditions: { StringEquals: { 'iam:PermissionsBoundary': boundary.arn } },
        },
        { actions: roleActions, resources: [ownRoles] },
        // Of NAT instances.
        { actions: profileActions, resources: [`arn:aws:iam::${accountId}:instance-profile/${name.prefix}-*`] },
        // EKS reads the role for node groups as the caller.
        {
          actions: ['iam:CreateServiceLinkedRole', 'iam:GetRole'],
          resources: [`arn:aws:iam::${accountId}:role/aws-service-role/*`],
        },
        // It cannot change its own limits: the delivery roles, the boundary and the bucket's settings. Nor can it
        // delete a state.
        {
          effect: 'Deny',
          actions: ['iam:*'],
          resources: purposes.map((purpose) => `arn:aws:iam::${accountId}:role/${name.role(purpose)}`),
        },
        { effect: 'Deny', actions: ['iam:DeleteRolePermissionsBoundary'], resources: ['*'] },
        { effect: 'Deny', actions: ['s3:Delete*', 's3:Put*'], resources: buckets },
        { effect: 'Deny', actions: ['s3:Delete*'], resources: states },
        ...(second ? [keepCopies(second.region)] : []),
      ],
    }).arn;

    const regions = places.map(({ region }) => region);
    const clusters = regions.map((region) => `arn:aws:eks:${region}:${accountId}:cluster/${name.cluster}`);
    this.deployRoleArn = new GithubRole(this, 'deploy', {
      name: name.role('deploy'),
      description: `Releases the applications of ${environment}`,
      oidcProviderArn,
      subjects: subjectsOf(githubEnvironments.release(environment)),
      managedPolicies: [],
      statements: [
        // The cluster's access entries give it its permissions inside the cluster.
        { actions: ['eks:DescribeCluster'], resources: clusters },
        ...(props.sleepsAtNight
          ? wakes(
              name,
              regions.map((region) => `${region}:${accountId}`),
            )
          : []),
      ],
    }).arn;

    const database = (kind: string, identifier: string) =>
      regions.map((region) => `arn:aws:rds:${region}:${accountId}:${kind}:${identifier}`);
    const copies = database('db', `${name.drillPrefix}*`);
    this.drillRoleArn = new GithubRole(this, 'drill', {
      name: name.role('drill'),
      description: `Tries a restore of the database of ${environment}`,
      oidcProviderArn,
      // Not the branch of dev, to which nobody has to approve a push: its jobs can reach what the migration can.
      subjects: [`${subjectPrefix}:ref:refs/heads/${branches.prd}`],
      managedPolicies: [],
      statements: [
        // What earlier drills left is found in the list of all instances.
        { actions: ['rds:DescribeDBInstances'], resources: database('db', '*') },
        {
          actions: ['rds:RestoreDBInstanceToPointInTime'],
          resources: [
            ...database('db', name.database),
            ...copies,
            ...database('subgrp', name.database),
            ...database('pg', `${name.database}-*`),
            ...database('og', 'default:mysql-*'),
          ],
        },
        { actions: ['rds:AddTagsToResource', 'rds:DeleteDBInstance'], resources: copies },
        { actions: ['eks:DescribeCluster'], resources: clusters },
      ],
    }).arn;
  }
}

/**
 * Keeps all copies of backups in the second region: they have neither names of ours nor tags, by which they could be told
 * apart. What is copied is deleted by RDS alone, once it is old enough.
 */
const keepCopies = (region: string): Statement => ({
  effect: 'Deny',
  actions: ['rds:DeleteDBInstanceAutomatedBackup'],
  resources: ['*'],
  conditions: { StringEquals: { 'aws:RequestedRegion': region } },
});

/** What `pnpm infra wake` needs. Groups of nodes have the names that EKS gives them. */
const wakes = (name: ReturnType<typeof names>, places: readonly string[]): Statement[] => [
  { actions: ['rds:StartDBInstance'], resources: places.map((place) => `arn:aws:rds:${place}:db:${name.database}`) },
  {
    actions: ['autoscaling:UpdateAutoScalingGroup'],
    resources: places.map(
      (place) => `arn:aws:autoscaling:${place}:autoScalingGroup:*:autoScalingGroupName/eks-${name.cluster}-*`,
    ),
  },
  // AWS lists these without regard to names.
  {
    actions: [
      'autoscaling:DescribeAutoScalingGroups',
      'elasticloadbalancing:DescribeTargetGroups',
      'elasticloadbalancing:DescribeTargetHealth',
      'rds:DescribeDBInstances',
    ],
    resources: ['*'],
  },
];

/**
 * Denies everything on resources with another environment's tag, because dev is applied without an approval. EKS and RDS
 * give their own tags to what they create.
 */
const denyTagged = (others: readonly EnvironmentName[], accountId: string): Statement[] => {
  if (others.length === 0) return [];
  const clusters = others.map((other) => names(other).cluster);
  const tags: Readonly<Record<string, readonly string[]>> = {
    [environmentTag]: others,
    // Launch templates and Auto Scaling groups of node groups.
    'eks:cluster-name': clusters,
    // The cluster's security group.
    'aws:eks:cluster-name': clusters,
    // The secret with a database's master login.
    'aws:rds:primaryDBInstanceArn': others.map((other) => `arn:aws:rds:*:${accountId}:db:${names(other).prefix}-*`),
  };
  return Object.entries(tags).map(([tag, values]) => ({
    effect: 'Deny',
    actions: ['*'],
    resources: ['*'],
    conditions: { StringLike: { [`aws:ResourceTag/${tag}`]: values } },
  }));
};

/** The same by name, for what has no tags, or what AWS does not authorise by them. */
const denyNamed = (others: readonly EnvironmentName[], accountId: string): Statement[] =>
  others
    .map((other) => names(other).prefix)
    .map((prefix) => ({
      effect: 'Deny',
      actions: ['*'],
      resources: [
        `arn:aws:autoscaling:*:${accountId}:autoScalingGroup:*:autoScalingGroupName/eks-${prefix}-*`,
        `arn:aws:budgets::${accountId}:budget/${prefix}-*`,
        `arn:aws:cloudwatch::${accountId}:dashboard/${prefix}-*`,
        `arn:aws:kms:*:${accountId}:alias/${prefix}-*`,
        // A copy of backups is asked for, and stopped, in another region than the database and its tags.
        `arn:aws:rds:*:${accountId}:db:${prefix}-*`,
        `arn:aws:s3:::${prefix}-*`,
        `arn:aws:scheduler:*:${accountId}:schedule/*/${prefix}-*`,
      ],
    }));

const purposes = ['plan', 'apply', 'deploy', 'drill'] as const;

/** Everything that the roles of nodes, pods and runners may need together. Each role has far less. */
const boundedActions = [
  'autoscaling:*',
  'cloudwatch:*',
  'codeconnections:GetConnection',
  'codeconnections:GetConnectionToken',
  'ec2:*',
  'ecr:BatchGetImage',
  'ecr:GetAuthorizationToken',
  'ecr:GetDownloadUrlForLayer',
  'eks:*',
  'eks-auth:*',
  'elasticloadbalancing:*',
  'iam:CreateServiceLinkedRole',
  'kms:*',
  'logs:*',
  'rds:*',
  'secretsmanager:*',
  'sns:Publish',
];

/** The services whose resources an environment has. */
const plannedServices = [
  'acm',
  'autoscaling',
  'budgets',
  'cloudfront',
  'cloudwatch',
  'codebuild',
  'ec2',
  'eks',
  'elasticloadbalancing',
  'events',
  'iam',
  'kms',
  'lambda',
  'logs',
  'rds',
  'route53',
  's3',
  'scheduler',
  'secretsmanager',
  'sns',
  'ssm',
  'sts',
  'wafv2',
];

/** Contents in these services. Old versions of a state are contents too. */
const contentActions = [
  'ec2:GetConsole*',
  'ec2:GetPasswordData',
  'logs:FilterLogEvents',
  'logs:GetLogEvents',
  'logs:GetLogObject',
  'logs:GetLogRecord',
  'logs:GetQueryResults',
  'logs:StartLiveTail',
  'logs:StartQuery',
  'rds:Download*',
  's3:GetObjectVersion',
  'secretsmanager:BatchGetSecretValue',
  'secretsmanager:GetSecretValue',
  'ssm:GetCommandInvocation',
];

/** Everything that changes a repository of images. Repositories belong to the bootstrap. */
const imageChanges = [
  'ecr:BatchDeleteImage',
  'ecr:BatchImportUpstreamImage',
  'ecr:CompleteLayerUpload',
  'ecr:Create*',
  'ecr:Delete*',
  'ecr:InitiateLayerUpload',
  'ecr:Put*',
  'ecr:ReplicateImage',
  'ecr:Set*',
  'ecr:TagResource',
  'ecr:UntagResource',
  'ecr:Update*',
  'ecr:UploadLayerPart',
];

const roleActions = [
  'iam:GetRole',
  'iam:UpdateRole',
  'iam:UpdateAssumeRolePolicy',
  'iam:UpdateRoleDescription',
  'iam:DeleteRole',
  'iam:TagRole',
  'iam:UntagRole',
  'iam:ListRoleTags',
  'iam:ListRolePolicies',
  'iam:ListAttachedRolePolicies',
  'iam:ListInstanceProfilesForRole',
  'iam:GetRolePolicy',
  'iam:PutRolePolicy',
  'iam:DeleteRolePolicy',
  'iam:AttachRolePolicy',
  'iam:DetachRolePolicy',
  'iam:PassRole',
];

const profileActions = [
  'iam:AddRoleToInstanceProfile',
  'iam:CreateInstanceProfile',
  'iam:DeleteInstanceProfile',
  'iam:GetInstanceProfile',
  'iam:RemoveRoleFromInstanceProfile',
  'iam:TagInstanceProfile',
  'iam:UntagInstanceProfile',
];
