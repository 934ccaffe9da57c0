import { expect, test } from '@jest/globals';
import type { EnvironmentName } from 'platform';
import { applications } from 'platform/applications';
import { DeliveryRoles } from '../constructs/identity/delivery-roles.ts';
import type { StateBucket } from '../constructs/terraform/state-bucket.ts';
import { environments as allEnvironments } from '../environments/all.ts';
import { dev } from '../environments/dev.ts';
import { prd } from '../environments/prd.ts';
import { synthesiseBootstrap as bootstrap, synthesise } from './support/synthesised.ts';
import { alone, type Block, type Synthesised } from './support/terraform.ts';

/** Statements of the policy in a field of a resource. */
function statements(stack: Synthesised, type: string, name: string, field: string): Block[] {
  const found = stack.all(type).find((block) => block.name === name);
  if (!found) throw new Error(`There is no ${type} named ${name}`);
  return JSON.parse(found[field]).Statement;
}
const trustOf = (stack: Synthesised, role: string): Block =>
  statements(stack, 'aws_iam_role', role, 'assume_role_policy')[0] ?? {};
const statementsOf = (stack: Synthesised, role: string) => statements(stack, 'aws_iam_role_policy', role, 'policy');

const environments = { dev, prd };
const github = { repository: 'owner/name', createProvider: true };
const subject = 'token.actions.githubusercontent.com:sub';

test('the state bucket is versioned, encrypted, private, TLS-only, and protected from destroy', () => {
  const stack = bootstrap();
  expect(stack.one('aws_s3_bucket').lifecycle).toEqual({ prevent_destroy: true });
  expect(stack.one('aws_s3_bucket_versioning').versioning_configuration).toEqual({ status: 'Enabled' });
  expect(stack.all('aws_s3_bucket_server_side_encryption_configuration')).toHaveLength(1);
  expect(stack.one('aws_s3_bucket_public_access_block')).toMatchObject({
    block_public_acls: true,
    block_public_policy: true,
    ignore_public_acls: true,
    restrict_public_buckets: true,
  });
  expect(JSON.parse(stack.one('aws_s3_bucket_policy').policy).Statement).toEqual([
    expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
  ]);
});

test.each([
  ['infra-dev', 'dev-apply'],
  ['dev', 'dev-deploy'],
  ['infra-prd', 'prd-apply'],
  ['prd', 'prd-deploy'],
])('only jobs of the GitHub environment %s can assume %s', (environment, role) => {
  const { Condition } = trustOf(bootstrap({ github }), `desafio-aws-${role}`);
  expect(Condition).toEqual({
    StringEquals: {
      'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
      [subject]: [`repo:owner/name:environment:${environment}`],
    },
  });
});

test('pull requests and both delivery branches can plan', () => {
  expect(trustOf(bootstrap({ github }), 'desafio-aws-prd-plan').Condition.StringEquals[subject]).toEqual([
    'repo:owner/name:pull_request',
    'repo:owner/name:ref:refs/heads/develop',
    'repo:owner/name:ref:refs/heads/main',
  ]);
});

test('the subject prefix of the settings is trusted, in GitHub’s newer form too', () => {
  const stack = bootstrap({ github: { ...github, subjectPrefix: 'repo:owner@1/name@2' } });
  expect(trustOf(stack, 'desafio-aws-dev-apply').Condition.StringEquals[subject]).toEqual([
    'repo:owner@1/name@2:environment:infra-dev',
  ]);
});

