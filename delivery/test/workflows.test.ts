import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { branches, type EnvironmentName, environmentNames, githubEnvironments, imagesRole, names } from 'platform';
import { applications } from 'platform/applications';
import { parse } from 'yaml';
import { type Synthesised, synthesise, synthesiseBootstrap } from '../../infra/test/support/synthesised.ts';
import { describeWith, findTool } from '../../test/support/tools.ts';
import { areaOf } from '../areas.ts';
import { requiredCheck } from '../github-run.ts';
import { parts } from '../parts.ts';
import { acceptedRisk } from '../risks.ts';
import { Programs } from './support/programs.ts';
import { ancestors as neededBy } from './support/workflow-run.ts';
import {
  evaluate,
  workflowFiles as files,
  workflowFolder as folder,
  type Job,
  root,
  type Step,
  workflowText as text,
  workflow,
} from './support/workflows.ts';

let stack: Synthesised | undefined;
/** The stack of prd, synthesised once. */
const prd = () => {
  stack ??= synthesise('prd');
  return stack;
};
const jobs = files.flatMap((file) =>
  Object.entries(workflow(file).jobs).map(([name, job]) => ({ file, name, job, label: `${file}: ${name}` })),
);

/** The GitHub environment of a job. */
const environmentOf = ({ environment }: Job): string | undefined =>
  typeof environment === 'object' ? environment.name : environment;
const githubExpression = (expression: string) => `\${{ ${expression} }}`;
const input = (name: string) => githubExpression(`inputs.${name}`);
const ownActions = ['connect', 'install', 'registry', 'terraform'].map((name) => ({
  name,
  text: readFileSync(join(root, '.github/actions', name, 'action.yml'), 'utf8'),
}));

const install = readFileSync(join(root, '.github/actions/install/action.yml'), 'utf8');

/** Workflows that deliver the applications and the infrastructure: `api-dev-calculadora-api.yml`, `infra-dev.yml`, … */
const deliveries = environmentNames.flatMap((environment) => [
  ...applications.map(({ name }) => ({ file: fileOf(environment, name), environment, part: name, uses: 'ci-cd.yml' })),
  { file: `infra-${environment}.yml`, environment, part: 'infra', uses: 'terraform.yml' },
]);

/** The workflow file of an application. Its name begins with the kind of application, such as `api` or `front`. */
function fileOf(environment: string, application: string): string {
  const [file, ...others] = files.filter((name) => name.endsWith(`-${environment}-${application}.yml`));
  if (file === undefined || others.length > 0) throw new Error(`There must be one *-${environment}-${application}.yml`);
  return file;
}

describe.each(deliveries)('$file', ({ file, environment, part, uses }) => {
  const { on, jobs, concurrency } = workflow(file);

  test('runs if its branch changes the delivered files or the delivery itself', () => {
    expect(on.push?.branches).toEqual([branches[environment]]);
    const how = ['delivery/**', '.github/actions/**', `.github/workflows/${uses}`, `.github/workflows/${file}`];
    expect(on.push?.paths).toEqual([...(parts[part] ?? []), ...how]);
    expect(on).toHaveProperty('workflow_dispatch');
  });

  test('calls the reusable workflow for its environment, and does not hold up later runs', () => {
    const [job, ...others] = Object.values(jobs);
    expect(others).toEqual([]);
    expect(job?.uses).toBe(`./.github/workflows/${uses}`);
    const ofApplication = { application: part, version: input('version') };
    expect(job?.with).toEqual({ environment, ...(uses === 'ci-cd.yml' && ofApplication) });
    // A run that waits for an approval would hold the group for up to 30 days.
    expect(concurrency).toBeUndefined();
  });
});

test.each([
  ['ci-cd.yml', 'release', `release-${input('environment')}-${input('application')}`],
  ['terraform.yml', 'apply', `apply-${input('environment')}`],
])('in %s, the job %s waits for the one before, and a later run ends its approval', (file, name, group) => {
  const { jobs } = workflow(file);
  // A job that has the role of the environment asks for its approval.
  expect(Object.keys(jobs).filter((job) => environmentOf(jobs[job] ?? {})?.includes('inputs.environment'))).toEqual([
    name,
  ]);
  expect(jobs[name]?.concurrency).toEqual({ group, 'cancel-in-progress': false });
  expect(neededBy(jobs, name)).toContain('supersede');
  expect(jobs.supersede?.needs).toBeUndefined();
  expect(jobs.tell?.if).toBe(file === 'ci-cd.yml' ? "always() && inputs.version == ''" : 'always()');
  // The version serves, with or without the tags that it gets last.
  expect([jobs.tell?.needs].flat().toSorted()).toEqual(
    Object.keys(jobs)
      .filter((job) => job !== 'tell' && job !== 'accept')
      .toSorted(),
  );
});

