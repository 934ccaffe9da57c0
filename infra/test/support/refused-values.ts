import { dev } from '../../environments/dev.ts';
import type { ClusterChoices, DatabaseChoices, Environment, NodeChoices } from '../../environments/environment.ts';
import type { Settings } from '../../settings.ts';
import { github } from './choices.ts';

export interface Values {
  readonly environment?: Partial<Environment>;
  readonly settings?: Partial<Settings>;
}

/** A value of dev that is refused, with its nearest neighbour that is accepted. */
export interface RefusedValue {
  readonly name: string;
  readonly refused: Values;
  readonly accepted: Values;
  /** How the message begins. */
  readonly message: string;
  /** Why the rehearsal would accept the refused value. */
  readonly stricter?: string;
}

const arm: ClusterChoices = {
  ...dev.cluster,
  architecture: 'arm64',
  nodes: { ...dev.cluster.nodes, instanceTypes: ['t4g.large', 'm7g.large', 'm6gd.large', 'c7gn.large'] },
  storageNodes: { ...dev.cluster.storageNodes, instanceTypes: ['t4g.large'] },
};
const x86: ClusterChoices = {
  ...dev.cluster,
  architecture: 'x86_64',
  nodes: { ...dev.cluster.nodes, instanceTypes: ['t3.large', 'm5.large'] },
  storageNodes: { ...dev.cluster.storageNodes, instanceTypes: ['t3.large'] },
};

