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
 * What one application needs of AWS: a way from the load balancer to its pods, a private name, and a role for its service
 * account. One that uses the database also gets a secret, empty at first: its migration job, which alone may read the
 * master's, makes the application's own database user there. No password passes through Terraform or its state.
 */
export class Workload extends Construct {
  readonly application: Application;
  readonly targetGroupName: string;
  readonly targetGroupArnSuffix: string;
  /** Where its database user lies, if it uses the database. */
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
      description: `Database user of ${application.name}, made and renewed by its migration job`,
      // A deleted secret keeps its name for days, and the next environment of this name could not be made.
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
