/** The regions whose prices are known, and what to do about a price that is not. */
import type { defaultRegion } from 'platform';
import type { Region } from '../environments/regions.ts';
import type { Price, PriceList, PriceName } from './price.ts';
import { prices, usEast1 } from './prices.ts';
import { saEast1 } from './prices-sa-east-1.ts';

export const priceLists: readonly PriceList[] = [usEast1, saEast1];

/** The default region's, which `docs/costs.md` compares the designs with. */
export const defaultList = usEast1 satisfies { region: typeof defaultRegion };

export const listOf = (region: string): PriceList | undefined => priceLists.find((list) => list.region === region);

/** What parts of a bill need of a price list, in USD. */
export interface Prices {
  readonly region: Region;
  readonly usd: (name: PriceName) => number;
  /** Per hour, on demand. */
  readonly instance: (type: string) => number;
  /** Per hour, of the cheapest of these types on spot. */
  readonly cheapestSpot: (types: readonly string[]) => number;
  /** Per hour, of one instance of RDS for MySQL. */
  readonly database: (instanceClass: string) => number;
}

/** The prices of a list. One that is not in it is an error that names it. */
export const strictly = (list: PriceList): Prices =>
  read(list, (_, name) => {
    throw new Error(`There is no price for ${name} in ${list.region}: look it up and add it to ${list.file}.`);
  });

/**
 * The same, but a price that is not in the list counts as nothing, and what it is of is added to `unknown`. Of several types
 * on spot it is enough to know one: the others can only be cheaper than the cheapest.
 */
export function asFarAsKnown(list: PriceList, unknown: Set<string>): Prices {
  const missing = (what: string) => {
    unknown.add(what);
    return 0;
  };
  const prices = read(list, missing);
  return {
    ...prices,
    cheapestSpot(types) {
      const known = types.filter((type) => spotIn(list, type) !== undefined);
      return known.length > 0 ? prices.cheapestSpot(known) : missing(`EC2 ${types.join(', ')}, spot`);
    },
  };
}

/** @param missing answers for a price that is not known: what it is of, and its type or the same again */
function read(list: PriceList, missing: (what: string, name: string) => number): Prices {
  const of = (price: Price | undefined, what: string, name = what) => price?.usd ?? missing(what, name);
  return {
    region: list.region,
    usd: (name) => of(list.prices[name], prices[name].what),
    instance: (type) => of(list.instances[type], `EC2 ${type}, on demand`, type),
    cheapestSpot: (types) => Math.min(...types.map((type) => spotIn(list, type) ?? missing(`EC2 ${type}, spot`, type))),
    database: (instanceClass) => of(list.databases[instanceClass], `RDS for MySQL, ${instanceClass}`, instanceClass),
  };
}

/** Undefined if it is not known. */
function spotIn({ instances, prices: { spotShare }, spots }: PriceList, type: string): number | undefined {
  const instance = instances[type];
  return spots[type]?.usd ?? (instance && spotShare && instance.usd * spotShare.usd);
}
