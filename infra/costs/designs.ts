/** Alternative designs for the same two applications, priced with the same parts, in USD a month. */
import type { DatabaseChoices, Environment, NodeChoices } from '../environments/environment.ts';
import {
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
  publicAddresses,
  volume,
  watching,
} from './parts.ts';
import { prices } from './prices.ts';
import { assumptions, hours, peakRequests, type Traffic } from './traffic.ts';

const seedNodes: NodeChoices = {
  instanceTypes: ['t2.large', 't3.large', 't3.medium'],
  minimum: 3,
  desired: 3,
  maximum: 6,
  diskSize: 20,
};

const seedDatabase: DatabaseChoices = {
  version: '8.4',
  instanceClass: 'db.t4g.micro',
  storage: { initial: 10, maximum: 10 },
  multiZone: false,
  backupDays: 1,
  copiesBackups: false,
  finalSnapshot: false,
};

/** Its public load balancer has a public address in each of three zones. */
const seedLoadBalancers = { network: 2, publicAddresses: 3 } as const;
const vcpusOfMicro = 2;

/**
 * The seed: the design that this project follows and improves. One NAT gateway, a public load balancer and two more for
 * the services, SigNoz on the applications' nodes, one database. MySQL 8.0 has been in paid extended support since
 * August 2026.
 */
export function seed(traffic: Traffic, mysql: '8.0' | '8.4'): Bill {
  const count = nodesFor(seedNodes, traffic, 0);
  const networkUnits = traffic.deliveredGigabytes / hours;
  const extendedSupport = mysql === '8.0' ? vcpusOfMicro * hours * prices.databaseExtendedSupport.usd : 0;
  return {
    controlPlane: hours * prices.cluster.usd,
    computing: nodes(seedNodes, count, 'spot'),
    observability: volume(assumptions.seedVolumeGigabytes),
    wayOut: nat('single', count * assumptions.natGigabytesPerNode),
    database: database(seedDatabase) + extendedSupport,
    loadBalancing:
      loadBalancer(traffic) +
      publicAddresses(seedLoadBalancers.publicAddresses) +
      seedLoadBalancers.network * hours * prices.loadBalancer.usd +
      hours * networkUnits * prices.networkLoadBalancerUnit.usd,
    edge: edge(traffic),
    names: names({ zones: 1, keys: 1, secrets: 0 }),
    betweenZones: betweenZones(traffic),
  };
}

const largeTypes = ['t3.large', 't3a.large', 'm5.large', 'm5a.large', 'm6i.large'];
const before = { dev: { nat: 'single', nodes: 2 }, prd: { nat: 'per-zone', nodes: 3 } } as const;

/**
 * An environment with the choices that it had on 24 November 2026, before they were made cheaper: NAT gateways, and
 * larger x86 nodes that run at night, too, the applications' on spot and SigNoz's on demand. It had no status page.
 */
export function asItWas(environment: Environment): Environment {
  const { baseNodes: _, nodes, storageNodes, ...cluster } = environment.cluster;
  const { nat, nodes: count } = before[environment.name];
  return {
    ...environment,
    network: { ...environment.network, nat },
    cluster: {
      ...cluster,
      architecture: 'x86_64',
      nodes: { ...nodes, instanceTypes: largeTypes, minimum: count, desired: count },
      storageNodes: { ...storageNodes, instanceTypes: ['t3.large'] },
      storageCapacity: 'on-demand',
      sleepsAtNight: false,
    },
    edge: { ...environment.edge, statusPage: false },
  };
}

/**
 * ECS Fargate with the environment's load balancer, database and edge. CloudWatch replaces SigNoz: logs and alarms, no
 * traces.
 */
export function fargate(environment: Environment, traffic: Traffic): Bill {
  const tasksFor = (share: number) =>
    Math.max(assumptions.tasksAtLeast, Math.ceil((peakRequests(traffic) * share) / assumptions.requestsPerTask));
  const tasks = tasksFor(assumptions.apiShare) + tasksFor(1 - assumptions.apiShare);
  const taskHour = assumptions.taskCpu * prices.fargateCpu.usd + assumptions.taskGigabytes * prices.fargateMemory.usd;
  return {
    computing: tasks * hours * taskHour,
    wayOut: nat(environment.network.nat, tasks),
    database: database(environment.database),
    loadBalancing: loadBalancer(traffic),
    edge: edge(traffic),
    firewall: environment.edge.waf ? firewall(traffic) : 0,
    watching: watching(traffic.logGigabytes),
    names: names({ zones: 1, keys: 0, secrets: 2 }),
    betweenZones: betweenZones(traffic),
  };
}

/**
 * CloudFront with files in S3 and a Lambda function URL. The function uses IAM authentication for the database, which
 * needs no NAT; CloudWatch replaces SigNoz.
 */
export function serverless(environment: Environment, traffic: Traffic): Bill {
  const calls = traffic.requests * assumptions.apiShare;
  const gigabyteSeconds = calls * assumptions.lambdaGigabytes * assumptions.lambdaSeconds;
  return {
    computing: (calls / 1_000_000) * prices.lambdaRequests.usd + gigabyteSeconds * prices.lambdaTime.usd,
    database: database(environment.database),
    edge: edge(traffic),
    firewall: environment.edge.waf ? firewall(traffic) : 0,
    watching: watching(traffic.logGigabytes),
    names: names({ zones: 0, keys: 0, secrets: 1 }),
  };
}
