import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const file = join(import.meta.dirname, '../checkov-results.txt');

/**
 * What the checks with a waiver say about the stacks as they are, without choices: `CKV_AWS_150 failed dev load-balancer`.
 * checkov takes minutes, so its answers are kept for the tests that are run at each change.
 * `RECORD=1 pnpm test infra/test/checkov` writes them again.
 */
export const recordedResults = (): string[] => readFileSync(file, 'utf8').trim().split('\n');

export const recordResults = (results: readonly string[]): void => writeFileSync(file, `${results.join('\n')}\n`);

/** Whether a place such as `dev load-balancer` is one that a waiver names, in which `*` stands for anything. */
export const covers = (where: string, place: string): boolean =>
  new RegExp(`^${where.replaceAll('*', '.*')}$`).test(place);
