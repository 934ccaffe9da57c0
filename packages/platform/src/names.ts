/** All names shared by the infrastructure, the applications' manifests and the workflows. */
import type { EnvironmentName } from './environments.ts';

export const project = 'desafio-aws';
/** Key of the state in its bucket, below `env:/<workspace>/`. */
export const stateKey = `${project}.tfstate`;
/** Key of the bootstrap's state in the bucket. */
export const bootstrapStateKey = 'bootstrap.tfstate';
/** Full key of the state of one workspace, as the S3 backend composes it. */
export const workspaceStateKey = (environment: EnvironmentName) => `env:/${environment}/${stateKey}`;

/** Tag by which roles are kept out of the other environment. */
export const environmentTag = 'environment';

/** Tags of all resources, used for cost allocation. */
export const tagsOf = (environment: string, owner: string): Record<string, string> => ({
  project,
  [environmentTag]: environment,
  owner,
  'managed-by': 'cdktf',
});

export const defaultRegion = 'us-east-1';
/** Region of CloudFront's certificates, firewalls, metrics and logs, and of Route53's metrics. */
export const globalRegion = 'us-east-1';

/** Path of the public status page. Its files are below it, so no application may have it. */
export const statusPath = '/status';

/** Kubernetes namespaces. */
export const namespaces = {
  applications: 'calculator',
  observability: 'observability',
  system: 'kube-system',
} as const;

/**
 * Names of one environment's resources.
 *
 * @param isSecond whether it is the second region's, where other names are needed for what has one name in all regions: roles,
 *   CloudFront's policies, dashboards, budgets. Those of the lost region still exist.
 */
export const names = (environment: EnvironmentName, isSecond = false) => {
  const prefix = `${project}-${environment}${isSecond ? '-second' : ''}`;
  return {
    /** Prefix of everything that needs a unique name in the account. */
    prefix,
    cluster: `${project}-${environment}`,
    /** Identifier of the database instance, its subnet group, and the beginning of its parameter group's name. */
    database: `${project}-${environment}-mysql`,
    loadBalancer: `cdn-app-alb-${environment}`,
    /** Private DNS zone of the VPC. */
    privateZone: `${environment}.${project}.internal`,
    /** Record of the database in the private zone. */
    databaseRecord: `mysql-${environment}`,
    applicationRecord: (application: string) => `${application}-${environment}`,
    /** At most 32 characters, a limit of AWS. A test checks it for all applications. */
    targetGroup: (application: string) => `tg-${application}-${environment}`,
    /** Secret with an application's database login, or with its migration's. */
    databaseSecret: (application: string, purpose: DatabasePurpose = 'application') =>
      `${project}/${environment}/${application}/${purpose === 'application' ? 'database' : 'migration'}`,
    /** Prefix of the bucket with the status page. AWS completes the name. */
    statusBucketPrefix: `${project}-${environment}-status-`,
    /** Prefix of the bucket with the access logs. AWS completes the name. */
    accessLogsBucketPrefix: `${project}-${environment}-access-logs-`,
    /** Prefix of the database's name while a restore is tried. */
    drillPrefix: `${project}-${environment}-drill-`,
    /** Permissions boundary of every role in the environment. */
    boundary: `${project}-${environment}-boundary`,
    role: (purpose: string) => `${prefix}-${purpose}`,
    /** CodeBuild project that runs GitHub's jobs. The workflows have the same name. */
    runner: `${project}-${environment}-runner`,
  } as const;
};

/**
 * Who uses a database login. The application has the privileges that its migration grants it, table by table. The
 * migration may do anything in the application's own database.
 */
export const databasePurposes = ['application', 'migration'] as const;
export type DatabasePurpose = (typeof databasePurposes)[number];

/** The two database users that take turns: while one is in use, the other gets a new password. At most 32 characters. */
export function databaseUsers(application: string, purpose: DatabasePurpose): readonly [string, string] {
  const user = purpose === 'application' ? application : `${application}-ddl`;
  return [`${user}-a`, `${user}-b`];
}

/** Service accounts with AWS credentials from Pod Identity. The manifests use the same names. */
export const serviceAccounts = {
  application: (application: string) => application,
  migration: (application: string) => `${application}-migration`,
} as const;

/** The pod that a release asks before any user does. Its name is fixed, so that releases have rights on it alone. */
export const trialPod = (application: string): string => `${application}-trial`;

/** ConfigMaps with values of the infrastructure for the applications. Nothing in them is secret. */
export const configMaps = {
  /** `SITE_ADDRESS`: public URL of the applications, without a trailing slash. */
  environment: 'infra-environment',
  /**
   * `AWS_REGION`, `DB_HOST`, `DB_PORT`, `DB_NAME`, `DB_SSL_CA`, the names of the secrets with the application's login
   * and its migration's, `DB_SECRET` and `DB_MIGRATION_SECRET`, and the application's users, `DB_USERS`.
   */
  database: (application: string) => `infra-${application}-database`,
} as const;

/** Kubernetes group for releases, with only the permissions that a release needs in the applications' namespace. */
export const deployersGroup = 'calculator-deployers';

/** Kubernetes group of the restore drill, with only the permissions that its comparison needs. */
export const drillersGroup = 'calculator-drillers';

/** Kubernetes group of the plan role. It reads what Terraform manages in the cluster, and no secrets. */
export const plannersGroup = `${project}-planners`;

/** GitHub environments. A job in one needs its approval and branch, and can assume the AWS role that trusts it. */
export const githubEnvironments = {
  release: (environment: EnvironmentName) => environment,
  infrastructure: (environment: EnvironmentName) => `infra-${environment}` as const,
  /** Second approval for a pull request that raises the cost. No role trusts it. */
  costs: 'costs',
  /** For jobs that push images, for both environments. Has Docker Hub's token, if it is used. */
  images: 'images',
} as const;

/** Branch that is delivered to each environment. */
export const branches = { dev: 'develop', prd: 'main' } as const satisfies Record<EnvironmentName, string>;

/** Role of the job that pushes images. One for both environments, because prd gets the images that ran in dev. */
export const imagesRole = `${project}-images`;

/** Label with the name of a pod's service account. Services and network policies select pods by it. */
export const nameLabel = 'app.kubernetes.io/name';

/** The telemetry agent on a pod's own node: OTLP over HTTP. The applications' manifests have the same address. */
export const agentEndpoint = `http://k8s-infra-otel-agent.${namespaces.observability}.svc.cluster.local:4318`;

/** SigNoz's collector, to which the agents send traces, metrics and logs: OTLP over HTTP. */
export const otlpEndpoint = `http://signoz-otel-collector.${namespaces.observability}.svc.cluster.local:4318`;

/** Annotations of pods whose metrics SigNoz scrapes. */
export const scrapeAnnotations = (port: number, path = '/metrics') => ({
  'signoz.io/scrape': 'true',
  'signoz.io/port': String(port),
  'signoz.io/path': path,
});
