/** Parts of a bill and their prices, in USD a month without tax. All designs are composed of them. */
import type { Text } from 'command-line';
import {
  type DatabaseChoices,
  type NetworkChoices,
  type NodeChoices,
  signozVolumes,
} from '../environments/environment.ts';
import { defaultList, type Prices, strictly } from './price-lists.ts';
import { assumptions, counts, hours, peakRequests, type Traffic } from './traffic.ts';

export const partNames = {
  controlPlane: { pt: 'Controle do Kubernetes', en: 'Kubernetes control plane' },
  computing: { pt: 'Máquinas das aplicações', en: 'Compute for the applications' },
  observability: { pt: 'Máquina e discos do SigNoz', en: "SigNoz's node and volumes" },
  wayOut: { pt: 'NAT e seus endereços', en: 'NAT and its addresses' },
  database: { pt: 'MySQL', en: 'MySQL' },
  loadBalancing: { pt: 'Balanceadores de carga', en: 'Load balancers' },
  edge: { pt: 'CloudFront', en: 'CloudFront' },
  firewall: { pt: 'WAF', en: 'WAF' },
  watching: { pt: 'Logs, alarmes, health checks', en: 'Logs, alarms, health checks' },
  names: { pt: 'DNS privado, chaves KMS, segredos', en: 'Private DNS, KMS keys, secrets' },
  delivery: { pt: 'Runner dos jobs do GitHub', en: "Runner of GitHub's jobs" },
  betweenZones: { pt: 'Tráfego entre zonas', en: 'Data transfer between zones' },
} as const satisfies Record<string, Text>;

export type Part = keyof typeof partNames;
/** USD a month by part. */
export type Bill = Readonly<Partial<Record<Part, number>>>;

export const total = (bill: Bill): number => Object.values(bill).reduce((sum, usd) => sum + usd, 0);

/** Spot nodes needed for the traffic beside an on-demand base, between the desired and the maximum number. */
export function nodesFor(nodes: NodeChoices, traffic: Traffic, baseNodes: number): number {
  const needed = Math.ceil(peakRequests(traffic) / assumptions.requestsPerNode) - baseNodes;
  return Math.min(Math.max(needed, nodes.desired), nodes.maximum);
}

