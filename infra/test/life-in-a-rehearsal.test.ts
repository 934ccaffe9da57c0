/**
 * The order and the roles in which a rehearsal asks Terraform, and what it refuses, with a stand-in for Terraform and the
 * synthesis. `rehearse.test.ts` rehearses for real, which takes minutes.
 */
import childProcess from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import * as real from 'rehearsal';
import { readSettings } from '../settings.ts';

/** What Terraform was asked, and in which role. */
const asked: (readonly [call: string, role: string | undefined])[] = [];
/** How the stack's resources are, and what Terraform answers in another way than usual. */
let world: { nodes: string[]; left: string[]; answers: Record<string, Partial<real.Ended>> };
let rehearsal: { guard: { role: string | undefined }; account: { fail: string }; env: object };

class Stack extends real.Stack {
  readonly #name: string;
  constructor(engine: string, folder: string, env: NodeJS.ProcessEnv) {
    super(engine, folder, env);
    this.#name = folder.split('/').at(-1) ?? '';
  }

  override async attempt(args: readonly string[], observe: (line: string) => void = () => undefined) {
    const call = args.filter((arg) => !/^-(input=|json|auto-approve)/.test(arg)).join(' ');
    if (call === 'state pull') {
      const resources = world.nodes.map((type) => ({ type, name: 'one', mode: 'managed', instances: [] }));
      return { code: 0, stdout: JSON.stringify({ resources }), stderr: '' };
    }
    const { account, guard } = rehearsal;
    const failing = account.fail && call !== 'plan' ? ` with a failure of ${account.fail}` : '';
    asked.push([`${this.#name}: ${call}${failing}`, guard.role]);
    if (call === 'plan') observe('');
    const planned = JSON.stringify({ type: 'planned_change', change: { resource: { resource_type: 'aws_vpc' } } });
    if (call === 'apply' && !failing) world.nodes = ['aws_vpc'];
    if (call === 'destroy' && !failing) world.nodes = world.left;
    const answer = { code: 0, stdout: call === 'plan' ? planned : '', stderr: '', ...world.answers[call] };
    if (failing && !(call in world.answers)) {
      Object.assign(answer, {
        code: 1,
        stdout: JSON.stringify({ diagnostic: { severity: 'error', summary: 'failed' } }),
      });
    }
    for (const line of answer.stdout.split('\n')) observe(line);
    return answer;
  }
}

jest.unstable_mockModule('rehearsal', () => ({
  ...real,
  Stack,
  startRehearsal: async () => ({ ...rehearsal, stop: async () => undefined }),
}));
/** The programs of the synthesis that ran. */
const synthesised: (string | undefined)[] = [];
jest.unstable_mockModule('node:child_process', () => ({
  ...childProcess,
  execFile(_: string, args: string[], { env }: { env: NodeJS.ProcessEnv }, done: (error: null) => void) {
    synthesised.push(args.at(-1));
    for (const stack of ['bootstrap', 'dev', 'prd']) {
      mkdirSync(join(String(env.CDKTF_OUTDIR), 'stacks', stack), { recursive: true });
      writeFileSync(join(String(env.CDKTF_OUTDIR), 'stacks', stack, 'cdk.tf.json'), '{"resource": {}}');
    }
    done(null);
  },
}));
const { Stage } = await import('../rehearse/stage.ts');

let stage: Awaited<ReturnType<typeof Stage.start>>;
beforeEach(async () => {
  jest.spyOn(console, 'log').mockImplementation(() => undefined);
  world = { nodes: [], left: [], answers: {} };
  const noRequests = { actions: new Set(), requests: 0, undecided: new Set(), unknownTypes: new Set() };
  rehearsal = {
    guard: Object.assign({ role: undefined }, { takeAsked: () => noRequests }),
    account: Object.assign({ fail: '' }, { warnings: [] }),
    env: {},
  };
  stage = await Stage.start(readSettings('', {}));
  asked.length = 0;
  synthesised.length = 0;
});
afterEach(async () => {
  await stage.stop();
  jest.mocked(console.log).mockRestore();
});
const calls = () => asked.map(([call]) => call);
const second = 'plan -detailed-exitcode';

describe('the permissions that are checked', () => {
  const [plan, apply] = ['desafio-aws-dev-plan', 'desafio-aws-dev-apply'];
  test.each([
    ['of no role', undefined, [undefined, undefined, undefined, undefined]],
    ['of the plan role, where it plans alone', 'plan', [plan, undefined, plan, undefined]],
    ['of both roles, each where it is used', 'apply', [plan, apply, plan, apply]],
  ] as const)('are those %s', async (_, role, roles) => {
    await stage.live('dev', '', role);
    expect(asked).toEqual(['plan', 'apply', second, 'destroy'].map((call, index) => [`dev: ${call}`, roles[index]]));
  });
});

describe('a rehearsal is refused', () => {
  test.each([
    ['a second plan that changes something', { [second]: { code: 2, stdout: 'will be updated' } }, 'will be updated'],
    ['a second plan that fails', { [second]: { code: 1, stderr: 'no answer' } }, 'no answer'],
    ['a deployment that fails', { apply: { code: 1, stderr: 'refused' } }, 'refused'],
    ['a destroy that fails', { destroy: { code: 1, stderr: 'in use' } }, 'in use'],
  ])('for %s', async (_, answers, message) => {
    world.answers = answers;
    await expect(stage.live('dev', '', undefined)).rejects.toThrow(message);
  });

  test('for resources that the destroy leaves behind', async () => {
    world.left = ['aws_ebs_volume'];
    await expect(stage.live('dev', '', undefined)).rejects.toThrow('left resources behind: aws_ebs_volume.one');
  });

  test('for a protection that does not protect', async () => {
    await expect(stage.live('prd', '', undefined)).rejects.toThrow('Terraform did not refuse to destroy it');
  });
});

test('a protected environment is destroyed only after its protection was tried and taken away', async () => {
  world.answers = { 'plan -destroy': { code: 1, stderr: 'lifecycle.prevent_destroy' } };
  await stage.live('prd', '', undefined);
  expect(calls()).toEqual(['plan', 'apply', second, 'plan -destroy', 'apply', 'destroy'].map((call) => `prd: ${call}`));
  expect(synthesised).toEqual(['infra/unprotected.ts']);
});

describe('a planned failure', () => {
  test.each([
    ['aws_vpc', ['plan', 'apply with a failure of aws_vpc', 'apply', second, 'destroy']],
    ['aws_vpc/delete', ['plan', 'apply', second, 'destroy with a failure of aws_vpc/delete', 'destroy']],
  ])('of %s stops one run, and the next one completes it', async (fail, expected) => {
    const { failures } = await stage.live('dev', fail, undefined);
    expect(calls()).toEqual(expected.map((call) => `dev: ${call}`));
    expect(failures).toMatchObject([{ summary: 'failed' }]);
  });

  test.each(['aws_lb', 'aws_vpc/update'])('of %s, which never happens, is refused', async (fail) => {
    await expect(stage.live('dev', fail, undefined)).rejects.toThrow(`no change of the type ${fail}`);
    expect(calls()).toEqual(['dev: plan']);
  });

  test('that stops nothing is an error', async () => {
    world.answers = { apply: { code: 0 } };
    await expect(stage.live('dev', 'aws_vpc', undefined)).rejects.toThrow('did not stop the run');
  });
});
