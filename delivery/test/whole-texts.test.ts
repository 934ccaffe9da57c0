/**
 * All that people get to read from `pnpm delivery`, as it is: a wrong word in an emergency costs more than in code. After
 * a change that is meant, `pnpm test delivery/test/whole -u` writes the snapshots again: read their diff like the code's.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { environmentNames, namespaces } from 'platform';
import { shown, told } from '../../packages/command-line/test/support/told.ts';
import { asText, loadCommands } from './support/commands-in-world.ts';
import { workflow } from './support/workflows.ts';

const run = await loadCommands();
const { commands } = await import('../all-commands.ts');
const { texts } = await import('../delivery-texts.ts');
const { reportTexts } = await import('../report-texts.ts');
expect.addSnapshotSerializer(asText);

const root = resolve(import.meta.dirname, '../..');

const all = [...told('', texts), ...told('', reportTexts)];

test('every text, with samples in the places of what differs', () => {
  expect(all.length).toBeGreaterThan(200);
  expect(all.map(([path, text]) => shown(path, text)).join('\n')).toMatchSnapshot();
});

test('texts in which something may be missing', () => {
  const some = {
    noVersion: texts.release.noVersion('dev-9', []),
    noEstimate: texts.costs.noEstimate(''),
    body: texts.propose.body('✗ no', 'https://github.example/owner/name', undefined, []),
    unread: texts.propose.body('dev', 'https://github.example/owner/name', 'https://github.example/compare', undefined),
  };
  expect(
    told('', some)
      .map(([path, text]) => shown(path, text))
      .join('\n'),
  ).toMatchSnapshot();
});

describe('what a text names is there:', () => {
  const whole = all.map(([, text]) => text).join('\n');
  const found = (pattern: RegExp) => {
    const names = [...whole.matchAll(pattern)].map(([, ...groups]) => groups.map((group) => group ?? ''));
    expect(names.length).toBeGreaterThan(0);
    return names;
  };
  /** In place of a sample, each environment. */
  const eachEnvironment = (path: string) =>
    environmentNames.map((environment) => path.replace('«environment»', environment));

  test('commands and their options', async () => {
    for (const [program = '', name = '', options = ''] of found(/pnpm (infra|delivery) ([a-z-]+)((?: --[a-z-]+)*)/g)) {
      const file = join(root, program, 'commands', `${name}.ts`);
      expect([program, name, existsSync(file)]).toEqual([program, name, true]);
      const { command } = await import(file);
      for (const option of options.match(/[a-z-]{3,}/g) ?? []) {
        expect(Object.keys(command.options)).toContain(option.replace(/^--/, ''));
      }
    }
  });

  test('pages, files and workflows', () => {
    const files = found(/((?:docs|infra|delivery)\/[\w«»./-]+\.(?:md|yaml|ts))/g).flatMap(([path = '']) => path);
    const workflows = found(/workflow (infra-«environment»)/g).map(([name]) => `.github/workflows/${name}.yml`);
    const missing = [...files, ...workflows].flatMap(eachEnvironment).filter((path) => !existsSync(join(root, path)));
    expect(missing).toEqual([]);
  });

  test('the namespace of the applications', () => {
    for (const [namespace] of found(/kubectl -n (\S+)/g)) expect(namespace).toBe(namespaces.applications);
  });

  test('each job of a workflow whose end a comment tells', () => {
    const told = [
      ['pull-request.yml', 'report'],
      ['ci-cd.yml', 'tell'],
      ['terraform.yml', 'tell'],
    ].flatMap(([file = '', job = '']) => [workflow(file).jobs[job]?.needs ?? []].flat());
    expect(told.length).toBeGreaterThan(10);
    expect(told.filter((job) => reportTexts.comment.jobs[job] === undefined)).toEqual([]);
  });
});

test('the usage of the program', async () => {
  expect(await run('--help')).toMatchSnapshot();
});

const names = Object.keys(commands);

test.each(names)('the usage of %s', async (name) => {
  expect(await run(`${name} --help`)).toMatchSnapshot();
});

const page = 'https://github.example/owner/name/actions/runs/12';
const image = `docker.io/us/it@sha256:${'a'.repeat(64)}`;
const env = {
  DOCKERHUB_USERNAME: 'us',
  GITHUB_REPOSITORY: 'owner/name',
  GITHUB_REF_NAME: 'main',
  GITHUB_RUN_NUMBER: '4',
  GITHUB_WORKFLOW_REF: 'owner/name/.github/workflows/infra-prd.yml@refs/heads/main',
};
/** Each command, as a workflow calls it. */
const calls: Readonly<Record<string, string>> = {
  changes: '--base HEAD^1',
  preflight: 'dev',
  plan: 'dev',
  apply: `dev --fingerprint ${'0'.repeat(64)}`,
  'compare-costs': 'dev --before before.json --after after.json',
  comment: `dev --needs {} --run ${page}`,
  tell: `infra dev --needs {} --run ${page} --commit c0ffee`,
  supersede: '',
  drift: `dev --drifted true --plan plan.json --run ${page}`,
  propose: `--report report.txt --run ${page}`,
  drilled: `dev --run ${page}`,
  settings: 'owner/name --reviewer ana',
  await: 'calculadora-api dev --commit c0ffee',
  connect: 'dev',
  image: 'calculadora-api dev',
  waivers: '--file list.yaml --out grype.json',
  accept: `${image} dev --version dev-17`,
  release: `calculadora-api dev --image ${image}`,
  rollback: 'calculadora-api --to 3',
  versions: 'calculadora-api',
  smoke: 'calculadora-api',
};
const programs = ['aws', 'docker', 'gh', 'git', 'kubectl', 'terraform'];

test('every command is called below', () => {
  expect(Object.keys(calls)).toEqual(names);
});

// Of Terraform, the preparation of a stack asks before, for which there is a stand-in here.
test.each(names.filter((name) => name !== 'plan' && name !== 'apply'))(
  '%s, without any other program',
  async (name) => {
    const files = { 'list.yaml': 'waivers: []' };
    expect(await run(`${name} ${calls[name]}`.trim(), { env, files, without: programs })).toMatchSnapshot();
  },
);

test.each(['connect', 'propose'])('%s, without the second program that it needs', async (name) => {
  const without = name === 'connect' ? ['kubectl'] : ['git'];
  expect(await run(`${name} ${calls[name]}`, { env, without })).toMatchSnapshot();
});
