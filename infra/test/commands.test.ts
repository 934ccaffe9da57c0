import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { teamsOf } from 'platform';
import { applications } from 'platform/applications';
import { testEveryCommand } from '../../packages/command-line/test/support/every-command.ts';
import { costsFile } from '../commands/costs.ts';
import { monthlyCosts } from '../costs/estimate.ts';
import { environments } from '../environments/all.ts';
import { root } from './support/program.ts';

/** Runs `pnpm infra` with `programs`, shell scripts by name, as the only programs on the PATH. */
function infra(args: string[], env: Record<string, string> = {}, programs: Record<string, string> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'programs-'));
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  const { status, stdout, stderr } = spawnSync(process.execPath, ['infra/cli.ts', ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { PATH: folder, ...env },
    input: '',
  });
  return { status, stdout, stderr, output: stdout + stderr };
}

const terraform = 'echo Terraform v1.11.4';
const aws = (arn: string, getRole = 'exit 254') => `case "$*" in
  *env:/prd/*) exit 254;;
  *get-caller-identity*) echo '{"Account": "123456789012", "Arn": "${arn}"}';;
  *get-role*) ${getRole};;
  *service-quota*) echo '{"Quota": {"Value": 5}}';;
esac`;
const teams = teamsOf(applications, []);
const completeSettings = {
  INFRA_ACCOUNT_ID: '123456789012',
  INFRA_STATE_BUCKET: 'own-state',
  INFRA_CLUSTER_API_CIDRS: '{"dev": ["203.0.113.7/32"], "prd": ["203.0.113.7/32"]}',
  INFRA_GITHUB: '{"repository": "owner/name"}',
  INFRA_CLUSTER_ADMINS: 'arn:aws:iam::123456789012:role/Administrator',
  INFRA_ALERTS: JSON.stringify(Object.fromEntries(teams.map((team) => [team, [`${team}@example.com`]]))),
};

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
    ['the AWS CLI', {}, { aws: aws('arn:aws:sts::123456789012:assumed-role/Administrator/somebody') }],
  ])('a plan accepts credentials from %s', (_, env, programs) => {
    const { status, output } = infra(['plan', 'dev'], env, { sh, terraform, ...programs });
    expect([status, output]).toEqual([7, 'synthesis\n']);
  });
});

test('a protected environment is not destroyed, and the message says how to lift the protection', () => {
  const { status, output } = infra(['destroy', 'prd', '--yes']);
  expect(status).toBe(2);
  expect(output).toContain('infra/environments/prd.ts');
});

test('nothing is destroyed unless the name of the environment is typed', () => {
  const { status, output } = infra(['destroy', 'dev'], { AWS_ACCESS_KEY_ID: 'key' }, { terraform });
  expect(status).toBe(2);
  expect(output).toContain('Nothing was deleted.');
});

test('on an empty machine the doctor lists everything that is missing, and a deploy stops', () => {
  for (const args of [['doctor'], ['deploy', 'dev', '--yes']]) {
    const { status, output } = infra(args);
    expect(status).toBe(1);
    const settings = ['"accountId"', '"stateBucket"', '"github.repository"'];
    for (const missing of ['Terraform 1.11', 'AWS CLI', ...settings]) expect(output).toContain(missing);
  }
});

test('the doctor mentions a private cluster API, for the given environment only, and does not mind it', () => {
  const settings = { ...completeSettings, INFRA_CLUSTER_API_CIDRS: '{"dev": ["203.0.113.7/32"]}' };
  expect(infra(['doctor', 'dev'], settings).output).not.toContain('clusterApiCidrs');
  for (const args of [['doctor', 'prd'], ['doctor']]) {
    const { output } = infra(args, settings);
    expect(output).toContain('Without addresses in "clusterApiCidrs.prd"');
    expect(output).toMatch(/^! .*clusterApiCidrs.prd/m);
    expect(output).not.toContain('"clusterApiCidrs.dev"');
  }
});

test('the doctor reports an old Terraform and expired credentials', () => {
  const { output } = infra(['doctor'], completeSettings, {
    terraform: 'echo Terraform v1.9.8',
    aws: 'exit 254',
  });
  expect(output).toContain('Terraform is 1.9.8');
  expect(output).toContain('have expired');
});

