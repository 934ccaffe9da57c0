import { SecretsmanagerSecret } from '@cdktf/provider-aws/lib/secretsmanager-secret/index.js';
import { Construct } from 'constructs';
import { type Application, type names, namespaces, serviceAccounts } from 'platform';
import type { Cluster } from '../cluster/cluster.ts';
import type { Database } from '../data/database.ts';
import type { LoadBalancer } from '../edge/load-balancer.ts';
import { PodRole } from '../identity/pod-role.ts';
import type { Dns } from '../network/dns.ts';

export interface WorkloadProps {
  readonly application: Application;
  readonly names: ReturnType<typeof names>;
  readonly cluster: Cluster;
  readonly database: Database;
  readonly dns: Dns;
  readonly loadBalancer: LoadBalancer;
  readonly priority: number;
}

/**
 * AWS resources of one application: a route from the load balancer to its pods, a private DNS name, and a role for its
 * service account. An application with a database also gets an empty secret. Its migration job, the only one that can
 * read the master secret, creates the application's database user and stores it there. No password passes through
 * Terraform or its state.
 */
export class Workload extends Construct {
  readonly application: Application;
  readonly targetGroupName: string;
  readonly targetGroupArnSuffix: string;
  /** Secret with its database user, if it uses the database. */
  readonly databaseSecretName: string | undefined;

  constructor(scope: Construct, id: string, props: WorkloadProps) {
    super(scope, id);
    const { application, cluster, database, dns, loadBalancer, names, priority } = props;
    const targetGroup = loadBalancer.route({
      name: application.name,
      targetGroup: names.targetGroup(application.name),
      port: application.port,
      healthPath: application.healthPath,
      paths: [application.path, `${application.path}/*`],
      priority,
    });
    this.application = application;
    this.targetGroupName = targetGroup.name;
    this.targetGroupArnSuffix = targetGroup.arnSuffix;
    dns.name(names.applicationRecord(application.name), loadBalancer.dnsName);

    const pod = { clusterName: cluster.name, namespace: namespaces.applications };
    const serviceAccount = serviceAccounts.application(application.name);
    if (!application.database) {
      new PodRole(this, 'role', { ...pod, name: names.role(application.name), serviceAccount });
      return;
    }
    const secret = new SecretsmanagerSecret(this, 'database-secret', {
      name: names.databaseSecret(application.name),
      description: `Database user of ${application.name}, created and rotated by its migration job`,
      // With a recovery window the name stays taken for days, and the environment could not be created again.
      recoveryWindowInDays: 0,
    });
    this.databaseSecretName = secret.name;
    new PodRole(this, 'role', {
      ...pod,
      name: names.role(application.name),
      serviceAccount,
      statements: [{ actions: ['secretsmanager:GetSecretValue'], resources: [secret.arn] }],
    });
    new PodRole(this, 'migration-role', {
      ...pod,
      name: names.role(`${application.name}-migration`),
      serviceAccount: serviceAccounts.migration(application.name),
      statements: [
        {
          actions: ['secretsmanager:GetSecretValue'],
          resources: [secret.arn, database.masterSecretArn],
        },
        { actions: ['secretsmanager:PutSecretValue'], resources: [secret.arn] },
      ],
    });
  }
}
