import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

export interface RunOptions {
  cwd?: string;
  /** Added to this process's environment. */
  env?: Record<string, string>;
}

/** The programs that run. Each leads a process group. */
const running = new Set<ChildProcess>();

/** Milliseconds that a program has to end. */
const patience = 10_000;

/**
 * Ends all programs that run, with those that they started: npx and pnpm do not pass a signal on. They get the signal of
 * Ctrl-C, on which the tests delete their folders.
 */
export async function endAll(): Promise<void> {
  const groups = [...running].flatMap(({ pid }) => (pid === undefined ? [] : [-pid]));
  let left = groups.filter((group) => signal(group, 'SIGINT'));
  for (const deadline = Date.now() + patience; left.length > 0 && Date.now() < deadline; await sleep(100)) {
    left = left.filter((group) => signal(group, 0));
  }
  for (const group of left) signal(group, 'SIGKILL');
}

/** @returns whether the process group is there */
function signal(group: number, name: 0 | 'SIGINT' | 'SIGKILL'): boolean {
  try {
    return process.kill(group, name);
  } catch {
    return false;
  }
}

function start(program: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  const child = spawn(program, args, { ...options, detached: true });
  running.add(child);
  const forget = () => running.delete(child);
  child.once('close', forget).once('error', forget);
  return child;
}

/**
 * Runs a program without showing its output, and waits for it to exit.
 *
 * @throws if it cannot be started or exits with a code other than 0; the error includes its output
 */
export async function run(program: string, args: string[], options: RunOptions = {}): Promise<void> {
  let output = '';
  const child = start(program, args, { ...withEnvironment(options), stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text) => (output += text));
  const [code, signal] = await once(child, 'close');
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} exited with ${code ?? signal}:\n${output}`);
}

/** Runs a program, shows its output, and waits for it to exit. @returns whether it exited with 0 */
export async function show(program: string, args: string[], options: RunOptions = {}): Promise<boolean> {
  const child = start(program, args, { ...withEnvironment(options), stdio: ['ignore', 'inherit', 'inherit'] });
  const [code] = await once(child, 'close');
  return code === 0;
}

/** Like {@link show}, but gives way to other programs, and shows the output once the program has exited. */
export async function showInBackground(program: string, args: string[], options: RunOptions = {}): Promise<boolean> {
  let output = '';
  const child = start('nice', ['-n', '19', program, ...args], {
    ...withEnvironment(options),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text) => (output += text));
  const [code] = await once(child, 'close');
  process.stdout.write(output);
  return code === 0;
}

function withEnvironment({ env, ...options }: RunOptions) {
  return { ...options, env: { ...process.env, ...env } };
}
