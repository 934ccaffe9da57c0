import { ConfigMapV1 } from '@cdktf/provider-kubernetes/lib/config-map-v1/index.js';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { configMaps } from 'platform';
import { type Database, mysqlPort } from '../data/database.ts';
import type { Workload } from './workload.ts';

export interface ConfigMapsProps {
  readonly namespace: string;
  readonly region: string;
  /** Where visitors reach the applications, without a slash at the end. */
  readonly siteAddress: string;
  readonly database: Database;
  readonly workloads: readonly Workload[];
  readonly dependsOn: readonly ITerraformDependable[];
}

/** What the applications' manifests and releases need to know and only the infrastructure does. Nothing in it is secret. */
export class ConfigMaps extends Construct {
  constructor(scope: Construct, id: string, props: ConfigMapsProps) {
    super(scope, id);
    const { database, dependsOn, namespace, region, siteAddress, workloads } = props;
    const configMap = (id: string, name: string, data: Record<string, string>) =>
      new ConfigMapV1(this, id, { metadata: { name, namespace }, data, dependsOn: [...dependsOn] });

    configMap('environment', configMaps.environment, { SITE_ADDRESS: siteAddress });
    for (const { application, databaseSecretName } of workloads) {
      if (application.database === undefined || databaseSecretName === undefined) continue;
      configMap(`${application.name}-database`, configMaps.database(application.name), {
        AWS_REGION: region,
        // RDS's own name, which is the one on its certificate. Ours is an alias: to believe the name that an alias leads to
        // would be to let DNS say whose certificate is right.
        DB_HOST: database.host,
        DB_PORT: String(mysqlPort),
        DB_NAME: application.database,
        DB_SSL_CA: 'rds',
        DB_SECRET: databaseSecretName,
        // Only the migration's role may read it.
        DB_ADMIN_SECRET: database.masterSecretArn,
      });
    }
  }
}