test.each([
  [true, 'aws_iam_openid_connect_provider.github'],
  [false, 'data.aws_iam_openid_connect_provider.existing-github'],
])('with createProvider %s, every role trusts %s', (createProvider, address) => {
  const stack = bootstrap({ github: { ...github, createProvider }, imageRegistry: 'ecr' });
  const { data, resource } = stack.terraform;
  const provider = { ...resource.aws_iam_openid_connect_provider, ...data.aws_iam_openid_connect_provider };
  expect(Object.values(provider)).toEqual([
    expect.objectContaining({ url: 'https://token.actions.githubusercontent.com' }),
  ]);
  const roles = stack.some('aws_iam_role');
  expect(roles).toHaveLength(9);
  for (const { assume_role_policy } of roles) {
    const { Principal } = JSON.parse(assume_role_policy).Statement[0];
    expect(Principal).toEqual({ Federated: `\${${address}.arn}` });
  }
});

test('a zone that the bootstrap creates has its name servers in an output', () => {
  const zone = { zone: 'example.com', subdomains: { dev: 'dev', prd: 'app' } };
  const stack = bootstrap({ domain: { ...zone, createZone: true } });
  expect(stack.terraform.output.name_servers?.value).toBe(`\${${stack.one('aws_route53_zone').address}.name_servers}`);
  expect(bootstrap({ domain: { ...zone, createZone: false } }).terraform.output).not.toHaveProperty('name_servers');
});

