/** Who may do what on AWS, by question. Answers come from the policies of the stacks, with boundaries and trust. */
import { describe, expect, test } from '@jest/globals';
import { namespaces, serviceAccounts } from 'platform';
import { github as githubSettings } from './support/choices.ts';
import { account, ask, type Question, region } from './support/rights.ts';
import { synthesise, synthesiseBootstrap } from './support/synthesised.ts';

const stacks = [
  synthesiseBootstrap({
    imageRegistry: 'ecr',
    github: { repository: 'owner/name', createProvider: true },
    stateBucket: 'own-state',
    domain: { zone: 'example.com', createZone: false, subdomains: { dev: 'dev', prd: '@' } },
  }),
  synthesise('dev', { environment: { runner: true }, settings: { github: githubSettings } }),
  synthesise('prd'),
];

type Answer = 'yes' | 'no';
type Row = readonly [
  who: string,
  action: string,
  resource: string,
  expected: Answer,
  context?: NonNullable<Question['context']>,
];

const regional = (service: string, rest: string) => `arn:aws:${service}:${region}:${account}:${rest}`;
const role = (name: string) => `arn:aws:iam::${account}:role/${name}`;
const profile = (name: string) => `arn:aws:iam::${account}:instance-profile/${name}`;
const own = (name: string) => role(`desafio-aws-${name}`);
const tagged = (environment: string) => ({ 'aws:ResourceTag/environment': environment });
/** Tags that EKS and RDS give to what they create. */
const ofCluster = (environment: string) => ({ 'aws:ResourceTag/eks:cluster-name': `desafio-aws-${environment}` });
const clusterGroup = (environment: string) => ({
  'aws:ResourceTag/aws:eks:cluster-name': `desafio-aws-${environment}`,
});
const ofDatabase = (environment: string) => ({
  'aws:ResourceTag/aws:rds:primaryDBInstanceArn': regional('rds', `db:desafio-aws-${environment}-mysql`),
});
const bounded = (environment: string) => ({
  'iam:PermissionsBoundary': `arn:aws:iam::${account}:policy/desafio-aws-${environment}-boundary`,
});
const state = (environment: string) => `arn:aws:s3:::own-state/env:/${environment}/desafio-aws.tfstate`;
const secret = (name: string) => regional('secretsmanager', `secret:desafio-aws/${name}-AbCdEf`);
const master = (environment: string) => regional('secretsmanager', `secret:rds!desafio-aws-${environment}-mysql`);
const repository = regional('ecr', 'repository/calculadora-api');
const nodes = (environment: string) =>
  regional('autoscaling', `autoScalingGroup:1:autoScalingGroupName/eks-desafio-aws-${environment}-spot-1-2`);
const dashboard = (environment: string) =>
  `arn:aws:cloudwatch::${account}:dashboard/desafio-aws-${environment}-overview`;
const schedule = (environment: string) => regional('scheduler', `schedule/default/desafio-aws-${environment}-evening`);
const securityGroup = regional('ec2', 'security-group/sg-1');
const volume = regional('ec2', 'volume/vol-1');
const launchTemplate = regional('ec2', 'launch-template/lt-1');
/** What Terraform calls for a role and for an instance profile, from its creation to its deletion. */
const roleCalls = [
  ...['AttachRolePolicy', 'DeleteRole', 'DeleteRolePolicy', 'DetachRolePolicy', 'GetRole', 'GetRolePolicy'],
  ...['ListAttachedRolePolicies', 'ListInstanceProfilesForRole', 'ListRolePolicies', 'ListRoleTags', 'PassRole'],
  ...['PutRolePolicy', 'TagRole', 'UntagRole', 'UpdateAssumeRolePolicy', 'UpdateRole', 'UpdateRoleDescription'],
];
const profileCalls = [
  ...['AddRoleToInstanceProfile', 'CreateInstanceProfile', 'DeleteInstanceProfile', 'GetInstanceProfile'],
  ...['RemoveRoleFromInstanceProfile', 'TagInstanceProfile', 'UntagInstanceProfile'],
];
/** What else changes a repository of images, or an image in it. */
const imageCalls = [
  ...['CompleteLayerUpload', 'CreateRepository', 'DeleteLifecyclePolicy', 'DeleteRepository', 'DeleteRepositoryPolicy'],
  ...['InitiateLayerUpload', 'PutLifecyclePolicy', 'SetRepositoryPolicy', 'TagResource', 'UntagResource'],
  ...['UploadLayerPart'],
];
/** What `docker push` calls, and the look for an image that is there already. */
const pushCalls = [
  ...['BatchCheckLayerAvailability', 'BatchGetImage', 'CompleteLayerUpload', 'DescribeImages'],
  ...['GetDownloadUrlForLayer', 'InitiateLayerUpload', 'UploadLayerPart'],
];
const statusBucket = (environment: string) => `arn:aws:s3:::desafio-aws-${environment}-status-1`;
const zone = 'arn:aws:route53:::hostedzone/Z1';
const record = (...names: string[]) => ({
  'route53:ChangeResourceRecordSetsNormalizedRecordNames': names,
  'route53:ChangeResourceRecordSetsRecordTypes': ['A'],
  'route53:ChangeResourceRecordSetsActions': ['UPSERT'],
});

