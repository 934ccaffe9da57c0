/** What a rehearsal asks Terraform and reads from it, with a stand-in for Terraform. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { engineForBothStates } from '../engine.ts';
import { type Progress, Stack } from '../stack.ts';

let folder: string;
let engine: string;
const before = { ...process.env };
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'engine of one-'));
  engine = join(folder, 'terraform');
  Object.assign(process.env, { TF_WORKSPACE: 'prd', TF_CLI_CONFIG_FILE: '/own.tfrc', TF_IN_AUTOMATION: '', OWN: 'no' });
});
afterEach(() => {
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
  Object.assign(process.env, before);
});
function stackWith(script: string): Stack {
  writeFileSync(engine, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return new Stack(engine, '/stacks/dev', { OWN: 'yes', TF_CLI_ARGS_init: '-backend-config=a=b' });
}
const printing = (...lines: (object | string)[]) =>
  `cat <<'END'\n${lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n')}\nEND`;

test('Terraform runs in the folder of the stack, with the variables of the rehearsal, and nobody to answer it', async () => {
  const names = [
    'TF_WORKSPACE',
    'TF_CLI_CONFIG_FILE',
    'CHECKPOINT_DISABLE',
    'TF_IN_AUTOMATION',
    'OWN',
    'TF_CLI_ARGS_init',
  ];
  const stack = stackWith(`echo "$@"; cat; ${names.map((name) => `echo "${name}=\${${name}-none}"`).join('; ')}`);
  expect((await stack.run('init', '-reconfigure')).split('\n')).toEqual([
    '-chdir=/stacks/dev init -reconfigure -no-color',
    ...['TF_WORKSPACE=none', 'TF_CLI_CONFIG_FILE=none', 'CHECKPOINT_DISABLE=1', 'TF_IN_AUTOMATION=1', 'OWN=yes'],
    'TF_CLI_ARGS_init=-backend-config=a=b',
  ]);
});

test('how it ends is told with all that it said, and is an error where it has to succeed', async () => {
  const lines: string[] = [];
  const failing = stackWith('echo one; echo bad >&2; echo two; exit 3');
  const ended = await failing.attempt(['plan'], (line) => lines.push(line));
  expect([ended, lines]).toEqual([{ code: 3, stdout: 'one\ntwo', stderr: 'bad\n' }, ['one', 'two']]);
  await expect(failing.run('plan', '-out=x')).rejects.toThrow(`${engine} plan -out=x:\none\ntwobad\n`);
  expect(await stackWith('kill -KILL $$').attempt(['plan'])).toEqual({ code: 1, stdout: '', stderr: '' });
  // More than a pipe holds, on both.
  const much = await stackWith('printf "%0200000d" 1; printf "%0200000d" 1 >&2').attempt([]);
  expect([much.stdout.length, much.stderr.length]).toEqual([200_000, 200_000]);
});

test('a change tells what has ended before each that begins, and every error with its place', async () => {
  const hook = (type: string, action: string, addr: string) => ({ type, hook: { action, resource: { addr } } });
  const diagnostic = (severity: string, more: object) => ({ type: 'diagnostic', diagnostic: { severity, ...more } });
  const output = [
    'Terraform is about to begin',
    { type: 'version', terraform: '1.11.4' },
    hook('apply_start', 'read', 'data.aws_region.here'),
    hook('apply_complete', 'read', 'data.aws_region.here'),
    hook('apply_start', 'create', 'aws_vpc.one'),
    hook('apply_progress', 'create', 'aws_vpc.one'),
    hook('apply_complete', 'create', 'aws_vpc.one'),
    hook('apply_start', 'update', 'aws_lb.one'),
    hook('apply_start', 'delete', 'aws_eip.one'),
    hook('apply_complete', 'delete', 'aws_eip.one'),
    hook('apply_errored', 'update', 'aws_lb.one'),
    hook('apply_start', 'create', 'aws_sns_topic.one'),
    diagnostic('warning', { summary: 'old' }),
    diagnostic('error', { summary: 'refused', detail: 'why', address: 'aws_lb.one' }),
    diagnostic('error', { summary: 'undeclared', range: { start: { line: 7 } } }),
    '{ torn',
    'null',
  ];
  const progress: Progress[] = [];
  const read: string[] = [];
  const stack = stackWith(`echo "$@"\n${printing(...output)}\nexit 1`);
  const changed = await stack.change(
    ['apply', '-auto-approve'],
    (one) => progress.push(one),
    (line) => read.push(line),
  );
  expect([changed.code, read[0]]).toEqual([
    ...[1, '-chdir=/stacks/dev apply -auto-approve -input=false -json -no-color'],
  ]);
  expect([read.length, changed.stdout]).toEqual([output.length + 1, read.join('\n')]);
  expect(progress).toEqual([
    { done: 0, address: 'aws_vpc.one' },
    { done: 1, address: 'aws_lb.one' },
    { done: 1, address: 'aws_eip.one' },
    { done: 2, address: 'aws_sns_topic.one' },
  ]);
  expect(changed.errors).toEqual([
    { summary: 'refused', detail: 'why', address: 'aws_lb.one' },
    { summary: 'undeclared', detail: '', address: '', line: 7 },
  ]);
});

test('the resources of a state are known with what they wait for, and no data source is one', async () => {
  const resources = [
    { mode: 'data', type: 'aws_region', name: 'here', instances: [{}] },
    { mode: 'managed', type: 'aws_vpc', name: 'one', instances: [{}] },
    {
      ...{ mode: 'managed', type: 'aws_subnet', name: 'two' },
      instances: [{ dependencies: ['aws_vpc.one'] }, { dependencies: ['data.aws_region.here'] }],
    },
  ];
  const stack = stackWith(`[ "$2 $3" = 'state pull' ] || exit 1\n${printing({ version: 4, resources })}`);
  expect(await stack.nodes()).toEqual([
    { type: 'aws_vpc', address: 'aws_vpc.one', dependsOn: [] },
    { type: 'aws_subnet', address: 'aws_subnet.two', dependsOn: ['aws_vpc.one', 'data.aws_region.here'] },
  ]);
});

test('the options for a state in S3 are left out where the state is in a file, and only there', async () => {
  writeFileSync(engine, '#!/bin/sh\necho "$TF_CLI_ARGS_init|$#|$2"\nexit 4\n', { mode: 0o755 });
  const own = mkdtempSync(join(tmpdir(), 'own-'));
  expect(await engineForBothStates(engine, own)).toBe(own);
  const stacks = { file: '"local": {', close: '"local":{', bucket: '"s3": {', named: '"locals": {', none: undefined };
  for (const [name, backend] of Object.entries(stacks)) {
    mkdirSync(join(folder, name));
    if (backend) writeFileSync(join(folder, name, 'cdk.tf.json'), `{"terraform": {"backend": {${backend}}}}}`);
  }
  const ask = (cwd: string, ...args: string[]) => {
    const { status, stdout } = spawnSync(join(own, 'terraform'), args, {
      ...{ cwd: join(folder, cwd), encoding: 'utf8', env: { PATH: process.env.PATH, TF_CLI_ARGS_init: 'options' } },
    });
    return [status, stdout.trim()];
  };
  for (const [name, options] of Object.entries({
    file: '',
    close: '',
    bucket: 'options',
    named: 'options',
    none: 'options',
  })) {
    expect([name, ask(name, 'init', 'a b')]).toEqual([name, [4, `${options}|2|a b`]]);
    expect([name, ask('none', `-chdir=${join(folder, name)}`, 'init')]).toEqual([name, [4, `${options}|2|init`]]);
  }
  const other = await engineForBothStates(engine);
  expect(other).not.toBe(own);
  expect(execFileSync('ls', [other], { encoding: 'utf8' })).toBe('terraform\n');
});

test('any command runs in a rehearsal, which ends with it and as it does', () => {
  const program = resolve(import.meta.dirname, '../with.ts');
  const { HOME, PATH } = before;
  const run = (args: string[], env: NodeJS.ProcessEnv = {}) => {
    const { status, stderr, stdout } = spawnSync(process.execPath, [program, ...args], {
      ...{ encoding: 'utf8', env: { HOME, PATH, ...env }, input: 'given' },
    });
    return { status, stderr, stdout };
  };
  const usage = 'Uso: node rehearsal/with.ts BUCKET COMANDO…\nUsage: node rehearsal/with.ts BUCKET COMMAND…\n';
  expect(run(['state'])).toEqual({ status: 2, stdout: '', stderr: usage });
  // The engine of this machine is never asked.
  const script = `cat; echo; tofu version; env | grep -E '^(AWS|TF|TERRAFORM|GOGC)' | sort; exit 3`;
  writeFileSync(join(folder, 'tofu'), '#!/bin/sh\necho "own engine: $*"\n', { mode: 0o755 });
  const { status, stderr, stdout } = run(['state', 'sh', '-c', script], {
    ...{ AWS_ACCESS_KEY_ID: 'of a person', AWS_REGION: 'eu-west-1', TERRAFORM_BINARY_NAME: join(folder, 'tofu') },
  });
  expect([status, stderr]).toEqual([3, '']);
  const checks = ['credentials_validation', 'metadata_api_check', 'region_validation', 'requesting_account_id'];
  expect(stdout.split('\n')).toEqual([
    ...['given', 'own engine: version', 'AWS_ACCESS_KEY_ID=rehearsal'],
    expect.stringMatching(/^AWS_ENDPOINT_URL_S3=http:\/\/127\.0\.0\.1:\d+$/),
    ...['AWS_REGION=us-east-1', 'AWS_SECRET_ACCESS_KEY=rehearsal', 'GOGC=400', 'TERRAFORM_BINARY_NAME=tofu'],
    `TF_CLI_ARGS_init=-input=false -backend-config=use_path_style=true ${checks
      .map((check) => `-backend-config=skip_${check}=true`)
      .join(' ')}`,
    expect.stringMatching(/^TF_REATTACH_PROVIDERS=\{"registry\.terraform\.io\/hashicorp\/aws":\{"Protocol":"grpc"/),
    '',
  ]);
  expect(stdout).toContain('"registry.opentofu.org/hashicorp/aws"');
});
