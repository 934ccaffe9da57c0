import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { teamsOf } from 'platform';
import { applications } from 'platform/applications';
import { monthlyCosts } from '../costs/estimate.ts';
import { root } from './support/program.ts';

/** Runs `pnpm infra` with programs of the machine replaced by scripts that answer `answers`. */
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
const own = {
  INFRA_ACCOUNT_ID: '123456789012',
  INFRA_STATE_BUCKET: 'own-state',
  INFRA_CLUSTER_API_CIDRS: '203.0.113.7/32',
  INFRA_GITHUB: '{"repository": "owner/name"}',
  INFRA_CLUSTER_ADMINS: 'arn:aws:iam::123456789012:role/Administrator',
  INFRA_ALERTS: JSON.stringify(Object.fromEntries(teams.map((team) => [team, [`${team}@example.com`]]))),
};

test('without a command, or with one that does not exist, the usage is told in two languages', () => {
  for (const args of [[], ['deplyo', 'dev']]) {
    const { status, output } = infra(args);
    expect(status).toBe(2);
    expect(output).toContain('Uso: pnpm infra');
    expect(output).toContain('Usage: pnpm infra');
  }
});

test.each([['stg'], [undefined], ['constructor']])('the environment %s is refused by name', (environment) => {
  const { status, output } = infra(environment ? ['plan', environment] : ['plan']);
  expect(status).toBe(2);
  expect(output).toContain(environment ? `There is no environment ${environment}` : 'Name the environment');
});

test('an unknown option is refused', () => {
  const { status, output } = infra(['plan', 'dev', '--force']);
  expect(status).toBe(2);
  expect(output).toContain('--force');
});

test('a protected environment is not destroyed, and the way to lift the protection is told', () => {
  const { status, output } = infra(['destroy', 'prd', '--yes']);
  expect(status).toBe(2);
  expect(output).toContain('infra/environments/prd.ts');
});

test('nothing is destroyed unless the name of the environment is typed', () => {
  const { status, output } = infra(['destroy', 'dev']);
  expect(status).toBe(2);
  expect(output).toContain('Nothing was deleted.');
});

test('the doctor names each thing that is missing on an empty machine, and a deploy goes no further', () => {
  for (const args of [['doctor'], ['deploy', 'dev', '--yes']]) {
    const { status, output } = infra(args);
    expect(status).toBe(1);
    const settings = ['"accountId"', '"stateBucket"', '"github.repository"', '"clusterApiCidrs"'];
    for (const named of ['Terraform 1.11', 'AWS CLI', ...settings]) expect(output).toContain(named);
  }
});

test('the doctor tells an old Terraform and expired credentials', () => {
  const { output } = infra(['doctor'], own, { terraform: 'echo \'{"terraform_version": "1.9.8"}\'', aws: 'exit 254' });
  expect(output).toContain('Terraform is 1.9.8');
  expect(output).toContain('have expired');
});

test('the doctor tells another account, an unknown role and a low quota', () => {
  const session = 'arn:aws:sts::123456789012:assumed-role/Developer/somebody';
  const { output } = infra(['doctor'], { ...own, INFRA_ACCOUNT_ID: '210987654321' }, { terraform, aws: aws(session) });
  expect(output).toContain('The credentials are of account 123456789012');
  expect(output).toContain('arn:aws:iam::123456789012:role/Developer, may not enter the cluster');
  expect(output).toContain('All Standard Spot Instance Requests" is 5');
});

test('the doctor tells a workspace that is not there, of the environment it is asked about', () => {
  const session = 'arn:aws:sts::123456789012:assumed-role/Administrator/somebody';
  const told = (environment: string) => infra(['doctor', environment], own, { terraform, aws: aws(session) }).output;
  expect(told('prd')).toContain('The workspace prd does not exist');
  expect(told('dev')).not.toContain('The workspace');
});

test('the role that applies one environment is none that may enter the other', () => {
  const session = 'arn:aws:sts::123456789012:assumed-role/desafio-aws-dev-apply/somebody';
  const told = (environment: string) => infra(['doctor', environment], own, { terraform, aws: aws(session) }).output;
  expect(told('dev')).not.toContain('may not enter the cluster');
  expect(told('prd')).toContain('may not enter the cluster');
});

test('the doctor is content when nothing is missing', () => {
  const session = 'arn:aws:sts::123456789012:assumed-role/Administrator/somebody';
  const plenty = aws(session).replace('"Value": 5', '"Value": 64');
  expect(infra(['doctor', 'dev'], own, { terraform, aws: plenty })).toEqual({
    status: 0,
    output: 'Nada falta.\nNothing is missing.\n',
  });
});

test('the doctor tells which teams nobody would alert, and lets a deploy go on', () => {
  const session = 'arn:aws:sts::123456789012:assumed-role/Administrator/somebody';
  const plenty = aws(session).replace('"Value": 5', '"Value": 64');
  const alerts = '{"api": ["api@example.com"], "site": []}';
  const { status, output } = infra(['doctor', 'dev'], { ...own, INFRA_ALERTS: alerts }, { terraform, aws: plenty });
  expect(status).toBe(0);
  expect(output.match(/(?<=Nobody in the team )\w+/g)).toEqual(['site', 'infrastructure']);
});

test('settings that are wrong are named before anything else', () => {
  const { status, output } = infra(['doctor'], { INFRA_ACCOUNT_ID: '12' });
  expect(status).toBe(1);
  expect(output).toContain('/accountId');
});

test('what both environments cost is told to programs, and nothing beside it', () => {
  const { status, output } = infra(['costs', '--json']);
  expect([status, JSON.parse(output)]).toEqual([0, monthlyCosts()]);
});