describe('on a pull request', () => {
  const { env, jobs, on } = workflow('pull-request.yml');
  const event = (action: string, labels: string[] = [], from = 'owner/name') => ({
    repository: 'owner/name',
    event: {
      action,
      pull_request: { labels: labels.map((name) => ({ name })), head: { repo: { full_name: from } } },
    },
  });

  test('everything that may change the answer starts a run', () => {
    expect(on.pull_request?.types).toEqual(['opened', 'synchronize', 'reopened', 'edited', 'labeled', 'unlabeled']);
  });

  test('the environment is that of its base branch', () => {
    for (const environment of environmentNames) {
      expect(evaluate(env?.ENVIRONMENT, { github: { base_ref: branches[environment] } })).toBe(environment);
    }
  });

  test('changes and costs are compared with the base branch as it is now', () => {
    const runs = Object.values(jobs).flatMap(({ steps = [] }) => steps.map(({ run = '' }) => run));
    expect(runs).toContain('pnpm delivery changes --base HEAD^1');
    expect(runs).toContain('git worktree add before HEAD^1');
  });

  test('the plan is made for a change of the infrastructure, and not for a fork', () => {
    const planned = (infra: string, from?: string) =>
      evaluate(jobs.plan?.if, { github: event('opened', [], from), needs: { changes: { outputs: { infra } } } });
    expect([planned('true'), planned('false'), planned('true', 'fork/name')]).toEqual([true, false, false]);
  });

  test('a second approval is asked for if the cost rises above the limit', () => {
    const asked = (above: string) => evaluate(jobs['cost-approval']?.if, { needs: { costs: { outputs: { above } } } });
    expect([asked('true'), asked('false'), asked('')]).toEqual([true, false, false]);
    expect(jobs['cost-approval']?.environment).toBe(githubEnvironments.costs);
  });

  test('one risk is enough to ask for the label, which counts only for the commit that it was given to', () => {
    const { 'risk-approval': job } = jobs;
    const asked = (risks: string) => evaluate(job?.if, { needs: { plan: { outputs: { risks } } } });
    expect([asked('0'), asked('1'), asked('12')]).toEqual([false, true, true]);
    const fails = (action: string, labels: string[]) =>
      evaluate(job?.steps?.[0]?.if, { github: event(action, labels) });
    expect(fails('opened', [])).toBe(true);
    expect(fails('labeled', ['another'])).toBe(true);
    expect(fails('labeled', [acceptedRisk])).toBe(false);
    expect(fails('synchronize', [acceptedRisk])).toBe(true);
    const removes = jobs.comment?.steps?.at(-1);
    expect(removes?.run).toContain(`--remove-label ${acceptedRisk}`);
    expect(evaluate(removes?.if, { github: event('synchronize', [acceptedRisk]) })).toBe(true);
    expect(evaluate(removes?.if, { github: event('labeled', [acceptedRisk]) })).toBe(false);
  });

  test('a newer run takes the place of an older one, whose comment would come later', () => {
    expect(workflow('pull-request.yml').concurrency).toEqual({
      group: `pull-request-${githubExpression('github.event.pull_request.number')}`,
      'cancel-in-progress': true,
    });
  });

  test('the report is commented, also a failure’s, but not for a fork, which may not write', () => {
    const commented = (report: string, from?: string) =>
      evaluate(jobs.comment?.if, { github: event('opened', [], from), needs: { report: { result: report } } });
    expect([commented('success'), commented('failure'), commented('success', 'fork/name')]).toEqual([
      true,
      false,
      false,
    ]);
  });

  test.each([
    ['success', false],
    ['skipped', false],
    ['failure', true],
    ['cancelled', true],
  ])('a check with the result %s keeps it from merging: %s', (result, fails) => {
    const { [requiredCheck]: job } = jobs;
    // The name by which the rules of the branches know it.
    expect([job?.name, workflow('ci-cd.yml').jobs[requiredCheck]]).toEqual([requiredCheck, undefined]);
    const [step] = job?.steps ?? [];
    expect(step?.run).toBe('exit 1');
    expect(evaluate(step?.if, { needs: { check: { result: 'success' }, test: { result } } })).toBe(fails);
  });
});

test('the fingerprint that was approved is that of the plan, and drift is what the plan changes', () => {
  const { apply, plan } = workflow('terraform.yml').jobs;
  expect(plan?.outputs).toEqual({
    changes: githubExpression('steps.plan.outputs.changes'),
    fingerprint: githubExpression('steps.plan.outputs.fingerprint'),
  });
  const applying = apply?.steps?.find(({ run }) => run?.includes('cli.ts apply'));
  expect(applying?.env).toEqual({ FINGERPRINT: githubExpression('needs.plan.outputs.fingerprint') });
  const drift = workflow('drift.yml').jobs.plan?.steps?.find(({ run }) => run?.includes('delivery drift'));
  expect(drift?.env?.DRIFTED).toBe(githubExpression('steps.plan.outputs.changes'));
});

test('nothing is built, planned, released or applied before its tests passed', () => {
  const tested = { 'ci-cd.yml': ['image', 'release'], 'terraform.yml': ['plan', 'apply'] };
  for (const [file, names] of Object.entries(tested)) {
    for (const name of names) expect(neededBy(workflow(file).jobs, name)).toContain('test');
  }
  const runs = (file: string) => workflow(file).jobs.test?.steps?.map(({ run }) => run);
  expect(runs('ci-cd.yml')).toEqual(expect.arrayContaining(['pnpm check', 'pnpm test "$APPLICATION" contract']));
  expect(runs('terraform.yml')).toEqual(expect.arrayContaining(['pnpm check', 'pnpm test infra delivery']));
});

test('the cost of a push is compared with the commit before it, or with itself if there is none', () => {
  const steps = workflow('terraform.yml').jobs.plan?.steps ?? [];
  const before = steps.find(({ with: inputs }) => inputs?.path === 'before')?.with?.ref;
  const compared = (created: boolean | undefined, previous: string | undefined) =>
    evaluate(before, { github: { sha: 'new', event: { created, before: previous } } });
  expect([compared(false, 'old'), compared(true, '0'), compared(undefined, undefined)]).toEqual(['old', 'new', 'new']);
});

