import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually } from '../../test/support/eventually.ts';
import { Terraform } from '../terraform.ts';

const path = process.env.PATH;
let folder: string;

/** Replaces Terraform, or another engine, by a script. */
function standIn(script: string, engine = 'terraform'): void {
  writeFileSync(join(folder, engine), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'terraform-'));
  process.env.PATH = `${folder}:${path}`;
  delete process.env.TERRAFORM_BINARY_NAME;
});
afterEach(() => {
  process.env.PATH = path;
});

test.each([
  [false, []],
  [true, ['-destroy']],
])('a plan is saved relative to the working directory, not the stack (destroy: %s)', async (destroy, more) => {
  standIn(`echo "$@" >${folder}/asked; pwd >${folder}/where`);
  const before = process.cwd();
  process.chdir(folder);
  try {
    await new Terraform('dev').savePlan('plan', { destroy, lock: true });
  } finally {
    process.chdir(before);
  }
  // What it starts may name files of the repository.
  expect(readFileSync(join(folder, 'where'), 'utf8')).toBe(`${resolve(import.meta.dirname, '../..')}\n`);
  const [chdir, command, ...options] = readFileSync(join(folder, 'asked'), 'utf8').trim().split(' ');
  expect([chdir, command]).toEqual([expect.stringMatching(/^-chdir=.*\/cdktf\.out\/stacks\/dev$/), 'plan']);
  expect(options).toEqual(expect.arrayContaining([`-out=${join(folder, 'plan')}`, ...more]));
  expect(options.includes('-destroy')).toBe(destroy);
});

test.each([
  [true, '-lock-timeout=10m'],
  [false, '-lock=false'],
])('only a plan that will be applied waits for the lock and holds it (%s)', async (lock, option) => {
  standIn(`echo "$@" >${folder}/asked`);
  await new Terraform('dev').savePlan('plan', { lock });
  expect(readFileSync(join(folder, 'asked'), 'utf8').match(/-lock\S*/g)).toEqual([option]);
});

test('a plan, which may contain secrets, is not printed', () => {
  standIn('echo "password = s3cret"');
  const program =
    "import { Terraform } from './infra/terraform.ts'; await new Terraform('dev').savePlan('plan', { lock: true })";
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: resolve(import.meta.dirname, '../..'),
    env: process.env,
    encoding: 'utf8',
  });
  expect(output).not.toContain('s3cret');
});

test('a saved plan can be large, and its letters stay whole, wherever a pipe divides them', async () => {
  // No power of two is a multiple of three bytes, which this letter has.
  standIn(`exec ${process.execPath} --eval 'process.stdout.write(JSON.stringify({ changes: "€".repeat(2_000_000) }))'`);
  const { changes } = (await new Terraform('dev').showPlan('plan')) as { changes: string };
  expect([changes.length, changes.replaceAll('€', '')]).toEqual([2_000_000, '']);
});

test('what is said last is read, too, although the program has ended by then', async () => {
  standIn(`printf '{"first": 1'; { sleep 0.3; printf ', "last": 2}'; } &`);
  expect(await new Terraform('dev').showPlan('plan')).toEqual({ first: 1, last: 2 });
});

test('Terraform asks the person of the command, and what it says as the error is seen, also while its output is not', () => {
  standIn('echo "why $2 failed" >&2; [ "$2" != apply ] || { read -r answer; echo "answered $answer"; }');
  const program = `import { Terraform } from './infra/terraform.ts';
const terraform = new Terraform('dev');
await terraform.savePlan('plan', { lock: true });
await terraform.run('apply');`;
  const { stderr, stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: resolve(import.meta.dirname, '../..'),
    env: process.env,
    encoding: 'utf8',
    input: 'yes\n',
  });
  expect([stdout, stderr]).toEqual(['answered yes\n', 'why plan failed\nwhy apply failed\n']);
});

test('Terraform gets all variables of the person or workflow, of which some are its credentials, and no more', async () => {
  const given = {
    AWS_PROFILE: 'one',
    AWS_SESSION_TOKEN: 'token',
    TF_CLI_ARGS_apply: '-parallelism=5',
    TF_WORKSPACE: 'prd',
  };
  standIn(`exec ${process.execPath} --eval 'fs.writeFileSync("${folder}/variables", JSON.stringify(process.env))'`);
  Object.assign(process.env, given);
  // The shell of the stand-in has these of its own.
  const expected = ({ _, OLDPWD, PWD, SHLVL, TF_WORKSPACE, ...variables }: NodeJS.ProcessEnv) => variables;
  try {
    const terraform = new Terraform('dev');
    for (const run of [() => terraform.run('apply'), () => terraform.savePlan('plan', { lock: true })]) {
      await run();
      const got = JSON.parse(readFileSync(join(folder, 'variables'), 'utf8'));
      expect([expected(got), got.TF_WORKSPACE]).toEqual([expected({ ...process.env }), undefined]);
    }
  } finally {
    for (const name of Object.keys(given)) delete process.env[name];
  }
});

