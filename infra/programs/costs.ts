/** `pnpm infra costs`: writes docs/costs.md; with `--check` it only says whether the page is up to date. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { costsPage } from '../costs/page.ts';

export { costsPage };

export const costsFile = resolve(import.meta.dirname, '../../docs/costs.md');

/** Writes the page, or compares it with what it should be. Returns the exit code. */
export function costs(args: readonly string[], file = costsFile): number {
  const page = costsPage();
  if (!args.includes('--check')) {
    writeFileSync(file, page);
    return 0;
  }
  if (existsSync(file) && readFileSync(file, 'utf8') === page) return 0;
  console.error('docs/costs.md is out of date: run `pnpm infra costs` and commit what it writes.');
  return 1;
}

if (import.meta.main) process.exitCode = costs(process.argv.slice(2));
