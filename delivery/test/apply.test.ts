/** The commands plan and apply, with a stand-in for Terraform. The stacks, which take half a minute, are not synthesised. */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Terraform } from '../../infra/terraform.ts';
import * as definitions from '../../infra/upgrade/crds.ts';
import { fingerprint, type Plan } from '../planned-changes.ts';

let flag: { action: string; reason?: string };
/** The environments whose stacks were prepared, which takes a minute and creates a workspace. */
const prepared: string[] = [];
jest.unstable_mockModule('../../infra/prepare.ts', () => ({
  async prepare(environment: string) {
    prepared.push(environment);
    return new Terraform('apply-test');
  },
}));
jest.unstable_mockModule('../../infra/destroy-flag.ts', () => ({ readDestroyFlag: () => flag }));
let refusal: string;
// With stand-ins for its programs it is tested where it is.
jest.unstable_mockModule('../../infra/upgrade/crds.ts', () => ({
  ...definitions,
  async updateInCluster(environment: string, charts: readonly definitions.PublishedChart[]) {
    const all = charts.map(({ name, version }) => `${name} ${version}`);
    appendFileSync(join(folder, 'asked'), `definitions in ${environment}: ${all}\n`);
    if (refusal) throw new Error(refusal);
  },
}));
const { command: apply } = await import('../commands/apply.ts');
const { command: plan } = await import('../commands/plan.ts');

const stack = resolve(import.meta.dirname, '../../cdktf.out/stacks/apply-test');
const before = { ...process.env };
let folder: string;

/** A plan that deletes the database. */
const risky: Plan = {
  resource_changes: [
    {
      address: 'aws_db_instance.database',
      type: 'aws_db_instance',
      change: { actions: ['delete'], before: { id: 'one' }, after: null },
    },
  ],
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'apply-'));
  mkdirSync(stack, { recursive: true });
  flag = { action: 'deploy' };
  prepared.splice(0);
  refusal = '';
  process.env.PATH = `${folder}:${before.PATH}`;
  process.env.GITHUB_OUTPUT = join(folder, 'outputs');
  process.env.GITHUB_STEP_SUMMARY = join(folder, 'summary');
  delete process.env.TERRAFORM_BINARY_NAME;
  for (const method of ['log', 'error'] as const) jest.spyOn(console, method).mockImplementation(() => undefined);
});
afterEach(() => {
  jest.restoreAllMocks();
  for (const name of ['PATH', 'GITHUB_OUTPUT', 'GITHUB_STEP_SUMMARY', 'TERRAFORM_BINARY_NAME']) {
    if (before[name] === undefined) delete process.env[name];
    else process.env[name] = before[name];
  }
  rmSync(stack, { recursive: true });
});

