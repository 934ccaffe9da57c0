/** Every name that the infrastructure, the applications' manifests and the workflows share, made in one place. */
import type { EnvironmentName } from './environments.ts';

export const project = 'desafio-aws';
/** Where the state lies in its bucket, below `env:/<workspace>/`. */
export const stateKey = `${project}.tfstate`;
/** Where the bootstrap's own lies, once it is in the bucket. */
export const bootstrapStateKey = 'bootstrap.tfstate';
/** Where the S3 backend keeps the state of one workspace. */
export const workspaceStateKey = (environment: EnvironmentName) => `env:/${environment}/${stateKey}`;

/** On everything: the bill is read by these tags. */
export const tagsOf = (environment: string, owner: string): Record<string, string> => ({
  project,
  environment,
  owner,
  'managed-by': 'cdktf',
});

export const defaultRegion = 'us-east-1';
/** Where AWS keeps what belongs to no region: CloudFront's certificates, firewalls, metrics and logs, and Route53's metrics. */
export const globalRegion = 'us-east-1';

/** Namespaces of the cluster. */
export const namespaces = {
  applications: 'calculator',
  observability: 'observability',
  system: 'kube-system',
} as const;

/** Names of one environment's resources. */
export const names = (environment: EnvironmentName) =>
  ({
    /** Prefix of everything that needs a unique name in the account. */
    prefix: `${project}-${environment}`,
    cluster: `${project}-${environment}`,
    loadBalancer: `cdn-app-alb-${environment}`,
    /** Zone of the names that only the VPC knows. */
    privateZone: `${environment}.${project}.internal`,
    /** The database's own name inside the private zone. */
    databaseRecord: `mysql-${environment}`,
    applicationRecord: (application: string) => `${application}-${environment}`,
    /** At most 32 characters, a limit of AWS: the applications' names keep within it, and a test sees to it. */
    targetGroup: (application: string) => `tg-${application}-${environment}`,
    /** Secrets Manager: where the migration job puts an application's own database user, and the application reads it. */
    databaseSecret: (application: string) => `${project}/${environment}/${application}/database`,
    /** The policy above which no role of the environment may rise. */
    boundary: `${project}-${environment}-boundary`,
    role: (purpose: string) => `${project}-${environment}-${purpose}`,
  }) as const;

/** Service accounts that get AWS credentials by Pod Identity; the manifests name the same. */
export const serviceAccounts = {
  application: (application: string) => application,
  migration: (application: string) => `${application}-migration`,
} as const;

/** ConfigMaps that the infrastructure writes for the applications: what only it knows, and nothing secret. */
export const configMaps = {
  /** `SITE_ADDRESS`: where visitors reach the applications, without a slash at the end. */
  environment: 'infra-environment',
  /** `AWS_REGION`, `DB_HOST`, `DB_PORT`, `DB_NAME`, `DB_SSL_CA`, and the secrets of the two users, `DB_SECRET` and `DB_ADMIN_SECRET`. */
  database: (application: string) => `infra-${application}-database`,
} as const;

/** Kubernetes group of whoever releases applications: it may do what a release takes, in their namespace alone. */
export const deployersGroup = 'calculator-deployers';

/** Environments on GitHub. A job that names one gets its approval and its branches, and the AWS role that trusts it. */
export const githubEnvironments = {
  release: (environment: EnvironmentName) => environment,
  infrastructure: (environment: EnvironmentName) => `infra-${environment}` as const,
  /** No role trusts it: it is the second approval for a pull request that raises the bill. */
  costs: 'costs',
  /** Whoever may push images of either environment; it keeps Docker Hub's token, if there is one. */
  images: 'images',
} as const;

/** Branch from which an environment is delivered. */
export const branches = { dev: 'develop', prd: 'main' } as const satisfies Record<EnvironmentName, string>;

/** The role of the job that pushes images, one for both environments: what ran in dev is what goes to prd. */
export const imagesRole = `${project}-images`;

/** A pod carries the name of its service account in this label: by it services and network policies find the pod. */
export const nameLabel = 'app.kubernetes.io/name';

/** Where pods send traces, metrics and logs, by OTLP over HTTP. */
export const otlpEndpoint = `http://signoz-otel-collector.${namespaces.observability}.svc.cluster.local:4318`;

/** Annotations of a pod whose metrics SigNoz is to read every minute. */
export const scrapeAnnotations = (port: number, path = '/metrics') => ({
  'signoz.io/scrape': 'true',
  'signoz.io/port': String(port),
  'signoz.io/path': path,
});
