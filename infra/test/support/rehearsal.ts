import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { App } from 'cdktf';
import { type EnvironmentName, names } from 'platform';
import {
  type Asked,
  type Event,
  engineForBothStates,
  type Rehearsal as Servers,
  Stack,
  startRehearsal,
} from 'rehearsal';
import { type Outcome, outcomeOf } from '../../../test/support/outcome.ts';
import { findTool } from '../../../test/support/tools.ts';
import { accountOf } from '../../accounts.ts';
import { engineProgram } from '../../engine.ts';
import { environments as all } from '../../environments/all.ts';
import { createWorkspace, keepState, localInit } from '../../rehearse/bootstrapped.ts';
import { readSettings, type Settings } from '../../settings.ts';
import { BootstrapStack } from '../../stacks/bootstrap.ts';
import { EnvironmentStack } from '../../stacks/environment.ts';
import type { Deployed } from './edits.ts';
import { root } from './program.ts';

const app = (program: string) => `${process.execPath} --disable-warning=DEP0044 ${program}`;

/** What Terraform plans for a resource. */
export interface Planned {
  readonly action: 'create' | 'update' | 'replace' | 'delete';
  readonly type: string;
  readonly address: string;
}

export interface Edited extends Outcome {
  readonly planned: readonly Planned[];
  /** When changes begin and end: `begins ADDRESS`, `ends ADDRESS`, in order. */
  readonly order: readonly string[];
  /** The summaries of all errors. */
  readonly errors: readonly string[];
}

interface Options {
  /** Type of resource whose changes fail, or `TYPE/ACTION`. */
  readonly fail?: string;
  /** CDKTF program to run instead of `infra/main.ts`. */
  readonly program?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs the real Terraform and cdktf, with stand-in providers for the cloud and an S3 in memory for the state. */
export class Rehearsal {
  readonly #servers: Servers;
  readonly #events: Event[];
  readonly #out: string;
  readonly #bootstrapState: string;
  #hasRoles = false;
  /** Whether resources have changed outside Terraform since it has last read them. */
  #hasChanged = false;

  private constructor(servers: Servers, events: Event[], temporary: string) {
    this.#servers = servers;
    this.#events = events;
    this.#out = join(temporary, 'cdktf.out');
    this.#bootstrapState = join(temporary, 'bootstrap.tfstate');
  }

  /**
   * Starts the providers and the S3, which run until `stop`.
   *
   * @param withBucket whether the bucket for the state exists, as after the bootstrap
   */
  static async start(withBucket = true): Promise<Rehearsal> {
    const events: Event[] = [];
    const servers = await startRehearsal((event) => events.push(event));
    if (withBucket) servers.state.createBucket(readSettings('', {}).stateBucket);
    return new Rehearsal(servers, events, await mkdtemp(join(tmpdir(), 'rehearsal-')));
  }

  /** Zones of the region that the account can use, by their letter. */
  set zones(letters: readonly string[]) {
    this.#servers.account.zones = letters;
  }

  async stop(): Promise<void> {
    await this.#servers.stop();
  }