test('a release whose smoke test did not pass is rolled back, if there is a version before it', () => {
  const steps = jobs.flatMap(({ job }) => job.steps ?? []);
  const rollbacks = steps.filter(({ run = '' }) => run.includes('rollback') && run.includes('$PREVIOUS'));
  expect(rollbacks).toHaveLength(1);
  const isRolledBack = (release: string, smoke: string, previous: string) =>
    evaluate(rollbacks[0]?.if, {
      steps: { release: { outcome: release, outputs: { previous } }, smoke: { outcome: smoke, outputs: {} } },
    });
  expect(isRolledBack('success', 'failure', '1')).toBe(true);
  expect(isRolledBack('success', 'cancelled', '1')).toBe(true);
  expect(isRolledBack('success', 'success', '1')).toBe(false);
  expect(isRolledBack('success', 'failure', '')).toBe(false);
  // It has rolled back by itself.
  expect(isRolledBack('failure', 'skipped', '1')).toBe(false);
});

test('programs that finish their work when a run is cancelled are the first process of their step', () => {
  const runs = jobs.flatMap(({ job }) => (job.steps ?? []).map(({ run = '' }) => run));
  const long = runs.filter((run) => /cli\.ts|delivery (apply|release) /.test(run));
  expect(long.length).toBeGreaterThanOrEqual(2);
  for (const run of long) expect(run).toMatch(/^exec node_modules\/\.bin\/node (delivery|infra)\/cli\.ts /);
});

test('a state that could not be written is kept from where Terraform leaves it', () => {
  const kept = workflow('terraform.yml').jobs.apply?.steps?.at(-1);
  expect(kept?.if).toBe('failure()');
  expect(kept?.with?.path).toBe('cdktf.out/stacks/*/errored.tfstate');
});

test('each environment is compared with its own branch', () => {
  const { strategy } = workflow('drift.yml').jobs.plan ?? {};
  const expected = environmentNames.map((environment) => ({ environment, branch: branches[environment] }));
  expect(strategy?.matrix.include).toEqual(expected);
});

test('a plan is made after earlier runs have been applied', () => {
  const { jobs } = workflow('terraform.yml');
  expect(jobs.plan?.needs).toContain('supersede');
  expect(jobs.supersede?.steps?.at(-1)?.run).toBe('pnpm delivery supersede --wait');
});

test('the workflows of the applications differ only by their application and environment', () => {
  const [pattern, ...others] = deliveries.filter(({ part }) => part !== 'infra');
  if (!pattern) throw new Error('There is no workflow of an application');
  expect(others.length).toBeGreaterThan(0);
  const general = ({ environment, file, part }: (typeof deliveries)[number]) =>
    JSON.stringify(workflow(file))
      .replaceAll(file, 'FILE')
      .replaceAll(new RegExp(`\\b${part}\\b`, 'g'), 'APPLICATION')
      .replaceAll(`["${branches[environment]}"]`, 'BRANCH')
      .replaceAll(new RegExp(`\\b${environment}\\b`, 'g'), 'ENVIRONMENT');
  for (const other of others) expect(general(other)).toBe(general(pattern));
  expect(workflow(pattern.file).on.workflow_dispatch).toEqual({
    inputs: { version: { type: 'string', description: expect.stringContaining('Go back to version') } },
  });
  const rights = { actions: 'write', contents: 'read', 'id-token': 'write', 'pull-requests': 'write' };
  expect(workflow(pattern.file).jobs.deliver?.permissions).toEqual(rights);
});

test('there is one workflow for each application and environment, and no unknown workflow', () => {
  const delivered = deliveries.map(({ part }) => part).filter((part) => part !== 'infra');
  expect(new Set(delivered)).toEqual(new Set(applications.map(({ name }) => name)));
  const others = [
    'ci-cd.yml',
    'terraform.yml',
    'pull-request.yml',
    'drift.yml',
    'restore-drill.yml',
    'versions.yml',
    'wake-dev.yml',
  ];
  expect(files.toSorted()).toEqual([...deliveries.map(({ file }) => file), ...others].toSorted());
});

const calls = jobs.filter(({ job }) => job.uses?.startsWith('./.github/workflows/'));

// GitHub refuses to start a workflow whose jobs ask for more than the caller grants.
test.each(calls)(
  '$label grants what the called workflow asks for, and passes on the secrets that it reads',
  ({ job }) => {
    const called = job.uses?.split('/').at(-1) ?? '';
    const order = ['none', 'read', 'write'];
    const asked = Object.values(workflow(called).jobs).flatMap(({ permissions }) => Object.entries(permissions ?? {}));
    expect(asked).not.toEqual([]);
    const missing = asked.filter(
      ([name, level]) => order.indexOf(job.permissions?.[name] ?? 'none') < order.indexOf(level),
    );
    expect(missing).toEqual([]);
    const readsSecrets = /\bsecrets\.(?!GITHUB_TOKEN)/.test(text(called));
    expect(job.secrets).toBe(readsSecrets ? 'inherit' : undefined);
  },
);

test('both reusable workflows are called', () => {
  expect(new Set(calls.map(({ job }) => job.uses?.split('/').at(-1)))).toEqual(new Set(['ci-cd.yml', 'terraform.yml']));
});

