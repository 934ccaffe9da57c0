import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface RunOptions {
  cwd?: string;
  /** Beside this process's own environment. */
  env?: Record<string, string>;
}

/**
 * Runs a program to its end and keeps quiet about it.
 *
 * @throws if it cannot be started or ends with anything but 0; the error carries all that it wrote
 */
export async function run(program: string, args: string[], options: RunOptions = {}): Promise<void> {
  let output = '';
  const child = spawn(program, args, { ...withEnvironment(options), stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  const [code, signal] = await once(child, 'close');
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code ?? signal}:\n${output}`);
}

/** Runs a program to its end, and shows what it writes; true if it ended with 0. */
export async function show(program: string, args: string[], options: RunOptions = {}): Promise<boolean> {
  const child = spawn(program, args, { ...withEnvironment(options), stdio: ['ignore', 'inherit', 'inherit'] });
  const [code] = await once(child, 'close');
  return code === 0;
}

function withEnvironment({ env, ...options }: RunOptions) {
  return { ...options, env: { ...process.env, ...env } };
}
