/** dev and prd in an AWS account each, by the setting `accounts`. */
import { describe, expect, test } from '@jest/globals';
import { type EnvironmentName, environmentNames } from 'platform';
import { infra } from './support/command.ts';
import { ask, account as resolvedAccount } from './support/rights.ts';
import { type Block, synthesise, synthesiseBootstrap } from './support/synthesised.ts';
import { accounts, admins, other, rolesOf, settings } from './support/two-accounts.ts';

const zones = { dev: 'dev.example.com', prd: 'example.com' };
const bootstrap = (name: EnvironmentName) => synthesiseBootstrap(settings, name);
const repositories = ['calculadora-api', 'magic-calculator'];

describe.each(environmentNames)('the environment %s', (name) => {
  const { data, provider, resource, terraform } = synthesise(name, { settings }).terraform;

  test('accepts only credentials of its account', () => {
    expect(provider.aws).toHaveLength(1);
    expect(provider.aws?.[0]?.allowed_account_ids).toEqual([accounts[name]]);
  });

  test("keeps its state in its account's bucket", () => {
    expect(terraform.backend.s3).toMatchObject({ bucket: `own-state-${name}`, key: 'desafio-aws.tfstate' });
  });

  test("has its records in its account's zone", () => {
    const found = Object.values(data.aws_route53_zone ?? {}).map((zone) => zone.name);
    expect(found).toEqual([zones[name], zones[name]]);
    const records = Object.values(resource.aws_route53_record ?? {}).filter(({ alias }) => alias);
    expect(new Set(records.map((record) => record.name))).toEqual(new Set([zones[name], `signoz.${zones[name]}`]));
  });

  test("gives access to its cluster only to people of its account, and names the other account's id nowhere", () => {
    const text = JSON.stringify(resource);
    expect(text).toContain(admins[name]);
    expect(text).not.toContain(accounts[other(name)]);
  });
});

describe.each(environmentNames)("the bootstrap of %s's account", (name) => {
  const stack = bootstrap(name);

  test('accepts only credentials of its account', () => {
    expect(stack.terraform.provider.aws?.[0]?.allowed_account_ids).toEqual([accounts[name]]);
  });

  test('has a local state of its own, until its bucket exists', () => {
    expect(stack.terraform.terraform.backend.local?.path).toMatch(new RegExp(`/bootstrap-${name}\\.tfstate$`));
  });

  test('creates its own state bucket, provider and zone', () => {
    expect(stack.one('aws_s3_bucket').bucket).toBe(`own-state-${name}`);
    expect(stack.all('aws_iam_openid_connect_provider')).toHaveLength(1);
    expect(stack.one('aws_route53_zone').name).toBe(zones[name]);
  });

  test('creates the roles of its environment, and of no other', () => {
    expect(
      stack
        .all('aws_iam_role')
        .map((role) => role.name)
        .toSorted(),
    ).toEqual(rolesOf(name));
    expect(stack.all('aws_iam_policy').map((boundary) => boundary.name)).toEqual([`desafio-aws-${name}-boundary`]);
  });

  test('lets nothing but its own GitHub provider assume its roles', () => {
    const { address } = stack.one('aws_iam_openid_connect_provider');
    for (const { assume_role_policy } of stack.some('aws_iam_role')) {
      const principals = JSON.parse(assume_role_policy).Statement.map(({ Principal }: Block) => Principal);
      expect(principals).toEqual([{ Federated: `\${${address}.arn}` }]);
    }
  });

  test('has no rule about the environment that is not in its account', () => {
    expect(JSON.stringify(stack.terraform.resource)).not.toMatch(
      new RegExp(`desafio-aws-${other(name)}|:/${other(name)}/`),
    );
  });
});

