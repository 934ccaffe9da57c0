/** Choices in an environment's file that save money, each with what is given up for it. */
import type { ClusterChoices, Environment } from '../environments/environment.ts';

export interface Switch {
  /** As it is written in `infra/environments/*.ts`. */
  readonly choice: string;
  readonly givenUp: string;
  /** Whether it fits where nobody depends on the environment at every hour. */
  readonly forTrials?: true;
  readonly apply: (environment: Environment) => Environment;
}

const withCluster = (environment: Environment, choices: Partial<ClusterChoices>): Environment => ({
  ...environment,
  cluster: { ...environment.cluster, ...choices },
});

const graviton = ({ cluster }: Environment): Partial<ClusterChoices> => ({
  architecture: 'arm64',
  nodes: { ...cluster.nodes, instanceTypes: ['t4g.large', 'm6g.large', 'm7g.large', 'm6gd.large'] },
  storageNodes: { ...cluster.storageNodes, instanceTypes: ['t4g.large'] },
});

export const switches: readonly Switch[] = [
  {
    choice: "`network.nat: 'single'`",
    givenUp: 'When the zone of the one gateway is lost, pods in the others reach nothing outside',
    apply: (environment) =>
      environment.network.nat === 'per-zone'
        ? { ...environment, network: { ...environment.network, nat: 'single' } }
        : environment,
  },
  {
    choice: "`network.nat: 'instance'`",
    givenUp: 'As above, and nothing replaces the instance when it fails',
    forTrials: true,
    apply: (environment) => ({ ...environment, network: { ...environment.network, nat: 'instance' } }),
  },
  {
    choice: "`cluster.architecture: 'arm64'`, with Graviton types in `nodes` and `storageNodes`",
    givenUp: 'Nothing, once the images are built for arm64',
    forTrials: true,
    apply: (environment) => withCluster(environment, graviton(environment)),
  },
  {
    choice: '`cluster.sleepsAtNight: true`',
    givenUp: 'Nothing answers at night and at weekends',
    forTrials: true,
    apply: (environment) => withCluster(environment, { sleepsAtNight: true }),
  },
  {
    choice: '`cluster.nodes`: one node fewer',
    givenUp: 'Room for a lost node until the autoscaler has brought another',
    apply: (environment) => {
      const { nodes } = environment.cluster;
      const desired = nodes.desired - 1;
      return withCluster(environment, { nodes: { ...nodes, desired, minimum: Math.min(nodes.minimum, desired) } });
    },
  },
  {
    choice: "`cluster.storageNodes.instanceTypes: ['t3a.large']`",
    givenUp: 'A little speed of SigNoz',
    apply: (environment) =>
      withCluster(environment, { storageNodes: { ...environment.cluster.storageNodes, instanceTypes: ['t3a.large'] } }),
  },
  {
    choice: '`cluster.logTypes: []`',
    givenUp: 'Who did what in the cluster',
    apply: (environment) => withCluster(environment, { logTypes: [] }),
  },
  {
    choice: '`network.flowLogs: false`',
    givenUp: 'Who spoke with whom',
    apply: (environment) => ({ ...environment, network: { ...environment.network, flowLogs: false } }),
  },
  {
    choice: '`database.multiZone: false`',
    givenUp: 'After a lost zone the database is restored from a backup: hours, and up to five minutes of data',
    apply: (environment) => ({ ...environment, database: { ...environment.database, multiZone: false } }),
  },
  {
    choice: '`edge.waf: false`',
    givenUp: 'The limit of requests for each address, and the known attacks that are stopped at the edge',
    apply: (environment) => ({ ...environment, edge: { ...environment.edge, waf: false } }),
  },
  {
    choice: '`edge.accessLogs: false`',
    givenUp: 'Which address asked for what',
    apply: (environment) => ({ ...environment, edge: { ...environment.edge, accessLogs: false } }),
  },
  {
    choice: '`observability.storage`: half',
    givenUp: 'Half of the days that SigNoz can look back',
    apply: (environment) => ({
      ...environment,
      observability: { ...environment.observability, storage: environment.observability.storage / 2 },
    }),
  },
];
