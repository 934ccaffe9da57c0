import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '..');
const out = join(root, 'cdktf.out');

/** A program ended with another code than 0; it has said why by itself. */
export class ProgramFailed extends Error {
  readonly code: number;

  constructor(command: string, code: number) {
    super(`${command}: exit code ${code}`);
    this.code = code;
  }
}

/** Writes the Terraform of every stack to cdktf.out, by the same program that `cdktf` runs. */
export function synthesise(): void {
  const { app } = JSON.parse(readFileSync(join(root, 'cdktf.json'), 'utf8'));
  run('sh', ['-c', app], { CDKTF_OUTDIR: out });
}

/** A workspace from outside breaks `init` once there are two, and would turn the stack's own choice round. */
const withoutWorkspace = { TF_WORKSPACE: undefined };

/** Terraform in the folder of one stack. */
export class Terraform {
  readonly #folder: string;

  constructor(stack: string) {
    this.#folder = join(out, 'stacks', stack);
  }

  run(...args: string[]): void {
    run('terraform', this.#in(args), withoutWorkspace);
  }

  /**
   * Makes a plan, of a destroy if asked, and keeps it in a file, which may hold secrets: it is for this machine alone. For
   * the same reason it is not shown. Errors are.
   *
   * @param lock whether nobody else may change the state meanwhile; a plan that is only looked at needs no lock, and leaves
   *   none behind when it is broken off
   */
  savePlan(file: string, { destroy = false, lock }: { destroy?: boolean; lock: boolean }): void {
    const options = [
      // Somebody else's apply holds the lock for minutes.
      ...(lock ? ['-lock-timeout=10m'] : ['-lock=false']),
      `-out=${resolve(file)}`,
      ...(destroy ? ['-destroy'] : []),
    ];
    run('terraform', this.#in(['plan', '-input=false', ...options]), withoutWorkspace, 'pipe');
  }

  /** A kept plan, as Terraform describes it for programs: https://developer.hashicorp.com/terraform/internals/json-format */
  showPlan(file: string): unknown {
    return JSON.parse(run('terraform', this.#in(['show', '-json', resolve(file)]), withoutWorkspace, 'pipe'));
  }

  /**
   * Makes the stack ready in its workspace, which is made if it is not there. Without a selected workspace at first: one
   * that does not exist yet would make `init` fail, or wait for an answer.
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

/** @returns what the program writes to its standard output, if that is piped */
function run(command: string, args: string[], env: NodeJS.ProcessEnv, output: 'inherit' | 'pipe' = 'inherit'): string {
  const { status, error, stdout } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...env },
    stdio: ['inherit', output, 'inherit'],
    // A plan of everything is some megabytes.
    maxBuffer: 256 * 1024 ** 2,
  });
  if (error) throw error;
  if (status !== 0) throw new ProgramFailed(command, status ?? 1);
  return stdout;
}
