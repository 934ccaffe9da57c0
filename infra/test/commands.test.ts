import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { teamsOf } from 'platform';
import { applications } from 'platform/applications';
import { monthlyCosts } from '../costs/estimate.ts';
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
  return { status, output: stdout + stderr };
}

const terraform = 'echo \'{"terraform_version": "1.11.4"}\'';
const aws = (arn: string) => `case "$*" in
  *env:/prd/*) exit 254;;
  *get-caller-identity*) echo '{"Account": "123456789012", "Arn": "${arn}"}';;
  *service-quota*) echo '{"Quota": {"Value": 5}}';;
esac`;
const teams = teamsOf(applications, []);
const completeSettings = {
  INFRA_ACCOUNT_ID: '123456789012',
  INFRA_STATE_BUCKET: 'own-state',
  INFRA_CLUSTER_API_CIDRS: '203.0.113.7/32',
  INFRA_GITHUB: '{"repository": "owner/name"}',
  INFRA_CLUSTER_ADMINS: 'arn:aws:iam::123456789012:role/Administrator',
  INFRA_ALERTS: JSON.stringify(Object.fromEntries(teams.map((team) => [team, [`${team}@example.com`]]))),
};

test('without a command, or with an unknown one, it prints the usage in both languages', () => {
  for (const args of [[], ['deplyo', 'dev']]) {
    const { status, output } = infra(args);
    expect(status).toBe(2);
    expect(output).toContain('Uso: pnpm infra');
    expect(output).toContain('Usage: pnpm infra');
  }
});

test.each([['stg'], [undefined], ['constructor']])('the environment %s is rejected', (environment) => {
  const { status, output } = infra(environment ? ['plan', environment] : ['plan']);
  expect(status).toBe(2);
  expect(output).toContain(environment ? `There is no environment ${environment}` : 'Name the environment');
});

test('an unknown option is rejected', () => {
  const { status, output } = infra(['plan', 'dev', '--force']);
  expect(status).toBe(2);
  expect(output).toContain('--force');
});

test('a protected environment is not destroyed, and the message says how to lift the protection', () => {
  const { status, output } = infra(['destroy', 'prd', '--yes']);
  expect(status).toBe(2);
  expect(output).toContain('infra/environments/prd.ts');
});

test('nothing is destroyed unless the name of the environment is typed', () => {
  const { status, output } = infra(['destroy', 'dev']);
  expect(status).toBe(2);
  expect(output).toContain('Nothing was deleted.');
});

test('on an empty machine the doctor lists everything that is missing, and a deploy stops', () => {
  for (const args of [['doctor'], ['deploy', 'dev', '--yes']]) {
    const { status, output } = infra(args);
    expect(status).toBe(1);
    const settings = ['"accountId"', '"stateBucket"', '"github.repository"', '"clusterApiCidrs"'];
    for (const missing of ['Terraform 1.11', 'AWS CLI', ...settings]) expect(output).toContain(missing);
  }
});

test('the doctor reports an old Terraform and expired credentials', () => {
  const { output } = infra(['doctor'], completeSettings, {
    terraform: 'echo \'{"terraform_version": "1.9.8"}\'',
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

test('the doctor reports a missing workspace only for the given environment', () => {
  const session = 'arn:aws:sts::123456789012:assumed-role/Administrator/somebody';
  const doctor = (environment: string) =>
    infra(['doctor', environment], completeSettings, { terraform, aws: aws(session) }).output;
  expect(doctor('prd')).toContain('The workspace prd does not exist');
  expect(doctor('dev')).not.toContain('The workspace');
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
  expect(infra(['doctor', 'dev'], completeSettings, { terraform, aws: awsWithQuota })).toEqual({
    status: 0,
    output: 'Não falta nada.\nNothing is missing.\n',
  });
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
  expect(output).toContain('/accountId');
});

test('costs --json prints the costs of both environments and nothing else', () => {
  const { status, output } = infra(['costs', '--json']);
  expect([status, JSON.parse(output)]).toEqual([0, monthlyCosts()]);
});
