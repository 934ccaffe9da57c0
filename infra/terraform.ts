import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ProgramFailed } from 'command-line';
import { engineProgram } from './engine.ts';

export const root = resolve(import.meta.dirname, '..');
const out = join(root, 'cdktf.out');

/** Writes the Terraform configuration of all stacks to cdktf.out, with the same command that `cdktf` uses. */
export function synthesise(): void {
  const { app } = JSON.parse(readFileSync(join(root, 'cdktf.json'), 'utf8'));
  run('sh', ['-c', app], { CDKTF_OUTDIR: out });
}

/** TF_WORKSPACE would break `init` once there are two workspaces, and override the workspace of the stack. */
const withoutWorkspace = { TF_WORKSPACE: undefined };

/** Runs Terraform, or OpenTofu, in the folder of one stack. */
export class Terraform {
  readonly #folder: string;

  constructor(stack: string) {
    this.#folder = join(out, 'stacks', stack);
  }

  run(...args: string[]): void {
    run(engineProgram(), this.#in(args), withoutWorkspace);
  }

  /**
   * Saves a plan, or a destroy plan, to a file. Plans can contain secrets, so the file must stay on this machine, and
   * only errors are printed.
   *
   * @param lock whether to lock the state. A plan for review needs no lock, and leaves none behind if it is aborted.
   */
  savePlan(file: string, { destroy = false, lock }: { destroy?: boolean; lock: boolean }): void {
    const options = [
      // Another apply can hold the lock for minutes.
      ...(lock ? ['-lock-timeout=10m'] : ['-lock=false']),
      `-out=${resolve(file)}`,
      ...(destroy ? ['-destroy'] : []),
    ];
    run(engineProgram(), this.#in(['plan', '-input=false', ...options]), withoutWorkspace, 'pipe');
  }

  /** A saved plan as JSON: https://developer.hashicorp.com/terraform/internals/json-format */
  showPlan(file: string): unknown {
    return JSON.parse(run(engineProgram(), this.#in(['show', '-json', resolve(file)]), withoutWorkspace, 'pipe'));
  }

  /** The value of an output that is a list of texts. */
  output(name: string): string[] {
    return JSON.parse(run(engineProgram(), this.#in(['output', '-json', name]), withoutWorkspace, 'pipe'));
  }

  /**
   * Initialises the stack and selects its workspace, which is created if needed. `init` runs without a selected
   * workspace: one that does not exist yet would make it fail or prompt.
   */
  init(workspace: string, ...options: string[]): void {
    rmSync(join(this.#folder, '.terraform/environment'), { force: true });
    this.run('init', '-input=false', ...options);
    this.run('workspace', 'select', '-or-create', workspace);
  }

  #in(args: readonly string[]): string[] {
    return [`-chdir=${this.#folder}`, ...args];
  }
}

/** @returns the program's standard output, if it is piped */
function run(command: string, args: string[], env: NodeJS.ProcessEnv, output: 'inherit' | 'pipe' = 'inherit'): string {
  const { status, error, stdout } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...env },
    stdio: ['inherit', output, 'inherit'],
    // The JSON of a whole environment's plan is several megabytes.
    maxBuffer: 256 * 1024 ** 2,
  });
  if (error) throw error;
  if (status !== 0) throw new ProgramFailed(command, status ?? 1);
  return stdout;
}
