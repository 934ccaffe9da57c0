import type { EnvironmentName } from 'platform';

/**
 * Days that logs are kept, in CloudWatch and in the bucket of access logs, in both environments. SigNoz has its own
 * `retentionDays`.
 */
export const logRetentionDays = 30;

/** GiB of SigNoz's smaller volumes: ZooKeeper's, and that of its own settings and users. Not raised: they stay nearly empty. */
export const signozVolumes = { zookeeper: 8, settings: 1 } as const;

/**
 * Everything that differs between dev and prd. Values only; the constructs decide what to do with them.
 * `checkEnvironment` refuses values that AWS would refuse.
 */
export interface Environment {
  readonly name: EnvironmentName;
  /** Protects the cluster, the database and the load balancer from deletion. */
  readonly protected: boolean;
  /**
   * Runs the GitHub jobs that need the cluster's API on machines of CodeBuild inside the VPC, so that the API needs no
   * public endpoint. Needs `github.connections` in the settings. docs/runners.md says in which order to turn it on.
   */
  readonly runner: boolean;
  readonly network: NetworkChoices;
  readonly cluster: ClusterChoices;
  readonly database: DatabaseChoices;
  readonly edge: EdgeChoices;
  readonly observability: ObservabilityChoices;
  readonly costs: CostChoices;
}

export interface NetworkChoices {
  /**
   * A private /16. Its /24 blocks 1 to 3 are for the private subnets, 101 to 103 for the public ones and 201 to 203 for
   * the database, one per zone.
   */
  readonly cidr: string;
  /**
   * How pods reach the internet, cheapest first: one small NAT instance, one instance per zone, one NAT gateway, or one
   * gateway per zone. With one per zone, a zone failure does not affect the other zones. `NatInstance` says what an
   * instance lacks: while it is replaced, for minutes, its zones have no internet access.
   */
  readonly nat: 'instance' | 'instance-per-zone' | 'single' | 'per-zone';
  /** Records of all connections in CloudWatch; billed by the gigabyte. */
  readonly flowLogs: boolean;
}

export interface ClusterChoices {
  /** Kubernetes minor version, within EKS standard support. */
  readonly version: string;
  /**
   * Exact release of EKS's node image, for the Kubernetes version above. Nodes never change to a newer one by themselves,
   * so security fixes arrive only when this is raised: `pnpm infra upgrade` does it.
   */
  readonly nodeRelease: string;
  /**
   * Exact version of each EKS add-on, for the Kubernetes version above. `pnpm infra doctor` checks that EKS offers them,
   * and `pnpm infra upgrade` raises them.
   */
  readonly addons: Readonly<Record<Addon, string>>;
  /**
   * Exact version of the cluster autoscaler's image. It simulates the scheduler, so its minor version is the cluster's; the
   * chart's own is of another. `pnpm infra upgrade` raises it.
   */
  readonly autoscaler: string;
  /** arm64 (Graviton) is about a fifth cheaper. The images are built for both. */
  readonly architecture: 'x86_64' | 'arm64';
  /** Spot nodes for the applications. Beside a base they are in the third zone alone. */
  readonly nodes: NodeChoices;
  /**
   * A small on-demand base in two zones, which AWS never reclaims: for system pods and half of each application's pods.
   * The rest runs on the spot nodes. Without a base everything does, and stops if AWS reclaims them all. AWS takes the
   * first of the types of which it has any.
   */
  readonly baseNodes?: NodeChoices;
  /** Nodes in one zone for SigNoz's database, whose volume cannot leave its zone. */
  readonly storageNodes: NodeChoices;
  /**
   * On spot, SigNoz is away for some minutes whenever AWS reclaims its node, and for longer if the zone has no capacity of
   * any of its types. The agents keep telemetry only for a few minutes. The data stays on its volume.
   */
  readonly storageCapacity: 'spot' | 'on-demand';
  /**
   * Minutes in which a new node must join the cluster; two to four are usual. Then the autoscaler tries another group: a
   * base node, where there is no spot capacity.
   */
  readonly nodeProvisionMinutes: number;
  /** Control plane logs sent to CloudWatch; billed by the gigabyte. */
  readonly logTypes: readonly ('api' | 'audit' | 'authenticator' | 'controllerManager' | 'scheduler')[];
  /**
   * Scales all nodes to zero at night and at weekends, and stops the database: see `night.ts`. New numbers of nodes then
   * take effect on the next morning. Turning it on or off needs the bootstrap again, which gives the right to wake.
   */
  readonly sleepsAtNight: boolean;
}

export const addons = ['vpc-cni', 'kube-proxy', 'coredns', 'eks-pod-identity-agent', 'aws-ebs-csi-driver'] as const;
export type Addon = (typeof addons)[number];

export interface NodeChoices {
  readonly instanceTypes: readonly string[];
  readonly minimum: number;
  /** Only of a new group. Then the cluster autoscaler sets the number of nodes. */
  readonly desired: number;
  readonly maximum: number;
  /** GiB of encrypted gp3 per node. */
  readonly diskSize: number;
}

export interface DatabaseChoices {
  /**
   * MySQL's long-term support version, such as 8.4; RDS chooses the patch. Another one upgrades the server, which cannot be
   * undone: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.MySQL.Major.html
   */
  readonly version: string;
  readonly instanceClass: string;
  /** Initial GiB of gp3, and the limit of RDS storage autoscaling, at least 10 % above it. */
  readonly storage: { readonly initial: number; readonly maximum: number };
  /** A standby in another zone: twice the price, but minutes of downtime instead of hours if a zone fails. */
  readonly multiZone: boolean;
  /** Days that automated backups are kept. 0 disables them. */
  readonly backupDays: number;
  /**
   * Copies the backups to `secondRegion` of the settings, where they are kept for as many days: what
   * `pnpm infra deploy --region` restores if the region is lost. Without them, the data is lost with it.
   */
  readonly copiesBackups: boolean;
  /** Whether a deleted database leaves a final snapshot and its backups, which cost money until they are deleted. */
  readonly finalSnapshot: boolean;
}

export interface EdgeChoices {
  /**
   * Days that browsers refuse plain HTTP for the host after each visit (HSTS). The host alone: never its subdomains.
   *
   * WARNING: no deployment takes this back. Visitors of the last `hstsDays` days cannot open the host without a valid
   * certificate until the days have passed. Begin with one day, so that a mistake is over tomorrow, and raise it (30,
   * then 365) once nothing of the host needs HTTP. 0 tells browsers to forget it at their next visit.
   */
  readonly hstsDays: number;
  /** AWS WAF with managed rules and a rate limit per IP address. */
  readonly waf: boolean;
  /** Access logs of CloudFront and the load balancer, in a bucket. */
  readonly accessLogs: boolean;
  /**
   * A public page at `/status` that says what works, measured every minute from outside the cluster. Without it, the
   * site's link to it leads nowhere.
   */
  readonly statusPage: boolean;
}

export interface ObservabilityChoices {
  /** GiB for SigNoz's database. */
  readonly storage: number;
  /** Days that SigNoz keeps traces, metrics and the logs of pods. */
  readonly retentionDays: number;
}

export interface CostChoices {
  /** USD a month. Alerts are sent at 80 % forecast, which must be well above the estimate, and at 100 % spent. */
  readonly monthlyBudget: number;
  /** USD a month. A pull request that raises the cost by more needs a second approval. */
  readonly approvalAbove: number;
}
