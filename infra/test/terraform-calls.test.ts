/** What each command asks Terraform, in order, with stand-ins for Terraform, the AWS CLI and the synthesis. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { answering, completeSettings } from './support/aws-answers.ts';
import { infra } from './support/command.ts';
import { root } from './support/program.ts';

let asked: string;
beforeEach(() => {
  asked = join(mkdtempSync(join(tmpdir(), 'asked-')), 'asked');
});

const out = join(root, 'cdktf.out');
/** One line for each call: the stack, what the variables of workspaces and versions say, and the arguments. */
function run(
  args: string[],
  { fails = 'nothing', input = '', state = '{}', ...env }: Record<string, string> = {},
  more: Record<string, string> = {},
) {
  const programs = {
    terraform: `case "$*" in
version) echo "version asks its maker: \${CHECKPOINT_DISABLE:-yes}" >>'${asked}'; echo Terraform v1.11.4; exit;;
esac
stack=\${1#-chdir=${out}/stacks/}; shift
echo "$stack: $*\${TF_WORKSPACE+ in another workspace}" >>'${asked}'
case "$*" in
${fails}*) exit 5;;
'show -json') echo '${state}';;
'output -json name_servers') echo '["ns-1.example", "ns-2.example"]';;
esac`,
    aws: answering({}),
    ...more,
    // The synthesis runs in a shell.
    sh: `echo "synthesis in $CDKTF_OUTDIR: $2" >>'${asked}'`,
  };
  const variables = { ...completeSettings, AWS_ACCESS_KEY_ID: 'key', TF_WORKSPACE: 'prd', ...env };
  const { output, status } = infra(args, variables, programs, input);
  const calls = existsSync(asked) ? readFileSync(asked, 'utf8').trim().split('\n') : [];
  return { output, status, calls: calls.filter((call) => !call.startsWith('version')), all: calls };
}

const { app, output: folderOfCdktf } = JSON.parse(readFileSync(join(root, 'cdktf.json'), 'utf8'));
const synthesis = `synthesis in ${out}: ${app}`;
const prepared = (name: string) => [
  synthesis,
  `${name}: init -input=false`,
  `${name}: workspace select -or-create ${name}`,
];

describe('the synthesis', () => {
  /** Runs it in another folder, with stand-ins for the compiler and Node. */
  function synthesised(compiler: string) {
    const folder = mkdtempSync(join(tmpdir(), 'synthesis-'));
    mkdirSync(join(folder, 'node_modules/.bin'), { recursive: true });
    for (const [name, script] of Object.entries({ tsc: compiler, node: '' })) {
      const text = `#!/bin/sh\necho "${name} $*"\n${script}\n`;
      writeFileSync(join(folder, 'node_modules/.bin', name), text, { mode: 0o755 });
    }
    const { status, stdout } = spawnSync('sh', ['-c', app], { cwd: folder, encoding: 'utf8' });
    return { status, calls: stdout.trim().split('\n') };
  }
  const types = 'tsc --noEmit -p infra';

  test('checks the types, and then runs the program with both environments as they are', () => {
    const node = expect.stringMatching(/^node .*infra\/main\.ts$/);
    expect(synthesised('')).toEqual({ status: 0, calls: [types, node] });
  });

  test('writes nothing if a type is wrong', () => {
    expect(synthesised('exit 2')).toEqual({ status: 2, calls: [types] });
  });

  test('by cdktf itself writes to the folder in which the commands look', () => {
    expect(join(root, folderOfCdktf)).toBe(out);
  });
});

test.each<[string, string[], string, string, string?]>([
  ['a plan', ['plan', 'prd'], '', 'prd: plan -input=false'],
  ['the outputs', ['output', 'prd'], '', 'prd: output'],
  ['a deployment', ['deploy', 'dev'], '', 'dev: show -json', 'dev: apply'],
  ['a confirmed destroy', ['destroy', 'dev', '--yes'], '', 'dev: destroy -input=false -auto-approve'],
  ['a destroy whose name was typed', ['destroy', 'dev'], ' dev \n', 'dev: destroy -input=false -auto-approve'],
])(
  '%s initialises the stack, selects its workspace, whatever TF_WORKSPACE says, and asks once',
  (_, args, input, ...expected) => {
    const { all, calls, status } = run(args, { input });
    expect([status, calls]).toEqual([0, [...prepared(args[1] ?? ''), ...expected]]);
    // Otherwise Terraform asks its maker for a newer version.
    expect(all[0]).toBe('version asks its maker: 1');
  },
);

