import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A program failed. The message is what it printed as the error. */
export class CallFailed extends Error {
  override readonly name = 'CallFailed';
}

export interface CallOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
  /** Milliseconds after which the call counts as failed. */
  readonly timeout?: number;
  /** Ends the program. Only for one that may stop half-way. */
  readonly signal?: AbortSignal;
}

/**
 * What a program prints. It does not get the Ctrl-C of the terminal: what it has asked AWS for must be known, to be
 * deleted.
 *
 * @throws {CallFailed}
 */
export async function call(
  program: string,
  args: readonly string[],
  { env = {}, input = '', signal, timeout = 60_000 }: CallOptions = {},
): Promise<string> {
  const child = spawn(program, args, {
    env: { ...process.env, ...env },
    detached: true,
    timeout,
    ...(signal && { signal }),
  });
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on('data', (data: Buffer) => output.push(data));
  child.stderr.on('data', (data: Buffer) => errors.push(data));
  // A program that ends before it has read all of its input says why by its exit code.
  child.stdin.on('error', () => undefined).end(input);
  const [code, killedBy] = await once(child, 'close');
  if (code === 0) return Buffer.concat(output).toString();
  const why = Buffer.concat(errors).toString().trim() || `exit ${code ?? killedBy}`;
  throw new CallFailed(`${program} ${args.slice(0, 2).join(' ')}: ${why}`);
}

/** Calls AWS in a region, by its CLI, and returns its answer. */
export type Aws = (...args: readonly string[]) => Promise<unknown>;

export const awsIn =
  (region: string): Aws =>
  async (...args) => {
    const answer = await call('aws', [...args, '--region', region, '--output', 'json']);
    return answer.trim() === '' ? undefined : JSON.parse(answer);
  };
