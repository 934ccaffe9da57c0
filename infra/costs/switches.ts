/** Settings of an environment that save money, each with its drawback. */
import type { ClusterChoices, Environment } from '../environments/environment.ts';

export interface Switch {
  /** As written in `infra/environments/*.ts`. */
  readonly choice: string;
  readonly givenUp: string;
  /** Suits environments that need not be available around the clock. */
  readonly forTrials?: true;
  readonly apply: (environment: Environment) => Environment;
}

const withCluster = (environment: Environment, choices: Partial<ClusterChoices>): Environment => ({
  ...environment,
  cluster: { ...environment.cluster, ...choices },
});

/** All nodes on Graviton, AWS's arm64 processors. */
export const graviton = ({ cluster }: Environment): Partial<ClusterChoices> => ({
  architecture: 'arm64',
  nodes: { ...cluster.nodes, instanceTypes: ['t4g.large', 'm6g.large', 'm7g.large', 'm6gd.large'] },
  ...(cluster.baseNodes && { baseNodes: { ...cluster.baseNodes, instanceTypes: ['t4g.medium'] } }),
  storageNodes: { ...cluster.storageNodes, instanceTypes: ['t4g.large'] },
});

export const switches: readonly Switch[] = [
  {
    choice: "`network.nat: 'single'`",
    givenUp: "If the gateway's zone fails, pods in the other zones have no internet access",
    apply: (environment) =>
      environment.network.nat === 'per-zone'
        ? { ...environment, network: { ...environment.network, nat: 'single' } }
        : environment,
  },
  {
    choice: "`network.nat: 'instance'`",
    givenUp: 'As above, and no internet access for minutes whenever the instance is replaced; 32 Mbit/s, with bursts',
    forTrials: true,
    apply: (environment) => ({ ...environment, network: { ...environment.network, nat: 'instance' } }),
  },
  {
    choice: "`network.nat: 'instance-per-zone'`",
    givenUp: 'One zone has no internet access for minutes whenever its instance is replaced; 32 Mbit/s, with bursts',
    apply: (environment) => ({ ...environment, network: { ...environment.network, nat: 'instance-per-zone' } }),
  },
  {
    choice: "`cluster.architecture: 'arm64'`, with Graviton types for all nodes",
    givenUp: 'Nothing, once the images are built for arm64',
    forTrials: true,
    apply: (environment) => withCluster(environment, graviton(environment)),
  },
  {
    choice: '`cluster.sleepsAtNight: true`',
    givenUp: 'Nothing answers at night and at weekends, nor does SigNoz',
    forTrials: true,
    apply: (environment) => withCluster(environment, { sleepsAtNight: true }),
  },
  {
    choice: '`cluster.nodes`: one node fewer',
    givenUp: 'Room for everything when a zone is lost, until its nodes are replaced',
    apply: (environment) => {
      const { baseNodes, nodes } = environment.cluster;
      const desired = nodes.desired - 1;
      // DNS and the load balancer controller need two nodes.
      if (desired + (baseNodes?.desired ?? 0) < 2) return environment;
      return withCluster(environment, { nodes: { ...nodes, desired, minimum: Math.min(nodes.minimum, desired) } });
    },
  },
  {
    choice: "`cluster.storageNodes.instanceTypes: ['t3a.large']`",
    givenUp: 'SigNoz is slightly slower',
    apply: (environment) =>
      withCluster(environment, { storageNodes: { ...environment.cluster.storageNodes, instanceTypes: ['t3a.large'] } }),
  },
  {
    choice: '`cluster.logTypes: []`',
    givenUp: 'Audit trail: who did what in the cluster',
    apply: (environment) => withCluster(environment, { logTypes: [] }),
  },
  {
    choice: '`network.flowLogs: false`',
    givenUp: 'Record of network connections in the VPC',
    apply: (environment) => ({ ...environment, network: { ...environment.network, flowLogs: false } }),
  },
  {
    choice: '`database.multiZone: false`',
    givenUp: 'If a zone fails, the database is restored from a backup: hours, and up to five minutes of data',
    apply: (environment) => ({ ...environment, database: { ...environment.database, multiZone: false } }),
  },
  {
    choice: '`edge.waf: false`',
    givenUp: 'Rate limit per address, and blocking of known attacks at the edge',
    apply: (environment) => ({ ...environment, edge: { ...environment.edge, waf: false } }),
  },
  {
    choice: '`edge.accessLogs: false`',
    givenUp: 'Record of requests and their IP addresses',
    apply: (environment) => ({ ...environment, edge: { ...environment.edge, accessLogs: false } }),
  },
  {
    choice: '`edge.statusPage: false`',
    givenUp: 'The public page that says what works, which stays right when the cluster is gone',
    apply: (environment) => ({ ...environment, edge: { ...environment.edge, statusPage: false } }),
  },
  {
    choice: '`observability.storage`: half',
    givenUp: 'SigNoz keeps data for half as many days',
    apply: (environment) => ({
      ...environment,
      observability: { ...environment.observability, storage: environment.observability.storage / 2 },
    }),
  },
];
