import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Outcome, outcomeOf } from '../../support/outcome.ts';
import { linkPackages } from '../../support/packages.ts';

const execute = promisify(execFile);
const original = join(import.meta.dirname, '../../..');

/** A clone of the last commit, which tests can change. */
export class RepositoryCopy {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(): Promise<RepositoryCopy> {
    const folder = await mkdtemp(join(tmpdir(), 'repository-'));
    await execute('git', ['clone', '--quiet', '--local', original, folder]);
    await linkPackages(folder);
    return new RepositoryCopy(folder);
  }

  /** Replaces text in a file and commits it. @throws if the file does not contain the text */
  async change(file: string, from: string, to: string): Promise<void> {
    const path = join(this.folder, file);
    const before = await readFile(path, 'utf8');
    if (!before.includes(from)) throw new Error(`${file} does not contain ${from}`);
    await writeFile(path, before.replace(from, to));
    const person = ['-c', 'user.name=Developer', '-c', 'user.email=developer@example.org'];
    await execute('git', [...person, 'commit', '--quiet', '--all', `--message=${to}`], { cwd: this.folder });
  }

  /** Runs `pnpm delivery` in the clone, and waits for it to exit. */
  async delivery(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
    const program = join(this.folder, 'delivery/cli.ts');
    const options = { cwd: this.folder, env: { ...process.env, ...env } };
    return outcomeOf(execute(process.execPath, [program, ...args], options));
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true });
  }
}
