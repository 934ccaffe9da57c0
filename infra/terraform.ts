import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ProgramFailed } from 'command-line';
import { engineProgram } from './engine.ts';

export const root = resolve(import.meta.dirname, '..');
const out = join(root, 'cdktf.out');

/** Where `synthesise` writes the configuration of a stack. */
export const stackFolder = (stack: string): string => join(out, 'stacks', stack);

/** Writes the Terraform configuration of all stacks to cdktf.out, with the same command that `cdktf` uses. */
export async function synthesise(): Promise<void> {
  const { app } = JSON.parse(readFileSync(join(root, 'cdktf.json'), 'utf8'));
  await run('sh', ['-c', app], { CDKTF_OUTDIR: out });
}

/** TF_WORKSPACE would break `init` once there are two workspaces, and override the workspace of the stack. */
const withoutWorkspace = { TF_WORKSPACE: undefined };

/** Runs Terraform, or OpenTofu, in the folder of one stack. */
export class Terraform {
  /** Where the stack's configuration is. */
  readonly folder: string;

  constructor(stack: string) {
    this.folder = stackFolder(stack);
  }

  async run(...args: string[]): Promise<void> {
    await run(engineProgram(), this.#in(args), withoutWorkspace);
  }

  /**
   * Saves a plan, or a destroy plan, to a file. Plans can contain secrets, so the file must stay on this machine, and
   * only errors are printed.
   *
   * @param lock whether to lock the state. A plan for review needs no lock, and leaves none behind if it is aborted.
   */
  async savePlan(file: string, { destroy = false, lock }: { destroy?: boolean; lock: boolean }): Promise<void> {
    const options = [
      // Another apply can hold the lock for minutes.
      ...(lock ? ['-lock-timeout=10m'] : ['-lock=false']),
      `-out=${resolve(file)}`,
      ...(destroy ? ['-destroy'] : []),
    ];
    await run(engineProgram(), this.#in(['plan', '-input=false', ...options]), withoutWorkspace, 'pipe');
  }

  /** A saved plan as JSON: https://developer.hashicorp.com/terraform/internals/json-format */
  async showPlan(file: string): Promise<unknown> {
    return JSON.parse(await run(engineProgram(), this.#in(['show', '-json', resolve(file)]), withoutWorkspace, 'pipe'));
  }

  /** The state as JSON, in the same format. It has no values before the first deployment. */
  async showState(): Promise<unknown> {
    return JSON.parse(await run(engineProgram(), this.#in(['show', '-json']), withoutWorkspace, 'pipe'));
  }

  /** The value of an output that is a list of texts. */
  async output(name: string): Promise<string[]> {
    return JSON.parse(await run(engineProgram(), this.#in(['output', '-json', name]), withoutWorkspace, 'pipe'));
  }

  /**
   * Initialises the stack and selects its workspace, which is created if needed. `init` runs without a selected
   * workspace: one that does not exist yet would make it fail or prompt.
   */
  async init(workspace: string, ...options: string[]): Promise<void> {
    rmSync(join(this.folder, '.terraform/environment'), { force: true });
    await this.run('init', '-input=false', ...options);
    await this.run('workspace', 'select', '-or-create', workspace);
  }

  /**
   * Uploads the state that a failed apply could not write, if there is one. Terraform leaves it in `errored.tfstate`.
   *
   * @returns the file, if the state still cannot be written
   */
  async rescueState(): Promise<string | undefined> {
    const file = join(this.folder, 'errored.tfstate');
    if (!existsSync(file)) return undefined;
    try {
      await this.run('state', 'push', file);
      rmSync(file);
      return undefined;
    } catch {
      return file;
    }
  }

  #in(args: readonly string[]): string[] {
    return [`-chdir=${this.folder}`, ...args];
  }
}

/**
 * Runs a program, and passes a signal on to it. Terraform then ends what it has begun, and releases the lock.
 *
 * @returns the program's standard output, if it is piped
 */
async function run(
  command: string,
  args: string[],
  env: NodeJS.ProcessEnv,
  output: 'inherit' | 'pipe' = 'inherit',
): Promise<string> {
  // Ctrl-C in a terminal already reaches Terraform, which would take a second SIGINT as an order to stop at once.
  const isInTerminal = process.stdin.isTTY === true;
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['inherit', output, 'inherit'],
    detached: !isInTerminal,
  });
  const chunks: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
  let isInterrupted = false;
  const interrupt = (signal: NodeJS.Signals) => {
    if (!isInterrupted && !(isInTerminal && signal === 'SIGINT')) child.kill('SIGINT');
    isInterrupted = true;
  };
  for (const signal of signals) process.on(signal, interrupt);
  try {
    const [code] = await once(child, 'close');
    if (code !== 0) throw new ProgramFailed(command, code ?? 1);
    return Buffer.concat(chunks).toString();
  } finally {
    for (const signal of signals) process.off(signal, interrupt);
  }
}

const signals = ['SIGINT', 'SIGTERM'] as const;
