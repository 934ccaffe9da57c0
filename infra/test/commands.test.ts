import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { testEveryCommand } from '../../packages/command-line/test/support/every-command.ts';
import { costsFile } from '../commands/costs.ts';
import { monthlyCosts } from '../costs/estimate.ts';
import { checkPrerequisites, requireCaller } from '../prerequisites.ts';
import { infra } from './support/command.ts';
import { root } from './support/program.ts';

const terraform = 'echo Terraform v1.11.4';

testEveryCommand('pnpm infra', join(root, 'infra/commands'), (...args) => {
  const { status: code, stdout, stderr } = infra(args);
  return { code, stdout, stderr };
});

test.each([['stg'], ['constructor']])('the environment %s is rejected', (environment) => {
  for (const command of ['plan', 'doctor']) {
    const { status, output } = infra([command, environment]);
    expect([status, output]).toEqual([
      2,
      `O ambiente ${environment} não existe: use dev ou prd.\nThere is no environment ${environment}: use dev or prd.\n`,
    ]);
  }
});

test('without an environment, the usage says where it belongs', () => {
  const { status, stderr } = infra(['plan']);
  expect(status).toBe(2);
  expect(stderr).toContain('dev|prd is missing.');
  expect(stderr).toContain('Usage: pnpm infra plan dev|prd');
});

test.each([
  ['an option of another command', ['plan', 'dev', '--json'], 'no option --json'],
  ['a value for a switch', ['destroy', 'dev', '--yes=dev'], 'The option --yes takes no value'],
  ['a second environment', ['doctor', 'dev', 'prd'], 'Superfluous: prd.'],
  ['an environment for the costs', ['costs', 'dev'], 'Superfluous: dev.'],
])('%s is refused with the usage', (_, args, message) => {
  const { status, stderr } = infra(args);
  expect(status).toBe(2);
  expect(stderr).toContain(message);
  expect(stderr).toContain(`Usage: pnpm infra ${args[0]}`);
});