test.each(files)('%s grants permissions only to its jobs', (file) => {
  expect(workflow(file).permissions).toEqual({});
});

test.each(jobs.filter(({ job }) => !job.uses))('$label has a time limit', ({ job }) => {
  expect(job['timeout-minutes']).toBeLessThanOrEqual(120);
});

test('every third-party action is pinned to a commit, with its version beside it', () => {
  expect(readdirSync(join(root, '.github/actions')).toSorted()).toEqual(ownActions.map(({ name }) => name));
  const used = [...files.map(text), ...ownActions.map(({ text }) => text)].flatMap((file) =>
    [...file.matchAll(/uses: (.+)/g)].map(([, name]) => name ?? ''),
  );
  const foreign = used.filter((name) => !name.startsWith('./'));
  expect(foreign.length).toBeGreaterThan(10);
  for (const name of foreign) expect(name).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  // One version of each.
  expect(new Set(foreign).size).toBe(new Set(foreign.map((name) => name.split('@')[0])).size);
});

test('the workflows use only the pnpm that package.json pins', () => {
  const runs = jobs.flatMap(({ job }) => (job.steps ?? []).map(({ run = '' }) => run));
  expect(runs.filter((run) => run.includes('pnpm')).length).toBeGreaterThan(10);
  for (const run of runs) expect(run).not.toMatch(/npx|corepack|npm (install|exec)/);
  expect(install).toMatch(/run: \.github\/actions\/install\/pnpm\n[\s\S]*run: pnpm install --frozen-lockfile/);
});

test.each([
  ['is installed', 'archive', 0],
  ['whose hash is another one ends the job', 'another archive', 1],
])('the pinned pnpm %s', (_, archive, status) => {
  const programs = new Programs();
  const hash = createHash('sha512').update('archive').digest('hex');
  writeFileSync(
    join(programs.folder, 'package.json'),
    JSON.stringify({ packageManager: `pnpm@12.0.0+sha512.${hash}` }),
  );
  programs.shell(
    'npm',
    `echo "npm $*" >> '${programs.folder}/calls'
    [ "$1" != pack ] || { printf %s '${archive}' > "$4/pnpm-12.0.0.tgz" && echo pnpm-12.0.0.tgz; }`,
  );
  const { folder: cwd } = programs;
  const files = { RUNNER_TEMP: cwd, GITHUB_PATH: join(cwd, 'path') };
  // An earlier step may have written there, too.
  writeFileSync(files.GITHUB_PATH, '/earlier\n');
  const run = spawnSync(join(root, '.github/actions/install/pnpm'), {
    cwd,
    env: { ...process.env, ...programs.env, ...files },
    encoding: 'utf8',
  });
  const isGood = status === 0;
  // What is installed is the archive that was checked.
  expect([run.status, programs.read('calls').trim().split('\n')]).toEqual([
    status,
    [
      `npm pack --silent --pack-destination ${cwd} pnpm@12.0.0`,
      ...(isGood ? [`npm install --global --prefix ${cwd}/pnpm --no-audit --no-fund ${cwd}/pnpm-12.0.0.tgz`] : []),
    ],
  ]);
  expect(programs.read('path')).toBe(`/earlier\n${isGood ? `${cwd}/pnpm/bin\n` : ''}`);
  expect(run.stdout.includes('::error::pnpm@12.0.0 does not match the hash that package.json pins.')).toBe(!isGood);
});

// An edit by hand, or a tool that raises the version, may write each of these.
test.each([
  'pnpm@12.0.0',
  'pnpm@12.0.0+',
  'pnpm@12.0.0+sha512',
  'pnpm@12.0.0+sha512.',
  'pnpm@12.0.0+sha512.HALF',
  'pnpm@12.0.0+HASH0',
  'pnpm@12.0.0+sha256.SHA256',
  'pnpm@12.0.0+sha512.undefined',
  'pnpm@latest',
  'pnpm',
])('a pnpm that package.json pins as %s is not installed', (pinned) => {
  const programs = new Programs();
  const { folder: cwd } = programs;
  const hashOf = (algorithm: string) => createHash(algorithm).update('archive').digest('hex');
  const hashes: Readonly<Record<string, string>> = {
    HALF: hashOf('sha512').slice(0, 64),
    HASH: hashOf('sha512'),
    SHA256: hashOf('sha256'),
  };
  const packageManager = pinned.replace(/HALF|HASH|SHA256/, (name) => hashes[name] ?? '');
  writeFileSync(join(cwd, 'package.json'), JSON.stringify({ packageManager }));
  programs.shell(
    'npm',
    `echo "npm $1" >> '${cwd}/calls'
    [ "$1" != pack ] || { printf %s archive > "$4/pnpm-12.0.0.tgz" && echo pnpm-12.0.0.tgz; }`,
  );
  const files = { RUNNER_TEMP: cwd, GITHUB_PATH: join(cwd, 'path') };
  const { status, stdout } = spawnSync(join(root, '.github/actions/install/pnpm'), {
    cwd,
    env: { ...process.env, ...programs.env, ...files },
    encoding: 'utf8',
  });
  expect([status, programs.read('calls'), existsSync(files.GITHUB_PATH)]).toEqual([1, 'npm pack\n', false]);
  expect(stdout).toContain('does not match the hash that package.json pins.');
});