test('the doctor reports another account, an unknown role and a low quota', () => {
  const session = 'arn:aws:sts::123456789012:assumed-role/Developer/somebody';
  const { output } = infra(
    ['doctor'],
    { ...completeSettings, INFRA_ACCOUNT_ID: '210987654321' },
    { terraform, aws: aws(session) },
  );
  expect(output).toContain('The credentials belong to account 123456789012');
  expect(output).toContain('arn:aws:iam::123456789012:role/Developer, has no access to the cluster');
  expect(output).toContain('All Standard Spot Instance Requests" is 5');
});

test('the doctor accepts a role of AWS SSO, whose ARN has a path that its sessions lack', () => {
  const name = 'AWSReservedSSO_Administrator_0123456789abcdef';
  const arn = `arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/sa-east-1/${name}`;
  const session = `arn:aws:sts::123456789012:assumed-role/${name}/somebody`;
  const doctor = (clusterAdmins: string, getRole: string) =>
    infra(
      ['doctor'],
      { ...completeSettings, INFRA_CLUSTER_ADMINS: clusterAdmins },
      { terraform, aws: aws(session, getRole) },
    ).output;
  const refused = 'has no access to the cluster';
  expect(doctor(arn, 'exit 254')).not.toContain(refused);
  // The ARN that access entries need, with its path.
  expect(doctor('arn:aws:iam::123456789012:role/Other', `echo '"${arn}"'`)).toContain(
    `The current role, ${arn}, ${refused}`,
  );
  const elsewhere = arn.replace('123456789012', '210987654321');
  expect(doctor(elsewhere, 'exit 254')).toContain(refused);
});

test('the doctor refuses to deploy as root', () => {
  const root = 'arn:aws:iam::123456789012:root';
  const { status, output } = infra(['doctor'], completeSettings, { terraform, aws: aws(root) });
  expect(status).toBe(1);
  expect(output).toContain('those of the root user');
});

test('the doctor reports a missing workspace only for the given environment', () => {
  const session = 'arn:aws:sts::123456789012:assumed-role/Administrator/somebody';
  const doctor = (environment: string) =>
    infra(['doctor', environment], completeSettings, { terraform, aws: aws(session) }).output;
  expect(doctor('prd')).toContain('The workspace prd does not exist');
  expect(doctor('dev')).not.toContain('The workspace');
});

test('the doctor reports a missing state bucket, and not the workspaces that would be in it', () => {
  const session = 'arn:aws:sts::123456789012:assumed-role/Administrator/somebody';
  const withoutBucket = `case "$*" in *head-*) exit 254;; esac\n${aws(session)}`.replace('"Value": 5', '"Value": 64');
  const { status, output } = infra(['doctor', 'dev'], completeSettings, { terraform, aws: withoutBucket });
  expect(status).toBe(1);
  expect(output.match(/^✗/gm)).toHaveLength(1);
  expect(output).toContain('The state bucket, own-state, does not exist');
  expect(output).not.toContain('workspace');
});

test('the apply role of one environment has no access to the cluster of the other', () => {
  const session = 'arn:aws:sts::123456789012:assumed-role/desafio-aws-dev-apply/somebody';
  const doctor = (environment: string) =>
    infra(['doctor', environment], completeSettings, { terraform, aws: aws(session) }).output;
  expect(doctor('dev')).not.toContain('has no access to the cluster');
  expect(doctor('prd')).toContain('has no access to the cluster');
});

test('the doctor says so when nothing is missing', () => {
  const session = 'arn:aws:sts::123456789012:assumed-role/Administrator/somebody';
  const awsWithQuota = aws(session).replace('"Value": 5', '"Value": 64');
  expect(infra(['doctor', 'dev'], completeSettings, { terraform, aws: awsWithQuota })).toMatchObject({
    status: 0,
    output: 'Não falta nada.\nNothing is missing.\n',
  });
});

