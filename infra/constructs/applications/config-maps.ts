import { ConfigMapV1 } from '@cdktf/provider-kubernetes/lib/config-map-v1/index.js';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { configMaps, databaseUsers } from 'platform';
import { type Database, mysqlPort } from '../data/database.ts';
import type { Workload } from './workload.ts';

export interface ConfigMapsProps {
  readonly namespace: string;
  readonly region: string;
  /** Public URL of the applications, without a trailing slash. */
  readonly siteAddress: string;
  readonly database: Database;
  readonly workloads: readonly Workload[];
  readonly dependsOn: readonly ITerraformDependable[];
}

/** Values of the infrastructure that the applications' manifests and releases need. Nothing in them is secret. */
export class ConfigMaps extends Construct {
  constructor(scope: Construct, id: string, props: ConfigMapsProps) {
    super(scope, id);
    const { database, dependsOn, namespace, region, siteAddress, workloads } = props;
    const configMap = (id: string, name: string, data: Record<string, string>) =>
      new ConfigMapV1(this, id, { metadata: { name, namespace }, data, dependsOn: [...dependsOn] });

    configMap('environment', configMaps.environment, { SITE_ADDRESS: siteAddress });
    for (const { application, databaseSecrets } of workloads) {
      if (application.database === undefined || databaseSecrets === undefined) continue;
      configMap(`${application.name}-database`, configMaps.database(application.name), {
        AWS_REGION: region,
        // RDS's own name, because it is the one on the certificate. Our private name is a CNAME, and accepting the
        // certificate of a CNAME's target would let DNS decide which certificate is valid.
        DB_HOST: database.host,
        DB_PORT: String(mysqlPort),
        DB_NAME: application.database,
        DB_SSL_CA: 'rds',
        DB_SECRET: databaseSecrets.application.name,
        // Only the migration job's role can read it.
        DB_MIGRATION_SECRET: databaseSecrets.migration.name,
        DB_USERS: databaseUsers(application.name, 'application').join(','),
      });
    }
  }
}
