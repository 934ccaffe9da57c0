import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Refused, type Text } from 'command-line';
import { type EnvironmentName, environmentNames, names } from 'platform';
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
import { texts } from '../command-texts.ts';
import { engineProgram } from '../engine.ts';
import { environments } from '../environments/all.ts';
import { root } from '../terraform.ts';
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

/** An account with both workspaces, in which environments are rehearsed. Its files are in a temporary folder. */
export class Stage {
  readonly #rehearsal: Rehearsal;
  readonly #out: string;

  private constructor(rehearsal: Rehearsal, out: string) {
    this.#rehearsal = rehearsal;
    this.#out = out;
  }

  static async start(): Promise<Stage> {
    const stage = new Stage(await startRehearsal(), await mkdtemp(join(tmpdir(), 'rehearsal-')));
    try {
      await stage.#bootstrap();
    } catch (error) {
      await stage.stop();
      throw error;
    }
    return stage;
  }

  async stop(): Promise<void> {
    await this.#rehearsal.stop();
    await rm(this.#out, { recursive: true, force: true });
  }

  async #bootstrap(): Promise<void> {
    await step(words.steps.synthesis, () => this.#synthesise('infra/main.ts'));
    const bootstrap = this.#stack('bootstrap', { TF_CLI_ARGS_init: '-input=false' });
    // The real one would read and write bootstrap.tfstate in the repository.
    const backend = { terraform: { backend: { local: { path: join(this.#out, 'bootstrap.tfstate') } } } };
    await writeFile(join(this.#folder('bootstrap'), 'rehearsal_override.tf.json'), JSON.stringify(backend));
    await bootstrap.run('init');
    await change(words.steps.bootstrap, bootstrap, await this.constructs('bootstrap'), ['apply', '-auto-approve']);
    await step(words.steps.workspaces, async () => {
      for (const name of environmentNames) {
        await rm(join(this.#folder(name), '.terraform/environment'));
        const stack = this.#stack(name);
        await stack.run('init');
        await stack.run('workspace', 'select', '-or-create', name);
      }
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
    const { guard } = this.#rehearsal;
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
      if (fail && action === failingAction) failures.push(...(await this.#fail(fail, text, stack, args)));
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
    const { warnings } = this.#rehearsal.account;
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
  async #fail(fail: string, text: Text, stack: Stack, args: readonly string[]): Promise<readonly Failure[]> {
    this.#rehearsal.account.fail = fail;
    const { errors } = await step(text, () => stack.change(args));
    this.#rehearsal.account.fail = '';
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
    return new Stack(engineProgram(), this.#folder(name), { ...this.#rehearsal.env, ...env });
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