test.each(['pack', 'install'])('an npm that fails to %s the pinned pnpm ends the job', (failing) => {
  const programs = new Programs();
  const { folder: cwd } = programs;
  const hash = createHash('sha512').update('archive').digest('hex');
  writeFileSync(join(cwd, 'package.json'), JSON.stringify({ packageManager: `pnpm@12.0.0+sha512.${hash}` }));
  programs.shell(
    'npm',
    `[ "$1" != ${failing} ] || exit 1
    [ "$1" != pack ] || { printf %s archive > "$4/pnpm-12.0.0.tgz" && echo pnpm-12.0.0.tgz; }`,
  );
  const files = { RUNNER_TEMP: cwd, GITHUB_PATH: join(cwd, 'path') };
  const { status } = spawnSync(join(root, '.github/actions/install/pnpm'), {
    cwd,
    env: { ...process.env, ...programs.env, ...files },
  });
  expect([status, existsSync(join(cwd, 'path'))]).toEqual([1, false]);
});

test('the pinned pnpm is not put at an unknown place', () => {
  const programs = new Programs().shell('npm', 'exit 0');
  const { folder: cwd } = programs;
  writeFileSync(join(cwd, 'package.json'), JSON.stringify({ packageManager: 'pnpm@12.0.0+sha512.0' }));
  const env = { ...process.env, ...programs.env, GITHUB_PATH: join(cwd, 'path'), RUNNER_TEMP: undefined };
  const { status, stderr } = spawnSync(join(root, '.github/actions/install/pnpm'), { cwd, env, encoding: 'utf8' });
  expect([status, stderr]).toEqual([1, expect.stringContaining('RUNNER_TEMP: unbound variable')]);
});

// A test whose tool is missing is skipped, so that nothing else would tell.
test('the linters that the tests of a pull request use are installed, each in one version', () => {
  const programs = new Programs();
  for (const name of ['pip', 'go']) {
    programs.shell(name, `echo "${name} $* $PIP_BREAK_SYSTEM_PACKAGES$GOBIN" >> '${programs.folder}/calls'`);
  }
  const { status } = spawnSync(join(root, '.ci/install-linters'), {
    env: { ...process.env, ...programs.env, GOBIN: '/bin/of/go' },
  });
  const calls = programs
    .read('calls')
    .trim()
    .replaceAll(/(==|@v)\d+\.\d+\.\d+\b/g, '$1(version)');
  expect([status, calls.split('\n')]).toEqual([
    0,
    [
      'pip install --quiet checkov==(version) zizmor==(version) 1/bin/of/go',
      'go install github.com/rhysd/actionlint/cmd/actionlint@v(version) /bin/of/go',
    ],
  ]);
});

// Not on a developer's machine, because it downloads from the registry.
describeWith('the package registry, by REQUIRE_TOOLS=1', process.env.REQUIRE_TOOLS && 'npm', 'the pinned pnpm', () => {
  const script = join(root, '.github/actions/install/pnpm');
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

  /** Installs the pnpm that a package.json pins. `cwd` has the file with the folder for the PATH. */
  async function installPinned(pinned: string) {
    const cwd = await mkdtemp(join(tmpdir(), 'pnpm-'));
    await writeFile(join(cwd, 'package.json'), JSON.stringify({ packageManager: pinned }));
    const env = { ...process.env, RUNNER_TEMP: cwd, GITHUB_PATH: join(cwd, 'path') };
    const { status, stdout } = spawnSync(script, { cwd, env, encoding: 'utf8' });
    return { status, stdout, cwd };
  }

  test('is installed in the pinned version', async () => {
    const { status, cwd } = await installPinned(packageManager);
    expect(status).toBe(0);
    const program = join((await readFile(join(cwd, 'path'), 'utf8')).trim(), 'pnpm');
    const { stdout } = spawnSync(program, ['--version'], { cwd: tmpdir(), encoding: 'utf8' });
    expect(`pnpm@${stdout.trim()}`).toBe(packageManager.split('+')[0]);
  });

  test('is refused if its hash differs', async () => {
    const { status, stdout } = await installPinned(
      packageManager.replace(/.$/, (last: string) => (last === '0' ? '1' : '0')),
    );
    expect(status).toBe(1);
    expect(stdout).toContain('does not match the hash that package.json pins');
  });
});

test('Renovate finds the version of every Helm chart', () => {
  const { customManagers } = JSON.parse(readFileSync(join(root, '.github/renovate.json'), 'utf8'));
  const [pattern] = customManagers[0].matchStrings;
  const constructs = join(root, 'infra/constructs');
  const found = readdirSync(constructs, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => [...readFileSync(join(constructs, file), 'utf8').matchAll(new RegExp(pattern, 'g'))]);
  const charts = prd()
    .all('helm_release')
    .flatMap(({ chart, repository, version }) => (repository ? [`${repository} ${chart} ${version}`] : []));
  expect(charts.length).toBeGreaterThan(3);
  expect(
    found.map(({ groups }) => `${groups?.registryUrl} ${groups?.depName} ${groups?.currentValue}`).toSorted(),
  ).toEqual(charts.toSorted());
});

test('each resource of prd belongs to an area that the summary of a plan names', () => {
  const types = Object.keys(prd().terraform.resource);
  expect(types.length).toBeGreaterThan(50);
  expect(types.filter((type) => areaOf(type) === 'others')).toEqual([]);
  expect(['aws_db_instance', 'aws_iam_role', 'aws_security_group', 'aws_cloudwatch_log_group'].map(areaOf)).toEqual([
    'database',
    'permissions',
    'network',
    'logs',
  ]);
});