/** The parts at the prices of a region. */
export function partsAt({ cheapestSpot, database: databaseInstance, instance, usd }: Prices) {
  /**
   * USD an hour of the instance type that EKS takes: on demand the first that AWS has, on spot the cheapest of those of which
   * there is much (`price-capacity-optimized`): https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html
   */
  function hourly({ instanceTypes }: Pick<NodeChoices, 'instanceTypes'>, capacity: 'spot' | 'on-demand'): number {
    const [first] = instanceTypes;
    if (first === undefined) throw new Error('A node group needs an instance type.');
    return capacity === 'on-demand' ? instance(first) : cheapestSpot(instanceTypes);
  }

  const nodes = (
    choices: Pick<NodeChoices, 'diskSize' | 'instanceTypes'>,
    count: number,
    capacity: 'spot' | 'on-demand',
    awakeHours = hours,
  ): number => count * awakeHours * (hourly(choices, capacity) + (choices.diskSize * usd('volume')) / hours);

  const volume = (gigabytes: number): number => gigabytes * usd('volume');

  /** SigNoz's three volumes, which are paid for while it sleeps, too. */
  const signozStorage = (gigabytes: number): number =>
    volume(gigabytes + signozVolumes.zookeeper + signozVolumes.settings);

  const publicAddresses = (count: number): number => count * hours * usd('publicAddress');

  function nat(choice: NetworkChoices['nat'], gigabytes: number): number {
    if (choice === 'instance' || choice === 'instance-per-zone') {
      const instances = choice === 'instance' ? 1 : 3;
      const each = hours * instance('t4g.nano') + volume(8) + publicAddresses(1) + usd('alarm');
      return instances * each;
    }
    const gateways = choice === 'per-zone' ? 3 : 1;
    return gateways * hours * usd('natGateway') + gigabytes * usd('natGigabyte') + publicAddresses(gateways);
  }

  /** Backups are free up to the size of the storage, and are assumed to stay below it. */
  function database(
    choices: Pick<DatabaseChoices, 'instanceClass' | 'multiZone'> & {
      readonly copiesBackups?: boolean;
      readonly storage: Pick<DatabaseChoices['storage'], 'initial'>;
    },
    awakeHours = hours,
  ): number {
    const instances = choices.multiZone ? 2 : 1;
    const one = awakeHours * databaseInstance(choices.instanceClass) + choices.storage.initial * usd('databaseStorage');
    const copies = choices.copiesBackups ? backupCopies(choices.storage.initial) : 0;
    return instances * one + copies;
  }

  /** Copies of the backups in another region, where none of them are free. */
  const backupCopies = (gigabytes: number): number =>
    gigabytes * assumptions.copiedShare * usd('backupStorage') +
    gigabytes * assumptions.sentShare * usd('betweenRegions');

  /** A capacity unit is 25 new connections a second or one GB an hour, whichever is more. One connection per request. */
  function loadBalancer(traffic: Traffic): number {
    const perSecond = traffic.requests / (hours * 3600);
    const units = Math.max(perSecond / 25, traffic.deliveredGigabytes / hours);
    return hours * (usd('loadBalancer') + units * usd('loadBalancerUnit'));
  }

  /** At South America's prices, the highest. The free tier of 1 TB and ten million requests is per account; each design gets all of it. */
  function edge({ requests, deliveredGigabytes }: Traffic): number {
    const uploadedGigabytes = requests / 1_000_000;
    return (
      Math.max(0, deliveredGigabytes - 1000) * usd('delivered') +
      (Math.max(0, requests - 10_000_000) / 10_000) * usd('edgeRequests') +
      uploadedGigabytes * usd('toOrigin')
    );
  }

  const firewall = ({ requests }: Traffic): number =>
    usd('firewall') + counts.firewallRules * usd('firewallRule') + (requests / 1_000_000) * usd('firewallRequests');

  /** CloudWatch logs kept for a month, alarms and dashboard, and Route53 health checks. */
  const watching = (logGigabytes: number): number =>
    logGigabytes * (usd('logsIngested') + usd('logsKept')) +
    counts.alarmMetrics * usd('alarm') +
    counts.dashboards * usd('dashboard') +
    counts.healthChecks * usd('healthCheck');

  /**
   * The status page: a run of its function each minute, which asks CloudWatch for the alarms, reads and writes one file,
   * and is itself watched by an alarm on two metrics. CloudFront reads a visitor's three files at most once a second.
   */
  function statusPage(): number {
    const runs = hours * 60;
    const { statusGigabytes, statusSeconds, statusVisits } = assumptions;
    return (
      (runs / 1_000_000) * usd('lambdaRequests') +
      runs * statusSeconds * statusGigabytes * usd('lambdaArmTime') +
      (runs / 1000) * (usd('objectWrites') + usd('objectReads') + usd('cloudWatchRequests')) +
      ((statusVisits * 3) / 1000) * usd('objectReads') +
      2 * usd('alarm')
    );
  }

  /** Access logs of CloudFront and the load balancer in S3: about 1 KB per request. */
  const accessLogs = ({ requests }: Traffic): number => (requests / 1_000_000) * usd('objectStorage');

  const names = (count: { zones: number; keys: number; secrets: number }): number =>
    count.zones * usd('zone') + count.keys * usd('key') + count.secrets * usd('secret');

  /** Machines of CodeBuild, billed by the minute while a job runs. */
  function runner(): number {
    const { changes, changeMinutes, driftMinutes, driftRuns, releaseMinutes, releases } = assumptions.delivery;
    const minutes = releases * releaseMinutes + changes * changeMinutes + driftRuns * driftMinutes;
    return minutes * usd('runner');
  }

  /** Two of three requests go to a pod, a database or SigNoz in another zone, and AWS charges both directions. */
  const betweenZones = ({ deliveredGigabytes, logGigabytes }: Traffic): number =>
    (deliveredGigabytes + logGigabytes) * (2 / 3) * 2 * usd('betweenZones');

  return {
    nodes,
    volume,
    signozStorage,
    publicAddresses,
    nat,
    database,
    loadBalancer,
    edge,
    firewall,
    watching,
    statusPage,
    accessLogs,
    names,
    runner,
    betweenZones,
  };
}

/** At the prices of the default region. */
export const {
  nodes,
  volume,
  signozStorage,
  publicAddresses,
  nat,
  database,
  loadBalancer,
  edge,
  firewall,
  watching,
  statusPage,
  accessLogs,
  names,
  runner,
  betweenZones,
} = partsAt(strictly(defaultList));