const github = `arn:aws:iam::${account}:oidc-provider/token.actions.githubusercontent.com`;
const job = (subject: string, audience = 'sts.amazonaws.com') => ({
  'token.actions.githubusercontent.com:aud': audience,
  'token.actions.githubusercontent.com:sub': `repo:${subject}`,
});
const assume = 'sts:AssumeRoleWithWebIdentity';
const pod = (namespace: string, serviceAccount: string, environment = 'prd') => ({
  'aws:RequestTag/eks-cluster-name': `desafio-aws-${environment}`,
  'aws:RequestTag/kubernetes-namespace': namespace,
  'aws:RequestTag/kubernetes-service-account': serviceAccount,
});
const runner = 'desafio-aws-dev-runner';
const drill = 'desafio-aws-prd-drill';
const runnerProject = (environment: string) => regional('codebuild', `project/desafio-aws-${environment}-runner`);
const networkInterface = regional('ec2', 'network-interface/eni-1');
const attached = (service: string, subnet = 'subnet-1') => ({
  'ec2:AuthorizedService': service,
  'ec2:Subnet': regional('ec2', `subnet/${subnet}`),
});
const apiAccount = serviceAccounts.application('calculadora-api');

const table: Readonly<Record<string, readonly Row[]>> = {
  'GitHub jobs assume': [
    [github, assume, own('dev-plan'), 'yes', job('owner/name:pull_request')],
    [github, assume, own('prd-plan'), 'yes', job('owner/name:ref:refs/heads/main')],
    [github, assume, own('prd-plan'), 'no', job('owner/name:ref:refs/heads/feature')],
    // Before anybody approved it, a pull request shows what it would change. The role reads settings, and a state that
    // holds no secret.
    [github, assume, own('prd-plan'), 'yes', job('owner/name:pull_request')],
    [github, assume, own('prd-plan'), 'no', job('other/name:pull_request')],
    [github, assume, own('prd-plan'), 'no', job('owner/name:pull_request', 'another audience')],
    [github, assume, own('dev-apply'), 'yes', job('owner/name:environment:infra-dev')],
    [github, assume, own('dev-apply'), 'no', job('owner/name:pull_request')],
    [github, assume, own('prd-apply'), 'yes', job('owner/name:environment:infra-prd')],
    [github, assume, own('prd-apply'), 'no', job('owner/name:environment:infra-dev')],
    [github, assume, own('prd-apply'), 'no', job('owner/name:environment:prd')],
    [github, assume, own('prd-apply'), 'no', job('owner/name:ref:refs/heads/main')],
    [github, assume, own('prd-deploy'), 'yes', job('owner/name:environment:prd')],
    [github, assume, own('prd-deploy'), 'no', job('owner/name:environment:infra-prd')],
    [github, assume, own('prd-drill'), 'yes', job('owner/name:ref:refs/heads/main')],
    // Scheduled workflows run on the default branch, whatever the environment.
    [github, assume, own('dev-drill'), 'yes', job('owner/name:ref:refs/heads/main')],
    [github, assume, own('prd-drill'), 'no', job('owner/name:ref:refs/heads/develop')],
    [github, assume, own('prd-drill'), 'no', job('owner/name:pull_request')],
    [github, assume, own('images'), 'yes', job('owner/name:environment:images')],
    [github, assume, own('images'), 'no', job('owner/name:pull_request')],
  ],
  'the plan roles read settings': [
    ['desafio-aws-dev-plan', 'ec2:DescribeInstances', '*', 'yes'],
    ['desafio-aws-dev-plan', 'rds:DescribeDBInstances', regional('rds', 'db:desafio-aws-dev-mysql'), 'yes'],
    ['desafio-aws-dev-plan', 'iam:GetRole', own('dev-cluster'), 'yes'],
    ['desafio-aws-dev-plan', 'secretsmanager:DescribeSecret', secret('dev/calculadora-api/database'), 'yes'],
    // AWS's public parameters, such as the ids of images, have no account in their ARN, which the simulator refuses, so that
    // this is one of another account.
    ['desafio-aws-dev-plan', 'ssm:GetParameter', `arn:aws:ssm:${region}:210987654321:parameter/aws/service/ami`, 'yes'],
    ['desafio-aws-dev-plan', 's3:ListBucket', 'arn:aws:s3:::own-state', 'yes'],
    ['desafio-aws-dev-plan', 's3:GetObject', state('dev'), 'yes'],
    // No value in a state is secret: a test reads the states of a rehearsal.
    ['desafio-aws-prd-plan', 's3:GetObject', state('prd'), 'yes'],
    ['desafio-aws-dev-plan', 's3:GetBucketPolicy', 'arn:aws:s3:::desafio-aws-dev-access-logs-1', 'yes'],
    ['desafio-aws-dev-plan', 'events:DescribeRule', regional('events', 'rule/desafio-aws-dev-status'), 'yes'],
    // Terraform reads an object's headers with the same right as its contents. These are public.
    ['desafio-aws-dev-plan', 's3:GetObject', `${statusBucket('dev')}/status`, 'yes'],
  ],
  'the plan roles read no contents': [
    ['desafio-aws-dev-plan', 's3:GetObject', state('prd'), 'no'],
    ['desafio-aws-dev-plan', 's3:GetObject', `${statusBucket('prd')}/status`, 'no'],
    ['desafio-aws-prd-plan', 's3:GetObject', state('dev'), 'no'],
    ['desafio-aws-dev-plan', 's3:GetObject', 'arn:aws:s3:::own-state/bootstrap.tfstate', 'no'],
    ['desafio-aws-dev-plan', 's3:GetObjectVersion', state('dev'), 'no'],
    ['desafio-aws-dev-plan', 's3:GetObject', 'arn:aws:s3:::invoices/january.pdf', 'no'],
    ['desafio-aws-prd-plan', 's3:GetObject', 'arn:aws:s3:::desafio-aws-prd-access-logs-1/alb/log', 'no'],
    ['desafio-aws-prd-plan', 'secretsmanager:GetSecretValue', master('prd'), 'no'],
    ['desafio-aws-prd-plan', 'secretsmanager:GetSecretValue', secret('prd/calculadora-api/database'), 'no'],
    ['desafio-aws-prd-plan', 'logs:GetLogEvents', regional('logs', 'log-group:/aws/eks/x:log-stream:y'), 'no'],
    [
      'desafio-aws-prd-plan',
      'logs:FilterLogEvents',
      regional('logs', 'log-group:/aws/eks/desafio-aws-prd/cluster'),
      'no',
    ],
    ['desafio-aws-prd-plan', 'logs:StartQuery', regional('logs', 'log-group:/aws/eks/desafio-aws-prd/cluster'), 'no'],
    ['desafio-aws-prd-plan', 'ssm:GetParameter', regional('ssm', 'parameter/company/token'), 'no'],
    ['desafio-aws-prd-plan', 'ssm:GetParametersByPath', regional('ssm', 'parameter/company'), 'no'],
    ['desafio-aws-prd-plan', 'dynamodb:Scan', regional('dynamodb', 'table/customers'), 'no'],
    ['desafio-aws-prd-plan', 'dynamodb:GetItem', regional('dynamodb', 'table/customers'), 'no'],
    ['desafio-aws-prd-plan', 'sqs:ReceiveMessage', regional('sqs', 'orders'), 'no'],
    ['desafio-aws-prd-plan', 'kms:Decrypt', regional('kms', 'key/1'), 'no'],
    ['desafio-aws-prd-plan', 'rds:DownloadDBLogFilePortion', regional('rds', 'db:desafio-aws-prd-mysql'), 'no'],
    ['desafio-aws-prd-plan', 'ec2:GetConsoleOutput', regional('ec2', 'instance/i-1'), 'no'],
    ['desafio-aws-prd-plan', 'codecommit:GitPull', regional('codecommit', 'company'), 'no'],
    ['desafio-aws-prd-plan', 'athena:GetQueryResults', regional('athena', 'workgroup/primary'), 'no'],
    ['desafio-aws-prd-plan', 'xray:GetTraceSummaries', '*', 'no'],
  ],
  'the plan roles write nothing and stay in their environment': [
    ['desafio-aws-dev-plan', 's3:PutObject', state('dev'), 'no'],
    ['desafio-aws-dev-plan', 'ec2:TerminateInstances', regional('ec2', 'instance/i-1'), 'no'],
    ['desafio-aws-dev-plan', 'iam:CreateRole', own('dev-more'), 'no'],
    ['desafio-aws-dev-plan', 'sts:AssumeRole', own('dev-apply'), 'no'],
    ['desafio-aws-dev-plan', 'eks:DescribeCluster', regional('eks', 'cluster/desafio-aws-dev'), 'yes', tagged('dev')],
    ['desafio-aws-dev-plan', 'eks:DescribeCluster', regional('eks', 'cluster/desafio-aws-prd'), 'no', tagged('prd')],
    ['desafio-aws-dev-plan', 'lambda:GetFunction', regional('lambda', 'function:x'), 'no', tagged('prd')],
    ['desafio-aws-dev-plan', 'secretsmanager:DescribeSecret', secret('prd/x'), 'no', tagged('prd')],
    ['desafio-aws-dev-plan', 's3:GetBucketPolicy', 'arn:aws:s3:::desafio-aws-prd-access-logs-1', 'no'],
  ],
  'the apply roles manage their environment': [
    ['desafio-aws-dev-apply', 'ec2:CreateVpc', regional('ec2', 'vpc/vpc-1'), 'yes'],
    [
      'desafio-aws-dev-apply',
      'rds:DeleteDBInstance',
      regional('rds', 'db:desafio-aws-dev-mysql'),
      'yes',
      tagged('dev'),
    ],
    // To reach the cluster, in which it updates the charts' definitions.
    ['desafio-aws-dev-apply', 'eks:DescribeCluster', regional('eks', 'cluster/desafio-aws-dev'), 'yes', tagged('dev')],
    ['desafio-aws-dev-apply', 's3:PutObject', state('dev'), 'yes'],
    ['desafio-aws-dev-apply', 's3:DeleteObject', `${state('dev')}.tflock`, 'yes'],
    ['desafio-aws-dev-apply', 's3:DeleteBucket', 'arn:aws:s3:::desafio-aws-dev-access-logs-1', 'yes'],
    ['desafio-aws-dev-apply', 's3:CreateBucket', 'arn:aws:s3:::desafio-aws-dev-access-logs-1', 'yes'],
    ['desafio-aws-dev-apply', 's3:PutBucketPolicy', 'arn:aws:s3:::desafio-aws-dev-access-logs-1', 'yes'],
    ['desafio-aws-dev-apply', 's3:DeleteObject', 'arn:aws:s3:::desafio-aws-dev-access-logs-1/alb/log', 'yes'],
    ['desafio-aws-dev-apply', 's3:ListBucket', 'arn:aws:s3:::own-state', 'yes'],
    ['desafio-aws-dev-apply', 'autoscaling:PutScheduledUpdateGroupAction', nodes('dev'), 'yes', ofCluster('dev')],
    ['desafio-aws-dev-apply', 'autoscaling:CreateOrUpdateTags', nodes('dev'), 'yes', ofCluster('dev')],
    // Terraform tags and fills the groups that EKS and the VPC come with.
    ['desafio-aws-dev-apply', 'ec2:CreateTags', securityGroup, 'yes', clusterGroup('dev')],
    [
      'desafio-aws-dev-apply',
      'ec2:AuthorizeSecurityGroupIngress',
      securityGroup,
      'yes',
      { ...tagged('dev'), ...clusterGroup('dev') },
    ],
    ['desafio-aws-dev-apply', 'ec2:RevokeSecurityGroupEgress', securityGroup, 'yes'],
    ['desafio-aws-dev-apply', 'cloudwatch:PutDashboard', dashboard('dev'), 'yes'],
    ['desafio-aws-dev-apply', 'kms:CreateAlias', regional('kms', 'alias/desafio-aws-dev-secrets'), 'yes'],
    ['desafio-aws-dev-apply', 'scheduler:CreateSchedule', schedule('dev'), 'yes'],
    ...['dev.example.com', 'signoz.dev.example.com', '_1a2b.dev.example.com', 'mysql-dev.dev.desafio-aws.internal'].map(
      (name): Row => ['desafio-aws-dev-apply', 'route53:ChangeResourceRecordSets', zone, 'yes', record(name)],
    ),
    ['desafio-aws-dev-apply', 'iam:CreateRole', own('dev-more'), 'yes', bounded('dev')],
    ['desafio-aws-dev-apply', 'iam:PassRole', own('dev-node'), 'yes'],
    ...roleCalls.map((call): Row => ['desafio-aws-dev-apply', `iam:${call}`, own('dev-cluster'), 'yes']),
    ...profileCalls.map(
      (call): Row => ['desafio-aws-dev-apply', `iam:${call}`, profile('desafio-aws-dev-nat-2'), 'yes'],
    ),
    ['desafio-aws-dev-apply', 'iam:CreateInstanceProfile', profile('desafio-aws-dev-nat-1'), 'yes'],
    ['desafio-aws-dev-apply', 'iam:AddRoleToInstanceProfile', profile('desafio-aws-dev-nat-1'), 'yes'],
    // EKS reads it as the caller when it creates a node group.
    [
      'desafio-aws-dev-apply',
      'iam:GetRole',
      role('aws-service-role/eks-nodegroup.amazonaws.com/AWSServiceRole'),
      'yes',
    ],
    [
      'desafio-aws-dev-apply',
      'iam:CreateServiceLinkedRole',
      role('aws-service-role/eks.amazonaws.com/AWSServiceRoleForAmazonEKS'),
      'yes',
    ],
    [
      'desafio-aws-prd-apply',
      'budgets:ModifyBudget',
      `arn:aws:budgets::${account}:budget/desafio-aws-prd-monthly`,
      'yes',
    ],
    ['desafio-aws-prd-apply', 'route53:ChangeResourceRecordSets', zone, 'yes', record('example.com')],
  ],
  'the apply roles cannot raise their own permissions': [
    ['desafio-aws-dev-apply', 'iam:CreateRole', own('dev-more'), 'no'],
    ['desafio-aws-dev-apply', 'iam:CreateRole', own('dev-more'), 'no', bounded('prd')],
    ['desafio-aws-dev-apply', 'iam:CreateRole', role('more'), 'no', bounded('dev')],
    ['desafio-aws-dev-apply', 'iam:PutRolePolicy', own('dev-apply'), 'no'],
    ['desafio-aws-dev-apply', 'iam:UpdateAssumeRolePolicy', own('dev-deploy'), 'no'],
    ['desafio-aws-dev-apply', 'iam:AttachRolePolicy', own('dev-plan'), 'no'],
    ['desafio-aws-dev-apply', 'iam:DeleteRolePermissionsBoundary', own('dev-cluster'), 'no'],
    ['desafio-aws-dev-apply', 'iam:PutRolePolicy', role('Administrator'), 'no'],
    ['desafio-aws-dev-apply', 'iam:PassRole', role('Administrator'), 'no'],
    ['desafio-aws-dev-apply', 'iam:AddRoleToInstanceProfile', profile('desafio-aws-prd-nat-1'), 'no'],
    ['desafio-aws-dev-apply', 'iam:UpdateAssumeRolePolicy', own('images'), 'no'],
    ['desafio-aws-dev-apply', 'iam:PutRolePolicy', role('aws-service-role/eks.amazonaws.com/X'), 'no'],
    [
      'desafio-aws-dev-apply',
      'iam:CreatePolicyVersion',
      `arn:aws:iam::${account}:policy/desafio-aws-dev-boundary`,
      'no',
    ],
    ['desafio-aws-dev-apply', 'iam:CreateUser', `arn:aws:iam::${account}:user/more`, 'no'],
    ['desafio-aws-dev-apply', 'sts:AssumeRole', role('Administrator'), 'no'],
    ['desafio-aws-dev-apply', 'sts:AssumeRole', own('prd-apply'), 'no'],
    ['desafio-aws-dev-apply', 's3:PutBucketPolicy', 'arn:aws:s3:::own-state', 'no'],
    ['desafio-aws-dev-apply', 's3:DeleteObject', state('dev'), 'no'],
    ['desafio-aws-dev-apply', 's3:DeleteObjectVersion', state('dev'), 'no'],
  ],
  "dev's apply role, which nobody approves, stays out of prd": [
    ['desafio-aws-dev-apply', 's3:GetObject', state('prd'), 'no'],
    ['desafio-aws-dev-apply', 's3:PutObject', state('prd'), 'no'],
    ['desafio-aws-dev-apply', 's3:GetObject', 'arn:aws:s3:::own-state/bootstrap.tfstate', 'no'],
    ['desafio-aws-dev-apply', 'rds:DeleteDBInstance', regional('rds', 'db:desafio-aws-prd-mysql'), 'no', tagged('prd')],
    ['desafio-aws-dev-apply', 'eks:DeleteCluster', regional('eks', 'cluster/desafio-aws-prd'), 'no', tagged('prd')],
    ['desafio-aws-dev-apply', 'ec2:DeleteVpc', regional('ec2', 'vpc/vpc-1'), 'no', tagged('prd')],
    [
      'desafio-aws-dev-apply',
      'secretsmanager:GetSecretValue',
      secret('prd/calculadora-api/database'),
      'no',
      tagged('prd'),
    ],
    ['desafio-aws-dev-apply', 'iam:PutRolePolicy', own('prd-cluster'), 'no'],
    ['desafio-aws-dev-apply', 'autoscaling:UpdateAutoScalingGroup', nodes('prd'), 'no'],
    ['desafio-aws-dev-apply', 's3:DeleteBucket', 'arn:aws:s3:::desafio-aws-prd-access-logs-1', 'no'],
    ['desafio-aws-dev-apply', 's3:GetObject', 'arn:aws:s3:::desafio-aws-prd-access-logs-1/alb/log', 'no'],
    [
      'desafio-aws-dev-apply',
      'budgets:ModifyBudget',
      `arn:aws:budgets::${account}:budget/desafio-aws-prd-monthly`,
      'no',
    ],
    ['desafio-aws-dev-apply', 'secretsmanager:GetSecretValue', master('prd'), 'no'],
    ['desafio-aws-dev-apply', 'ecr:BatchDeleteImage', repository, 'no', tagged('shared')],
    ['desafio-aws-dev-apply', 'ecr:PutImage', repository, 'no', tagged('shared')],
    ...imageCalls.map((call): Row => ['desafio-aws-dev-apply', `ecr:${call}`, repository, 'no', tagged('shared')]),
    ['desafio-aws-dev-apply', 'ecr:PutImageTagMutability', repository, 'no', tagged('shared')],
    // EKS, RDS and the CSI driver make these for prd.
    ['desafio-aws-dev-apply', 'ec2:AuthorizeSecurityGroupIngress', securityGroup, 'no', tagged('prd')],
    ['desafio-aws-dev-apply', 'ec2:CreateTags', securityGroup, 'no', clusterGroup('prd')],
    ['desafio-aws-dev-apply', 'ec2:DeleteVolume', volume, 'no', tagged('prd')],
    ['desafio-aws-dev-apply', 'ec2:DeleteLaunchTemplate', launchTemplate, 'no', ofCluster('prd')],
    ['desafio-aws-dev-apply', 'cloudwatch:DeleteDashboards', dashboard('prd'), 'no'],
    ['desafio-aws-dev-apply', 'kms:DeleteAlias', regional('kms', 'alias/desafio-aws-prd-secrets'), 'no'],
    ['desafio-aws-dev-apply', 'scheduler:DeleteSchedule', schedule('prd'), 'no'],
    // All environments share the public zone.
    ...['example.com', 'signoz.example.com', '_1a2b.example.com', 'mydev.example.com', 'prd.desafio-aws.internal'].map(
      (name): Row => ['desafio-aws-dev-apply', 'route53:ChangeResourceRecordSets', zone, 'no', record(name)],
    ),
    ['desafio-aws-dev-apply', 'route53:ChangeResourceRecordSets', zone, 'no', record('dev.example.com', 'example.com')],
  ],
  "what remains of dev's apply role in one account: see decision 7": [
    // Not authorised by tags, and without a name in its ARN.
    ['desafio-aws-dev-apply', 'route53:DeleteHealthCheck', 'arn:aws:route53:::healthcheck/1', 'yes'],
    // Of neither environment: whatever else is in the account.
    ['desafio-aws-dev-apply', 'ec2:DeleteVolume', volume, 'yes'],
    ['desafio-aws-dev-apply', 'dynamodb:DeleteTable', regional('dynamodb', 'table/customers'), 'yes'],
    ['desafio-aws-dev-apply', 's3:GetObject', 'arn:aws:s3:::invoices/january.pdf', 'no'],
    ['desafio-aws-dev-apply', 's3:DeleteBucket', 'arn:aws:s3:::invoices', 'no'],
    ['desafio-aws-dev-apply', 'route53:ChangeResourceRecordSets', zone, 'no', record('company.com')],
  ],
  'no role that an apply role creates can do more, whatever its policies': [
    ['desafio-aws-dev-boundary', 'ec2:DescribeInstances', '*', 'yes'],
    ['desafio-aws-dev-boundary', 'logs:PutLogEvents', regional('logs', 'log-group:x:log-stream:y'), 'yes'],
    ['desafio-aws-dev-boundary', 'ecr:BatchGetImage', repository, 'yes'],
    ['desafio-aws-dev-boundary', 'ecr:PutImage', repository, 'no'],
    ['desafio-aws-dev-boundary', 'ecr:BatchDeleteImage', repository, 'no'],
    ['desafio-aws-dev-boundary', 'sts:AssumeRole', own('prd-apply'), 'no'],
    ['desafio-aws-dev-boundary', 'iam:CreateRole', own('dev-more'), 'no', bounded('dev')],
    ['desafio-aws-dev-boundary', 'iam:PassRole', own('dev-node'), 'no'],
    ['desafio-aws-dev-boundary', 's3:GetObject', state('dev'), 'no'],
    ['desafio-aws-dev-boundary', 's3:PutObject', `${statusBucket('dev')}/status/figures.json`, 'yes'],
    ['desafio-aws-dev-boundary', 's3:PutObject', `${statusBucket('prd')}/status/figures.json`, 'no'],
    ['desafio-aws-dev-boundary', 's3:DeleteObject', `${statusBucket('dev')}/status/figures.json`, 'no'],
    ['desafio-aws-dev-boundary', 's3:PutObject', 'arn:aws:s3:::desafio-aws-dev-access-logs-1/alb/log', 'no'],
    ['desafio-aws-dev-boundary', 's3:GetObject', 'arn:aws:s3:::invoices/january.pdf', 'no'],
    ['desafio-aws-dev-boundary', 'dynamodb:Scan', regional('dynamodb', 'table/customers'), 'no'],
    ['desafio-aws-dev-boundary', 'route53:ChangeResourceRecordSets', zone, 'no', record('example.com')],
    [
      'desafio-aws-dev-boundary',
      'rds:DeleteDBInstance',
      regional('rds', 'db:desafio-aws-prd-mysql'),
      'no',
      tagged('prd'),
    ],
    ['desafio-aws-dev-boundary', 'secretsmanager:GetSecretValue', secret('prd/x'), 'no', tagged('prd')],
    ['desafio-aws-dev-boundary', 'autoscaling:UpdateAutoScalingGroup', nodes('prd'), 'no'],
    ['desafio-aws-dev-boundary', 'secretsmanager:GetSecretValue', master('prd'), 'no', ofDatabase('prd')],
    ['desafio-aws-dev-boundary', 'secretsmanager:GetSecretValue', master('dev'), 'yes', ofDatabase('dev')],
    ['desafio-aws-dev-boundary', 'ec2:DeleteVolume', volume, 'no', tagged('prd')],
    ['desafio-aws-dev-boundary', 'ec2:DeleteVolume', volume, 'yes', tagged('dev')],
  ],
  'releases and images': [
    ['desafio-aws-prd-deploy', 'eks:DescribeCluster', regional('eks', 'cluster/desafio-aws-prd'), 'yes'],
    ['desafio-aws-dev-deploy', 'eks:DescribeCluster', regional('eks', 'cluster/desafio-aws-prd'), 'no'],
    ['desafio-aws-prd-deploy', 'eks:DeleteCluster', regional('eks', 'cluster/desafio-aws-prd'), 'no'],
    ['desafio-aws-prd-deploy', 's3:GetObject', state('prd'), 'no'],
    // It wakes dev, which sleeps at night, and nothing else.
    ['desafio-aws-dev-deploy', 'rds:StartDBInstance', regional('rds', 'db:desafio-aws-dev-mysql'), 'yes'],
    ['desafio-aws-dev-deploy', 'rds:StartDBInstance', regional('rds', 'db:desafio-aws-prd-mysql'), 'no'],
    ['desafio-aws-dev-deploy', 'rds:StopDBInstance', regional('rds', 'db:desafio-aws-dev-mysql'), 'no'],
    ['desafio-aws-dev-deploy', 'rds:DescribeDBInstances', '*', 'yes'],
    ['desafio-aws-dev-deploy', 'autoscaling:UpdateAutoScalingGroup', nodes('dev'), 'yes'],
    ['desafio-aws-dev-deploy', 'autoscaling:UpdateAutoScalingGroup', nodes('prd'), 'no'],
    ['desafio-aws-dev-deploy', 'autoscaling:DeleteAutoScalingGroup', nodes('dev'), 'no'],
    ['desafio-aws-dev-deploy', 'elasticloadbalancing:DescribeTargetHealth', '*', 'yes'],
    ['desafio-aws-prd-deploy', 'autoscaling:UpdateAutoScalingGroup', nodes('prd'), 'no'],
    ['desafio-aws-prd-deploy', 'rds:StartDBInstance', regional('rds', 'db:desafio-aws-prd-mysql'), 'no'],
    ['desafio-aws-images', 'ecr:PutImage', repository, 'yes'],
    ...pushCalls.map((call): Row => ['desafio-aws-images', `ecr:${call}`, repository, 'yes']),
    ['desafio-aws-images', 'ecr:GetAuthorizationToken', '*', 'yes'],
    ['desafio-aws-images', 'ecr:PutImage', regional('ecr', 'repository/other'), 'no'],
    ['desafio-aws-images', 'ecr:BatchDeleteImage', repository, 'no'],
    ['desafio-aws-images', 'ecr:PutImageTagMutability', repository, 'no'],
  ],
  'the restore drill creates and deletes copies of its database, and nothing else': [
    ...[
      regional('rds', 'db:desafio-aws-prd-mysql'),
      regional('rds', 'db:desafio-aws-prd-drill-20260131120000'),
      regional('rds', 'subgrp:desafio-aws-prd-mysql'),
      regional('rds', 'pg:desafio-aws-prd-mysql-20260131'),
      regional('rds', 'og:default:mysql-8-4'),
    ].map((resource): Row => [drill, 'rds:RestoreDBInstanceToPointInTime', resource, 'yes']),
    [drill, 'rds:DescribeDBInstances', regional('rds', 'db:*'), 'yes'],
    [drill, 'rds:AddTagsToResource', regional('rds', 'db:desafio-aws-prd-drill-1'), 'yes'],
    [drill, 'rds:DeleteDBInstance', regional('rds', 'db:desafio-aws-prd-drill-1'), 'yes'],
    [drill, 'eks:DescribeCluster', regional('eks', 'cluster/desafio-aws-prd'), 'yes'],
    [drill, 'rds:DeleteDBInstance', regional('rds', 'db:desafio-aws-prd-mysql'), 'no'],
    [drill, 'rds:ModifyDBInstance', regional('rds', 'db:desafio-aws-prd-drill-1'), 'no'],
    [drill, 'rds:AddTagsToResource', regional('rds', 'db:desafio-aws-prd-mysql'), 'no'],
    [drill, 'rds:RestoreDBInstanceToPointInTime', regional('rds', 'db:desafio-aws-prd-other'), 'no'],
    [drill, 'rds:RestoreDBInstanceToPointInTime', regional('rds', 'db:desafio-aws-dev-mysql'), 'no'],
    [drill, 'rds:DeleteDBInstance', regional('rds', 'db:desafio-aws-dev-drill-1'), 'no'],
    [drill, 'eks:DescribeCluster', regional('eks', 'cluster/desafio-aws-dev'), 'no'],
    [drill, 'secretsmanager:GetSecretValue', master('prd'), 'no'],
    [drill, 's3:GetObject', state('prd'), 'no'],
    ['desafio-aws-prd-apply', 'iam:PutRolePolicy', own('prd-drill'), 'no'],
  ],
  'the runner gets a network and its jobs, and nothing else': [
    ['codebuild.amazonaws.com', 'sts:AssumeRole', own('dev-runner'), 'yes', { 'aws:SourceArn': runnerProject('dev') }],
    ['codebuild.amazonaws.com', 'sts:AssumeRole', own('dev-runner'), 'no', { 'aws:SourceArn': runnerProject('prd') }],
    [runner, 'ec2:CreateNetworkInterface', networkInterface, 'yes'],
    [runner, 'ec2:CreateNetworkInterface', regional('ec2', 'subnet/subnet-1'), 'no', tagged('prd')],
    [runner, 'ec2:CreateNetworkInterfacePermission', networkInterface, 'yes', attached('codebuild.amazonaws.com')],
    [runner, 'ec2:CreateNetworkInterfacePermission', networkInterface, 'no', attached('lambda.amazonaws.com')],
    [runner, 'ec2:CreateNetworkInterfacePermission', networkInterface, 'no', attached('codebuild.amazonaws.com', 's')],
    [runner, 'logs:PutLogEvents', regional('logs', `log-group:/aws/codebuild/${runner}:log-stream:1`), 'yes'],
    [runner, 'logs:PutLogEvents', regional('logs', 'log-group:/aws/eks/desafio-aws-dev/cluster:log-stream:1'), 'no'],
    [runner, 'codeconnections:GetConnectionToken', githubSettings.connections.dev, 'yes'],
    [runner, 'codeconnections:GetConnectionToken', regional('codeconnections', 'connection/other'), 'no'],
    // Jobs assume the delivery roles with GitHub's token, not with this role.
    [runner, 'eks:DescribeCluster', regional('eks', 'cluster/desafio-aws-dev'), 'no'],
    [runner, 's3:GetObject', state('dev'), 'no'],
    [runner, 'secretsmanager:GetSecretValue', secret('dev/calculadora-api/database'), 'no'],
    ['desafio-aws-dev-plan', 'codebuild:BatchGetProjects', runnerProject('dev'), 'yes', tagged('dev')],
    ['desafio-aws-dev-plan', 'codebuild:BatchGetProjects', runnerProject('prd'), 'no', tagged('prd')],
    ['desafio-aws-dev-apply', 'codebuild:CreateWebhook', runnerProject('dev'), 'yes', tagged('dev')],
    ['desafio-aws-dev-apply', 'codebuild:UpdateProject', runnerProject('prd'), 'no', tagged('prd')],
  ],
  'pods, nodes and services of an environment': [
    ['desafio-aws-prd-calculadora-api', 'secretsmanager:GetSecretValue', secret('prd/calculadora-api/database'), 'yes'],
    ['desafio-aws-prd-calculadora-api', 'secretsmanager:GetSecretValue', secret('prd/calculadora-api/migration'), 'no'],
    ['desafio-aws-prd-calculadora-api', 'secretsmanager:GetSecretValue', master('prd'), 'no'],
    ['desafio-aws-prd-calculadora-api', 'secretsmanager:PutSecretValue', secret('prd/calculadora-api/database'), 'no'],
    ['desafio-aws-prd-magic-calculator', 'secretsmanager:GetSecretValue', secret('prd/calculadora-api/database'), 'no'],
    ['desafio-aws-dev-calculadora-api', 'secretsmanager:GetSecretValue', secret('prd/calculadora-api/database'), 'no'],
    ['desafio-aws-prd-database-logins', 'secretsmanager:GetSecretValue', master('prd'), 'yes', ofDatabase('prd')],
    ['desafio-aws-prd-database-logins', 'secretsmanager:PutSecretValue', secret('prd/calculadora-api/database'), 'yes'],
    ['desafio-aws-prd-database-logins', 'secretsmanager:PutSecretValue', master('prd'), 'no'],
    [
      'desafio-aws-prd-database-logins',
      'ec2:CreateNetworkInterface',
      regional('ec2', 'network-interface/eni-1'),
      'yes',
    ],
    ['desafio-aws-prd-status', 's3:GetObject', `${statusBucket('prd')}/status/figures.json`, 'yes'],
    ['desafio-aws-prd-status', 's3:PutObject', `${statusBucket('prd')}/status/figures.json`, 'yes'],
    ['desafio-aws-prd-status', 's3:ListBucket', statusBucket('prd'), 'yes'],
    ['desafio-aws-prd-status', 's3:PutObject', `${statusBucket('prd')}/status/page.js`, 'no'],
    ['desafio-aws-prd-status', 's3:PutObject', `${statusBucket('dev')}/status/figures.json`, 'no'],
    ['desafio-aws-prd-status', 'cloudwatch:DescribeAlarms', regional('cloudwatch', 'alarm:*'), 'yes'],
    ['desafio-aws-prd-status', 'cloudwatch:PutMetricAlarm', regional('cloudwatch', 'alarm:x'), 'no'],
    ['desafio-aws-prd-status', 'rds:DescribeDBInstances', regional('rds', 'db:desafio-aws-prd-mysql'), 'yes'],
    ['desafio-aws-prd-status', 'rds:StopDBInstance', regional('rds', 'db:desafio-aws-prd-mysql'), 'no'],
    ['desafio-aws-prd-status', 'secretsmanager:GetSecretValue', master('prd'), 'no', ofDatabase('prd')],
    [
      'desafio-aws-prd-status',
      'logs:PutLogEvents',
      regional('logs', 'log-group:/aws/lambda/desafio-aws-prd-status:log-stream:x'),
      'yes',
    ],
    ['lambda.amazonaws.com', 'sts:AssumeRole', own('prd-status'), 'yes'],
    ['desafio-aws-prd-node', 'ecr:BatchGetImage', repository, 'yes'],
    ['desafio-aws-prd-node', 'ecr:PutImage', repository, 'no'],
    // The network add-on gives each pod an address.
    ['desafio-aws-prd-node', 'ec2:AssignPrivateIpAddresses', regional('ec2', 'network-interface/eni-1'), 'yes'],
    ['desafio-aws-prd-node', 'ec2:DescribeInstances', '*', 'yes'],
    [
      'desafio-aws-prd-flow-logs',
      'logs:PutLogEvents',
      regional('logs', 'log-group:/desafio-aws-prd/vpc-flow-logs:log-stream:eni-1'),
      'yes',
    ],
    ['desafio-aws-prd-node', 's3:GetObject', state('prd'), 'no'],
    ['desafio-aws-prd-node', 'secretsmanager:GetSecretValue', secret('prd/calculadora-api/database'), 'no'],
    ['desafio-aws-prd-cluster', 'elasticloadbalancing:DescribeLoadBalancers', '*', 'yes'],
    ['desafio-aws-prd-ebs-csi', 'ec2:CreateSnapshot', regional('ec2', 'volume/vol-1'), 'yes'],
    ['desafio-aws-dev-ebs-csi', 'ec2:CreateSnapshot', regional('ec2', 'volume/vol-1'), 'no', tagged('prd')],
    [
      'desafio-aws-dev-cluster-autoscaler',
      'autoscaling:SetDesiredCapacity',
      nodes('dev'),
      'yes',
      { 'aws:ResourceTag/k8s.io/cluster-autoscaler/desafio-aws-dev': 'owned' },
    ],
    [
      'desafio-aws-dev-cluster-autoscaler',
      'autoscaling:SetDesiredCapacity',
      nodes('prd'),
      'no',
      { 'aws:ResourceTag/k8s.io/cluster-autoscaler/desafio-aws-prd': 'owned' },
    ],
    ['desafio-aws-prd-signoz', 'sns:Publish', regional('sns', 'desafio-aws-prd-api'), 'yes'],
    ['desafio-aws-prd-signoz', 'sns:Publish', regional('sns', 'desafio-aws-dev-api'), 'no'],
    ['desafio-aws-prd-signoz', 'sns:Subscribe', regional('sns', 'desafio-aws-prd-api'), 'no'],
    [
      'pods.eks.amazonaws.com',
      'sts:AssumeRole',
      own('prd-calculadora-api'),
      'yes',
      pod(namespaces.applications, apiAccount),
    ],
    // Pod Identity tags each session, and is refused the role if it may not.
    [
      'pods.eks.amazonaws.com',
      'sts:TagSession',
      own('prd-calculadora-api'),
      'yes',
      pod(namespaces.applications, apiAccount),
    ],
    ['pods.eks.amazonaws.com', 'sts:AssumeRole', own('prd-calculadora-api'), 'no', pod('default', apiAccount)],
    [
      'pods.eks.amazonaws.com',
      'sts:AssumeRole',
      own('prd-calculadora-api'),
      'no',
      pod(namespaces.applications, apiAccount, 'dev'),
    ],
    [
      'lambda.amazonaws.com',
      'sts:AssumeRole',
      own('prd-calculadora-api'),
      'no',
      pod(namespaces.applications, apiAccount),
    ],
  ],
};