test('nothing is synthesised by code whose types are wrong', () => {
  const folder = mkdtempSync(join(tmpdir(), 'synthesis-'));
  mkdirSync(join(folder, 'node_modules/.bin'), { recursive: true });
  const synthesise = (code: number) => {
    rmSync(asked, { force: true });
    for (const [name, exits] of [
      ['tsc', code],
      ['node', 0],
    ] as const) {
      const script = `#!/bin/sh\necho "${name} $*" >>'${asked}'; exit ${exits}\n`;
      writeFileSync(join(folder, 'node_modules/.bin', name), script, { mode: 0o755 });
    }
    const { status } = spawnSync('sh', ['-c', app], { cwd: folder });
    return [status, ...readFileSync(asked, 'utf8').trim().split('\n')];
  };
  const types = 'tsc --noEmit -p infra';
  expect(synthesise(2)).toEqual([2, types]);
  expect(synthesise(0)).toEqual([0, types, expect.stringMatching(/^node .*infra\/main\.ts$/)]);
});

test('with a second region, the folder of a stack may still have the bucket of the other one', () => {
  const [synthesised, init, select] = prepared('prd');
  for (const INFRA_USE_SECOND_REGION of ['false', 'true']) {
    rmSync(asked, { force: true });
    const { calls, status } = run(['plan', 'prd'], { INFRA_SECOND_REGION: 'us-west-2', INFRA_USE_SECOND_REGION });
    expect([status, calls]).toEqual([0, [synthesised, `${init} -reconfigure`, select, 'prd: plan -input=false']]);
  }
});

test('a deployment ends with what only people can do: confirm the e-mails, and activate the tags', () => {
  const { calls, output, status } = run(['deploy', 'dev', '--yes']);
  expect([status, calls]).toEqual([
    0,
    [...prepared('dev'), 'dev: show -json', 'dev: apply -input=false -auto-approve'],
  ]);
  expect(output).toContain('without the click, the address gets no alarm');
  expect(output).toContain('activate the tags "environment", "Name", "application"');
  expect(output).toContain(
    'TagKey=environment,Status=Active TagKey=Name,Status=Active TagKey=application,Status=Active',
  );
});

