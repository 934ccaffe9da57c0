import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface RunOptions {
  cwd?: string;
  /** Added to this process's environment. */
  env?: Record<string, string>;
}

/**
 * Runs a program without showing its output, and waits for it to exit.
 *
 * @throws if it cannot be started or exits with a code other than 0; the error includes its output
 */
export async function run(program: string, args: string[], options: RunOptions = {}): Promise<void> {
  let output = '';
  const child = spawn(program, args, { ...withEnvironment(options), stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  const [code, signal] = await once(child, 'close');
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} exited with ${code ?? signal}:\n${output}`);
}

/** Runs a program, shows its output, and waits for it to exit. @returns whether it exited with 0 */
export async function show(program: string, args: string[], options: RunOptions = {}): Promise<boolean> {
  const child = spawn(program, args, { ...withEnvironment(options), stdio: ['ignore', 'inherit', 'inherit'] });
  const [code] = await once(child, 'close');
  return code === 0;
}

/** Like {@link show}, but gives way to other programs, and shows the output once the program has exited. */
export async function showInBackground(program: string, args: string[], options: RunOptions = {}): Promise<boolean> {
  const output: Buffer[] = [];
  const child = spawn('nice', ['-n', '19', program, ...args], {
    ...withEnvironment(options),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => output.push(data));
  const [code] = await once(child, 'close');
  process.stdout.write(Buffer.concat(output));
  return code === 0;
}

function withEnvironment({ env, ...options }: RunOptions) {
  return { ...options, env: { ...process.env, ...env } };
}
