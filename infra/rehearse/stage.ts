import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Refused, type Text } from 'command-line';
import { type EnvironmentName, names } from 'platform';
import {
  type Asked,
  type Failure,
  type Node,
  type Rehearsal,
  Stack,
  simulate,
  startRehearsal,
  type Timeline,
} from 'rehearsal';
import { type Account, accountsOf } from '../accounts.ts';
import { texts } from '../command-texts.ts';
import { engineProgram } from '../engine.ts';
import { environments } from '../environments/all.ts';
import type { Settings } from '../settings.ts';
import { root } from '../terraform.ts';
import { createWorkspace, keepState, localInit } from './bootstrapped.ts';
import { Constructs } from './constructs.ts';
import { change, StepRefused, step } from './terminal.ts';

const { rehearse: words } = texts;

/** What a rehearsal of an environment found out. */
export interface Findings {
  readonly nodes: readonly Node[];
  readonly creation: Timeline;
  readonly destruction: Timeline;
  readonly failures: readonly Failure[];
  /** Quotas of a new account that the environment exceeds. */
  readonly warnings: Rehearsal['account']['warnings'];
  /** The permissions that were checked. */
  readonly asked: Asked;
}

/** A delivery role whose permissions a rehearsal checks. */
export const rehearsedRoles = ['plan', 'apply'] as const;
export type RehearsedRole = (typeof rehearsedRoles)[number];

/**
 * The account of both environments, or an account for each, with the workspaces in which environments are rehearsed. Its
 * files are in a temporary folder.
 */
export class Stage {
  /** By the stack's name. Stacks of one account share a rehearsal. */
  readonly #rehearsals: ReadonlyMap<string, Rehearsal>;
  readonly #accounts: readonly Account[];
  readonly #out: string;

  private constructor(rehearsals: ReadonlyMap<string, Rehearsal>, accounts: readonly Account[], out: string) {
    this.#rehearsals = rehearsals;
    this.#accounts = accounts;
    this.#out = out;
  }