test('once Terraform has ended, however it did, signals are no longer kept from the program', async () => {
  const listeners = () => ['SIGINT', 'SIGTERM'].map((signal) => process.listenerCount(signal));
  const before = listeners();
  for (const script of ['exit 0', 'exit 1', undefined]) {
    if (script === undefined) process.env.PATH = mkdtempSync(join(tmpdir(), 'nothing-'));
    else standIn(script);
    await new Terraform('dev').run('apply').catch(() => undefined);
    expect([script, listeners()]).toEqual([script, before]);
  }
});

test('a program that is killed has failed', async () => {
  standIn('kill -KILL $$');
  await expect(new Terraform('dev').run('apply')).rejects.toMatchObject({ code: 1 });
});

test('questions are never asked of a person while a plan is saved, and no variable selects another workspace', async () => {
  const stack = resolve(import.meta.dirname, '../../cdktf.out/stacks/init-test');
  mkdirSync(join(stack, '.terraform'), { recursive: true });
  writeFileSync(join(stack, '.terraform/environment'), 'prd');
  process.env.TF_WORKSPACE = 'prd';
  try {
    // A workspace that does not exist yet would make init fail.
    standIn(`[ -z "\${TF_WORKSPACE+set}" ] || exit 8
[ "$2" != init ] || [ ! -e '${stack}/.terraform/environment' ] || exit 9
shift; echo "$@" >>${folder}/asked; echo '["one"]'`);
    const terraform = new Terraform('init-test');
    await terraform.init('dev', '-upgrade');
    await terraform.savePlan('plan', { lock: true });
    await terraform.showPlan('plan');
    expect(await terraform.output('names')).toEqual(['one']);
  } finally {
    delete process.env.TF_WORKSPACE;
    rmSync(stack, { recursive: true });
  }
  expect(readFileSync(join(folder, 'asked'), 'utf8').trim().split('\n')).toEqual([
    'init -input=false -upgrade',
    'workspace select -or-create dev',
    `plan -input=false -lock-timeout=10m -out=${resolve('plan')}`,
    `show -json ${resolve('plan')}`,
    'output -json names',
  ]);
});

test('a plan that cannot be read is an error, not a plan without changes', async () => {
  standIn('echo "{}"; exit 3');
  await expect(new Terraform('dev').showPlan('plan')).rejects.toThrow('terraform: exit code 3');
});

test('the engine that cdktf would use initialises, plans, shows and applies', async () => {
  process.env.TERRAFORM_BINARY_NAME = 'tofu';
  standIn('exit 9');
  standIn(`echo "$2" >>${folder}/asked; [ "$2" != show ] || echo '{}'`, 'tofu');
  const engine = new Terraform('dev');
  await engine.init('dev');
  await engine.savePlan('plan', { lock: true });
  await engine.showPlan('plan');
  await engine.run('apply', 'plan');
  expect(readFileSync(join(folder, 'asked'), 'utf8')).toBe('init\nworkspace\nplan\nshow\napply\n');
  standIn('exit 3', 'tofu');
  await expect(engine.showPlan('plan')).rejects.toThrow('tofu: exit code 3');
});

