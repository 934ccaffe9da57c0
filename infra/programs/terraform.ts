import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');
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

/** Terraform in the folder of one stack. */
export class Terraform {
  readonly #folder: string;

  constructor(stack: string) {
    this.#folder = join(out, 'stacks', stack);
  }

  run(...args: string[]): void {
    // A workspace from outside breaks `init` once there are two, and would turn the stack's own choice round.
    run('terraform', [`-chdir=${this.#folder}`, ...args], { TF_WORKSPACE: undefined });
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
}

function run(command: string, args: string[], env: NodeJS.ProcessEnv): void {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
  if (error) throw error;
  if (status !== 0) throw new ProgramFailed(command, status ?? 1);
}
