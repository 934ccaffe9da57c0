/** `pnpm infra costs`: the monthly cost of both environments, as the page docs/costs.md or as JSON. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { monthlyCosts } from '../costs/estimate.ts';
import { costsPage } from '../costs/page.ts';

export const costsFile = resolve(import.meta.dirname, '../../docs/costs.md');

export interface CostsOptions {
  /** Only checks whether the page is up to date. */
  readonly check?: boolean;
  /** Prints the estimate as JSON, one `MonthlyCost` per environment, and does not write the page. */
  readonly json?: boolean;
}

/**
 * Writes the page, unless an option asks for something else.
 * @returns the exit code: 1 if `check` found the page out of date
 */
export function costs({ check = false, json = false }: CostsOptions = {}, file = costsFile): number {
  if (json) {
    console.log(JSON.stringify(monthlyCosts(), null, 2));
    return 0;
  }
  const page = costsPage();
  if (!check) {
    writeFileSync(file, page);
    return 0;
  }
  if (existsSync(file) && readFileSync(file, 'utf8') === page) return 0;
  console.error('docs/costs.md is out of date: run `pnpm infra costs` and commit the result.');
  return 1;
}