/** Values of an environment file that look valid, and that AWS would refuse in mid-deployment. */
export const refusedValues: readonly RefusedValue[] = [
  {
    name: 'a runner without a connection to GitHub',
    refused: { environment: { runner: true }, settings: { github: { ...github, connections: {} } } },
    accepted: { environment: { runner: true }, settings: { github } },
    message: '"runner": true is not possible without "github.connections.dev" in infra/settings.json.',
    stricter: 'the stack then has no runner',
  },
  {
    name: 'copies of backups without a second region',
    refused: { ...inDatabase({ copiesBackups: true }), settings: { github } },
    accepted: { ...inDatabase({ copiesBackups: true }), settings: { github, secondRegion: 'us-west-2' } },
    message: '"database.copiesBackups": true is not possible without "secondRegion" in infra/settings.json.',
    stricter: 'the stack then has no copies',
  },
  {
    name: 'copies of backups that are not made',
    refused: { ...inDatabase({ copiesBackups: true, backupDays: 0 }), settings: { secondRegion: 'us-west-2' } },
    accepted: { ...inDatabase({ copiesBackups: true, backupDays: 1 }), settings: { secondRegion: 'us-west-2' } },
    message:
      '"database.copiesBackups": true is not possible without backups: "database.backupDays" has to be at least 1.',
    stricter: 'no rule compares copies with what they are of',
  },
  {
    name: 'copies of backups in a region to which RDS makes none',
    refused: { ...inDatabase({ copiesBackups: true }), settings: { region: 'sa-east-1', secondRegion: 'us-west-2' } },
    accepted: { ...inDatabase({ copiesBackups: true }), settings: { region: 'sa-east-1', secondRegion: 'us-east-2' } },
    message:
      '"database.copiesBackups": true is not possible from sa-east-1 to us-west-2: RDS copies backups of sa-east-1 to us-east-1, us-east-2 only.',
    stricter: 'no rule knows in which region the copies are made',
  },
  {
    name: 'arm64 nodes with x86 instance types',
    refused: inCluster({ ...arm, nodes: x86.nodes }),
    accepted: inCluster(arm),
    message: '"cluster.nodes.instanceTypes": "t3.large" is not an instance type of the architecture arm64',
  },
  {
    name: 'arm64 storage nodes with an x86 instance type',
    refused: inCluster({ ...arm, storageNodes: x86.storageNodes }),
    accepted: inCluster(arm),
    message: '"cluster.storageNodes.instanceTypes": "t3.large" is not an instance type of the architecture arm64',
  },
  {
    name: 'a node image of another Kubernetes version',
    refused: inCluster({ nodeRelease: '1.35.6-20260714' }),
    accepted: inCluster({ nodeRelease: '1.36.3-20261110' }),
    message: '"cluster.nodeRelease": "1.35.6-20260714" is not an exact release of the node image for Kubernetes 1.36',
    stricter: 'only EKS knows its versions',
  },
  {
    name: 'an autoscaler of another Kubernetes version',
    refused: inCluster({ autoscaler: 'v1.35.1' }),
    accepted: inCluster({ autoscaler: 'v1.36.1' }),
    message:
      '"cluster.autoscaler": "v1.35.1" is not an exact version of the cluster autoscaler\'s image for Kubernetes 1.36',
    stricter: 'it would simulate another scheduler than the cluster has',
  },
  {
    name: 'a node image that floats',
    refused: inCluster({ nodeRelease: '1.36' }),
    accepted: inCluster({ nodeRelease: '1.36.2-20260714' }),
    message: '"cluster.nodeRelease": "1.36" is not an exact release of the node image for Kubernetes 1.36',
    stricter: 'only EKS knows its versions',
  },
  {
    name: 'an add-on version that floats',
    refused: ofAddons({ 'vpc-cni': 'latest' }),
    accepted: ofAddons({ 'vpc-cni': 'v1.23.0-eksbuild.1' }),
    message: '"cluster.addons.vpc-cni": "latest" is not an exact version of EKS for Kubernetes 1.36',
    stricter: 'only EKS knows its versions',
  },
  {
    name: 'kube-proxy of another Kubernetes version',
    refused: ofAddons({ 'kube-proxy': 'v1.35.3-eksbuild.13' }),
    accepted: ofAddons({ 'kube-proxy': 'v1.36.1-eksbuild.2' }),
    message: '"cluster.addons.kube-proxy": "v1.35.3-eksbuild.13" is not an exact version of EKS for Kubernetes 1.36',
    stricter: 'only EKS knows its versions',
  },
  {
    name: 'x86 nodes with a Graviton type',
    refused: ofNodes({ instanceTypes: ['g5g.xlarge'] }),
    accepted: ofNodes({ instanceTypes: ['g5.xlarge', 'g4dn.xlarge'] }),
    message: '"cluster.nodes.instanceTypes": "g5g.xlarge" is not an instance type of the architecture x86_64',
  },
  {
    name: '21 instance types',
    refused: ofNodes({ instanceTypes: Array(21).fill('t3.large') }),
    accepted: ofNodes({ instanceTypes: Array(20).fill('t3.large') }),
    message: '"cluster.nodes.instanceTypes": [',
  },
  {
    name: 'a disk smaller than the image',
    refused: ofNodes({ diskSize: 19 }),
    accepted: ofNodes({ diskSize: 20 }),
    message: '"cluster.nodes.diskSize": 19 is not a whole number of GiB',
  },
  {
    name: 'a disk of the storage nodes smaller than the image',
    refused: inCluster({ storageNodes: { ...x86.storageNodes, diskSize: 19 } }),
    accepted: inCluster({ storageNodes: { ...x86.storageNodes, diskSize: 20 } }),
    message: '"cluster.storageNodes.diskSize": 19 is not a whole number of GiB',
  },
  {
    name: 'base nodes of another architecture',
    refused: inCluster({ baseNodes: { ...x86.storageNodes, instanceTypes: ['t4g.medium'] } }),
    accepted: inCluster({ baseNodes: { ...x86.storageNodes, instanceTypes: ['t3.medium'] } }),
    message: '"cluster.baseNodes.instanceTypes": "t4g.medium" is not an instance type of the architecture x86_64',
  },
  {
    name: 'more nodes at least than wanted',
    refused: ofNodes({ minimum: 3, desired: 2, maximum: 4 }),
    accepted: ofNodes({ minimum: 2, desired: 2, maximum: 4 }),
    message: '"cluster.nodes.minimum": 3 is not a whole number of nodes, from 0 to the desired 2.',
  },
  {
    name: 'more nodes wanted than possible',
    refused: ofNodes({ minimum: 1, desired: 2, maximum: 1 }),
    accepted: ofNodes({ minimum: 1, desired: 2, maximum: 2 }),
    message: '"cluster.nodes.maximum": 1 is not a whole number of nodes, at least the desired 2.',
  },
  {
    name: 'more storage nodes at least than wanted',
    refused: inCluster({ storageNodes: { ...x86.storageNodes, minimum: 2 } }),
    accepted: inCluster({ storageNodes: { ...x86.storageNodes, minimum: 0 } }),
    message: '"cluster.storageNodes.minimum": 2 is not',
  },
  {
    name: 'no nodes',
    refused: ofNodes({ minimum: 0, desired: 0, maximum: 0 }),
    accepted: ofNodes({ minimum: 0, desired: 1, maximum: 1 }),
    message: '"cluster.nodes.desired": 0 is not a whole number of nodes, at least 1.',
  },
  {
    name: 'half a node',
    refused: ofNodes({ minimum: 1, desired: 1.5, maximum: 3 }),
    accepted: ofNodes({ minimum: 1, desired: 1, maximum: 3 }),
    message: '"cluster.nodes.desired": 1.5 is not a whole number of nodes',
    stricter: 'Terraform refuses it, as the argument is an integer',
  },
  {
    name: 'a version of MySQL with its patch, for which there is no family of parameters',
    refused: inDatabase({ version: '8.4.7' }),
    accepted: inDatabase({ version: '9.7' }),
    message: '"database.version": "8.4.7" is not a version of MySQL without the patch, such as 8.4',
  },
  {
    name: 'a database smaller than RDS allows',
    refused: inDatabase({ storage: { initial: 19, maximum: 50 } }),
    accepted: inDatabase({ storage: { initial: 20, maximum: 50 } }),
    message: '"database.storage.initial": 19 is not a whole number from 20 to 65536.',
  },
  {
    name: 'a database that cannot grow',
    refused: inDatabase({ storage: { initial: 20, maximum: 20 } }),
    accepted: inDatabase({ storage: { initial: 20, maximum: 22 } }),
    message: '"database.storage.maximum": 20 is not a whole number at least 10 % above the initial 20',
  },
  {
    name: 'a database that can grow by 9 %',
    refused: inDatabase({ storage: { initial: 100, maximum: 109 } }),
    accepted: inDatabase({ storage: { initial: 100, maximum: 110 } }),
    message: '"database.storage.maximum": 109 is not a whole number at least 10 % above the initial 100',
    stricter: 'its rule only asks for more than the initial storage',
  },
  {
    name: 'a database that can grow by 10 % of whole GiB only if they are rounded down',
    refused: inDatabase({ storage: { initial: 21, maximum: 23 } }),
    accepted: inDatabase({ storage: { initial: 21, maximum: 24 } }),
    message: '"database.storage.maximum": 23 is not a whole number at least 10 % above the initial 21',
    stricter: 'its rule only asks for more than the initial storage',
  },
  {
    name: 'backups of 36 days',
    refused: inDatabase({ backupDays: 36 }),
    accepted: inDatabase({ backupDays: 35 }),
    message: '"database.backupDays": 36 is not a whole number from 0 to 35.',
  },
  {
    name: 'backups of -1 days',
    refused: inDatabase({ backupDays: -1 }),
    accepted: inDatabase({ backupDays: 0 }),
    message: '"database.backupDays": -1 is not a whole number from 0 to 35.',
  },
  {
    name: 'a network of another size',
    refused: inNetwork('10.1.0.0/20'),
    accepted: inNetwork('10.1.0.0/16'),
    message: '"network.cidr": "10.1.0.0/20" is not the address of a private network of size /16',
  },
  {
    name: 'a network that does not begin with its network address',
    refused: inNetwork('10.1.1.0/16'),
    accepted: inNetwork('10.255.0.0/16'),
    message: '"network.cidr": "10.1.1.0/16" is not the address of a private network',
    stricter: 'Terraform refuses it: not a valid network address',
  },
  {
    name: 'a network of public addresses',
    refused: inNetwork('172.32.0.0/16'),
    accepted: inNetwork('172.31.0.0/16'),
    message: '"network.cidr": "172.32.0.0/16" is not the address of a private network',
    stricter: 'AWS accepts it, but the hosts of the internet with these addresses could not be reached',
  },
  {
    name: 'a volume of nothing for SigNoz',
    refused: { environment: { observability: { ...dev.observability, storage: 0 } } },
    accepted: { environment: { observability: { ...dev.observability, storage: 1 } } },
    message: '"observability.storage": 0 is not a whole number from 1 to 65536.',
    stricter: 'Kubernetes creates the volume',
  },
  {
    name: 'telemetry of half a day',
    refused: { environment: { observability: { ...dev.observability, retentionDays: 0.5 } } },
    accepted: { environment: { observability: { ...dev.observability, retentionDays: 1 } } },
    message: '"observability.retentionDays": 0.5 is not a whole number of days, at least 1.',
    stricter: 'SigNoz deletes it',
  },
  {
    name: 'HSTS for more than two years',
    refused: { environment: { edge: { ...dev.edge, hstsDays: 731 } } },
    accepted: { environment: { edge: { ...dev.edge, hstsDays: 730 } } },
    message: '"edge.hstsDays": 731 is not a whole number from 0 to 730.',
    stricter: 'AWS has no such limit, but nobody can take it back',
  },
  {
    name: 'a zone with which a certificate has 65 characters',
    refused: inDomain(`${'a'.repeat(50)}.com`, 'dev'),
    accepted: inDomain(`${'a'.repeat(49)}.com`, 'dev'),
    message: `"domain.zone": "${'a'.repeat(50)}.com" is not a zone that is short enough: the certificate's name signoz.dev.aaa`,
  },
];

function inCluster(cluster: Partial<ClusterChoices>): Values {
  return { environment: { cluster: { ...x86, ...cluster } } };
}

function ofAddons(addons: Partial<ClusterChoices['addons']>): Values {
  return inCluster({ addons: { ...x86.addons, ...addons } });
}

function ofNodes(nodes: Partial<NodeChoices>): Values {
  return inCluster({ nodes: { ...x86.nodes, ...nodes } });
}

function inDatabase(database: Partial<DatabaseChoices>): Values {
  return { environment: { database: { ...dev.database, ...database } } };
}

function inNetwork(cidr: string): Values {
  return { environment: { network: { ...dev.network, cidr } } };
}

function inDomain(zone: string, subdomain: string): Values {
  return { settings: { domain: { zone, createZone: false, subdomains: { dev: subdomain, prd: 'app' } } } };
}