test('no step uses an expression in its script', () => {
  for (const { job } of jobs) for (const { run = '' } of job.steps ?? []) expect(run).not.toContain('${{');
});

describe('an AWS role', () => {
  const prefix = 'repo:owner/name';
  const stack = synthesiseBootstrap({
    github: { repository: 'owner/name', createProvider: true },
    imageRegistry: 'ecr',
  });
  /** GitHub's subjects in the trust policy of each role. */
  const trusted = new Map<string, string[]>(
    stack.all('aws_iam_role').map(({ name, assume_role_policy }) => {
      const [{ Condition }] = JSON.parse(assume_role_policy).Statement;
      return [name, Condition.StringEquals['token.actions.githubusercontent.com:sub']];
    }),
  );

  /** GitHub's subjects of the jobs that assume each role. */
  const users = new Map<string, Set<string>>();
  for (const { file, job } of jobs) {
    for (const step of job.steps ?? []) {
      const role =
        step.with?.['role-to-assume']?.split('role/')[1] ?? (step.with?.role && `desafio-aws-${step.with.role}`);
      if (!role) continue;
      for (const environment of environmentNames) {
        const name = role.replace(/\$\{\{.*?\}\}/, environment);
        const through = environmentOf(job)?.replace(/\$\{\{.*?\}\}/, environment);
        const known = users.get(name) ?? new Set();
        for (const subject of through ? [`environment:${through}`] : subjectsOf(file, environment))
          known.add(`${prefix}:${subject}`);
        users.set(name, known);
      }
    }
  }

  /** The subject of a job without an environment depends on the trigger of its workflow. */
  function subjectsOf(file: string, environment: 'dev' | 'prd'): string[] {
    const { on } = workflow(file);
    if (on.pull_request) return ['pull_request'];
    // Nobody approves it, and what it runs in the cluster can reach prd's data.
    if (file === 'restore-drill.yml') return [`ref:refs/heads/${branches.prd}`];
    // A scheduled workflow runs on the default branch, which may be either of the two.
    if (on.schedule) return Object.values(branches).map((branch) => `ref:refs/heads/${branch}`);
    return [`ref:refs/heads/${branches[environment]}`];
  }

  test.each([...trusted])('%s trusts exactly the jobs that assume it', (role, subjects) => {
    expect([...(users.get(role) ?? [])].toSorted()).toEqual(subjects.toSorted());
  });

  test('exists if, and only if, a job assumes it', () => {
    expect([...users.keys()].toSorted()).toEqual([...trusted.keys()].toSorted());
    expect([...users.keys()]).toContain(imagesRole);
  });

  test('is assumed in the account that has it, if each environment has its own', () => {
    const accounts = { dev: '111122223333', prd: '444455556666' };
    const rolesIn = (environment: EnvironmentName) =>
      synthesiseBootstrap({ accounts, imageRegistry: 'ecr' }, environment)
        .some('aws_iam_role')
        .map(({ name }) => name);
    const known = { dev: rolesIn('dev'), prd: rolesIn('prd') };
    const arn = /^arn:aws:iam::\$\{\{ (?<account>.+?) \}\}:role\/(?<role>.+)$/;
    const steps = jobs.flatMap(({ job, label }) =>
      (job.steps ?? []).flatMap(({ with: inputs }) => {
        const direct = arn.exec(inputs?.['role-to-assume'] ?? '')?.groups;
        if (direct) return [{ label, account: direct.account ?? '', role: direct.role ?? '' }];
        const account = /^\$\{\{ (.+) \}\}$/.exec(inputs?.account ?? '')?.[1] ?? '';
        return inputs?.role ? [{ label, account, role: `desafio-aws-${inputs.role}` }] : [];
      }),
    );
    expect(steps).toHaveLength(10);
    for (const { account, label, role } of steps) {
      const chosen = /\$\{\{ (.+) \}\}/.exec(role)?.[1];
      // The role has an environment's name in it, or a condition that gives `prd` or `dev`.
      const isPrd = chosen?.match(/^(.+) && 'prd' \|\| 'dev'$/)?.[1] ?? `${chosen} == 'prd'`;
      const [prd, dev] = ['vars.AWS_ACCOUNT_ID_PRD', 'vars.AWS_ACCOUNT_ID_DEV'];
      // The images' role is in prd's account.
      const fixed: EnvironmentName = role.includes('-dev-') ? 'dev' : 'prd';
      const variable = chosen === undefined ? { dev, prd }[fixed] : `${isPrd} && ${prd} || ${dev}`;
      expect([label, account]).toEqual([label, variable]);
      for (const environment of chosen === undefined ? [fixed] : environmentNames) {
        expect(known[environment]).toContain(role.replace(/\$\{\{.*\}\}/, environment));
      }
    }
    const assuming = ownActions.filter(({ text }) => text.includes('role-to-assume'));
    expect(assuming.map(({ name }) => name)).toEqual(['connect', 'registry', 'terraform']);
    for (const { text } of assuming) {
      expect(text).toMatch(/arn:aws:iam::\$\{\{ inputs\.account \}\}:role\/desafio-aws-\$\{\{ inputs\.role \}\}\n/);
    }
  });

  test('is the only reason for a job to get an OIDC token', () => {
    for (const { job, label } of jobs) {
      if (!job.steps) continue;
      const takes = job.steps.some(({ with: inputs }) => inputs?.['role-to-assume'] || inputs?.role);
      expect([label, job.permissions?.['id-token']]).toEqual([label, takes ? 'write' : undefined]);
    }
  });
});