test('the doctor reports a node group whose size is outside its new limits, with the call that sets both', () => {
  const session = 'arn:aws:sts::123456789012:assumed-role/Administrator/somebody';
  const { nodes, storageNodes } = environments.dev.cluster;
  const doctor = (spot: object, storage: object) => {
    const answers = `case "$*" in
      *list-nodegroups*) echo '{"nodegroups": ["desafio-aws-dev-spot-1", "desafio-aws-dev-storage-1"]}'; exit;;
      *describe-nodegroup*spot-1) echo '{"nodegroup": {"scalingConfig": ${JSON.stringify(spot)}}}'; exit;;
      *describe-nodegroup*storage-1) echo '{"nodegroup": {"scalingConfig": ${JSON.stringify(storage)}}}'; exit;;
    esac`;
    const withQuota = aws(session).replace('"Value": 5', '"Value": 64');
    return infra(['doctor', 'dev'], completeSettings, { terraform, aws: `${answers}\n${withQuota}` });
  };
  const spot = { minSize: nodes.minimum, maxSize: nodes.maximum, desiredSize: nodes.maximum };
  const storage = { minSize: storageNodes.minimum, maxSize: storageNodes.maximum, desiredSize: storageNodes.desired };
  expect(doctor(spot, storage).status).toBe(0);
  // Asleep: the autoscaling group is outside the limits, which do not change.
  expect(doctor({ ...spot, desiredSize: 0 }, storage).status).toBe(0);
  // Other limits that include the live size.
  expect(doctor({ ...spot, minSize: 0, maxSize: 9 }, storage).status).toBe(0);

  const raised = doctor({ minSize: 0, maxSize: 9, desiredSize: 0 }, { minSize: 0, maxSize: 9, desiredSize: 9 });
  expect(raised.status).toBe(1);
  const call = (group: string, sizes: string) =>
    `First run: aws eks update-nodegroup-config --region us-east-1 --cluster-name desafio-aws-dev --nodegroup-name ${group} --scaling-config ${sizes}\n`;
  expect(raised.output).toContain(
    call('desafio-aws-dev-spot-1', `minSize=${nodes.minimum},maxSize=${nodes.maximum},desiredSize=${nodes.minimum}`),
  );
  expect(raised.output).toContain(
    call(
      'desafio-aws-dev-storage-1',
      `minSize=${storageNodes.minimum},maxSize=${storageNodes.maximum},desiredSize=${storageNodes.maximum}`,
    ),
  );
});

test('the doctor reports a pinned add-on version that EKS does not offer, and the newest that it does', () => {
  const session = 'arn:aws:sts::123456789012:assumed-role/Administrator/somebody';
  const { addons, version } = environments.dev.cluster;
  const doctor = (dns: string) => {
    const answers = Object.entries({ ...addons, coredns: dns }).map(
      ([name, offered]) => `*describe-addon-versions*--kubernetes-version\\ ${version}\\ --addon-name\\ ${name}\\ *)
        echo '["${offered}", "v0.0.1-eksbuild.1"]'; exit;;`,
    );
    const withQuota = aws(session).replace('"Value": 5', '"Value": 64');
    return infra(['doctor', 'dev'], completeSettings, {
      terraform,
      aws: `case "$*" in ${answers.join('\n')} *describe-addon-versions*) echo '[]'; exit;; esac\n${withQuota}`,
    });
  };
  expect(doctor(addons.coredns).status).toBe(0);
  const { output, status } = doctor('v9.9.9-eksbuild.9');
  expect(status).toBe(1);
  expect(output.match(/^✗/gm)).toHaveLength(1);
  expect(output).toContain(
    `EKS does not offer coredns ${addons.coredns} for Kubernetes ${version}; the newest is v9.9.9-eksbuild.9.`,
  );
});

test('the doctor lists teams without e-mail addresses, and does not stop a deploy', () => {
  const session = 'arn:aws:sts::123456789012:assumed-role/Administrator/somebody';
  const awsWithQuota = aws(session).replace('"Value": 5', '"Value": 64');
  const alerts = '{"api": ["api@example.com"], "site": []}';
  const { status, output } = infra(
    ['doctor', 'dev'],
    { ...completeSettings, INFRA_ALERTS: alerts },
    { terraform, aws: awsWithQuota },
  );
  expect(status).toBe(0);
  expect(output.match(/(?<=Nobody in the team )\w+/g)).toEqual(['site', 'infrastructure']);
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