test("images are in prd's account, where dev's account may only pull them", () => {
  for (const type of ['aws_ecr_repository', 'aws_ecr_repository_policy'])
    expect(bootstrap('dev').all(type)).toEqual([]);
  const stack = bootstrap('prd');
  expect(stack.all('aws_ecr_repository').map(({ name }) => name)).toEqual(repositories);
  const policies = stack.some('aws_ecr_repository_policy');
  expect(policies.map((policy) => stack.target(policy.repository).name)).toEqual(repositories);
  for (const { policy } of policies) {
    expect(JSON.parse(policy).Statement).toEqual([
      {
        Effect: 'Allow',
        Action: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
        Principal: { AWS: [`arn:aws:iam::${accounts.dev}:root`] },
      },
    ]);
  }
  expect(synthesiseBootstrap({ imageRegistry: 'ecr' }).all('aws_ecr_repository_policy')).toEqual([]);
});

describe.each(environmentNames)("no role of %s's account", (name) => {
  const from = bootstrap(name);
  const to = bootstrap(other(name));
  const roles = to.some('aws_iam_role').map((role) => ({
    arn: `arn:aws:iam::${resolvedAccount}:role/${role.name}`,
    subjects: JSON.parse(role.assume_role_policy).Statement[0].Condition.StringEquals[
      'token.actions.githubusercontent.com:sub'
    ] as string[],
  }));
  const jobs = roles.flatMap(({ arn, subjects }) =>
    subjects.map((subject) => ({
      action: 'sts:AssumeRoleWithWebIdentity',
      resource: arn,
      context: {
        'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
        'token.actions.githubusercontent.com:sub': subject,
      },
    })),
  );
  const providerIn = (account: string) => `arn:aws:iam::${account}:oidc-provider/token.actions.githubusercontent.com`;

  test("is trusted by a role of the other's, nor is its GitHub provider", () => {
    // The stacks' own account is resolved to this number, so that its jobs show that the question can be answered by yes.
    const own = ask(
      [to],
      jobs.map((job) => ({ ...job, who: providerIn(resolvedAccount) })),
    );
    expect(own.length).toBeGreaterThan(4);
    expect(new Set(own)).toEqual(new Set([true]));

    const foreign = jobs.map((job) => ({ ...job, who: providerIn(accounts[name]) }));
    const assumed = from.some('aws_iam_role').flatMap((role) =>
      roles.map(({ arn }) => ({
        who: `arn:aws:iam::${accounts[name]}:role/${role.name}`,
        action: 'sts:AssumeRole',
        resource: arn,
      })),
    );
    const answers = ask([to], [...foreign, ...assumed]);
    expect(answers.length).toBeGreaterThan(13);
    expect(new Set(answers)).toEqual(new Set([false]));
  });
});

describe('with two accounts', () => {
  const environment = { INFRA_ACCOUNTS: JSON.stringify(accounts), INFRA_STATE_BUCKET: 'own-state' };
  const programs = {
    terraform: 'echo Terraform v1.11.4',
    aws: `case "$*" in
      *get-caller-identity*) echo '{"Account": "${accounts.dev}", "Arn": "arn:aws:iam::${accounts.dev}:user/x"}';;
      *) echo "An error occurred (404) $*" >&2; exit 254;;
    esac`,
  };

  test.each([['bootstrap'], ['doctor']])('%s asks which account is meant', (command) => {
    const { output, status } = infra([command], environment, programs);
    expect([status, output]).toEqual([
      2,
      'Cada ambiente tem uma conta: diga de qual se trata, dev ou prd.\nEach environment has its own account: say which one is meant, dev or prd.\n',
    ]);
  });

  test("the doctor compares the credentials with the environment's account, and looks for its bucket", () => {
    const wrong = 'The credentials belong to account 111122223333, but infra/settings.json names 444455556666';
    const doctor = (name: EnvironmentName) => infra(['doctor', name], environment, programs).output;
    expect(doctor('dev')).not.toContain('The credentials belong to');
    expect(doctor('prd')).toContain(wrong);
    expect(doctor('dev')).toContain('The state bucket, own-state-dev, does not exist');
    expect(doctor('dev')).not.toContain('Set "accountId"');
  });
});