test('jobs use exactly the GitHub environments of names.ts', () => {
  const known = environmentNames.flatMap((name) => [
    githubEnvironments.release(name),
    githubEnvironments.infrastructure(name),
  ]);
  const named = jobs.flatMap(({ job }) =>
    environmentOf(job) ? environmentNames.map((name) => environmentOf(job)?.replace(/\$\{\{.*?\}\}/, name)) : [],
  );
  expect(new Set(named)).toEqual(new Set([...known, githubEnvironments.costs, githubEnvironments.images]));
});

describe('the delivery of an application', () => {
  const { accept, image, order, release } = workflow('ci-cd.yml').jobs as Record<string, Job>;
  const runs = (job: Job | undefined) => (job?.steps ?? []).flatMap(({ run }) => run ?? []);
  const inputs = (job: Job | undefined, action: string) =>
    job?.steps?.find(({ uses }) => uses === `./.github/actions/${action}`)?.with;

  test('tags an image as passed, with its version and as latest only after its release and smoke test', () => {
    expect(accept?.needs).toEqual(['image', 'release']);
    expect(accept?.if).toBeUndefined();
    expect(runs(accept)).toEqual(['pnpm delivery accept "$IMAGE" "$ENVIRONMENT" --version "$VERSION"']);
    expect(runs(release)).toContain('pnpm delivery smoke "$APPLICATION" --version "$VERSION"');
    expect(runs(image).join()).not.toMatch(/accept|latest/);
  });

  test('releases only the image that the environment may have, after what the same push delivers first', () => {
    expect(runs(image)).toContain('pnpm delivery image "$APPLICATION" "$ENVIRONMENT"');
    expect(release?.needs).toEqual(['image', 'order', 'supersede']);
    expect(order?.needs).toBe('image');
    expect(image?.needs).toBe('test');
    expect(release?.if).toBe(
      githubExpression(
        "!cancelled() && needs.supersede.result == 'success' && (inputs.version != '' || needs.order.result == 'success')",
      ),
    );
  });

  test('goes to the cluster of its environment, and shows its address', () => {
    const environment = input('environment');
    expect(inputs(release, 'connect')).toMatchObject({ environment, role: `${environment}-deploy` });
    expect(release?.environment).toEqual({
      name: environment,
      url: githubExpression('steps.connect.outputs.address'),
    });
    expect(ownActions.find(({ name }) => name === 'connect')?.text).toMatch(
      /ENVIRONMENT: \$\{\{ inputs\.environment \}\}\n +run: pnpm delivery connect "\$ENVIRONMENT"\n/,
    );
  });

  test('wakes an environment that sleeps, once it is connected and before anything is released or rolled back', () => {
    const steps = (release?.steps ?? []).map(({ run = '', uses = '' }) => run || uses);
    const at = (part: string) => steps.findIndex((step) => step.includes(part));
    const order = [at('actions/connect'), at('pnpm infra wake "$ENVIRONMENT"'), at('cli.ts release'), at('rollback')];
    expect(order).toEqual(order.filter((index) => index >= 0).toSorted((one, other) => one - other));
    const applying = (workflow('terraform.yml').jobs.apply?.steps ?? []).map(({ run = '' }) => run);
    const wake = applying.indexOf('pnpm infra wake "$ENVIRONMENT" --without-applications');
    expect(wake).toBeGreaterThan(applying.findIndex((run) => run.includes('preflight')));
    expect(wake).toBeLessThan(applying.findIndex((run) => run.includes('cli.ts apply')));
  });

  test('is blocked by vulnerabilities of a new image, and warned of those of one that serves', () => {
    const scan = image?.steps?.find(({ uses }) => uses?.startsWith('anchore/scan-action@'));
    const isServing = githubExpression("steps.image.outputs.passed == 'true'");
    expect(scan).toMatchObject({
      'continue-on-error': isServing,
      with: { 'severity-cutoff': 'high', 'only-fixed': 'true' },
    });
    expect(image?.steps?.find(({ run }) => run === 'pnpm delivery waivers')).toMatchObject({
      'continue-on-error': isServing,
    });
    expect(runs(image).at(-1)).toContain('::warning::');
  });
});

