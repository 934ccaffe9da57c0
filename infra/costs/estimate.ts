import type { EnvironmentName } from 'platform';
import { readDestroyFlag } from '../destroy-flag.ts';
import { dev } from '../environments/dev.ts';
import type { Environment } from '../environments/environment.ts';
import { prd } from '../environments/prd.ts';
import {
  accessLogs,
  type Bill,
  betweenZones,
  database,
  edge,
  firewall,
  loadBalancer,
  names,
  nat,
  nodes,
  nodesFor,
  runner,
  signozStorage,
  statusPage,
  total,
  watching,
} from './parts.ts';
import { prices } from './prices.ts';
import { assumptions, counts, everyday, hours, type Traffic, workingHours } from './traffic.ts';

/** Monthly cost of an environment by part: USD, list prices of us-east-1, without tax. */
export function estimate(environment: Environment, traffic: Traffic = everyday): Bill {
  const { cluster, network, observability } = environment;
  const awakeHours = cluster.sleepsAtNight ? workingHours : hours;
  const baseNodes = cluster.baseNodes?.desired ?? 0;
  const spotNodes = nodesFor(cluster.nodes, traffic, baseNodes);
  const storageNodes = cluster.storageNodes.desired;
  const natGigabytes = (baseNodes + spotNodes + storageNodes) * assumptions.natGigabytesPerNode;
  const logGigabytes =
    cluster.logTypes.length * assumptions.controlPlaneLogGigabytes +
    (network.flowLogs ? assumptions.flowLogGigabytes : 0);
  return {
    controlPlane: hours * prices.cluster.usd,
    computing:
      nodes(cluster.nodes, spotNodes, 'spot', awakeHours) +
      (cluster.baseNodes ? nodes(cluster.baseNodes, baseNodes, 'on-demand', awakeHours) : 0),
    observability:
      nodes(cluster.storageNodes, storageNodes, cluster.storageCapacity, awakeHours) +
      signozStorage(observability.storage),
    wayOut: nat(network.nat, natGigabytes),
    database: database(environment.database, awakeHours),
    loadBalancing: loadBalancer(traffic),
    edge: edge(traffic),
    firewall: environment.edge.waf ? firewall(traffic) : 0,
    watching:
      watching(logGigabytes) +
      (cluster.baseNodes ? prices.alarm.usd : 0) +
      (environment.edge.accessLogs ? accessLogs(traffic) : 0) +
      (environment.edge.statusPage ? statusPage() : 0),
    names: names(counts),
    delivery: environment.runner ? runner() : 0,
    betweenZones: betweenZones(traffic),
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
}

/** Both environments as of this checkout, for the comparison of two branches. */
export const monthlyCosts = (): Record<EnvironmentName, MonthlyCost> => ({ dev: monthly(dev), prd: monthly(prd) });

function monthly(environment: Environment): MonthlyCost {
  const parts = Object.fromEntries(Object.entries(estimate(environment)).map(([part, usd]) => [part, cents(usd)]));
  const { name, costs } = environment;
  const isDestroyed = readDestroyFlag(name).action === 'destroy';
  return { total: cents(total(parts)), parts, approvalAbove: costs.approvalAbove, isDestroyed };
}

const cents = (usd: number) => Math.round(usd * 100) / 100;
