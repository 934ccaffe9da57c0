import { IamPolicy } from '@cdktf/provider-aws/lib/iam-policy/index.js';
import { Construct } from 'constructs';
import type { EnvironmentName } from '../environments/environment.ts';
import { names, stateKey } from '../names.ts';
import { GithubRole } from './github-role.ts';
import { policy, type Statement } from './policy.ts';
import type { StateBucket } from './state-bucket.ts';

export interface DeliveryRolesProps {
  readonly environment: EnvironmentName;
  readonly accountId: string;
  readonly oidcProviderArn: string;
  /** `repo:OWNER/NAME`, or GitHub's newer form with numbers. */
  readonly subjectPrefix: string;
  readonly stateBucket: StateBucket;
}

/**
 * What GitHub's workflows may do to one environment: one role looks and plans, the other applies, and only a job that
 * GitHub's own environment of that name has let through gets it. Every role that the second makes is held below a
 * boundary, so that it cannot make one that may do more than itself.
 */
export class DeliveryRoles extends Construct {
  readonly planRoleArn: string;
  readonly applyRoleArn: string;

  constructor(scope: Construct, id: string, props: DeliveryRolesProps) {
    super(scope, id);
    const { accountId, environment, oidcProviderArn, subjectPrefix, stateBucket } = props;
    const name = names(environment);
    const boundary = new IamPolicy(this, 'boundary', {
      name: name.boundary,
      description: `The most that any role of ${environment} may do`,
      policy: policy([
        { actions: boundedActions, resources: ['*'] },
        { effect: 'Deny', actions: ['s3:*'], resources: [stateBucket.arn, `${stateBucket.arn}/*`] },
      ]),
    });

    const state = `${stateBucket.arn}/env:/${environment}/${stateKey}`;
    const reachState: Statement[] = [
      // Terraform lists the workspaces before it uses one.
      { actions: ['s3:ListBucket'], resources: [stateBucket.arn] },
      { actions: ['s3:GetObject'], resources: [state] },
      { actions: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], resources: [`${state}.tflock`] },
    ];

    this.planRoleArn = new GithubRole(this, 'plan', {
      name: name.role('plan'),
      description: `Plans changes of ${environment}: reads, and holds the lock of the state`,
      oidcProviderArn,
      // A pull request of a fork gets no token, so that this is somebody who may push to the repository.
      subjects: [`${subjectPrefix}:pull_request`, ...branches.map((ref) => `${subjectPrefix}:ref:refs/heads/${ref}`)],
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
      subjects: [`${subjectPrefix}:environment:${environment}`],
      // Every service but IAM.
      managedPolicies: ['PowerUserAccess'],
      statements: [
        ...reachState,
        { actions: ['s3:PutObject'], resources: [state] },
        {
          actions: ['iam:CreateRole', 'iam:PutRolePermissionsBoundary'],
          resources: [ownRoles],
          conditions: { StringEquals: { 'iam:PermissionsBoundary': boundary.arn } },
        },
        { actions: roleActions, resources: [ownRoles] },
        { actions: ['iam:CreateServiceLinkedRole'], resources: [`arn:aws:iam::${accountId}:role/aws-service-role/*`] },
        // Its own fence: the roles of delivery, their boundary, and the state of everything else.
        {
          effect: 'Deny',
          actions: ['iam:*'],
          resources: [name.role('plan'), name.role('apply')].map((role) => `arn:aws:iam::${accountId}:role/${role}`),
        },
        { effect: 'Deny', actions: ['iam:DeleteRolePermissionsBoundary'], resources: ['*'] },
        { effect: 'Deny', actions: ['s3:DeleteBucket*', 's3:PutBucket*'], resources: [stateBucket.arn] },
      ],
    }).arn;
  }
}

const branches = ['develop', 'main'] as const;

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