describe('a job that needs the API of the cluster', () => {
  const needing = jobs.filter(({ job }) =>
    job.steps?.some(({ run = '' }) => /delivery(\/cli\.ts)? (plan|apply|release) |infra\/cli\.ts drill /.test(run)),
  );

  test.each(needing)('$label runs where the API can be reached, and says at once if it cannot', ({ file, job }) => {
    const environment = {
      'drift.yml': 'matrix.environment',
      'restore-drill.yml': "inputs.environment || 'prd'",
      'pull-request.yml': "github.base_ref == 'main' && 'prd' || 'dev'",
    }[file];
    const given = environment ?? 'inputs.environment';
    // A label with the run and its attempt, so that a machine takes only the job for which it was started.
    const runner = names('dev').runner.replace('-dev-', '-{0}-');
    const label = `format('codebuild-${runner}-{1}-{2}', ${given}, github.run_id, github.run_attempt)`;
    const has = `contains(vars.CODEBUILD_RUNNERS, ${given})`;
    expect(job['runs-on']).toBe(`\${{ ${has} && ${label} || vars.RUNNER || 'ubuntu-24.04' }}`);
    const steps = (job.steps ?? []).flatMap((step) => {
      const own = ownActions.find(({ name }) => step.uses === `./.github/actions/${name}`);
      return own ? (parse(own.text).runs.steps as Step[]) : [step];
    });
    const commands = steps.flatMap(
      ({ run = '' }) => /^(?:exec|pnpm) .*?delivery(?:\/cli\.ts)? (\S+)/.exec(run)?.[1] ?? [],
    );
    expect(commands[0]).toBe('preflight');
    // A job that changes the infrastructure must not delete the machine on which it runs.
    const [first] = steps.filter(({ run = '' }) => run.includes('delivery preflight'));
    const changes = file === 'terraform.yml' || file === 'pull-request.yml';
    expect([first?.run?.includes('--inside "$INSIDE"'), first?.env?.INSIDE]).toEqual(
      changes ? [true, `\${{ ${has} }}`] : [false, undefined],
    );
  });

  test('is each of those six, and no other job is on a runner of its own', () => {
    expect(needing).toHaveLength(6);
    const others = jobs.filter(({ job }) => job['runs-on'] && job['runs-on'] !== 'ubuntu-24.04');
    expect(others.map(({ label }) => label)).toEqual(needing.map(({ label }) => label));
  });
});

test('no job that may write to an open pull request runs its code', () => {
  const writing = jobs.filter(
    ({ file, job }) => workflow(file).on.pull_request && job.permissions?.['pull-requests'] === 'write',
  );
  expect(writing).toHaveLength(2);
  for (const { job } of writing) {
    expect(job.steps?.some(({ uses, run }) => uses?.includes('checkout') || run?.includes('pnpm'))).toBe(false);
  }
});

test('the result of a pull request depends on all its checks', () => {
  const { jobs } = workflow('pull-request.yml');
  const { result, report, comment, ...checks } = jobs as Record<string, Job & { needs: string[] }>;
  expect(result?.needs.toSorted()).toEqual(Object.keys(checks).toSorted());
  expect(report?.if).toBe('always()');
  expect(comment?.if).toContain('always()');
});

describeWith('actionlint', findTool('actionlint'), 'actionlint', (actionlint) => {
  test('finds nothing', () => {
    const { status, stdout, stderr } = spawnSync(actionlint, [], { cwd: root, encoding: 'utf8' });
    expect([status, stdout + stderr]).toEqual([0, '']);
  });
});

describeWith('zizmor', findTool('zizmor'), 'zizmor, with its strictest persona,', (zizmor) => {
  test('finds nothing', () => {
    const args = ['--offline', '--persona=auditor', '--quiet', '--color=never', '.github'];
    const { status, stdout } = spawnSync(zizmor, args, { cwd: root, encoding: 'utf8' });
    expect([status, stdout]).toEqual([0, expect.stringContaining('No findings')]);
  });
});

describeWith('act', findTool('act'), 'act', (act) => {
  test('reads every workflow, and lists all its jobs', () => {
    const list = execFileSync(act, ['--list', '--workflows', folder], { cwd: root, encoding: 'utf8', stdio: 'pipe' });
    for (const { name } of jobs.filter(({ file }) => file !== 'ci-cd.yml' && file !== 'terraform.yml')) {
      expect(list).toContain(` ${name} `);
    }
  });

  test('runs the jobs of a pull request that need only its code', async () => {
    const stage = await mkdtemp(join(tmpdir(), 'act-'));
    const clone = join(stage, 'clone');
    execFileSync('git', ['clone', '--quiet', root, clone]);
    // GitHub's own actions are replaced by one that does nothing: the code is already there, and nothing is cached.
    const nothing = { name: 'nothing', runs: { using: 'composite', steps: [{ shell: 'bash', run: 'true' }] } };
    await writeFile(join(stage, 'action.yml'), JSON.stringify(nothing));
    const git = (...args: string[]) => execFileSync('git', args, { cwd: clone, encoding: 'utf8' }).trim();
    // The checkout of a pull request is its merge with the base branch, which is the first parent.
    git('-c', 'user.name=n', '-c', 'user.email=n@example.com', 'commit', '--quiet', '--allow-empty', '--message=merge');
    const event = { pull_request: { number: 1 } };
    await writeFile(join(stage, 'event.json'), JSON.stringify(event));
    const actions = [
      ...text('pull-request.yml').matchAll(/uses: (actions\/\S+)/g),
      ...install.matchAll(/uses: (\S+)/g),
    ];
    const standIns = actions.flatMap(([, name]) => ['--local-repository', `${name}=${stage}`]);
    const args = ['pull_request', '--eventpath', join(stage, 'event.json'), '--platform', 'ubuntu-24.04=-self-hosted'];
    for (const job of ['changes', 'check']) {
      const { status, stdout } = spawnSync(act, [...args, ...standIns, '--job', job], { cwd: clone, encoding: 'utf8' });
      expect([job, status, stdout]).toEqual([job, 0, expect.stringContaining('Job succeeded')]);
      if (job === 'changes') expect(stdout).toContain('set-output:: infra=false');
    }
    await rm(stage, { recursive: true });
  });
});
