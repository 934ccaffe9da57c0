/**
 * The order and the roles in which a rehearsal asks Terraform, and what it refuses, with a stand-in for Terraform and the
 * synthesis. `rehearse.test.ts` rehearses for real, which takes minutes.
 */
import childProcess from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import * as real from 'rehearsal';
import { texts } from '../command-texts.ts';
import { inBoth } from '../rehearse/terminal.ts';
import { readSettings } from '../settings.ts';
import { selectWorkspace } from '../workspace.ts';
import { root } from './support/program.ts';
import { settings as ofTwoAccounts } from './support/two-accounts.ts';

/** What Terraform was asked, and in which role. */
const asked: (readonly [call: string, role: string | undefined])[] = [];
/** The programs that were started. */
const engines = new Set<string>();
/** How the stack's resources are, and what Terraform answers in another way than usual. */
let world: { nodes: string[]; left: string[]; answers: Record<string, Partial<real.Ended>> };
/** One for each account, as long as it runs. */
const rehearsals = new Map<string, ReturnType<typeof rehearsalOf>>();
let count = 0;

function rehearsalOf(number: string) {
  const noRequests = { actions: new Set(), requests: count, undecided: new Set(), unknownTypes: new Set() };
  return {
    guard: { role: undefined as string | undefined, takeAsked: () => noRequests },
    account: { fail: '', warnings: [`of account ${number}`] },
    env: { REHEARSAL: number, TF_CLI_ARGS_init: '-backend-config=own' },
    stop: async () => void rehearsals.delete(number),
  };
}

class Stack extends real.Stack {
  readonly #engine: string;
  readonly #name: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #workspace: string;
  readonly #folder: string;
  constructor(engine: string, folder: string, env: NodeJS.ProcessEnv) {
    super(engine, folder, env);
    this.#engine = engine;
    this.#folder = folder;
    this.#workspace = join(folder, '.terraform/environment');
    this.#name = folder.split('/').at(-1) ?? '';
    this.#env = env;
  }