test('without settings no possible GitHub owner is trusted', () => {
  for (const { assume_role_policy } of bootstrap().some('aws_iam_role')) {
    const { Condition } = JSON.parse(assume_role_policy).Statement[0];
    for (const trusted of Condition.StringEquals[subject]) expect(trusted).toMatch(/^repo:-\//);
  }
});

test.each([
  ['dev', 'prd', 'plan'],
  ['dev', 'prd', 'apply'],
  ['prd', 'dev', 'plan'],
  ['prd', 'dev', 'apply'],
])('in %s, access to the states of %s and of the bootstrap is denied to %s', (name, other, purpose) => {
  const denied = statementsOf(bootstrap(), `desafio-aws-${name}-${purpose}`).find(
    ({ Effect, Resource }) => Effect === 'Deny' && Resource.some((arn: string) => arn.includes('bootstrap.tfstate')),
  );
  expect(denied?.Action).toEqual(['s3:*']);
  expect(denied?.Resource).toEqual([
    expect.stringMatching(/\/bootstrap\.tfstate\*$/),
    expect.stringMatching(new RegExp(`/env:/${other}/desafio-aws\\.tfstate\\*$`)),
  ]);
});

test('the apply role can neither delete its state or old versions of it, nor change the bucket’s settings', () => {
  const denied = statementsOf(bootstrap(), 'desafio-aws-dev-apply').filter(({ Effect }) => Effect === 'Deny');
  expect(denied).toContainEqual({
    Effect: 'Deny',
    Action: ['s3:Delete*'],
    Resource: [expect.stringMatching(/\/env:\/dev\/desafio-aws\.tfstate$/)],
  });
  expect(denied).toContainEqual({
    Effect: 'Deny',
    Action: ['s3:Delete*', 's3:Put*'],
    Resource: [expect.stringMatching(/^\$\{aws_s3_bucket\.[^/]*\.arn\}$/)],
  });
});

test('the deploy role can describe its cluster and, where the environment sleeps, wake it, and do nothing else in AWS', () => {
  const stack = bootstrap({ imageRegistry: 'ecr' });
  const attached = stack.all('aws_iam_role_policy_attachment').filter(({ role }) => /(dev|prd)_deploy/.test(role));
  expect(attached).toEqual([]);
  const describeCluster = (name: string) => ({
    Effect: 'Allow',
    Action: ['eks:DescribeCluster'],
    Resource: [expect.stringMatching(new RegExp(`:cluster/desafio-aws-${name}$`))],
  });
  expect(statementsOf(stack, 'desafio-aws-prd-deploy')).toEqual([describeCluster('prd')]);
  const [describe, ...wake] = statementsOf(stack, 'desafio-aws-dev-deploy');
  expect(describe).toEqual(describeCluster('dev'));
  const changing = wake.filter(({ Resource }) => Resource[0] !== '*');
  expect(changing.flatMap(({ Action }) => Action)).toEqual([
    'rds:StartDBInstance',
    'autoscaling:UpdateAutoScalingGroup',
  ]);
  for (const { Resource } of changing) expect(Resource).toEqual([expect.stringContaining('desafio-aws-dev-')]);
  const reading = wake.filter(({ Resource }) => Resource[0] === '*').flatMap(({ Action }) => Action);
  expect(reading.length).toBeGreaterThan(0);
  for (const action of reading) expect(action).toMatch(/:Describe/);
});

test('with images in ECR only jobs of the GitHub environment images can push to the applications’ repositories', () => {
  const stack = bootstrap({ github, imageRegistry: 'ecr' });
  expect(trustOf(stack, 'desafio-aws-images').Condition.StringEquals[subject]).toEqual([
    'repo:owner/name:environment:images',
  ]);
  const [login, push, ...more] = statementsOf(stack, 'desafio-aws-images');
  expect(login).toMatchObject({ Action: ['ecr:GetAuthorizationToken'], Resource: ['*'] });
  expect(push?.Resource).toEqual(stack.all('aws_ecr_repository').map(({ address }) => `\${${address}.arn}`));
  expect(push?.Action).toContain('ecr:PutImage');
  expect(more).toEqual([]);
});

test('with images on Docker Hub there is no role to push images', () => {
  expect(
    bootstrap()
      .all('aws_iam_role')
      .map(({ name }) => name),
  ).not.toContain('desafio-aws-images');
});

test.each([
  ['dev', 'prd'],
  ['prd', 'dev'],
])('neither the apply role of %s nor any role that it creates can touch resources tagged %s', (name, other) => {
  const stack = bootstrap();
  for (const found of [
    statementsOf(stack, `desafio-aws-${name}-apply`),
    statements(stack, 'aws_iam_policy', `desafio-aws-${name}-boundary`, 'policy'),
  ]) {
    expect(found).toContainEqual({
      Effect: 'Deny',
      Action: ['*'],
      Resource: ['*'],
      Condition: { StringLike: { 'aws:ResourceTag/environment': [other] } },
    });
  }
  const [{ default_tags } = {}] = synthesise(other as 'dev' | 'prd').terraform.provider.aws ?? [];
  expect(default_tags).toMatchObject([{ tags: { environment: other } }]);
});

test('the plan role reads its own state, writes nothing, and reads no secret', () => {
  const found = statementsOf(bootstrap(), 'desafio-aws-dev-plan');
  const allowed = found.filter(({ Effect }) => Effect === 'Allow').flatMap(({ Action }) => Action);
  expect(allowed).toEqual(['s3:ListBucket', 's3:GetObject']);
  const [denied] = found.filter(({ Action }) => Action?.includes('secretsmanager:GetSecretValue'));
  expect(denied).toMatchObject({ Effect: 'Deny', Resource: ['*'] });
});

test('the apply role cannot create a role without the boundary, nor change the delivery roles', () => {
  const found = statementsOf(bootstrap(), 'desafio-aws-dev-apply');
  const creates = found.filter(({ Action, Effect }) => Effect === 'Allow' && Action.includes('iam:CreateRole'));
  expect(creates).toEqual([
    expect.objectContaining({
      Condition: { StringEquals: { 'iam:PermissionsBoundary': expect.stringContaining('dev_boundary') } },
    }),
  ]);
  const denied = found.find(({ Action, Effect }) => Effect === 'Deny' && Action.includes('iam:*'));
  expect(denied?.Resource.map((arn: string) => arn.split('/').at(-1))).toEqual([
    'desafio-aws-dev-plan',
    'desafio-aws-dev-apply',
    'desafio-aws-dev-deploy',
    'desafio-aws-dev-drill',
  ]);
});

test('image repositories are created only with ECR, and their tags are immutable', () => {
  expect(bootstrap().all('aws_ecr_repository')).toEqual([]);
  const repositories = bootstrap({ imageRegistry: 'ecr' }).all('aws_ecr_repository');
  expect(repositories.map(({ name }) => name)).toEqual(applications.map(({ name }) => name));
  for (const { image_tag_mutability, image_scanning_configuration } of repositories) {
    expect(image_tag_mutability).toBe('IMMUTABLE_WITH_EXCLUSION');
    expect(image_scanning_configuration).toEqual({ scan_on_push: true });
  }
});

test('images of dev never expire images of prd', () => {
  for (const { policy } of bootstrap({ imageRegistry: 'ecr' }).some('aws_ecr_lifecycle_policy')) {
    const [first, second] = JSON.parse(policy).rules;
    expect(first.selection.tagPrefixList).toEqual(['prd-']);
    expect(second.selection.tagStatus).toBe('any');
    expect(first.rulePriority).toBeLessThan(second.rulePriority);
  }
});

test.each(['dev', 'prd'] as const)('the boundary of %s allows everything that its roles are granted', (name) => {
  const stack = synthesise(name, { environment: { cluster: { ...environments[name].cluster, sleepsAtNight: true } } });
  const allowed = statements(bootstrap(), 'aws_iam_policy', `desafio-aws-${name}-boundary`, 'policy').filter(
    ({ Effect }) => Effect === 'Allow',
  );
  const services = new Set(allowed.flatMap(({ Action }) => Action.map((action: string) => action.split(':')[0])));
  for (const { name: role, policy } of stack.some('aws_iam_role_policy')) {
    for (const { Action } of JSON.parse(policy).Statement) {
      const given = Action.map((action: string) => action.split(':')[0]);
      expect([role, given.filter((service: string) => !services.has(service))]).toEqual([role, []]);
    }
  }
});

test.each([[{ dev: true, prd: false }], [{ dev: false, prd: true }], [{ dev: true, prd: true }]])(
  'a release may wake the environments that sleep at night, and no others: %j',
  (sleeping) => {
    const before = { ...allEnvironments };
    const changed = Object.entries(before).map(([name, { cluster, ...rest }]) => [
      name,
      { ...rest, cluster: { ...cluster, sleepsAtNight: sleeping[name as EnvironmentName] } },
    ]);
    try {
      Object.assign(allEnvironments, Object.fromEntries(changed));
      const stack = bootstrap();
      const actions = (name: string) =>
        statementsOf(stack, `desafio-aws-${name}-deploy`).flatMap(({ Action }) => Action as string[]);
      const wakes = (name: string) => actions(name).includes('rds:StartDBInstance');
      expect({ dev: wakes('dev'), prd: wakes('prd') }).toEqual(sleeping);
    } finally {
      Object.assign(allEnvironments, before);
    }
  },
);

test('with three environments in an account, the roles of each are kept off both others alike', () => {
  const others = ['one', 'two'] as unknown as EnvironmentName[];
  const stack = alone((scope) => {
    new DeliveryRoles(scope, 'roles', {
      environment: 'prd',
      others,
      accountId: '123456789012',
      places: [{ region: 'us-east-1', stateBucket: { arn: 'arn:aws:s3:::state' } as StateBucket }],
      oidcProviderArn: 'arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com',
      subjectPrefix: 'repo:owner/name',
      sleepsAtNight: false,
    });
  });
  const policies = ['aws_iam_policy', 'aws_iam_role_policy'].flatMap((type) => stack.some(type));
  const named = (policy: string, other: string) => policy.match(new RegExp(`\\b${other}\\b`, 'g'))?.length ?? 0;
  const counts = policies.map(({ policy }) => others.map((other) => named(policy, other)));
  // The boundary, plan and apply. The others may not reach what they do not name.
  expect(counts.filter(([first = 0]) => first > 10)).toHaveLength(3);
  for (const [first, second] of counts) expect(second).toBe(first);
});