describe('a program that runs Terraform', () => {
  /** Terraform that writes down its signals, and ends only after it was told to go on. */
  const patient = `trap 'echo INT >>"$0.signals"' INT
trap 'echo TERM >>"$0.signals"' TERM
ps -o pgid= -p $$ >"$0.group"
: >"$0.started"
until [ -e "$0.go-on" ]; do sleep 0.05; done
exit 7`;
  const file = (name: string) => join(folder, `terraform.${name}`);
  const signals = ['SIGINT', 'SIGTERM'] as const;
  afterEach(() => writeFileSync(file('go-on'), ''));

  /** @param isInTerminal whether the program seems to run in a terminal, whose Ctrl-C reaches its whole group */
  function start(isInTerminal = false): ChildProcess {
    standIn(patient);
    const script = `
      import { Terraform } from ${JSON.stringify(resolve(import.meta.dirname, '../terraform.ts'))};
      import { appendFileSync } from 'node:fs';
      // Without a terminal, Node leaves it undefined.
      if (${isInTerminal}) Object.defineProperty(process.stdin, 'isTTY', { value: true });
      // Not a listener, which would keep signals from ending the program.
      const { emit } = process;
      process.emit = (event, ...rest) => {
        const isHeard = emit.call(process, event, ...rest);
        if (${JSON.stringify(signals)}.includes(event)) appendFileSync(${JSON.stringify(file('noticed'))}, event + '\\n');
        return isHeard;
      };
      process.exitCode = await new Terraform('dev').run('apply').catch(({ code }) => code);`;
    const options = { env: process.env, stdio: 'pipe', detached: true } as const;
    return spawn(process.execPath, ['--input-type=module', '--eval', script], options);
  }
  const isInGroupOf = ({ pid }: ChildProcess) => Number(readFileSync(file('group'), 'utf8')) === pid;

  /** Sends a signal, and waits until the program has noticed it or has ended. */
  async function send(program: ChildProcess, signal: NodeJS.Signals): Promise<void> {
    const noticed = () => (existsSync(file('noticed')) ? readFileSync(file('noticed'), 'utf8').split('\n').length : 1);
    const before = noticed();
    program.kill(signal);
    await eventually(async () => noticed() > before || program.exitCode !== null || program.signalCode !== null);
  }

  test.each(signals)('passes on %s once, waits for Terraform and exits as it does', async (signal) => {
    const program = start();
    const ended = once(program, 'exit');
    await eventually(async () => existsSync(file('started')));
    expect(isInGroupOf(program)).toBe(false);
    await send(program, signal);
    await eventually(async () => existsSync(file('signals')));
    // GitHub sends a second signal after 7.5 seconds, and a person may press Ctrl-C again. Terraform would stop at once,
    // without writing its state, and a program that ends before Terraform would leave it alone with its lock.
    for (const next of [...signals, ...signals]) await send(program, next);
    writeFileSync(file('go-on'), '');
    expect(await ended).toEqual([7, null]);
    expect(readFileSync(file('signals'), 'utf8')).toBe('INT\n');
  });

  test('in a terminal, leaves Ctrl-C to Terraform, which gets it as well, and passes on what only itself gets', async () => {
    const interrupted = start(true);
    const ended = once(interrupted, 'exit');
    await eventually(async () => existsSync(file('started')));
    expect(isInGroupOf(interrupted)).toBe(true);
    // Terraform, which has the first already, would take another one as an order to stop at once.
    for (const signal of ['SIGINT', ...signals, 'SIGTERM'] as const) await send(interrupted, signal);
    writeFileSync(file('go-on'), '');
    expect(await ended).toEqual([7, null]);
    expect(existsSync(file('signals'))).toBe(false);

    for (const name of ['go-on', 'started']) rmSync(file(name));
    const stopped = start(true);
    const end = once(stopped, 'exit');
    await eventually(async () => existsSync(file('started')));
    stopped.kill('SIGTERM');
    await eventually(async () => existsSync(file('signals')));
    writeFileSync(file('go-on'), '');
    expect(await end).toEqual([7, null]);
    expect(readFileSync(file('signals'), 'utf8')).toBe('INT\n');
  });
});

describe('a state that an apply could not write', () => {
  const stack = resolve(import.meta.dirname, '../../cdktf.out/stacks/rescue-test');
  const errored = join(stack, 'errored.tfstate');
  beforeEach(() => {
    mkdirSync(stack, { recursive: true });
  });
  afterEach(() => rmSync(stack, { recursive: true }));

  test('is written again, and then removed', async () => {
    writeFileSync(errored, '{}');
    standIn(`shift; echo "$@" >${folder}/asked`);
    expect(await new Terraform('rescue-test').rescueState()).toBeUndefined();
    expect(readFileSync(join(folder, 'asked'), 'utf8')).toBe(`state push ${errored}\n`);
    expect(existsSync(errored)).toBe(false);
  });

  test('stays where it is if it still cannot be written', async () => {
    writeFileSync(errored, '{}');
    standIn('exit 1');
    expect(await new Terraform('rescue-test').rescueState()).toBe(errored);
    expect(existsSync(errored)).toBe(true);
  });

  test('does not exist after an apply that failed for another reason', async () => {
    standIn('exit 1');
    expect(await new Terraform('rescue-test').rescueState()).toBeUndefined();
  });
});