  override async attempt(args: readonly string[], observe: (line: string) => void = () => undefined) {
    const call = args.filter((arg) => !/^-(input=|json|auto-approve)/.test(arg)).join(' ');
    engines.add(this.#engine);
    // Nobody is there to answer.
    if (/^(plan|apply|destroy)/.test(call) && !args.includes('-input=false')) throw new Error(`${call} may ask`);
    if (/^(apply|destroy)/.test(call) && !args.includes('-auto-approve')) {
      throw new Error('Plan file or auto-approve required');
    }
    if (call === 'state pull') {
      const resources = world.nodes.map((type) => ({ type, name: 'one', mode: 'managed', instances: [] }));
      return { code: 0, stdout: JSON.stringify({ resources }), stderr: '' };
    }
    const { REHEARSAL = '', TF_CLI_ARGS_init } = this.#env;
    const rehearsal = rehearsals.get(REHEARSAL);
    if (!rehearsal) throw new Error('The rehearsal does not run');
    const { account, guard } = rehearsal;
    const failing = account.fail && call !== 'plan' ? ` with a failure of ${account.fail}` : '';
    // `init` fails in a workspace that does not exist yet.
    if (call === 'init' && existsSync(this.#workspace)) throw new Error('There is no such workspace');
    // Terraform refuses to apply once the place of the state is another than at `init`.
    if (this.#name.startsWith('bootstrap') && !existsSync(join(this.#folder, 'rehearsal_override.tf.json'))) {
      throw new Error('The state would be in the repository');
    }
    const options = call === 'init' ? ` ${TF_CLI_ARGS_init}` : '';
    const place = REHEARSAL === '1' ? '' : `in account ${REHEARSAL}, `;
    asked.push([`${place}${this.#name}: ${call}${options}${failing}`, guard.role]);
    if (call === 'plan') observe('');
    const line = (type: string, resource_type: string) =>
      JSON.stringify({ type, change: { resource: { resource_type } } });
    const planned = [
      // What others changed is no change of this plan.
      line('resource_drift', 'aws_lb'),
      line('planned_change', 'aws_vpc'),
      line('planned_change', 'aws_eks_cluster'),
      line('planned_change', 'aws_route'),
    ].join('\n');
    const changing = world.nodes.map((type) =>
      JSON.stringify({ type: 'apply_start', hook: { action: 'delete', resource: { addr: `${type}.one` } } }),
    );
    if (call === 'destroy') for (const each of changing) observe(each);
    if (call === 'apply') observe(JSON.stringify({ type: 'apply_start', hook: { action: 'create' } }));
    if (call === 'apply' && !failing) world.nodes = ['aws_vpc', 'aws_eks_cluster'];
    if (call === 'destroy' && !failing) world.nodes = world.left;
    const answer = { code: 0, stdout: call === 'plan' ? planned : '', stderr: '', ...world.answers[call] };
    if (failing && !(call in world.answers)) {
      Object.assign(answer, {
        code: 1,
        stdout: JSON.stringify({ diagnostic: { severity: 'error', summary: 'failed' } }),
      });
    }
    for (const each of answer.stdout.split('\n')) observe(each);
    return answer;
  }
}

jest.unstable_mockModule('rehearsal', () => ({
  ...real,
  Stack,
  async startRehearsal() {
    const number = String(++count);
    const made = rehearsalOf(number);
    rehearsals.set(number, made);
    return made;
  },
}));
/** The syntheses that ran: their arguments. */
const synthesised: (readonly string[])[] = [];
let synthesisedWith: NodeJS.ProcessEnv = {};
let out = '';
jest.unstable_mockModule('node:child_process', () => ({
  ...childProcess,
  execFile(
    _: string,
    args: string[],
    { cwd, env }: { cwd: string; env: NodeJS.ProcessEnv },
    done: (error: null) => void,
  ) {
    synthesised.push([cwd, ...args]);
    synthesisedWith = env;
    out = String(env.CDKTF_OUTDIR);
    for (const stack of ['bootstrap', 'bootstrap-dev', 'bootstrap-prd', 'dev', 'prd']) {
      mkdirSync(join(out, 'stacks', stack), { recursive: true });
      writeFileSync(join(out, 'stacks', stack, 'cdk.tf.json'), '{"resource": {}}');
      if (!stack.startsWith('bootstrap')) selectWorkspace(out, stack);
    }
    done(null);
  },
}));
const { Stage } = await import('../rehearse/stage.ts');

let stage: Awaited<ReturnType<typeof Stage.start>>;
beforeEach(async () => {
  jest.spyOn(console, 'log').mockImplementation(() => undefined);
  world = { nodes: [], left: [], answers: {} };
  count = 0;
  asked.length = 0;
  synthesised.length = 0;
  stage = await Stage.start(readSettings('', {}));
});
afterEach(async () => {
  await stage.stop();
  jest.mocked(console.log).mockRestore();
});
const calls = () => asked.map(([call]) => call);
/** Lives, and forgets what came before. */
function live(...given: Parameters<typeof stage.live>) {
  asked.length = 0;
  synthesised.length = 0;
  return stage.live(...given);
}
const program = (name: string) => [
  root,
  ...['--disable-warning=DEP0044', '--import', './infra/rehearse/traces.ts', name],
];
const stateOf = (bootstrap: string) =>
  JSON.parse(readFileSync(join(out, 'stacks', bootstrap, 'rehearsal_override.tf.json'), 'utf8'));

describe('before the first environment', () => {
  const prepared = (place: string, name: string) => [
    `${place}${name}: init -backend-config=own`,
    `${place}${name}: workspace select -or-create ${name}`,
  ];

  test('the bootstrap is applied, with its state in a file, and each environment gets its workspace', () => {
    expect(synthesised).toEqual([program('infra/main.ts')]);
    expect(calls()).toEqual([
      // The options of a state in S3 are invalid for a file.
      'bootstrap: init -input=false',
      'bootstrap: apply',
      ...prepared('', 'dev'),
      ...prepared('', 'prd'),
    ]);
    expect(stateOf('bootstrap')).toEqual({
      terraform: { backend: { local: { path: join(out, 'bootstrap.tfstate') } } },
    });
  });

  test('all is done by the engine and with the settings that the variables name', async () => {
    await stage.stop();
    engines.clear();
    const { TERRAFORM_BINARY_NAME } = process.env;
    Object.assign(process.env, { TERRAFORM_BINARY_NAME: 'tofu', INFRA_REGION: 'sa-east-1' });
    try {
      stage = await Stage.start(readSettings('', {}));
      await live('dev', '', undefined);
    } finally {
      delete process.env.INFRA_REGION;
      if (TERRAFORM_BINARY_NAME === undefined) delete process.env.TERRAFORM_BINARY_NAME;
      else process.env.TERRAFORM_BINARY_NAME = TERRAFORM_BINARY_NAME;
    }
    expect([...engines]).toEqual(['tofu']);
    expect(synthesisedWith).toMatchObject({ INFRA_REGION: 'sa-east-1', PATH: process.env.PATH });
  });

  test('with two accounts, each has its own cloud, bootstrap and roles, and both end', async () => {
    await stage.stop();
    asked.length = 0;
    count = 1;
    stage = await Stage.start({ ...readSettings('', {}), ...ofTwoAccounts });
    expect(calls()).toEqual([
      'in account 2, bootstrap-dev: init -input=false',
      'in account 2, bootstrap-dev: apply',
      ...prepared('in account 2, ', 'dev'),
      'in account 3, bootstrap-prd: init -input=false',
      'in account 3, bootstrap-prd: apply',
      ...prepared('in account 3, ', 'prd'),
    ]);
    expect(stateOf('bootstrap-prd').terraform.backend.local.path).toBe(join(out, 'bootstrap-prd.tfstate'));
    world.answers = { 'plan -destroy': { code: 1, stderr: 'lifecycle.prevent_destroy' } };
    const { warnings } = await live('prd', '', 'apply');
    expect(warnings).toEqual(['of account 3']);
    expect(new Set(calls().map((call) => call.split(':')[0]))).toEqual(new Set(['in account 3, prd']));
    expect(rehearsals.get('2')?.guard.role).toBeUndefined();
    expect([...rehearsals.keys()]).toEqual(['2', '3']);
    await stage.stop();
    expect([...rehearsals.keys()]).toEqual([]);
  });

  test('a bootstrap that is refused ends the rehearsal, and leaves nothing running nor on the disk', async () => {
    await stage.stop();
    expect(existsSync(out)).toBe(false);
    world.answers = { apply: { code: 1, stderr: 'no such right' } };
    await expect(Stage.start(readSettings('', {}))).rejects.toThrow('no such right');
    expect([[...rehearsals.keys()], existsSync(out)]).toEqual([[], false]);
  });
});

const second = 'plan -detailed-exitcode';

describe('the permissions that are checked', () => {
  test.each([
    ['plan', ['plan', undefined, 'plan', undefined, undefined, undefined]],
    ['apply', ['plan', 'apply', 'plan', 'apply', 'apply', 'apply']],
  ] as const)('are those of the environment: of prd as %s', async (role, purposes) => {
    world.answers = { 'plan -destroy': { code: 1, stderr: 'lifecycle.prevent_destroy' } };
    await live('prd', '', role);
    expect(asked.map(([, used]) => used)).toEqual(purposes.map((purpose) => purpose && `desafio-aws-prd-${purpose}`));
  });

  const [plan, apply] = ['desafio-aws-dev-plan', 'desafio-aws-dev-apply'];
  test.each([
    ['of no role', undefined, [undefined, undefined, undefined, undefined]],
    ['of the plan role, where it plans alone', 'plan', [plan, undefined, plan, undefined]],
    ['of both roles, each where it is used', 'apply', [plan, apply, plan, apply]],
  ] as const)('are those %s', async (_, role, roles) => {
    await live('dev', '', role);
    expect(asked).toEqual(['plan', 'apply', second, 'destroy'].map((call, index) => [`dev: ${call}`, roles[index]]));
  });
});

describe('a rehearsal is refused', () => {
  test.each([
    ['a second plan that changes something', { [second]: { code: 2, stdout: 'will be updated' } }, 'will be updated'],
    ['a second plan that fails', { [second]: { code: 1, stderr: 'no answer' } }, 'no answer'],
    ['a deployment that fails', { apply: { code: 1, stderr: 'refused' } }, 'refused'],
    ['a destroy that fails', { destroy: { code: 1, stderr: 'in use' } }, 'in use'],
    ['a plan that fails', { plan: { code: 1, stderr: 'no plan' } }, 'no plan'],
  ])('for %s', async (_, answers, message) => {
    world.answers = answers;
    await expect(live('dev', '', undefined)).rejects.toThrow(message);
  });

  test('for resources that the destroy leaves behind', async () => {
    world.left = ['aws_ebs_volume'];
    await expect(live('dev', '', undefined)).rejects.toThrow('left resources behind: aws_ebs_volume.one');
  });

  test('for a protection that does not protect', async () => {
    await expect(live('prd', '', undefined)).rejects.toThrow('Terraform did not refuse to destroy it');
  });
});

test('a protected environment is destroyed only after its protection was tried and taken away', async () => {
  world.answers = { 'plan -destroy': { code: 1, stderr: 'lifecycle.prevent_destroy' } };
  await live('prd', '', undefined);
  expect(calls()).toEqual(['plan', 'apply', second, 'plan -destroy', 'apply', 'destroy'].map((call) => `prd: ${call}`));
  expect(synthesised).toEqual([program('infra/unprotected.ts')]);
});

test('a rehearsal says what it found out: the resources, how long they take to create and to delete, and the warnings', async () => {
  const found = await live('dev', '', undefined);
  const nodes = ['aws_vpc', 'aws_eks_cluster'].map((type) => ({ type, address: `${type}.one`, dependsOn: [] }));
  const [creation, destruction] = [real.simulate(nodes, 'create'), real.simulate(nodes, 'delete')];
  expect(creation.seconds).not.toBe(destruction.seconds);
  const asked = rehearsals.get('1')?.guard.takeAsked();
  expect(found).toEqual({ nodes, creation, destruction, failures: [], warnings: ['of account 1'], asked });
});

test('on a terminal, the deployment and the destroy say of how many resources they have changed how many', async () => {
  const { columns, isTTY } = process.stdout;
  const written: string[] = [];
  Object.assign(process.stdout, { columns: 80, isTTY: true });
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  try {
    await live('dev', '', undefined);
  } finally {
    write.mockRestore();
    Object.assign(process.stdout, { columns, isTTY });
  }
  const counted = written.flatMap((text) => /\[ *(\d+\/\d+)\] (\S*)/.exec(text)?.slice(1).join(' ') ?? []);
  // Three are planned, and two are in the state.
  expect(counted).toEqual(['0/3 ', '0/2 aws_vpc.one', '0/2 aws_eks_cluster.one']);
});

describe('a planned failure', () => {
  const { steps } = texts.rehearse;
  test.each([
    [
      'aws_vpc',
      ['plan', 'apply with a failure of aws_vpc', 'apply', second, 'destroy'],
      [steps.plan, steps.failure, steps.deploy, steps.secondPlan, steps.destroy],
    ],
    [
      'aws_vpc/delete',
      ['plan', 'apply', second, 'destroy with a failure of aws_vpc/delete', 'destroy'],
      [steps.plan, steps.deploy, steps.secondPlan, steps.destroyFailure, steps.destroy],
    ],
  ])('of %s stops one run, and the next one completes it, and each step is told', async (fail, expected, told) => {
    jest.mocked(console.log).mockClear();
    const { failures } = await live('dev', fail, undefined);
    const said = jest.mocked(console.log).mock.calls.map(([line]) => String(line).replace(/^✓ | \(\d+\.\d s\)$/g, ''));
    expect(said).toEqual(told.map(inBoth));
    expect(calls()).toEqual(expected.map((call) => `dev: ${call}`));
    expect(failures).toMatchObject([{ summary: 'failed' }]);
  });

  test.each(['aws_lb', 'aws_vpc/update'])('of %s, which never happens, is refused', async (fail) => {
    await expect(live('dev', fail, undefined)).rejects.toThrow(`no change of the type ${fail}`);
    expect(calls()).toEqual(['dev: plan']);
  });

  test('that stops nothing is an error', async () => {
    world.answers = { apply: { code: 0 } };
    await expect(live('dev', 'aws_vpc', undefined)).rejects.toThrow('did not stop the run');
  });
});
