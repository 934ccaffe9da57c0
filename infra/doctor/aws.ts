import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Asks the AWS CLI for JSON. Undefined without an answer: the doctor skips what it may not read, and resources that do
 * not exist yet have nothing to check.
 */
export type Ask = <T>(...args: readonly string[]) => Promise<T | undefined>;

/** Questions to the services of a region. */
export const askIn =
  (region: string): Ask =>
  async (...args) => {
    try {
      return JSON.parse(await aws(...args, '--region', region, '--output', 'json'));
    } catch {
      return undefined;
    }
  };

/**
 * What the AWS CLI prints.
 * @throws Error whose message contains what it printed as the error
 */
export async function aws(...args: readonly string[]): Promise<string> {
  const { stdout } = await run('aws', args, { env: process.env, timeout: 20_000, maxBuffer: 64 * 1024 ** 2 });
  return stdout;
}
