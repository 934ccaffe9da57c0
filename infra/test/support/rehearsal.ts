import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { type Outcome, outcomeOf } from '../../../test/support/outcome.ts';
import { findTool } from '../../../test/support/tools.ts';
import { readSettings } from '../../settings.ts';
import { root } from './program.ts';

const folder = join(root, '../shared/rehearsal');
const app = (program: string) => `${process.execPath} --disable-warning=DEP0044 ${program}`;

/** A Python with the S3 emulator's modules. A machine may have several, and npm reorders the PATH. */
const python = (process.env.PATH ?? '')
  .split(delimiter)
  .map((bin) => join(bin, 'python3'))
  .find((candidate) => spawnSync(candidate, ['-c', 'import boto3, moto.server']).status === 0);

/** Falsy if Terraform, the S3 emulator, or the stand-in providers beside the repository are missing. */
export const rehearsalTools = existsSync(join(folder, 'with')) && findTool('terraform') && python;

interface Options {
  /** Type of resource whose changes fail, or `TYPE/ACTION`. */
  readonly fail?: string;
  /** CDKTF program to run instead of `infra/main.ts`. */
  readonly program?: string;
  readonly env?: NodeJS.ProcessEnv;
}

interface Change {
  readonly action: 'create' | 'update' | 'delete' | 'read';
  readonly type: string;
  readonly name: string;
}

/** Runs the real Terraform and cdktf, with stand-in providers for the cloud and an S3 emulator for the state. */
export class Rehearsal {
  readonly #env: NodeJS.ProcessEnv;
  readonly #emulator: ChildProcess;
  readonly #log: string;
  readonly #out: string;

  private constructor(env: NodeJS.ProcessEnv, emulator: ChildProcess, temporary: string) {
    this.#env = env;
    this.#emulator = emulator;
    this.#log = join(temporary, 'log');
    this.#out = join(temporary, 'cdktf.out');
  }

  /** Starts the emulator, which runs until `stop`. A child process prints the environment variables for its use. */
  static async start(): Promise<Rehearsal> {
    const { stateBucket } = readSettings('', {});
    const printEnv = 'console.log(JSON.stringify(process.env)); process.stdin.resume()';
    if (!python) throw new Error('No Python on the PATH has moto[server] and boto3');
    const emulator = spawn(
      python,
      [join(folder, 'with-state'), stateBucket, join(folder, 'with'), process.execPath, '--eval', printEnv],
      { env: { PATH: process.env.PATH, HOME: process.env.HOME }, stdio: ['pipe', 'pipe', 'ignore'] },
    );
    const ended = once(emulator, 'exit').then(([code]) => {
      throw new Error(`The S3 emulator exited with code ${code}`);
    });
    const [line] = (await Promise.race([once(createInterface(emulator.stdout), 'line'), ended])) as [string];
    // From here on its exit is expected: `stop` causes it.
    ended.catch(() => undefined);
    return new Rehearsal(JSON.parse(line), emulator, await mkdtemp(join(tmpdir(), 'rehearsal-')));
  }

  async stop(): Promise<void> {
    this.#emulator.stdin?.end();
    await once(this.#emulator, 'exit');
  }

  /** Creates empty workspaces, as the bootstrap does, and then deletes all local files, as in a fresh clone. */
  async makeWorkspaces(...environments: string[]): Promise<void> {
    await this.cdktf('synth', []);
    for (const environment of environments) {
      await rm(join(this.#stack(environment), '.terraform/environment'));
      await this.terraform(environment, 'init');
      await this.terraform(environment, 'workspace', 'new', environment);
    }
    await rm(this.#out, { recursive: true });
  }

  deploy(environment: string, options: Options = {}): Promise<Outcome> {
    return this.cdktf('deploy', [environment, '--auto-approve', '--skip-provider-lock'], options);
  }

  destroy(environment: string, options: Options = {}): Promise<Outcome> {
    return this.cdktf('destroy', [environment, '--auto-approve', '--skip-provider-lock'], options);
  }

  /**
   * Runs `pnpm infra` in a copy of the repository, where it can leave state and settings. The bootstrap starts with the
   * local backend, which rejects the emulator's options for S3.
   */
  infra(copy: string, ...args: string[]): Promise<Outcome> {
    return this.program(copy, 'infra/cli.ts', args);
  }

  /** Runs another program in a copy of the repository. */
  async program(copy: string, program: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
    const terraform = findTool('terraform');
    const script = `#!/bin/sh\ngrep -qs '"local": {' "\${1#-chdir=}/cdk.tf.json" && unset TF_CLI_ARGS_init\nexec ${terraform} "$@"\n`;
    await writeFile(join(copy, 'terraform'), script, { mode: 0o755 });
    const all = { PATH: `${copy}:${this.#env.PATH}`, REHEARSAL_FAIL: '', ...env };
    return this.#run(process.execPath, [program, ...args], all, copy);
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
    return this.#run(process.execPath, all, { ...env, REHEARSAL_FAIL: fail });
  }

  /** Replaces one resource. Changes of the type `fail` fail. */
  replace(environment: string, address: string, fail = ''): Promise<Outcome> {
    const args = [`-chdir=${this.#stack(environment)}`, 'apply', '-auto-approve', `-replace=${address}`];
    return this.#run('terraform', args, { REHEARSAL_FAIL: fail });
  }

  terraform(environment: string, ...args: string[]): Promise<Outcome> {
    return this.#run('terraform', [`-chdir=${this.#stack(environment)}`, ...args], {});
  }

  /** Changes since the last call, in order. */
  async changes(): Promise<Change[]> {
    const text = await readFile(this.#log, 'utf8').catch(() => '');
    await rm(this.#log, { force: true });
    const all = text
      .split('\n')
      .filter(Boolean)
      .map((line): Change => JSON.parse(line));
    return all.filter(({ action }) => action !== 'read');
  }

  #stack(environment: string): string {
    return join(this.#out, 'stacks', environment);
  }

  async #run(command: string, args: string[], env: NodeJS.ProcessEnv, cwd = root): Promise<Outcome> {
    const running = promisify(execFile)(command, args, {
      cwd,
      env: { ...this.#env, ...env, REHEARSAL_LOG: this.#log, CI: 'true', CHECKPOINT_DISABLE: 'true', NO_COLOR: '1' },
      maxBuffer: 64 * 1024 ** 2,
    });
    // With an open input Terraform would prompt instead of failing.
    running.child.stdin?.end();
    return outcomeOf(running);
  }
}