  /**
   * Applies the bootstrap and creates empty workspaces, with all rights, and then deletes all local files, as in a fresh
   * clone. From then on, the delivery roles make the changes and plans.
   */
  async bootstrap(environments: readonly EnvironmentName[], settings = readSettings('', {})): Promise<void> {
    this.#synthesise(settings, environments);
    const applied = await this.#applyBootstrap();
    if (applied.code !== 0) throw new Error(applied.output);
    for (const name of environments) {
      const stack = new Stack(engineProgram(), this.#stack(name), this.#servers.env);
      await createWorkspace(stack, this.#stack(name), name);
    }
    await rm(this.#out, { recursive: true });
    this.#hasRoles = true;
  }

  deploy(environment: EnvironmentName, options: Options = {}): Promise<Outcome> {
    this.#actAs(environment, 'apply');
    return this.cdktf('deploy', [environment, '--auto-approve', '--skip-provider-lock'], options);
  }

  destroy(environment: EnvironmentName, options: Options = {}): Promise<Outcome> {
    this.#actAs(environment, 'apply');
    return this.cdktf('destroy', [environment, '--auto-approve', '--skip-provider-lock'], options);
  }

  /**
   * Runs `pnpm infra` in a copy of the repository, where it can leave state and settings. The bootstrap starts with the
   * local backend, which rejects the options for S3.
   */
  infra(copy: string, ...args: string[]): Promise<Outcome> {
    return this.program(copy, 'infra/cli.ts', args);
  }

  /** Runs another program in a copy of the repository. */
  async program(copy: string, program: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
    await engineForBothStates(String(findTool(engineProgram())), copy);
    return this.#run(
      process.execPath,
      [program, ...args],
      { PATH: `${copy}:${process.env.PATH}`, ...env },
      { cwd: copy },
    );
  }

  async cdktf(
    command: string,
    args: string[],
    { fail = '', program = 'infra/main.ts', env = {} }: Options = {},
  ): Promise<Outcome> {
    const all = [
      'node_modules/cdktf-cli/bundle/bin/cdktf.js',
      command,
      ...args,
      '--app',
      app(program),
      '--output',
      this.#out,
    ];
    return this.#run(process.execPath, all, env, { fail });
  }

  /** Replaces one resource. Changes of the type `fail` fail. */
  replace(environment: EnvironmentName, address: string, fail = ''): Promise<Outcome> {
    this.#actAs(environment, 'apply');
    const args = [`-chdir=${this.#stack(environment)}`, 'apply', '-auto-approve', `-replace=${address}`];
    return this.#run(engineProgram(), args, {}, { fail });
  }

  terraform(environment: EnvironmentName, ...args: string[]): Promise<Outcome> {
    this.#actAs(environment, args[0] === 'plan' ? 'plan' : 'apply');
    return this.#run(engineProgram(), [`-chdir=${this.#stack(environment)}`, ...args], {});
  }

  /** Applies the bootstrap with other settings, with all rights. */
  async editBootstrap(settings: Settings): Promise<Edited> {
    this.#synthesise(settings);
    this.#servers.guard.role = undefined;
    return read(await this.#applyBootstrap('-refresh=false', '-json'));
  }

  /** The bootstrap, with environments as their files have them. */
  #synthesise(settings: Settings, environments: readonly EnvironmentName[] = []): void {
    const app = new App({ outdir: this.#out });
    const account = accountOf(settings, 'prd');
    new BootstrapStack(app, account.bootstrap, { account, settings });
    for (const name of environments) new EnvironmentStack(app, name, { environment: all[name], settings });
    app.synth();
  }

  async #applyBootstrap(...options: string[]): Promise<Outcome> {
    await keepState(this.#stack('bootstrap'), this.#bootstrapState);
    const run = (...args: string[]) =>
      this.#run(engineProgram(), [`-chdir=${this.#stack('bootstrap')}`, ...args], localInit);
    const isReady = existsSync(join(this.#stack('bootstrap'), '.terraform/terraform.tfstate'));
    const ready = isReady ? undefined : await run('init');
    return ready && ready.code !== 0 ? ready : run('apply', '-auto-approve', ...options);
  }

  /** Sets the number of nodes of the group whose name begins so, as the autoscaler does. */
  scale(group: string, nodes: number): void {
    this.#servers.account.change('aws_eks_node_group', (values) => {
      const [limits] = Array.isArray(values.scaling_config) ? values.scaling_config : [];
      if (!String(values.node_group_name).startsWith(group) || limits?.desired_size === nodes) return {};
      this.#hasChanged = true;
      return { scaling_config: [{ ...limits, desired_size: nodes }] };
    });
  }

  /**
   * Restores the database, gives the copy its name, and has RDS manage the copy's password: steps 2 to 4 of
   * docs/runbooks/restore.md. What AWS does not take over from the original is as in an instance of AWS's own choice.
   *
   * @param old the name that the original gets
   * @returns what deletes the original
   */
  swapDatabase(name: string, old: string): () => void {
    const { account } = this.#servers;
    const original = account.find('aws_db_instance', name);
    if (!original) throw new Error(`There is no database ${name}`);
    const { key, values } = original;
    account.change('aws_db_instance', ({ arn, identifier }) =>
      identifier === name ? { identifier: old, arn: String(arn).replace(name, old) } : {},
    );
    const chosen = {
      id: 'db-RESTORED',
      resource_id: 'db-RESTORED',
      backup_window: '03:00-03:30',
      maintenance_window: 'mon:04:00-mon:04:30',
      max_allocated_storage: 0,
      copy_tags_to_snapshot: false,
      deletion_protection: false,
      enabled_cloudwatch_logs_exports: [],
      master_user_secret: [{ secret_arn: `${secretOf(values)}-restored`, secret_status: 'active', kms_key_id: 'key' }],
    };
    account.put('restored', { type: 'aws_db_instance', values: { ...values, ...chosen } });
    this.#hasChanged = true;
    return () => account.delete(key);
  }

  /** Takes the state's bucket away, with the region that it is in, and all local files. What is in other regions stays. */
  async loseRegion(stateBucket: string): Promise<void> {
    this.#servers.state.loseBucket(stateBucket);
    await rm(this.#out, { recursive: true });
  }

  /** Takes names from all distributions, as a person does in CloudFront's console. */
  freeAliases(): void {
    this.#servers.account.change('aws_cloudfront_distribution', () => ({ aliases: [] }));
  }

  /** Deploys an environment with other values, without the command line of CDKTF, which takes seconds. */
  async edit({ environment, settings }: Deployed, command: 'apply' | 'plan' = 'apply'): Promise<Edited> {
    const app = new App({ outdir: this.#out });
    new EnvironmentStack(app, environment.name, { environment, settings });
    app.synth();
    const folder = this.#stack(environment.name);
    if (!existsSync(join(folder, '.terraform/terraform.tfstate'))) {
      // In a second region's bucket, nobody has created it before.
      await createWorkspace(new Stack(engineProgram(), folder, this.#servers.env), folder, environment.name);
    }
    const approve = command === 'apply' ? ['-auto-approve'] : [];
    const refresh = `-refresh=${this.#hasChanged}`;
    this.#hasChanged = false;
    this.#actAs(environment.name, 'apply');
    const args = [`-chdir=${folder}`, command, ...approve, refresh, '-json'];
    return read(await this.#run(engineProgram(), args, {}));
  }

  /** Changes since the last call, in order. */
  changes(): Event[] {
    return this.#events.splice(0).filter(({ action }) => action !== 'read');
  }

  /** The permissions that were checked so far. */
  asked(): Asked {
    return this.#servers.guard.takeAsked();
  }

  #actAs(environment: EnvironmentName, purpose: 'plan' | 'apply'): void {
    this.#servers.guard.role = this.#hasRoles ? names(environment).role(purpose) : undefined;
  }

  #stack(environment: string): string {
    return join(this.#out, 'stacks', environment);
  }

  async #run(
    command: string,
    args: string[],
    env: NodeJS.ProcessEnv,
    { fail = '', cwd = root } = {},
  ): Promise<Outcome> {
    const { account, env: servers } = this.#servers;
    account.fail = fail;
    const { HOME, NODE_COMPILE_CACHE, PATH } = process.env;
    const running = promisify(execFile)(command, args, {
      cwd,
      env: {
        HOME,
        NODE_COMPILE_CACHE,
        PATH,
        TERRAFORM_BINARY_NAME: engineProgram(),
        ...servers,
        ...env,
        CI: 'true',
        CHECKPOINT_DISABLE: 'true',
        NO_COLOR: '1',
      },
      maxBuffer: 64 * 1024 ** 2,
    });
    // With an open input Terraform would prompt instead of failing.
    running.child.stdin?.end();
    return outcomeOf(running);
  }
}

/** ARN of the secret that has a database's master password. */
function secretOf(values: { readonly [name: string]: unknown }): string {
  const [secret] = values.master_user_secret as readonly { readonly secret_arn: string }[];
  return String(secret?.secret_arn);
}

function read(outcome: Outcome): Edited {
  const lines = outcome.output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line): Line => JSON.parse(line));
  return {
    ...outcome,
    planned: lines.flatMap(({ change, type }) =>
      type === 'planned_change' && change
        ? { action: change.action, type: change.resource.resource_type, address: change.resource.addr }
        : [],
    ),
    order: lines.flatMap(({ hook, type }) => {
      const word = { apply_start: 'begins', apply_complete: 'ends' }[type];
      return word && hook ? `${word} ${hook.resource.addr}` : [];
    }),
    errors: lines.flatMap(({ diagnostic }) => (diagnostic?.severity === 'error' ? diagnostic.summary : [])),
  };
}

/** https://developer.hashicorp.com/terraform/internals/machine-readable-ui */
interface Line {
  readonly type: string;
  readonly change?: {
    readonly action: Planned['action'];
    readonly resource: { readonly addr: string; readonly resource_type: string };
  };
  readonly hook?: { readonly resource: { readonly addr: string } };
  readonly diagnostic?: { readonly severity: string; readonly summary: string };
}
