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

/** The most items that GitHub gives at once. */
const pageSize = 100;

/**
 * Reads all pages of a list.
 *
 * @param itemsOf the items of a page. By default the page itself
 * @returns undefined if there is no such list
 * @throws {GithubRefused}
 */
export function readAll<T>(api: Api, path: string, itemsOf = (page: unknown) => page as T[]): T[] | undefined {
  const all: T[] = [];
  for (let number = 1; ; number++) {
    const page = api(`${path}?per_page=${pageSize}&page=${number}`);
    if (page === undefined) return undefined;
    const items = itemsOf(page);
    all.push(...items);
    if (items.length < pageSize) return all;
  }
}

/** Runs another command of GitHub's CLI, which prints its errors. @param input standard input @throws if it fails */
export function ghCommand(args: readonly string[], input = ''): string {
  return execFileSync('gh', args, { encoding: 'utf8', input });
}

/** Reads text, such as the log of a job. @throws {GithubRefused} */
export const ghText = (path: string): string => call(path, 'GET');

function call(path: string, method: string, body?: unknown): string {
  const input = body === undefined ? [] : ['--input', '-'];
  try {
    return execFileSync('gh', ['api', path, '--method', method, ...input], {
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
