/** Parts of a bill and their prices, in USD a month without tax. All designs are composed of them. */
import {
  type DatabaseChoices,
  type NetworkChoices,
  type NodeChoices,
  signozVolumes,
} from '../environments/environment.ts';
import { databasePrice, instancePrice, prices, spotPrice } from './prices.ts';
import { assumptions, counts, hours, peakRequests, type Traffic } from './traffic.ts';

export const partNames = {
  controlPlane: 'Kubernetes control plane',
  computing: 'Compute for the applications',
  observability: "SigNoz's node and volumes",
  wayOut: 'NAT and its addresses',
  database: 'MySQL',
  loadBalancing: 'Load balancers',
  edge: 'CloudFront',
  firewall: 'WAF',
  watching: 'Logs, alarms, health checks',
  names: 'Private DNS, KMS keys, secrets',
  delivery: "Runner of GitHub's jobs",
  betweenZones: 'Data transfer between zones',
} as const;

export type Part = keyof typeof partNames;
/** USD a month by part. */
export type Bill = Readonly<Partial<Record<Part, number>>>;

export const total = (bill: Bill): number => Object.values(bill).reduce((sum, usd) => sum + usd, 0);

/** Spot nodes needed for the traffic beside an on-demand base, between the desired and the maximum number. */
export function nodesFor(nodes: NodeChoices, traffic: Traffic, baseNodes: number): number {
  const needed = Math.ceil(peakRequests(traffic) / assumptions.requestsPerNode) - baseNodes;
  return Math.min(Math.max(needed, nodes.desired), nodes.maximum);
}

/**
 * USD an hour of the instance type that EKS takes: on demand the first that AWS has, on spot the cheapest of those of which
 * there is much (`price-capacity-optimized`): https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html
 */
function hourly({ instanceTypes }: Pick<NodeChoices, 'instanceTypes'>, capacity: 'spot' | 'on-demand'): number {
  const [first] = instanceTypes;
  if (first === undefined) throw new Error('A node group needs an instance type.');
  return capacity === 'on-demand' ? instancePrice(first) : Math.min(...instanceTypes.map(spotPrice));
}

export const nodes = (
  choices: Pick<NodeChoices, 'diskSize' | 'instanceTypes'>,
  count: number,
  capacity: 'spot' | 'on-demand',
  awakeHours = hours,
): number => count * awakeHours * (hourly(choices, capacity) + (choices.diskSize * prices.volume.usd) / hours);

export const volume = (gigabytes: number): number => gigabytes * prices.volume.usd;

/** SigNoz's three volumes, which are paid for while it sleeps, too. */
export const signozStorage = (gigabytes: number): number =>
  volume(gigabytes + signozVolumes.zookeeper + signozVolumes.settings);

export const publicAddresses = (count: number): number => count * hours * prices.publicAddress.usd;

export function nat(choice: NetworkChoices['nat'], gigabytes: number): number {
  if (choice === 'instance' || choice === 'instance-per-zone') {
    const instances = choice === 'instance' ? 1 : 3;
    const each = hours * instancePrice('t4g.nano') + volume(8) + publicAddresses(1) + prices.alarm.usd;
    return instances * each;
  }
  const gateways = choice === 'per-zone' ? 3 : 1;
  return gateways * hours * prices.natGateway.usd + gigabytes * prices.natGigabyte.usd + publicAddresses(gateways);
}

/** Backups are free up to the size of the storage, and are assumed to stay below it. */
export function database(
  choices: Pick<DatabaseChoices, 'instanceClass' | 'multiZone'> & {
    readonly storage: Pick<DatabaseChoices['storage'], 'initial'>;
  },
  awakeHours = hours,
): number {
  const instances = choices.multiZone ? 2 : 1;
  const one = awakeHours * databasePrice(choices.instanceClass) + choices.storage.initial * prices.databaseStorage.usd;
  return instances * one;
}

/** A capacity unit is 25 new connections a second or one GB an hour, whichever is more. One connection per request. */
export function loadBalancer(traffic: Traffic): number {
  const perSecond = traffic.requests / (hours * 3600);
  const units = Math.max(perSecond / 25, traffic.deliveredGigabytes / hours);
  return hours * (prices.loadBalancer.usd + units * prices.loadBalancerUnit.usd);
}

/** At South America's prices, the highest. The free tier of 1 TB and ten million requests is per account; each design gets all of it. */
export function edge({ requests, deliveredGigabytes }: Traffic): number {
  const uploadedGigabytes = requests / 1_000_000;
  return (
    Math.max(0, deliveredGigabytes - 1000) * prices.delivered.usd +
    (Math.max(0, requests - 10_000_000) / 10_000) * prices.edgeRequests.usd +
    uploadedGigabytes * prices.toOrigin.usd
  );
}

export const firewall = ({ requests }: Traffic): number =>
  prices.firewall.usd +
  counts.firewallRules * prices.firewallRule.usd +
  (requests / 1_000_000) * prices.firewallRequests.usd;

/** CloudWatch logs kept for a month, alarms and dashboard, and Route53 health checks. */
export const watching = (logGigabytes: number): number =>
  logGigabytes * (prices.logsIngested.usd + prices.logsKept.usd) +
  counts.alarmMetrics * prices.alarm.usd +
  counts.dashboards * prices.dashboard.usd +
  counts.healthChecks * prices.healthCheck.usd;

/**
 * The status page: a run of its function each minute, which asks CloudWatch for the alarms, reads and writes one file,
 * and is itself watched by an alarm on two metrics. CloudFront reads a visitor's three files at most once a second.
 */
export function statusPage(): number {
  const runs = hours * 60;
  const { statusGigabytes, statusSeconds, statusVisits } = assumptions;
  return (
    (runs / 1_000_000) * prices.lambdaRequests.usd +
    runs * statusSeconds * statusGigabytes * prices.lambdaArmTime.usd +
    (runs / 1000) * (prices.objectWrites.usd + prices.objectReads.usd + prices.cloudWatchRequests.usd) +
    ((statusVisits * 3) / 1000) * prices.objectReads.usd +
    2 * prices.alarm.usd
  );
}

/** Access logs of CloudFront and the load balancer in S3: about 1 KB per request. */
export const accessLogs = ({ requests }: Traffic): number => (requests / 1_000_000) * prices.objectStorage.usd;

export const names = (count: { zones: number; keys: number; secrets: number }): number =>
  count.zones * prices.zone.usd + count.keys * prices.key.usd + count.secrets * prices.secret.usd;

/** Machines of CodeBuild, billed by the minute while a job runs. */
export function runner(): number {
  const { changes, changeMinutes, driftMinutes, driftRuns, releaseMinutes, releases } = assumptions.delivery;
  const minutes = releases * releaseMinutes + changes * changeMinutes + driftRuns * driftMinutes;
  return minutes * prices.runner.usd;
}

/** Two of three requests go to a pod, a database or SigNoz in another zone, and AWS charges both directions. */
export const betweenZones = ({ deliveredGigabytes, logGigabytes }: Traffic): number =>
  (deliveredGigabytes + logGigabytes) * (2 / 3) * 2 * prices.betweenZones.usd;
