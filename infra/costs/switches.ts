/** Settings of an environment, each with what it costs or saves beside the values that the environments have. */
import type { ClusterChoices, Environment, NodeChoices } from '../environments/environment.ts';
import { large, medium } from '../environments/instance-types.ts';

export interface Switch {
  /** As written in `infra/environments/*.ts`. */
  readonly choice: string;
  /** What is gained by a dearer choice, or given up by a cheaper one. */
  readonly effect: string;
  readonly apply: (environment: Environment) => Environment;
}

const withCluster = (environment: Environment, choices: Partial<ClusterChoices>): Environment => ({
  ...environment,
  cluster: { ...environment.cluster, ...choices },
});
const withNat = (environment: Environment, nat: Environment['network']['nat']): Environment => ({
  ...environment,
  network: { ...environment.network, nat },
});

/** An on-demand base, as prd has one. */
const base: NodeChoices = {
  instanceTypes: medium.arm64,
  minimum: 2,
  desired: 2,
  maximum: 4,
  diskSize: 20,
};

/** Without its base, an environment needs as many more spot nodes. */
function withoutBase(environment: Environment): Environment {
  const { baseNodes, nodes, ...cluster } = environment.cluster;
  const count = baseNodes?.desired ?? 0;
  const more = { ...nodes, minimum: nodes.minimum + count, desired: nodes.desired + count };
  return { ...environment, cluster: { ...cluster, nodes: more } };
}

/** All nodes on Intel's and AMD's processors, with the same vCPUs and memory. */
export const x86 = ({ cluster }: Environment): Partial<ClusterChoices> => ({
  architecture: 'x86_64',
  nodes: { ...cluster.nodes, instanceTypes: medium.x86_64 },
  ...(cluster.baseNodes && { baseNodes: { ...cluster.baseNodes, instanceTypes: medium.x86_64 } }),
  storageNodes: { ...cluster.storageNodes, instanceTypes: large.x86_64 },
});

export const dearer: readonly Switch[] = [
  {
    choice: "`network.nat: 'instance-per-zone'`",
    effect: 'A zone that fails does not affect the others',
    apply: (environment) =>
      environment.network.nat === 'instance' ? withNat(environment, 'instance-per-zone') : environment,
  },
  {
    choice: "`network.nat: 'single'`",
    effect:
      'A NAT gateway: no minutes without internet access while an instance is replaced, and more than 32 Mbit/s at length',
    apply: (environment) => withNat(environment, 'single'),
  },
  {
    choice: "`network.nat: 'per-zone'`",
    effect: 'As above, and a zone that fails does not affect the others',
    apply: (environment) => withNat(environment, 'per-zone'),
  },
  {
    choice: '`cluster.baseNodes`: two `t4g.medium`',
    effect: "AWS never reclaims them: system pods and half of each application's pods run there",
    apply: (environment) =>
      environment.cluster.baseNodes ? environment : withCluster(environment, { baseNodes: base }),
  },
  {
    choice: "`architecture = 'x86_64'`",
    effect: 'Runs images that exist for x86 alone',
    apply: (environment) => withCluster(environment, x86(environment)),
  },
  {
    choice: '`cluster.sleepsAtNight: false`',
    effect: 'The environment answers at night and at weekends',
    apply: (environment) => withCluster(environment, { sleepsAtNight: false }),
  },
  {
    choice: "`cluster.storageCapacity: 'on-demand'`",
    effect: "AWS never reclaims SigNoz's node",
    apply: (environment) => withCluster(environment, { storageCapacity: 'on-demand' }),
  },
  {
    choice: '`cluster.nodes`: one node more',
    effect: 'Room for more pods before the autoscaler adds a node, which takes minutes',
    apply: (environment) => {
      const { nodes } = environment.cluster;
      const desired = nodes.desired + 1;
      return withCluster(environment, { nodes: { ...nodes, minimum: nodes.minimum + 1, desired } });
    },
  },
  {
    choice: "`cluster.logTypes: ['api', 'audit', 'authenticator']`",
    effect: 'Audit trail: who did what in the cluster',
    apply: (environment) => withCluster(environment, { logTypes: ['api', 'audit', 'authenticator'] }),
  },
  {
    choice: '`network.flowLogs: true`',
    effect: 'Record of network connections in the VPC',
    apply: (environment) => ({ ...environment, network: { ...environment.network, flowLogs: true } }),
  },
  {
    choice: '`database.multiZone: true`',
    effect: 'If a zone fails, a standby takes over within minutes',
    apply: (environment) => ({ ...environment, database: { ...environment.database, multiZone: true } }),
  },
  {
    choice: '`database.copiesBackups: true`, with `secondRegion`',
    effect: 'If the region is lost, the data comes back in another one, but for the last minutes',
    apply: (environment) => ({ ...environment, database: { ...environment.database, copiesBackups: true } }),
  },
  {
    choice: '`edge.waf: true`',
    effect: 'Rate limit per address, and blocking of known attacks at the edge',
    apply: (environment) => ({ ...environment, edge: { ...environment.edge, waf: true } }),
  },
  {
    choice: '`edge.accessLogs: true`',
    effect: 'Record of requests and their IP addresses',
    apply: (environment) => ({ ...environment, edge: { ...environment.edge, accessLogs: true } }),
  },
  {
    choice: '`observability.storage`: twice',
    effect: 'SigNoz keeps data for twice as many days',
    apply: (environment) => ({
      ...environment,
      observability: { ...environment.observability, storage: environment.observability.storage * 2 },
    }),
  },
  {
    choice: '`runner: true`, with `github.connections`',
    effect: "The cluster's API needs no public endpoint",
    apply: (environment) => ({ ...environment, runner: true }),
  },
];

