import { chmod, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import { delivery } from './support/delivery.ts';

/** Fake GitHub behind `gh api`. It keeps its state, and a list of the changes, in a file. */
const github = `
const { readFileSync, writeFileSync } = require('node:fs');
const [, , file, , path, , method] = process.argv;
const state = JSON.parse(readFileSync(file, 'utf8'));
const body = process.argv.includes('--input') ? JSON.parse(readFileSync(0, 'utf8')) : undefined;
const base = path.split('/').slice(3).join('/');
const answer = (value) => { writeFileSync(file, JSON.stringify(state)); if (value !== undefined) console.log(JSON.stringify(value)); process.exit(0); };
const missing = () => { console.error('gh: Not Found (HTTP 404)'); process.exit(1); };
if (path.startsWith('users/')) answer({ id: path.length });
if (method !== 'GET') state.changes.push(method + ' ' + base);
const { things } = state;
if (method === 'GET') {
  if (base === 'rulesets') answer(things.ruleset ? [{ id: 7, name: things.ruleset.name }] : []);
  if (base === 'rulesets/7') answer({ id: 7, ...things.ruleset });
  base in things ? answer(things[base]) : missing();
}
if (base === 'actions/variables') things[base + '/' + body.name] = body;
else if (base.startsWith('rulesets')) things.ruleset = body;
else if (base.endsWith('deployment-branch-policies')) {
  const { branch_policies } = (things[base] ??= { branch_policies: [] });
  branch_policies.push({ id: branch_policies.length + 1, ...body });
} else if (method === 'DELETE') {
  const policies = things[base.replace(/\\/\\d+$/, '')];
  policies.branch_policies = policies.branch_policies.filter(({ id }) => !base.endsWith('/' + id));
}
else if (base.startsWith('environments/')) things[base] = {
  name: base, deployment_branch_policy: body.deployment_branch_policy,
  protection_rules: [{ reviewers: body.reviewers.map(({ type, id }) => ({ type, reviewer: { id } })) }],
};
else things[base] = body;
answer(undefined);
`;

let file: string;
let env: NodeJS.ProcessEnv;

beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'github-'));
  file = join(folder, 'state.json');
  await writeFile(file, JSON.stringify({ things: {}, changes: [] }));
  await writeFile(join(folder, 'github.cjs'), github);
  await writeFile(join(folder, 'gh'), `#!/bin/sh\nexec ${process.execPath} ${folder}/github.cjs ${file} "$@"\n`);
  await chmod(join(folder, 'gh'), 0o755);
  env = { PATH: `${folder}:${process.env.PATH}`, INFRA_ACCOUNT_ID: '1'.repeat(12) };
});

const settings = (...args: string[]) =>
  delivery(['settings', 'owner/name', '--reviewer', 'somebody', '--docker-hub-user', 'us', ...args], env);
const state = async () => JSON.parse(await readFile(file, 'utf8'));

test('missing settings are listed in both languages, and nothing is changed without --apply', async () => {
  const { code, output } = await settings();
  expect(code).toBe(0);
  for (const line of [
    '+ variável / variable INFRA_SETTINGS',
    '+ ambiente / environment infra-prd',
    '+ regras de / rules of develop, main',
  ]) {
    expect(output).toContain(line);
  }
  const lines = output.match(/^\+ .+$/gm) ?? [];
  expect(lines.length).toBeGreaterThan(5);
  for (const line of lines) expect(line).toContain(' / ');
  expect((await state()).changes).toEqual([]);
});

test('--apply sets everything, and a second run changes nothing', async () => {
  await settings('--apply');
  const { things, changes } = await state();
  for (const name of ['DEV', 'PRD']) {
    expect(things[`actions/variables/AWS_ACCOUNT_ID_${name}`]).toMatchObject({ value: '1'.repeat(12) });
  }
  expect(things['environments/prd']).toMatchObject({
    deployment_branch_policy: { custom_branch_policies: true },
    protection_rules: [{ reviewers: [expect.objectContaining({ type: 'User' })] }],
  });
  expect(things['environments/dev'].protection_rules).toEqual([{ reviewers: [] }]);
  expect(things['environments/infra-prd/deployment-branch-policies'].branch_policies).toEqual([
    { id: 1, name: 'main' },
  ]);
  const { output } = await settings('--apply');
  expect(output).toContain('settings are correct');
  expect((await state()).changes).toEqual(changes);
});

test('with an account for each environment, each variable has its own', async () => {
  const { INFRA_ACCOUNT_ID, ...rest } = env;
  env = { ...rest, INFRA_ACCOUNTS: JSON.stringify({ dev: '1'.repeat(12), prd: '2'.repeat(12) }) };
  await settings('--apply');
  const { things } = await state();
  expect(things['actions/variables/AWS_ACCOUNT_ID_DEV']).toMatchObject({ value: '1'.repeat(12) });
  expect(things['actions/variables/AWS_ACCOUNT_ID_PRD']).toMatchObject({ value: '2'.repeat(12) });
});

test('a setting that was changed by hand is restored, and nothing else is changed', async () => {
  await settings('--apply');
  const before = await state();
  before.things.ruleset.enforcement = 'disabled';
  await writeFile(file, JSON.stringify({ ...before, changes: [] }));
  expect((await settings('--apply')).output).toContain('~ regras de / rules of develop, main');
  expect((await state()).changes).toEqual(['PUT rulesets/7']);
});

test('an additional branch of an environment is removed', async () => {
  await settings('--apply');
  const before = await state();
  before.things['environments/infra-prd/deployment-branch-policies'].branch_policies.push({ id: 2, name: '*' });
  await writeFile(file, JSON.stringify({ ...before, changes: [] }));
  expect((await settings('--apply')).output).toContain('~ ambiente / environment infra-prd: só / only main');
  expect((await state()).changes).toEqual(['DELETE environments/infra-prd/deployment-branch-policies/2']);
  expect((await settings()).output).toContain('settings are correct');
});

test('images are pushed only from the two branches, without an approval', async () => {
  await settings('--apply');
  const { things } = await state();
  expect(things['environments/images'].protection_rules).toEqual([{ reviewers: [] }]);
  expect(things['environments/images/deployment-branch-policies'].branch_policies).toEqual([
    { id: 1, name: 'develop' },
    { id: 2, name: 'main' },
  ]);
});

test('a pull request need not be up to date: main is always one merge commit ahead of develop', async () => {
  await settings('--apply');
  const checks = (await state()).things.ruleset.rules.find(
    ({ type }: { type: string }) => type === 'required_status_checks',
  );
  expect(checks.parameters.strict_required_status_checks_policy).toBe(false);
});

test.each([
  ['without a repository', ['settings', '--reviewer', 'somebody'], 'OWNER/REPOSITORY'],
  ['without a reviewer', ['settings', 'owner/name'], '--reviewer'],
])('%s the command is refused', async (_, args, message) => {
  const { code, output } = await delivery(args, env);
  expect(code).toBe(2);
  expect(output).toContain(message);
});