describe('a deployment that changes the version of a chart', () => {
  const folder = join(out, 'stacks/dev');
  const release = { chart: 'one', repository: 'https://charts.example' };
  const deployed = { type: 'helm_release', name: 'one', values: { ...release, version: '1.0.0' } };
  const state = JSON.stringify({ values: { root_module: { resources: [deployed] } } });
  const recording = (name: string, script = '') => `echo "${name}: $*" >>'${asked}'\n${script}`;
  const programs = () => ({
    aws: `case "$*" in *update-kubeconfig*) ${recording('aws')};; esac\n${answering({})}`,
    helm: recording('helm', "printf '%b' '---\\nmetadata: {name: ones}\\n'"),
    kubectl: recording('kubectl'),
  });
  const deploy = (args: string[], more: Record<string, string> = {}, own: Record<string, string> = {}) =>
    run(['deploy', 'dev', ...args], { state, ...more }, { ...programs(), ...own });
  const updated = [
    expect.stringMatching(/^aws: eks update-kubeconfig --name desafio-aws-dev --region us-east-1 --kubeconfig \S+$/),
    'helm: show crds one --repo https://charts.example --version 2.0.0',
    expect.stringMatching(/^kubectl: apply --server-side .*--filename=-$/),
  ];
  beforeAll(() => {
    mkdirSync(folder, { recursive: true });
    const stack = { resource: { helm_release: { one: { ...release, version: '2.0.0' } } } };
    writeFileSync(join(folder, 'cdk.tf.json'), JSON.stringify(stack));
  });
  afterAll(() => rmSync(join(folder, 'cdk.tf.json')));

  test.each([
    ['with --yes', ['--yes'], '', 'dev: apply -input=false -auto-approve'],
    ['once a person agrees', [], 'sim\n', 'dev: apply'],
  ])('first updates its definitions, %s', (_, args, input, apply) => {
    const { calls, output, status } = deploy(args, { input });
    expect([status, calls]).toEqual([0, [...prepared('dev'), 'dev: show -json', ...updated, apply]]);
    expect(output).toContain('the definitions (CRDs) in the cluster become those of these charts: one 2.0.0.');
    expect(output).toContain('one 2.0.0: applied definitions: ones.');
  });

  test('changes nothing if nobody agrees', () => {
    const { calls, output, status } = deploy([], { input: 'no\n' });
    expect([status, calls]).toEqual([2, [...prepared('dev'), 'dev: show -json']]);
    expect(output).toContain('Nothing was changed.');
  });

  test('applies nothing where the cluster refuses them, or a program is missing', () => {
    const refused = deploy(['--yes'], {}, { kubectl: recording('kubectl', 'echo Forbidden >&2; exit 1') });
    expect([refused.status, refused.calls]).toEqual([1, [...prepared('dev'), 'dev: show -json', ...updated]]);
    expect(refused.output).toContain('Forbidden');
    const { helm, ...withoutHelm } = programs();
    const missing = run(['deploy', 'dev', '--yes'], { state }, withoutHelm);
    expect([missing.status, missing.calls.at(-1)]).toEqual([1, 'dev: show -json']);
    expect(missing.output).toContain('helm');
  });
});

test.each(['', 'prd\n', 'yes\n'])('nothing is destroyed unless the name of the environment is typed (%j)', (input) => {
  const { calls, output, status } = run(['destroy', 'dev'], { input });
  expect([status, calls]).toEqual([2, []]);
  expect(output).toContain('all its data. To confirm, type dev: ');
  expect(output).toContain('Nothing was deleted.');
});

test.each<[string, string, string[]]>([
  ['plan', 'init', prepared('dev').slice(0, 2)],
  ['plan', 'workspace', prepared('dev')],
  ['deploy', 'apply', [...prepared('dev'), 'dev: show -json', 'dev: apply']],
])('a %s ends with the exit code of Terraform where its %s fails', (command, fails, expected) => {
  const { calls, output, status } = run([command, 'dev'], { fails });
  expect([status, calls]).toEqual([5, expected]);
  // What comes after a deployment is not said of one that failed.
  expect(output).not.toContain('activate the tag');
});

test('a deployment asks Terraform nothing while something is missing', () => {
  const { calls, output, status } = run(['deploy', 'prd', '--yes'], { INFRA_ACCOUNT_ID: '210987654321' });
  expect([status, calls]).toEqual([1, []]);
  expect(output).toContain('The credentials belong to account 123456789012');
});

test('the bootstrap applies, shows the name servers of a new zone, and creates the workspaces', () => {
  const { calls, output, status } = run(['bootstrap', '--yes'], {
    INFRA_DOMAIN: '{"zone": "example.org", "createZone": true}',
  });
  expect([status, calls]).toEqual([
    0,
    [
      synthesis,
      'bootstrap: init -input=false',
      'bootstrap: apply -input=false -auto-approve',
      'bootstrap: output -json name_servers',
      ...[...prepared('dev'), ...prepared('prd')].filter((call) => call !== synthesis),
    ],
  ]);
  expect(output).toContain('The zone example.org was created.');
  expect(output).toContain('enter its name servers: ns-1.example, ns-2.example.');
  expect(output).toMatch(/on this machine \(bootstrap\.tfstate\).*run again: pnpm infra bootstrap$/m);
  expect(output).not.toContain('both accounts');
});

test('a bootstrap that fails creates no workspaces, and does not say that it is done', () => {
  const { calls, output, status } = run(['bootstrap'], { fails: 'apply' });
  expect([status, calls]).toEqual([5, [synthesis, 'bootstrap: init -input=false', 'bootstrap: apply']]);
  expect(output).not.toContain('bootstrap.tfstate');
});
