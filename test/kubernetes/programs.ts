import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from '../support/eventually.ts';

/** Runs a program to its end. @returns its standard output @throws if it fails; the message includes its errors */
export async function execute(program: string, args: readonly string[], options: object = {}): Promise<string> {
  const { stdout } = await promisify(execFile)(program, [...args], { encoding: 'utf8', ...options });
  return stdout;
}

/** Runs kubectl. `input` is its standard input. @returns its standard output */
export async function kubectl(kubeconfig: string, args: readonly string[], input = ''): Promise<string> {
  const running = promisify(execFile)('kubectl', [`--kubeconfig=${kubeconfig}`, ...args]);
  running.child.stdin?.end(input);
  return (await running).stdout;
}

/** Programs that run in the background. Each writes a log. */
export class Programs {
  readonly #folder: string;
  readonly #running = new Map<string, ChildProcess>();
  readonly #startAgain = new Map<string, () => void>();
  readonly #failure = Promise.withResolvers<never>();
  #isStopping = false;

  /** @param folder for the logs */
  constructor(folder: string) {
    this.#folder = folder;
    this.#failure.promise.catch(() => undefined);
  }

  start(name: string, program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): void {
    this.#startAgain.set(name, () => this.start(name, program, args, env));
    const log = openSync(join(this.#folder, `${name}.log`), 'a');
    const child = spawn(program, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', log, log],
      // In a process group of its own, because Ctrl+C in a terminal goes to the whole group.
      detached: true,
    });
    closeSync(log);
    child.on('error', this.#failure.reject);
    child.on('exit', (code, signal) => {
      if (!this.#isStopping) this.#failure.reject(new Error(`${name} exited with ${code ?? signal}`));
    });
    this.#running.set(name, child);
  }

  /** Kills a program, as a crash would. Without effect if it has ended. */
  async end(name: string): Promise<void> {
    const child = this.#named(this.#running, name);
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  /** Starts a program that has ended again, with the same arguments. */
  startAgain(name: string): void {
    this.#named(this.#startAgain, name)();
  }

  /** Waits until a condition is true. @throws after 60 s, or if a program exits; the message ends with the logs */
  async until(what: string, condition: () => Promise<boolean>): Promise<void> {
    try {
      await Promise.race([eventually(condition), this.#failure.promise]);
    } catch (cause) {
      throw new Error(`${await this.#logs()}\n${what} did not start: ${(cause as Error).message}`, { cause });
    }
  }

  /** Ends all programs, the last one first. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const name of [...this.#running.keys()].reverse()) await this.end(name);
  }

  #named<T>(programs: ReadonlyMap<string, T>, name: string): T {
    const found = programs.get(name);
    if (found === undefined) throw new Error(`No program ${name} was started, but ${[...programs.keys()].join(', ')}`);
    return found;
  }

  async #logs(): Promise<string> {
    const files = (await readdir(this.#folder)).filter((file) => file.endsWith('.log'));
    const ends = files.map(async (file) => {
      const lines = (await readFile(join(this.#folder, file), 'utf8')).trimEnd().split('\n');
      return `==> ${file}\n${lines.slice(-20).join('\n')}`;
    });
    return (await Promise.all(ends)).join('\n');
  }
}
