/** `pnpm infra costs`: the monthly cost of both environments, as the page docs/costs.md or as JSON. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { defineCommand, fileForm, Refused } from 'command-line';
import { texts } from '../command-texts.ts';
import { monthlyCosts } from '../costs/estimate.ts';
import { costsPage } from '../costs/page.ts';
import { planCosts } from '../costs/plan.ts';
import { pricesReadOn } from '../costs/prices.ts';

export const costsFile = resolve(import.meta.dirname, '../../docs/costs.md');

export const command = defineCommand({
  description: { pt: 'gera docs/costs.md', en: 'writes docs/costs.md' },
  words: {},
  options: {
    check: {
      description: { pt: 'só confere se o arquivo está atualizado', en: 'only checks whether the file is up to date' },
    },
    plan: {
      value: fileForm,
      description: {
        pt: 'só mostra o preço fixo de um plano qualquer, a saída de terraform show -json',
        en: 'only prints the fixed price of any plan, the output of terraform show -json',
      },
    },
    json: {
      description: { pt: 'só mostra os valores, em JSON', en: 'only prints the figures, as JSON' },
    },
  },
  run: (_, { plan, ...options }) => (plan === undefined ? costs(options) : costsOfPlan(plan)),
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

/** Prints what a plan costs, dearest first, and what its price does not include. @throws {Refused} if it is no plan */
export function costsOfPlan(file: string): number {
  const { plan: text } = texts.costs;
  let found: ReturnType<typeof planCosts>;
  try {
    found = planCosts(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    throw new Refused(text.unreadable(file));
  }
  if (!found) throw new Refused(text.unreadable(file));
  const { byUse, free, priced, unpriced } = found;
  const money = (usd: number) => usd.toFixed(2).padStart(10);
  for (const { address, usd } of priced) console.log(`${money(usd)}  ${address}`);
  console.log(`${money(priced.reduce((sum, { usd }) => sum + usd, 0))}  ${text.total(pricesReadOn)}`);
  const list = (addresses: readonly string[]) => addresses.map((address) => `  ${address}`).join('\n');
  if (byUse.length > 0) console.log(`\n${text.byUse}\n${list(byUse)}`);
  if (unpriced.length > 0) console.log(`\n${text.unpriced}\n${list(unpriced)}`);
  console.log(`\n${text.free(free)}`);
  return 0;
}