  static async start(settings: Settings): Promise<Stage> {
    const accounts = accountsOf(settings);
    const rehearsals = new Map<string, Rehearsal>();
    for (const { bootstrap, environments } of accounts) {
      const rehearsal = await startRehearsal();
      for (const stack of [bootstrap, ...environments]) rehearsals.set(stack, rehearsal);
    }
    const stage = new Stage(rehearsals, accounts, await mkdtemp(join(tmpdir(), 'rehearsal-')));
    try {
      await step(words.steps.synthesis, () => stage.#synthesise('infra/main.ts'));
      for (const account of accounts) await stage.#bootstrap(account);
    } catch (error) {
      await stage.stop();
      throw error;
    }
    return stage;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#accounts.map(({ bootstrap }) => this.#rehearsal(bootstrap).stop()));
    await rm(this.#out, { recursive: true, force: true });
  }

  async #bootstrap({ bootstrap: name, environments }: Account): Promise<void> {
    const bootstrap = this.#stack(name, localInit);
    await keepState(this.#folder(name), join(this.#out, `${name}.tfstate`));
    await bootstrap.run('init');
    await change(words.steps.bootstrap, bootstrap, await this.constructs(name), ['apply', '-auto-approve']);
    await step(words.steps.workspaces, async () => {
      for (const name of environments) await createWorkspace(this.#stack(name), this.#folder(name), name);
    });
  }

  /**
   * Deploys an environment, plans it again, and destroys it.
   *
   * @param fail type whose changes fail once, or `TYPE/ACTION`. Empty for none.
   * @param role whose permissions are checked: `plan` in the plans, or `apply` also in what changes the environment
   * @throws {Refused} if there is no such change
   * @throws {StepRefused} if a change is refused
   */
  async live(name: EnvironmentName, fail: string, role: RehearsedRole | undefined): Promise<Findings> {
    const stack = this.#stack(name);
    const constructs = await this.constructs(name);
    const { guard, account } = this.#rehearsal(name);
    const as = async <T>(purpose: RehearsedRole, work: () => Promise<T>): Promise<T> => {
      const isChecked = role === 'apply' || purpose === role;
      guard.role = isChecked ? names(name).role(purpose) : undefined;
      return work();
    };
    const planned = await as('plan', () => step(words.steps.plan, () => plan(stack, constructs)));
    const [failingType = '', failingAction = 'create'] = fail.split('/');
    if (fail && (failingAction === 'update' || !planned.includes(failingType))) {
      throw new Refused(words.noSuchChange(name, fail));
    }
    const failures: Failure[] = [];
    const failAt = async (action: string, text: Text, args: readonly string[]) => {
      if (fail && action === failingAction) failures.push(...(await this.#fail(fail, text, stack, args, account)));
    };
    const apply = ['apply', '-auto-approve'];
    const destroy = ['destroy', '-auto-approve'];

    await as('apply', async () => {
      await failAt('create', words.steps.failure, apply);
      await change(words.steps.deploy, stack, constructs, apply, planned.length);
    });
    await as('plan', () =>
      step(words.steps.secondPlan, async () => {
        const { code, stdout, stderr } = await stack.attempt(['plan', '-input=false', '-detailed-exitcode']);
        if (code !== 0) throw new Error(words.changesAgain(stdout + stderr));
      }),
    );
    const nodes = await stack.nodes();
    await as('apply', async () => {
      if (environments[name].protected) await this.#liftProtection(name, stack, constructs);
      await failAt('delete', words.steps.destroyFailure, destroy);
      await change(words.steps.destroy, stack, constructs, destroy, nodes.length);
    });
    const left = await stack.nodes();
    if (left.length > 0) throw new Error(words.leftBehind(left.map(({ address }) => address)));
    const { warnings } = account;
    const asked = guard.takeAsked();
    return {
      nodes,
      failures,
      warnings,
      asked,
      creation: simulate(nodes, 'create'),
      destruction: simulate(nodes, 'delete'),
    };
  }

  /** Changes a stack while a planned failure stops it. @returns what failed */
  async #fail(
    fail: string,
    text: Text,
    stack: Stack,
    args: readonly string[],
    account: Rehearsal['account'],
  ): Promise<readonly Failure[]> {
    account.fail = fail;
    const { errors } = await step(text, () => stack.change(args));
    account.fail = '';
    if (errors.length === 0) throw new Error(words.didNotFail(fail));
    return errors;
  }

  /** Checks that a protected environment cannot be destroyed, and then takes its protection away. */
  async #liftProtection(name: EnvironmentName, stack: Stack, constructs: Constructs): Promise<void> {
    await step(words.steps.protection, async () => {
      const { stderr } = await stack.attempt(['plan', '-destroy', '-input=false']);
      if (!stderr.includes('prevent_destroy')) throw new Error(words.notProtected(name));
    });
    await this.#synthesise('infra/unprotected.ts');
    await change(words.steps.deploy, stack, constructs, ['apply', '-auto-approve']);
  }

  async #synthesise(program: string): Promise<void> {
    const args = ['--disable-warning=DEP0044', '--import', './infra/rehearse/traces.ts', program];
    await promisify(execFile)(process.execPath, args, { cwd: root, env: { ...process.env, CDKTF_OUTDIR: this.#out } });
  }

  constructs(name: string): Promise<Constructs> {
    return Constructs.read(this.#folder(name));
  }

  #folder(stack: string): string {
    return join(this.#out, 'stacks', stack);
  }

  #stack(name: string, env: NodeJS.ProcessEnv = {}): Stack {
    return new Stack(engineProgram(), this.#folder(name), { ...this.#rehearsal(name).env, ...env });
  }

  #rehearsal(stack: string): Rehearsal {
    const found = this.#rehearsals.get(stack);
    if (!found) throw new Error(`There is no stack ${stack}`);
    return found;
  }
}

/**
 * The types of the resources that a plan changes, one for each resource.
 *
 * @throws {StepRefused} if it cannot be made
 */
async function plan(stack: Stack, constructs: Constructs): Promise<string[]> {
  const result = await stack.change(['plan']);
  if (result.code !== 0) throw new StepRefused(words.steps.plan, result, constructs);
  const planned = result.stdout.split('\n').filter((line) => line.includes('"type":"planned_change"'));
  return planned.flatMap((line) => /"resource_type":"(\w+)"/.exec(line)?.[1] ?? []);
}
