/** `pnpm infra costs`: what both environments cost in a month, as the page docs/costs.md or for other programs. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { monthlyCosts } from '../costs/estimate.ts';
import { costsPage } from '../costs/page.ts';

export const costsFile = resolve(import.meta.dirname, '../../docs/costs.md');

export interface CostsOptions {
  /** Only says whether the page is up to date. */
  readonly check?: boolean;
  /** Prints the estimate, as `MonthlyCost` by environment, and leaves the page alone. */
  readonly json?: boolean;
}

/** Writes the page, or does what the options ask instead. Returns the exit code. */
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
  console.error('docs/costs.md is out of date: run `pnpm infra costs` and commit what it writes.');
  return 1;
}
