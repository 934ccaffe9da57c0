import type { EnvironmentName } from 'platform';

/** Everything that differs between dev and prd, and nothing else. Values only: what they lead to is decided by constructs. */
export interface Environment {
  readonly name: EnvironmentName;
  /** The cluster and the database refuse to be deleted. */
  readonly protected: boolean;
  readonly network: NetworkChoices;
  readonly cluster: ClusterChoices;
  readonly database: DatabaseChoices;
  readonly edge: EdgeChoices;
  readonly observability: ObservabilityChoices;
  readonly costs: CostChoices;
}

export interface NetworkChoices {
  /** A /16. Its /24 blocks 1 to 3 are private, 101 to 103 public and 201 to 203 the database's, one of each in a zone. */
  readonly cidr: string;
  /**
   * How pods reach the internet, cheapest first: one small instance that translates addresses, one managed gateway, or
   * one gateway in each zone, so that a lost zone takes nobody else's way out with it.
   */
  readonly nat: 'instance' | 'single' | 'per-zone';
  /** Records of every connection in CloudWatch, kept 30 days; paid by the gigabyte. */
  readonly flowLogs: boolean;
}

export interface ClusterChoices {
  /** Kubernetes minor version, within EKS standard support. */
  readonly version: string;
  /** arm64 (Graviton) is about a fifth cheaper; the images must then be built for it. */
  readonly architecture: 'x86_64' | 'arm64';
  /** Spot nodes for the applications. Types of one size, at least four, so that AWS finds capacity for one of them. */
  readonly nodes: NodeChoices;
  /** On-demand nodes in one zone for SigNoz's database, whose volume cannot leave its zone. */
  readonly storageNodes: NodeChoices;
  /** Control plane logs that go to CloudWatch; paid by the gigabyte. */
  readonly logTypes: readonly ('api' | 'audit' | 'authenticator' | 'controllerManager' | 'scheduler')[];
  /** Scales the spot nodes to zero at night and at weekends, and stops the database. */
  readonly sleepsAtNight: boolean;
}

export interface NodeChoices {
  readonly instanceTypes: readonly string[];
  readonly minimum: number;
  readonly desired: number;
  readonly maximum: number;
  /** GiB of encrypted gp3 for each node. */
  readonly diskSize: number;
}

export interface DatabaseChoices {
  readonly instanceClass: string;
  /** GiB of gp3 at the start, and the most that RDS may grow it to by itself. */
  readonly storage: { readonly initial: number; readonly maximum: number };
  /** A standby in another zone: twice the price, minutes instead of hours after a lost zone. */
  readonly multiZone: boolean;
  /** Days; 0 would turn backups off and is refused. */
  readonly backupDays: number;
  /** Whether a deleted database leaves a last snapshot and its backups, which are paid for until somebody deletes them. */
  readonly finalSnapshot: boolean;
}

export interface EdgeChoices {
  /** Put before the own domain, when there is one: `dev` gives dev.example.com, nothing gives example.com itself. */
  readonly subdomain?: string;
  /** AWS WAF with the managed rules and a rate limit for each address. */
  readonly waf: boolean;
  /** CloudFront's and the load balancer's access logs, in a bucket, kept 30 days. */
  readonly accessLogs: boolean;
}

export interface ObservabilityChoices {
  /** GiB for SigNoz's database. */
  readonly storage: number;
  /** Days that traces, logs and metrics are kept. */
  readonly retentionDays: number;
}

export interface CostChoices {
  /** USD a month; the alert goes out at 80 % forecast and 100 % spent. */
  readonly monthlyBudget: number;
  /** USD a month by which a pull request may raise the bill before it needs a second approval. */
  readonly approvalAbove: number;
}
