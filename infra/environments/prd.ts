import type { ClusterChoices, Environment } from './environment.ts';
import { large, medium } from './instance-types.ts';

/** Of all nodes. */
const architecture: ClusterChoices['architecture'] = 'arm64';

/** For users: survives a zone failure, keeps logs, and protects the database from deletion. */
export const prd: Environment = {
  name: 'prd',
  protected: true,
  runner: false,
  network: { cidr: '192.168.0.0/16', nat: 'instance-per-zone', flowLogs: true },
  cluster: {
    version: '1.36',
    // Of July 2026: https://github.com/awslabs/amazon-eks-ami/releases/tag/v20260714
    nodeRelease: '1.36.2-20260714',
    // Seen together on clusters of this version in September 2026. The doctor asks EKS whether it still offers them.
    addons: {
      'vpc-cni': 'v1.22.4-eksbuild.3',
      'kube-proxy': 'v1.36.0-eksbuild.25',
      coredns: 'v1.14.3-eksbuild.23',
      'eks-pod-identity-agent': 'v1.3.10-eksbuild.3',
      'aws-ebs-csi-driver': 'v1.66.0-eksbuild.1',
    },
    // The newest of this version in September 2026: https://github.com/kubernetes/autoscaler/releases
    autoscaler: 'v1.36.1',
    architecture,
    nodes: {
      instanceTypes: medium[architecture],
      // One, in the zone without a base node: whichever zone is lost, two nodes are left, and have room for everything.
      minimum: 1,
      desired: 1,
      maximum: 6,
      diskSize: 20,
    },
    // The maximum is enough for everything when there is no spot capacity at all.
    baseNodes: { instanceTypes: medium[architecture], minimum: 2, desired: 2, maximum: 4, diskSize: 20 },
    storageNodes: { instanceTypes: large[architecture], minimum: 1, desired: 1, maximum: 1, diskSize: 20 },
    storageCapacity: 'on-demand',
    nodeProvisionMinutes: 5,
    logTypes: ['api', 'audit', 'authenticator'],
    sleepsAtNight: false,
  },
  database: {
    version: '8.4',
    instanceClass: 'db.t4g.micro',
    storage: { initial: 20, maximum: 100 },
    multiZone: true,
    backupDays: 14,
    copiesBackups: false,
    finalSnapshot: true,
  },
  edge: { hstsDays: 1, waf: true, accessLogs: true, statusPage: true },
  observability: { storage: 50, retentionDays: 7 },
  costs: { monthlyBudget: 420, approvalAbove: 50 },
};