const questions = new Map(
  Object.values(table)
    .flat()
    .map((row): [Row, Question] => {
      const [who, action, resource, , context] = row;
      return [row, { who, action, resource, ...(context && { context }) }];
    }),
);

test('there are at least 60 questions, none of them twice', () => {
  expect(questions.size).toBeGreaterThanOrEqual(60);
  expect(new Set([...questions.values()].map((question) => JSON.stringify(question))).size).toBe(questions.size);
});

test("policies respect IAM's limits of size", () => {
  for (const stack of stacks) {
    const inline = Map.groupBy(stack.some('aws_iam_role_policy'), ({ role }) => role);
    for (const [role, policies] of inline) {
      const size = policies.reduce((sum, { policy }) => sum + policy.length, 0);
      expect([role, size < 10_240]).toEqual([role, true]);
    }
    for (const { name, policy } of stack.all('aws_iam_policy'))
      expect([name, policy.length < 6144]).toEqual([name, true]);
  }
});

const allowed = ask(stacks, [...questions.values()]);
const isAllowed = new Map([...questions.keys()].map((row, index) => [row, allowed[index]]));

describe.each(Object.entries(table))('%s', (_, rows) => {
  const titled = rows.map((row) => {
    const [who, action, resource, expected, context] = row;
    const parts = [who.split('/').at(-1), action, resource, ...(context ? [JSON.stringify(context)] : [])];
    return { title: parts.join(' '), expected, row };
  });
  test.each(titled)('$title: $expected', ({ expected, row }) => {
    expect(isAllowed.get(row)).toBe(expected === 'yes');
  });
});
