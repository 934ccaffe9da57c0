import { IamPolicy } from '@cdktf/provider-aws/lib/iam-policy/index.js';
import { Construct } from 'constructs';
import {
  bootstrapStateKey,
  branches,
  type EnvironmentName,
  environmentNames,
  githubEnvironments,
  names,
  workspaceStateKey,
} from 'platform';
import type { StateBucket } from '../terraform/state-bucket.ts';
import { GithubRole } from './github-role.ts';
import { policy, type Statement } from './policy.ts';

export interface DeliveryRolesProps {
  readonly environment: EnvironmentName;
  readonly accountId: string;
  readonly region: string;
  readonly oidcProviderArn: string;
  /** `repo:OWNER/NAME`, or GitHub's newer form with numbers. */
  readonly subjectPrefix: string;
  readonly stateBucket: StateBucket;
}

/**
 * What GitHub's workflows may do to one environment: one role looks and plans, one applies, one releases applications.
 * Each of the last two trusts an environment on GitHub of its own, so that who may approve a release need not be who may
 * approve a change of the infrastructure; in dev nobody is asked for either. Every role that the applying one makes is held
 * below a boundary, so that it cannot make one that may do more than itself. Both keep off the other environment.
 */
export class DeliveryRoles extends Construct {
  readonly planRoleArn: string;
  readonly applyRoleArn: string;
  readonly deployRoleArn: string;

  constructor(scope: Construct, id: string, props: DeliveryRolesProps) {
    super(scope, id);
    const { accountId, environment, oidcProviderArn, region, stateBucket, subjectPrefix } = props;
    const name = names(environment);
    const others = environmentNames.filter((other) => other !== environment);
    const boundary = new IamPolicy(this, 'boundary', {
      name: name.boundary,
      description: `The most that any role of ${environment} may do`,
      policy: policy([
        { actions: boundedActions, resources: ['*'] },
        { effect: 'Deny', actions: ['s3:*'], resources: [stateBucket.arn, `${stateBucket.arn}/*`] },
        keepOff(others),
      ]),
    });

    const state = `${stateBucket.arn}/${workspaceStateKey(environment)}`;
    const reachState: Statement[] = [
      // Terraform lists the workspaces before it uses one.
      { actions: ['s3:ListBucket'], resources: [stateBucket.arn] },
      { actions: ['s3:GetObject'], resources: [state] },
      // The managed policies below reach every bucket, so that the rest of this one must be taken away again.
      {
        effect: 'Deny',
        actions: ['s3:*'],
        resources: [
          `${stateBucket.arn}/${bootstrapStateKey}*`,
          ...others.map((other) => `${stateBucket.arn}/${workspaceStateKey(other)}*`),
        ],
      },
    ];
    const through = (githubEnvironment: string) => [`${subjectPrefix}:environment:${githubEnvironment}`];

    this.planRoleArn = new GithubRole(this, 'plan', {
      name: name.role('plan'),
      description: `Plans changes of ${environment}: reads alone`,
      oidcProviderArn,
      // A pull request of a fork gets no token, so that this is somebody who may push to the repository.
      subjects: [
        `${subjectPrefix}:pull_request`,
        ...Object.values(branches).map((branch) => `${subjectPrefix}:ref:refs/heads/${branch}`),
      ],
      managedPolicies: ['ReadOnlyAccess'],
      statements: [
        ...reachState,
        // Who may read everything need not read what is secret.
        { effect: 'Deny', actions: ['secretsmanager:GetSecretValue'], resources: ['*'] },
      ],
    }).arn;

    const ownRoles = `arn:aws:iam::${accountId}:role/${name.prefix}-*`;
    this.applyRoleArn = new GithubRole(this, 'apply', {
      name: name.role('apply'),
      description: `Applies changes of ${environment}`,
      oidcProviderArn,
      subjects: through(githubEnvironments.infrastructure(environment)),
      // Every service but IAM.
      managedPolicies: ['PowerUserAccess'],
      statements: [
        ...reachState,
        { actions: ['s3:PutObject'], resources: [state] },
        { actions: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], resources: [`${state}.tflock`] },
        keepOff(others),
        {
          actions: ['iam:CreateRole', 'iam:PutRolePermissionsBoundary'],
          resources: [ownRoles],
          conditions: { StringEquals: { 'iam:PermissionsBoundary': boundary.arn } },
        },
        { actions: roleActions, resources: [ownRoles] },
        { actions: ['iam:CreateServiceLinkedRole'], resources: [`arn:aws:iam::${accountId}:role/aws-service-role/*`] },
        // Its own fence: the roles of delivery, their boundary, the bucket's settings, and whatever could lose a state.
        {
          effect: 'Deny',
          actions: ['iam:*'],
          resources: purposes.map((purpose) => `arn:aws:iam::${accountId}:role/${name.role(purpose)}`),
        },
        { effect: 'Deny', actions: ['iam:DeleteRolePermissionsBoundary'], resources: ['*'] },
        { effect: 'Deny', actions: ['s3:Delete*', 's3:Put*'], resources: [stateBucket.arn] },
        { effect: 'Deny', actions: ['s3:Delete*'], resources: [state] },
      ],
    }).arn;

    this.deployRoleArn = new GithubRole(this, 'deploy', {
      name: name.role('deploy'),
      description: `Releases the applications of ${environment}`,
      oidcProviderArn,
      subjects: through(githubEnvironments.release(environment)),
      managedPolicies: [],
      statements: [
        // What it may do inside the cluster is for the cluster's access entries to say.
        {
          actions: ['eks:DescribeCluster'],
          resources: [`arn:aws:eks:${region}:${accountId}:cluster/${name.cluster}`],
        },
      ],
    }).arn;
  }
}

/**
 * Out of reach is what wears another environment's tag: dev is applied without an approval. What AWS does not check by tags,
 * such as a record of Route53 or an object of a bucket, is not.
 */
const keepOff = (others: readonly EnvironmentName[]): Statement => ({
  effect: 'Deny',
  actions: ['*'],
  resources: ['*'],
  conditions: { StringEquals: { 'aws:ResourceTag/environment': others } },
});

const purposes = ['plan', 'apply', 'deploy'] as const;

/** What the roles of an environment's own machines and pods can ever need, each far less. */
const boundedActions = [
  'autoscaling:*',
  'cloudwatch:*',
  'ec2:*',
  'ecr:*',
  'eks:*',
  'eks-auth:*',
  'elasticloadbalancing:*',
  'iam:CreateServiceLinkedRole',
  'kms:*',
  'logs:*',
  'rds:*',
  'secretsmanager:*',
  'sts:AssumeRole',
  'sts:TagSession',
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