/** Replaces Terraform. @param failing commands that fail */
function terraform(given: Plan, failing: readonly string[] = []): void {
  writeFileSync(join(folder, 'plan.json'), JSON.stringify(given));
  const script = `#!/bin/sh
shift
echo "$*" >> '${folder}/asked'
case " ${failing.join(' ')} " in *" $1 "*) exit 9 ;; esac
[ "$1" != show ] || cat '${folder}/plan.json'
`;
  writeFileSync(join(folder, 'terraform'), script, { mode: 0o755 });
}
const read = (file: string) => (existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8') : '');
const asked = () => read('asked').split('\n').filter(Boolean);
const approve = (approved: Plan) => apply.run(['prd', '--fingerprint', fingerprint(approved)]);

test('the plan that was approved is applied, and is made under the lock', async () => {
  terraform(risky);
  expect(await approve(risky)).toBe(0);
  expect(asked().map((call) => call.split(' ')[0])).toEqual(['plan', 'show', 'apply']);
  expect(asked()[0]).toContain('-lock-timeout=10m');
  const file = / -out=(\S+)/.exec(asked()[0] ?? '')?.[1];
  expect(asked().at(-1)).toBe(`apply -input=false ${file}`);
  expect(prepared).toEqual(['prd']);
  // A plan has secrets in it, also those that nobody sees.
  expect(statSync(dirname(file ?? '')).mode & 0o077).toBe(0);
});

test('another plan than the approved one is not applied, and is no success', async () => {
  terraform(risky);
  expect(await approve({})).toBe(1);
  expect(asked().filter((call) => call.startsWith('apply'))).toEqual([]);
  expect(read('summary')).toContain('aws_db_instance');
});

describe('where a chart gets another version,', () => {
  const release = (chart: string, version: string) => ({ chart, version, repository: 'https://charts.example' });
  const deployed = (...names: string[]) => ({
    ...risky,
    prior_state: {
      values: {
        root_module: {
          resources: names.map((name) => ({ type: 'helm_release', name, values: release(name, '1.0.0') })),
        },
      },
    },
  });
  const wants = (...names: string[]) => {
    const helm_release = Object.fromEntries(names.map((name) => [name, release(name, '2.0.0')]));
    writeFileSync(join(stack, 'cdk.tf.json'), JSON.stringify({ resource: { helm_release } }));
  };
  const raised = deployed('one');
  beforeEach(() => {
    wants('one');
    terraform(raised);
  });
  const updates = 'definitions in prd: one 2.0.0';

  test('its definitions are updated before the approved plan is applied, and the summary says so', async () => {
    expect(await approve(raised)).toBe(0);
    expect(asked().slice(2)).toEqual([updates, expect.stringMatching(/^apply /)]);
    expect(read('summary')).toContain('become those of these charts: one 2.0.0.');
  });

  test('the definitions of all charts that get another version are updated', async () => {
    const all = ['one', 'two', 'three', 'four'];
    const several = deployed(...all);
    wants(...all);
    terraform(several);
    expect(await approve(several)).toBe(0);
    const versions = all.map((name) => `${name} 2.0.0`);
    expect(asked().slice(2)).toEqual([`definitions in prd: ${versions}`, expect.stringMatching(/^apply /)]);
    expect(read('summary')).toContain(`become those of these charts: ${versions.join(', ')}.`);
  });

  test('nothing is applied if they cannot be updated', async () => {
    refusal = 'Forbidden';
    await expect(approve(raised)).rejects.toThrow('Forbidden');
    expect(asked().slice(2)).toEqual([updates]);
  });

  test('they stay as they are under another plan than the approved one, and in a destroy', async () => {
    expect(await approve({})).toBe(1);
    flag = { action: 'destroy' };
    const { environments } = await import('../../infra/environments/all.ts');
    jest.replaceProperty(environments, 'prd', { ...environments.prd, protected: false });
    expect(await approve(raised)).toBe(0);
    const calls = asked().map((call) => call.split(' ')[0]);
    expect(calls).toEqual(['plan', 'show', 'plan', 'show', 'apply']);
  });
});

test('a plan without changes is not applied', async () => {
  terraform({});
  expect(await approve({})).toBe(0);
  expect(asked().filter((call) => call.startsWith('apply'))).toEqual([]);
});

test('an apply that fails is a failure, with and without a state that could not be written', async () => {
  terraform(risky, ['apply', 'state']);
  await expect(approve(risky)).rejects.toThrow('terraform: exit code 9');
  expect(read('summary')).toBe('');
  const errored = join(stack, 'errored.tfstate');
  writeFileSync(errored, '{}');
  await expect(approve(risky)).rejects.toThrow('terraform: exit code 9');
  expect(read('summary')).toContain(errored);
});

test('a destroy that fails is a failure, with and without a state that could not be written', async () => {
  flag = { action: 'destroy' };
  const { environments } = await import('../../infra/environments/all.ts');
  jest.replaceProperty(environments, 'prd', { ...environments.prd, protected: false });
  const errored = join(stack, 'errored.tfstate');
  terraform(risky, ['apply']);
  await expect(approve(risky)).rejects.toThrow('terraform: exit code 9');
  expect(asked().at(-1)).toMatch(/^apply /);
  writeFileSync(errored, '{}');
  await expect(approve(risky)).rejects.toThrow('terraform: exit code 9');
  expect([asked().at(-1), existsSync(errored), read('summary')]).toEqual([`state push ${errored}`, false, '']);
  terraform(risky, ['apply', 'state']);
  writeFileSync(errored, '{}');
  await expect(approve(risky)).rejects.toThrow('terraform: exit code 9');
  expect(read('summary')).toContain(errored);
});

test.each([
  ['a protected environment is not destroyed', { action: 'destroy' }, 'prd is protected'],
  ['nothing is done with an ambiguous file', { action: 'nothing', reason: 'dev is "yes"' }, 'dev is "yes"'],
])('%s, and nothing is prepared for it', async (_, given, message) => {
  terraform(risky);
  flag = given;
  await expect(approve(risky)).rejects.toThrow(message);
  await expect(plan.run(['prd'])).rejects.toThrow(message);
  expect([prepared, asked()]).toEqual([[], []]);
});

test('a plan tells the next jobs what changes and how risky that is, and takes no lock', async () => {
  terraform(risky);
  const out = join(folder, 'report.json');
  expect(await plan.run(['prd', '--out', out])).toBe(0);
  expect(read('outputs')).toBe(`changes=true\nrisks=1\nfingerprint=${fingerprint(risky)}\n`);
  expect(JSON.parse(readFileSync(out, 'utf8'))).toEqual({
    pt: expect.stringContaining('aws_db_instance.database'),
    en: expect.stringContaining('aws_db_instance.database'),
  });
  expect(asked()[0]).toContain('-lock=false');
});
