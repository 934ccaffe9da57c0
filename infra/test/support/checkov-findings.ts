import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const file = join(import.meta.dirname, '../checkov-findings.txt');

/**
 * What checkov finds in the stacks as they are, without choices: a check's id and the place, as in `CKV_AWS_18 prd
 * access-logs_bucket`. It takes minutes, so what it found is kept for the tests that are run at each change.
 * `RECORD=1 pnpm test infra/test/checkov` writes it again.
 */
export const recordedFindings = (): string[] => readFileSync(file, 'utf8').trim().split('\n');

export const recordFindings = (findings: readonly string[]): void => writeFileSync(file, `${findings.join('\n')}\n`);

/** Whether a place such as `dev load-balancer` is one that a waiver names, in which `*` stands for anything. */
export const covers = (where: string, place: string): boolean =>
  new RegExp(`^${where.replaceAll('*', '.*')}$`).test(place);
