/** `pnpm infra costs`: the monthly cost of both environments: estimated, for any plan, and as AWS billed it. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { defineCommand, environmentWord, fileForm, Refused, requireProgram, WrongUsage } from 'command-line';
import { type EnvironmentName, globalRegion } from 'platform';
import { givenAccount } from '../accounts.ts';
import { texts } from '../command-texts.ts';
import { byApplication, byServiceAndName, costTags, monthsOf } from '../costs/actual.ts';
import { monthlyCosts } from '../costs/estimate.ts';
import { costsPage } from '../costs/page.ts';
import { planCosts } from '../costs/plan.ts';
import type { PriceList } from '../costs/price.ts';
import { defaultList, listOf, priceLists } from '../costs/price-lists.ts';
import { actualTable, hasFigures, regionTable } from '../costs/terminal.ts';
import { aws } from '../doctor/aws.ts';
import { readSettings, type Settings } from '../settings.ts';

export const costsFile = resolve(import.meta.dirname, '../../docs/costs.md');

export const command = defineCommand({
  description: {
    pt: 'gera docs/costs.md; --region mostra a estimativa de outra região, --actual o que a AWS cobrou',
    en: 'writes docs/costs.md; --region shows the estimate of another region, --actual what AWS billed',
  },
  words: { environment: { ...environmentWord, optional: true } },
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
    region: {
      value: { pt: 'REGIÃO', en: 'REGION' },
      read: readRegion,
      description: {
        pt: `só mostra a estimativa com os preços da região: ${regionNames()}`,
        en: `only prints the estimate at the prices of the region: ${regionNames()}`,
      },
    },
    actual: {
      description: {
        pt: 'só mostra o que a AWS cobrou, ao lado da estimativa; cada ambiente custa dois pedidos ao Cost Explorer, de 0,01 dólar cada, com as suas credenciais',
        en: 'only prints what AWS billed, beside the estimate; each environment takes two requests to Cost Explorer, at 0.01 dollar each, with your own credentials',
      },
    },
  },
  run({ environment }, { actual, check, json, plan, region }) {
    const modes = [actual, check, json, plan !== undefined].filter(Boolean).length;
    if (modes > 1 || (check && region)) throw new WrongUsage(texts.costs.oneMode);
    if (actual) return actualCosts(environment, region);
    if (environment) throw new WrongUsage(texts.costs.onlyActual(environment));
    if (plan !== undefined) return costsOfPlan(plan, region);
    // Without the region of the settings: workflows compare two commits, and only one of them has the settings.
    if (json) return costs({ json, list: region ?? defaultList });
    if (region) {
      console.log(regionTable(region));
      return 0;
    }
    return costs({ check });
  },
});

function readRegion(given: string): PriceList {
  const list = listOf(given);
  if (!list) throw new Refused(texts.costs.noList(given, regionNames()));
  return list;
}

function regionNames(): string {
  return priceLists.map(({ region }) => region).join(', ');
}

export interface CostsOptions {
  /** Only checks whether the page is up to date. */
  readonly check?: boolean;
  /** Prints the estimate as JSON, one `MonthlyCost` per environment, and does not write the page. */
  readonly json?: boolean;
  /** Prices of the JSON. The page always compares at those of the default region. */
  readonly list?: PriceList;
}

/**
 * Writes the page, unless an option asks for something else.
 * @returns the exit code: 1 if `check` found the page out of date
 */
export function costs({ check = false, json = false, list }: CostsOptions = {}, file = costsFile): number {
  if (json) {
    console.log(JSON.stringify(monthlyCosts(list), null, 2));
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
export function costsOfPlan(file: string, list: PriceList = defaultList): number {
  const { plan: text } = texts.costs;
  let found: ReturnType<typeof planCosts>;
  try {
    found = planCosts(JSON.parse(readFileSync(file, 'utf8')), list);
  } catch {
    throw new Refused(text.unreadable(file));
  }
  if (!found) throw new Refused(text.unreadable(file));
  const { byUse, free, priced, unpriced } = found;
  const money = (usd: number) => usd.toFixed(2).padStart(10);
  for (const { address, usd } of priced) console.log(`${money(usd)}  ${address}`);
  console.log(`${money(priced.reduce((sum, { usd }) => sum + usd, 0))}  ${text.total(list.region, list.readOn)}`);
  const indented = (addresses: readonly string[]) => addresses.map((address) => `  ${address}`).join('\n');
  if (byUse.length > 0) console.log(`\n${text.byUse}\n${indented(byUse)}`);
  if (unpriced.length > 0) console.log(`\n${text.unpriced(list.file)}\n${indented(unpriced)}`);
  console.log(`\n${text.free(free)}`);
  return 0;
}

/**
 * Prints what AWS billed beside the estimate. The caller needs `ce:GetCostAndUsage`.
 *
 * @param environment without one, all of the account
 * @param given the prices of the estimate. Without them, those of the settings' region, or else of the default region
 */
async function actualCosts(environment: EnvironmentName | undefined, given: PriceList | undefined): Promise<number> {
  requireProgram('aws');
  const settings = readSettings();
  const asked = environment ? [environment] : givenAccount(settings, undefined).environments;
  const list = given ?? listFor(settings);
  for (const name of asked) {
    const [byPart, byTeam] = [await billed(name, byServiceAndName), await billed(name, byApplication)];
    console.log(
      `${hasFigures(byPart) ? actualTable(name, list, byPart, byTeam) : texts.costs.actual.none(name, Object.values(costTags))}\n`,
    );
  }
  return 0;
}

async function billed(environment: EnvironmentName, groups: readonly string[]) {
  // Cost Explorer answers in this region for all.
  const call = (...args: readonly string[]) => aws(...args, '--region', globalRegion, '--output', 'json');
  try {
    return await monthsOf(call, environment, groups, new Date());
  } catch (error) {
    throw new Error(texts.costs.actual.refused((error as Error).message));
  }
}

function listFor({ region }: Settings): PriceList {
  const list = listOf(region);
  if (!list) console.log(`${texts.costs.actual.otherPrices(region, defaultList.region)}\n`);
  return list ?? defaultList;
}
