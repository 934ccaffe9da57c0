import { Construct } from 'constructs';
import { type Application, type names, namespaces, serviceAccounts } from 'platform';
import type { Cluster } from '../cluster/cluster.ts';
import type { DatabaseLogins, DatabaseSecrets } from '../data/database-logins.ts';
import type { LoadBalancer } from '../edge/load-balancer.ts';
import { PodRole } from '../identity/pod-role.ts';
import type { Dns } from '../network/dns.ts';

export interface WorkloadProps {
  readonly application: Application;
  readonly names: ReturnType<typeof names>;
  readonly cluster: Cluster;
  readonly databaseLogins: DatabaseLogins;
  readonly dns: Dns;
  readonly loadBalancer: LoadBalancer;
  readonly priority: number;
}

/**
 * AWS resources of one application: a route from the load balancer to its pods, a private DNS name, and a role for its
 * service account. With a database, this role can read the application's login, and another role, for the migration job,
 * can read the migration's.
 */
export class Workload extends Construct {
  readonly application: Application;
  readonly targetGroupName: string;
  readonly targetGroupArnSuffix: string;
  /** If it has a database. */
  readonly databaseSecrets: DatabaseSecrets | undefined;

  constructor(scope: Construct, id: string, props: WorkloadProps) {
    super(scope, id);
    const { application, cluster, databaseLogins, dns, loadBalancer, names, priority } = props;
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

    this.databaseSecrets = databaseLogins.of(application.name);
    const role = (
      id: string,
      name: string,
      serviceAccount: string,
      secret: DatabaseSecrets['application'] | undefined,
    ) =>
      new PodRole(this, id, {
        name: names.role(name),
        clusterName: cluster.name,
        namespace: namespaces.applications,
        serviceAccount,
        ...(secret && { statements: [{ actions: ['secretsmanager:GetSecretValue'], resources: [secret.arn] }] }),
      });
    const secrets = this.databaseSecrets;
    role('role', application.name, serviceAccounts.application(application.name), secrets?.application);
    if (secrets) {
      const migration = serviceAccounts.migration(application.name);
      role('migration-role', migration, migration, secrets.migration);
    }
  }
}
