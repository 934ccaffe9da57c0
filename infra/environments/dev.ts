import type { ClusterChoices, Environment } from './environment.ts';
import { large, medium } from './instance-types.ts';

/** Of all nodes. */
const architecture: ClusterChoices['architecture'] = 'arm64';

/** For trying things out: no redundancy, and nothing is protected from deletion. */
export const dev: Environment = {
  name: 'dev',
  protected: false,
  runner: false,
  network: { cidr: '10.0.0.0/16', nat: 'instance', flowLogs: false },
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
      // Two, so that an application's pods are not all on one spot node.
      minimum: 2,
      desired: 2,
      maximum: 3,
      diskSize: 20,
    },
    storageNodes: {
      instanceTypes: large[architecture],
      minimum: 1,
      desired: 1,
      maximum: 1,
      diskSize: 20,
    },
    storageCapacity: 'spot',
    nodeProvisionMinutes: 5,
    logTypes: [],
    sleepsAtNight: true,
  },
  database: {
    version: '8.4',
    instanceClass: 'db.t4g.micro',
    storage: { initial: 20, maximum: 50 },
    multiZone: false,
    backupDays: 1,
    copiesBackups: false,
    finalSnapshot: false,
  },
  edge: { hstsDays: 1, waf: false, accessLogs: false, statusPage: true },
  observability: { storage: 20, retentionDays: 3 },
  costs: { monthlyBudget: 200, approvalAbove: 20 },
};
