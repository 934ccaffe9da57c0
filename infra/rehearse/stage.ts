import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
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
import { change, inBoth, reasons, step } from './terminal.ts';

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
    await change(words.steps.bootstrap, bootstrap, ['apply', '-auto-approve']);
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
   */
  async live(name: EnvironmentName, fail: string, role: RehearsedRole | undefined): Promise<Findings> {
    const stack = this.#stack(name);
    const { guard } = this.#rehearsal;
    const as = async <T>(purpose: RehearsedRole, work: () => Promise<T>): Promise<T> => {
      const isChecked = role === 'apply' || purpose === role;
      guard.role = isChecked ? names(name).role(purpose) : undefined;
      return work();
    };
    const planned = await as('plan', () => step(words.steps.plan, () => plan(stack)));
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
      await change(words.steps.deploy, stack, apply, planned.length);
    });
    await as('plan', () =>
      step(words.steps.secondPlan, async () => {
        const { code, stdout, stderr } = await stack.attempt(['plan', '-input=false', '-detailed-exitcode']);
        if (code !== 0) throw new Error(words.changesAgain(stdout + stderr));
      }),
    );
    const nodes = await stack.nodes();
    await as('apply', async () => {
      if (environments[name].protected) await this.#liftProtection(name, stack);
      await failAt('delete', words.steps.destroyFailure, destroy);
      await change(words.steps.destroy, stack, destroy, nodes.length);
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
  async #liftProtection(name: EnvironmentName, stack: Stack): Promise<void> {
    await step(words.steps.protection, async () => {
      const { stderr } = await stack.attempt(['plan', '-destroy', '-input=false']);
      if (!stderr.includes('prevent_destroy')) throw new Error(words.notProtected(name));
    });
    await this.#synthesise('infra/unprotected.ts');
    await change(words.steps.deploy, stack, ['apply', '-auto-approve']);
  }

  async #synthesise(program: string): Promise<void> {
    const args = ['--disable-warning=DEP0044', program];
    await promisify(execFile)(process.execPath, args, { cwd: root, env: { ...process.env, CDKTF_OUTDIR: this.#out } });
  }

  /** The path of each resource's construct, without the environment's name, by Terraform's address. */
  async constructPaths(name: string): Promise<ReadonlyMap<string, string>> {
    const { resource } = JSON.parse(await readFile(join(this.#folder(name), 'cdk.tf.json'), 'utf8')) as Synthesised;
    const paths = new Map<string, string>();
    for (const [type, resources] of Object.entries(resource)) {
      for (const [key, construct] of Object.entries(resources)) {
        const { path } = construct['//'].metadata;
        paths.set(`${type}.${key}`, path.slice(path.indexOf('/') + 1));
      }
    }
    return paths;
  }

  #folder(stack: string): string {
    return join(this.#out, 'stacks', stack);
  }

  #stack(name: string, env: NodeJS.ProcessEnv = {}): Stack {
    return new Stack(engineProgram(), this.#folder(name), { ...this.#rehearsal.env, ...env });
  }
}

interface Synthesised {
  readonly resource: Readonly<Record<string, Readonly<Record<string, Construct>>>>;
}

interface Construct {
  readonly '//': { readonly metadata: { readonly path: string } };
}

/** The types of the resources that a plan changes, one for each resource. @throws Error if it cannot be made */
async function plan(stack: Stack): Promise<string[]> {
  const types: string[] = [];
  const observe = (line: string): void => {
    const found = /"type":"planned_change"/.test(line) && /"resource_type":"(?<type>\w+)"/.exec(line)?.groups?.type;
    if (found) types.push(found);
  };
  const result = await stack.change(['plan'], undefined, observe);
  if (result.code !== 0) throw new Error(words.refused(inBoth(words.steps.plan), reasons(result)));
  return types;
}
