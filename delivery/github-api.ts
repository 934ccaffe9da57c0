import { execFileSync } from 'node:child_process';

/** GitHub refused a call. The message is GitHub's. */
export class GithubRefused extends Error {
  override readonly name = 'GithubRefused';

  hasStatus(status: number): boolean {
    return this.message.includes(`HTTP ${status}`);
  }
}

/**
 * Calls GitHub's API.
 *
 * @returns undefined for a GET that finds nothing
 * @throws {GithubRefused}
 */
export type Api = (path: string, method?: string, body?: unknown) => unknown;

/** Calls GitHub's API with its CLI. */
export const gh: Api = (path, method = 'GET', body) => {
  try {
    const output = call(path, method, body);
    return output === '' ? undefined : JSON.parse(output);
  } catch (error) {
    if (method === 'GET' && error instanceof GithubRefused && error.hasStatus(404)) return undefined;
    throw error;
  }
};

/**
 * Reads a list. GitHub answers a page of it at a time.
 *
 * @param field the answer's field that has the list, unless the answer is the list
 * @returns all items. Undefined if GitHub knows no such list
 * @throws {GithubRefused}
 */
export type List = <Item>(path: string, field?: string) => Item[] | undefined;

/** Reads a list with GitHub's CLI, which asks for one page after the other, and prints each item on a line. */
export const ghList: List = (path, field = '') => {
  try {
    const lines = call(path, 'GET', undefined, ['--paginate', '--jq', `.${field}[]`]).split('\n');
    return lines.filter(Boolean).map((line) => JSON.parse(line));
  } catch (error) {
    if (error instanceof GithubRefused && error.hasStatus(404)) return undefined;
    throw error;
  }
};

/** Runs another command of GitHub's CLI, which prints its errors. @param input standard input @throws if it fails */
export function ghCommand(args: readonly string[], input = ''): string {
  return execFileSync('gh', args, { encoding: 'utf8', input });
}

/** Reads text, such as the log of a job. @throws {GithubRefused} */
export const ghText = (path: string): string => call(path, 'GET');

function call(path: string, method: string, body?: unknown, more: readonly string[] = []): string {
  const input = body === undefined ? [] : ['--input', '-'];
  try {
    return execFileSync('gh', ['api', path, '--method', method, ...more, ...input], {
      encoding: 'utf8',
      input: JSON.stringify(body),
      stdio: 'pipe',
      // The log of a job.
      maxBuffer: 2 ** 28,
    });
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string };
    throw new GithubRefused(`${method} ${path}: ${stderr.trim() || (error as Error).message}`);
  }
}