export const cheaper: readonly Switch[] = [
  {
    choice: "`network.nat: 'instance'`",
    effect: "If the instance's zone fails, or while it is replaced, no pod has internet access",
    apply: (environment) => withNat(environment, 'instance'),
  },
  {
    choice: '`cluster.sleepsAtNight: true`',
    effect: 'Nothing answers at night and at weekends, nor does SigNoz',
    apply: (environment) => withCluster(environment, { sleepsAtNight: true }),
  },
  {
    choice: "`cluster.storageCapacity: 'spot'`",
    effect: 'SigNoz is away for minutes whenever AWS reclaims its node, and telemetry of that time may be lost',
    apply: (environment) => withCluster(environment, { storageCapacity: 'spot' }),
  },
  {
    choice: '`cluster.baseNodes`: none, and as many more `cluster.nodes`',
    effect: 'If AWS reclaims all spot nodes at once, nothing runs until it has others',
    apply: withoutBase,
  },
  {
    choice: '`cluster.logTypes: []`',
    effect: 'Audit trail: who did what in the cluster',
    apply: (environment) => withCluster(environment, { logTypes: [] }),
  },
  {
    choice: '`network.flowLogs: false`',
    effect: 'Record of network connections in the VPC',
    apply: (environment) => ({ ...environment, network: { ...environment.network, flowLogs: false } }),
  },
  {
    choice: '`database.multiZone: false`',
    effect: 'If a zone fails, the database is restored from a backup: hours, and up to five minutes of data',
    apply: (environment) => ({ ...environment, database: { ...environment.database, multiZone: false } }),
  },
  {
    choice: '`edge.waf: false`',
    effect: 'Rate limit per address, and blocking of known attacks at the edge',
    apply: (environment) => ({ ...environment, edge: { ...environment.edge, waf: false } }),
  },
  {
    choice: '`edge.accessLogs: false`',
    effect: 'Record of requests and their IP addresses',
    apply: (environment) => ({ ...environment, edge: { ...environment.edge, accessLogs: false } }),
  },
  {
    choice: '`edge.statusPage: false`',
    effect: 'The public page that says what works, which stays right when the cluster is gone',
    apply: (environment) => ({ ...environment, edge: { ...environment.edge, statusPage: false } }),
  },
  {
    choice: '`observability.storage`: half',
    effect: 'SigNoz keeps data for half as many days',
    apply: (environment) => ({
      ...environment,
      observability: { ...environment.observability, storage: environment.observability.storage / 2 },
    }),
  },
];
