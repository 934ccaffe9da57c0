import { type EnvironmentName, globalRegion } from 'platform';
import { readDestroyFlag } from '../destroy-flag.ts';
import { dev } from '../environments/dev.ts';
import type { Environment } from '../environments/environment.ts';
import { prd } from '../environments/prd.ts';
import { type Bill, nodesFor, type Part, partsAt, total } from './parts.ts';
import type { PriceList } from './price.ts';
import { asFarAsKnown, defaultList, type Prices, strictly } from './price-lists.ts';
import { assumptions, counts, everyday, hours, type Traffic, workingHours } from './traffic.ts';

/**
 * Monthly cost of an environment by part: USD, list prices of the default region, without tax.
 * @throws Error that names a price which is not in the list
 */
export function estimate(environment: Environment, traffic: Traffic = everyday): Bill {
  const parts = partsOf(environment, traffic, strictly(defaultList));
  return Object.fromEntries(Object.entries(parts).map(([part, usd]) => [part, usd()]));
}

export interface Estimate {
  /** What is known of each part. */
  readonly bill: Bill;
  /** Prices that are not known, by the part that lacks them. */
  readonly unknown: Readonly<Partial<Record<Part, readonly string[]>>>;
}

/** The same at everyday traffic and the prices of a region, as far as they are known. */
export function estimateIn(list: PriceList, environment: Environment): Estimate {
  const missing = new Set<string>();
  const bill: Partial<Record<Part, number>> = {};
  const unknown: Partial<Record<Part, readonly string[]>> = {};
  for (const [part, usd] of Object.entries(partsOf(environment, everyday, asFarAsKnown(list, missing)))) {
    bill[part as Part] = usd();
    if (missing.size > 0) unknown[part as Part] = [...missing];
    missing.clear();
  }
  return { bill, unknown };
}

/** What each part costs, to be calculated one by one. */
function partsOf(environment: Environment, traffic: Traffic, prices: Prices): Readonly<Record<Part, () => number>> {
  const { cluster, edge, network, observability } = environment;
  const at = partsAt(prices);
  const awakeHours = cluster.sleepsAtNight ? workingHours : hours;
  const baseNodes = cluster.baseNodes?.desired ?? 0;
  const spotNodes = nodesFor(cluster.nodes, traffic, baseNodes);
  const storageNodes = cluster.storageNodes.desired;
  const natGigabytes = (baseNodes + spotNodes + storageNodes) * assumptions.natGigabytesPerNode;
  const logGigabytes =
    cluster.logTypes.length * assumptions.controlPlaneLogGigabytes +
    (network.flowLogs ? assumptions.flowLogGigabytes : 0);
  // The topics of the alarms that must be in the global region have a key there.
  const keys = counts.keys + (prices.region === globalRegion ? 0 : 1);
  return {
    controlPlane: () => hours * prices.usd('cluster'),
    computing: () =>
      at.nodes(cluster.nodes, spotNodes, 'spot', awakeHours) +
      (cluster.baseNodes ? at.nodes(cluster.baseNodes, baseNodes, 'on-demand', awakeHours) : 0),
    observability: () =>
      at.nodes(cluster.storageNodes, storageNodes, cluster.storageCapacity, awakeHours) +
      at.signozStorage(observability.storage),
    wayOut: () => at.nat(network.nat, natGigabytes),
    database: () => at.database(environment.database, awakeHours),
    loadBalancing: () => at.loadBalancer(traffic),
    edge: () => at.edge(traffic),
    firewall: () => (edge.waf ? at.firewall(traffic) : 0),
    watching: () =>
      at.watching(logGigabytes) +
      (cluster.baseNodes ? prices.usd('alarm') : 0) +
      (edge.accessLogs ? at.accessLogs(traffic) : 0) +
      (edge.statusPage ? at.statusPage() : 0),
    names: () => at.names({ ...counts, keys }),
    delivery: () => (environment.runner ? at.runner() : 0),
    betweenZones: () => at.betweenZones(traffic),
  };
}

/** Difference in USD a month: positive if `after` costs more than `before`. */
export const costDifference = (before: Environment, after: Environment): number =>
  total(estimate(after)) - total(estimate(before));

/** Monthly cost of an environment in USD, rounded to cents. */
export interface MonthlyCost {
  readonly total: number;
  readonly parts: Bill;
  /** A pull request that raises the total by more than this needs a second approval. */
  readonly approvalAbove: number;
  /** Whether the environment is destroyed, as `destroy_config.json` says, and so costs nothing. */
  readonly isDestroyed: boolean;
  /** Prices that are not known in the region, and so not in the total. Absent if all are known. */
  readonly unknown?: readonly string[];
}

/** Both environments as of this checkout, for the comparison of two branches. */
export const monthlyCosts = (list: PriceList = defaultList): Record<EnvironmentName, MonthlyCost> => ({
  dev: monthly(dev, list),
  prd: monthly(prd, list),
});

function monthly(environment: Environment, list: PriceList): MonthlyCost {
  // Where every price is known, one that is missing is a mistake: it must fail rather than lower the total.
  const { bill, unknown } =
    list === defaultList ? { bill: estimate(environment), unknown: {} } : estimateIn(list, environment);
  const parts = Object.fromEntries(Object.entries(bill).map(([part, usd]) => [part, cents(usd)]));
  const { name, costs } = environment;
  const isDestroyed = readDestroyFlag(name).action === 'destroy';
  const missing = unknownIn(unknown);
  return {
    // Not the sum of the rounded parts, which may differ by some cents from what the tables show.
    total: cents(total(bill)),
    parts,
    approvalAbove: costs.approvalAbove,
    isDestroyed,
    ...(missing.length > 0 && { unknown: missing }),
  };
}

/** The prices that an estimate lacks, each once. */
export const unknownIn = (unknown: Estimate['unknown']): readonly string[] => [
  ...new Set(Object.values(unknown).flat()),
];

const cents = (usd: number) => Math.round(usd * 100) / 100;
