/** `pnpm infra costs`: the monthly cost of both environments, as the page docs/costs.md or as JSON. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { defineCommand } from 'command-line';
import { texts } from '../command-texts.ts';
import { monthlyCosts } from '../costs/estimate.ts';
import { costsPage } from '../costs/page.ts';

export const costsFile = resolve(import.meta.dirname, '../../docs/costs.md');

export const command = defineCommand({
  description: { pt: 'gera docs/costs.md', en: 'writes docs/costs.md' },
  words: {},
  options: {
    check: {
      description: { pt: 'só confere se o arquivo está atualizado', en: 'only checks whether the file is up to date' },
    },
    json: {
      description: { pt: 'só mostra os valores, em JSON', en: 'only prints the figures, as JSON' },
    },
  },
  run: (_, options) => costs(options),
});

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
  if (existsSync(file) && readFileSync(file, 'utf8') === page) {
    console.log(texts.costs.upToDate);
    return 0;
  }
  if (check) {
    console.error(texts.costs.outOfDate);
    return 1;
  }
  writeFileSync(file, page);
  console.log(texts.costs.written);
  return 0;
}