describe('Before the synthesis,', () => {
  // The synthesis starts with `sh`.
  const sh = 'echo synthesis; exit 7';

  test.each([[['plan', 'dev']], [['output', 'dev']], [['destroy', 'dev', '--yes']], [['bootstrap', '--yes']]])(
    'pnpm infra %j says that Terraform and credentials are missing',
    (args) => {
      const { status, stdout, stderr } = infra(args, {}, { sh });
      expect([status, stdout]).toEqual([1, '']);
      expect(stderr).toContain('Install Terraform 1.11 or later, or OpenTofu 1.10 or later');
      expect(stderr).toContain('terraform was not found');
      expect(stderr).toContain('There are no AWS credentials');
    },
  );

  test.each<[string, Record<string, string>, Record<string, string>, string]>([
    [
      'Terraform is too old',
      { AWS_ACCESS_KEY_ID: 'key' },
      { terraform: 'echo Terraform v1.9.8' },
      'Terraform is 1.9.8; 1.11 or later is required.',
    ],
    [
      'OpenTofu is too old',
      { AWS_ACCESS_KEY_ID: 'key', TERRAFORM_BINARY_NAME: 'tofu' },
      { terraform, tofu: 'echo OpenTofu v1.9.4' },
      'OpenTofu is 1.9.4; 1.10 or later is required.',
    ],
    [
      'OpenTofu is missing',
      { AWS_ACCESS_KEY_ID: 'key', TERRAFORM_BINARY_NAME: 'tofu' },
      { terraform },
      'tofu was not found',
    ],
    [
      'the engine is another program',
      { AWS_ACCESS_KEY_ID: 'key', TERRAFORM_BINARY_NAME: 'packer' },
      { packer: 'echo Packer v1.14.0' },
      'packer was not found, or is neither of the two',
    ],
    ['the credentials have expired', {}, { terraform, aws: 'exit 254' }, 'AWS credentials are missing or have expired'],
    ['the AWS CLI says no account', {}, { terraform, aws: "echo '{}'" }, 'AWS credentials are missing or have expired'],
    ['settings are invalid', { INFRA_ACCOUNT_ID: '12' }, { terraform }, 'INFRA_ACCOUNT_ID: "12" is not'],
  ])('a plan says that %s', (_, env, programs, message) => {
    const { status, stdout, stderr } = infra(['plan', 'dev'], env, { sh, ...programs });
    expect([status, stdout, stderr]).toEqual([1, '', expect.stringContaining(message)]);
  });

  test.each([
    ['OpenTofu 1.10.0', 'OpenTofu v1.10.0'],
    ['Terraform 1.11.0', 'Terraform v1.11.0'],
    ['Terraform 1.12, with its platform', 'Terraform v1.12.0\non linux_amd64'],
    ['a later major version', 'OpenTofu v2.0.0'],
    ['a development build', 'OpenTofu v1.13.0-dev'],
  ])('a plan accepts %s', (_, version) => {
    const env = { AWS_ACCESS_KEY_ID: 'key', TERRAFORM_BINARY_NAME: 'engine' };
    const { status, output } = infra(['plan', 'dev'], env, { sh, engine: `printf '%s\\n' '${version}'` });
    expect([status, output]).toEqual([7, 'synthesis\n']);
  });

  test.each<[string, Record<string, string>, Record<string, string>]>([
    ['environment variables', { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' }, {}],
    [
      'the AWS CLI',
      {},
      { aws: `echo '{"Account": "123456789012", "Arn": "arn:aws:iam::123456789012:user/somebody"}'` },
    ],
  ])('a plan accepts credentials from %s', (_, env, programs) => {
    const { status, output } = infra(['plan', 'dev'], env, { sh, terraform, ...programs });
    expect([status, output]).toEqual([7, 'synthesis\n']);
  });
});

describe('The check before the synthesis', () => {
  const before = { ...process.env };
  afterEach(() => {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  });

  function check(version: string, env: NodeJS.ProcessEnv = {}, more: Record<string, string> = {}): void {
    const folder = mkdtempSync(join(tmpdir(), 'programs-'));
    for (const [name, script] of Object.entries({ terraform: `echo ${version}`, ...more })) {
      writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    }
    for (const name of Object.keys(process.env)) if (/^(AWS|INFRA|TERRAFORM)_/.test(name)) delete process.env[name];
    // An empty variable is like none.
    Object.assign(process.env, { PATH: folder, TERRAFORM_BINARY_NAME: '', ...env });
    checkPrerequisites();
  }

  test.each([
    ['a key', { AWS_ACCESS_KEY_ID: 'key' }],
    ['the token of GitHub', { AWS_WEB_IDENTITY_TOKEN_FILE: '/token' }],
    ['a container on ECS', { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/v2/credentials' }],
    ['a pod on EKS', { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.23/v1/credentials' }],
  ])('accepts the credentials of %s without the AWS CLI', (_, env) => {
    check('Terraform v1.11.4', env);
    const empty = Object.fromEntries(Object.keys(env).map((name) => [name, '']));
    for (const none of [{}, empty]) {
      const told = 'There are no AWS credentials in environment variables';
      expect(() => check('Terraform v1.11.4', none)).toThrow(told);
    }
  });

  test.each([
    ['AWS_PROFILE', { AWS_PROFILE: 'desafio' }],
    ['AWS_DEFAULT_PROFILE', { AWS_DEFAULT_PROFILE: 'desafio' }],
    ['files of profiles', { AWS_CONFIG_FILE: '/config', AWS_SHARED_CREDENTIALS_FILE: '/credentials' }],
    ['a region', { AWS_REGION: 'sa-east-1' }],
    ['a role without a token', { AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/Administrator' }],
    ['a key without its name', { AWS_SECRET_ACCESS_KEY: 'secret', AWS_SESSION_TOKEN: 'token' }],
  ])('takes %s for no credentials: the AWS CLI has to say whose they are', (_, env) => {
    const ana = '{"Account": "123456789012", "Arn": "arn:aws:iam::123456789012:user/ana"}';
    check('Terraform v1.11.4', env, { aws: `echo '${ana}'` });
    // As of a profile whose session of SSO is over.
    const expired = 'echo "Error when retrieving token from sso: Token has expired and refresh failed" >&2; exit 255';
    expect(() => check('Terraform v1.11.4', env, { aws: expired })).toThrow('credentials are missing or have expired');
    expect(() => check('Terraform v1.11.4', env)).toThrow('There are no AWS credentials in environment variables');
  });

  test('accepts those of the AWS CLI only if it says the account and whose they are', () => {
    const credentials = (answer: string) => check('Terraform v1.11.4', {}, { aws: `echo '${answer}'` });
    credentials('{"Account": "123456789012", "Arn": "arn:aws:iam::123456789012:user/ana"}');
    expect(requireCaller()).toEqual({ Account: '123456789012', Arn: 'arn:aws:iam::123456789012:user/ana' });
    const others = [
      '',
      'no JSON',
      'null',
      '"text"',
      '[]',
      '{"Account": "123456789012"}',
      '{"Arn": "arn:aws:iam::1:x"}',
    ];
    for (const answer of others) {
      const told = 'AWS credentials are missing or have expired';
      expect(() => credentials(answer)).toThrow(told);
      // A command that needs them for itself is refused, too.
      expect(requireCaller).toThrow(
        expect.objectContaining({ name: 'Refused', message: expect.stringContaining(told) }),
      );
    }
  });

  test('finds the version below whatever the program says first, and only where it says its own', () => {
    const key = { AWS_ACCESS_KEY_ID: 'key' };
    check('A provider is overridden; echo Terraform v1.11.4', key);
    expect(() => check('Made for Terraform v1.11.4', key)).toThrow('neither of the two');
  });

  test('refuses an older major version, whatever its second number', () => {
    expect(() => check('Terraform v0.15.5', { AWS_ACCESS_KEY_ID: 'key' })).toThrow(
      'Terraform is 0.15.5; 1.11 or later',
    );
  });
});

test('a protected environment is not destroyed, and the message says how to lift the protection', () => {
  const { status, output } = infra(['destroy', 'prd', '--yes']);
  expect(status).toBe(2);
  expect(output).toContain('infra/environments/prd.ts');
});

test('on an empty machine the doctor lists everything that is missing, and a deploy stops', () => {
  for (const args of [['doctor'], ['deploy', 'dev', '--yes']]) {
    const { status, output } = infra(args);
    expect(status).toBe(1);
    // Nobody knows which is next.
    expect(output).not.toMatch(/Stage|Etapa/);
    const settings = ['"accountId"', '"stateBucket"', '"github.repository"'];
    for (const missing of ['Terraform 1.11', 'AWS CLI', ...settings]) expect(output).toContain(missing);
  }
});

test('invalid settings are reported before anything else', () => {
  const { status, output } = infra(['doctor'], { INFRA_ACCOUNT_ID: '12' });
  expect(status).toBe(1);
  expect(output).toContain('INFRA_ACCOUNT_ID: "12" is not an AWS account number');
});

test('values of an environment that AWS would refuse stop the doctor, a deploy, a plan and the synthesis', () => {
  const env = { INFRA_DOMAIN: JSON.stringify({ zone: `${'a'.repeat(60)}.com` }) };
  const message = `"domain.zone": "${'a'.repeat(60)}.com" is not a zone that is short enough`;
  for (const args of [['doctor'], ['deploy', 'dev', '--yes'], ['plan', 'dev']]) {
    const { status, output } = infra(args, env);
    expect([status, output]).toEqual([1, expect.stringContaining(message)]);
  }
  const synthesis = spawnSync(process.execPath, ['infra/main.ts'], {
    cwd: root,
    encoding: 'utf8',
    env: { ...env, CDKTF_OUTDIR: mkdtempSync(join(tmpdir(), 'cdktf-')) },
  });
  expect([synthesis.status, synthesis.stderr]).toEqual([1, expect.stringContaining(message)]);
});

test('costs --json prints the costs of both environments and nothing else', () => {
  const { status, output } = infra(['costs', '--json']);
  expect([status, JSON.parse(output)]).toEqual([0, monthlyCosts()]);
});

test('costs says that docs/costs.md is up to date, with and without --check', () => {
  const before = readFileSync(costsFile, 'utf8');
  for (const args of [['costs'], ['costs', '--check']]) {
    const { status, stdout } = infra(args);
    expect([status, stdout]).toEqual([0, expect.stringContaining('docs/costs.md is up to date')]);
  }
  expect(readFileSync(costsFile, 'utf8')).toBe(before);
});
