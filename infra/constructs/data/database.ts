import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group/index.js';
import { DbInstance } from '@cdktf/provider-aws/lib/db-instance/index.js';
import { DbParameterGroup } from '@cdktf/provider-aws/lib/db-parameter-group/index.js';
import { DbSubnetGroup } from '@cdktf/provider-aws/lib/db-subnet-group/index.js';
import { SecurityGroup } from '@cdktf/provider-aws/lib/security-group/index.js';
import { VpcSecurityGroupIngressRule } from '@cdktf/provider-aws/lib/vpc-security-group-ingress-rule/index.js';
import { Construct } from 'constructs';
import type { DatabaseChoices } from '../../environments/environment.ts';
import type { Network } from '../network/network.ts';

export interface DatabaseProps extends DatabaseChoices {
  readonly prefix: string;
  readonly network: Network;
  readonly protected: boolean;
  /** The first database; RDS makes it. The applications' migrations make the others. */
  readonly databaseName?: string | undefined;
  /** It is stopped from evening to morning, in Brasília: backups and maintenance then come by day. */
  readonly sleepsAtNight: boolean;
}

export const mysqlPort = 3306;

/** In UTC, three hours ahead of Brasília; the maintenance comes after a backup. */
const windows = {
  night: { backupWindow: '06:00-06:30', maintenanceWindow: 'sun:07:00-sun:08:00' },
  day: { backupWindow: '15:00-15:30', maintenanceWindow: 'tue:16:00-tue:17:00' },
} as const;

/**
 * MySQL 8.4 in subnets with no way out. RDS keeps the master password in Secrets Manager and renews it every seven days;
 * nothing but the migration job reads it, and no password ever passes through Terraform.
 */
export class Database extends Construct {
  readonly host: string;
  readonly identifier: string;
  readonly masterSecretArn: string;
  readonly #securityGroupId: string;

  constructor(scope: Construct, id: string, props: DatabaseProps) {
    super(scope, id);
    const { backupDays, finalSnapshot, multiZone, network, prefix, storage } = props;
    this.identifier = `${prefix}-mysql`;
    this.#securityGroupId = new SecurityGroup(this, 'security-group', {
      name: this.identifier,
      description: 'MySQL: from the nodes alone, to nowhere',
      vpcId: network.vpcId,
      tags: { Name: this.identifier },
    }).id;
    const parameters = new DbParameterGroup(this, 'parameters', {
      name: this.identifier,
      family: 'mysql8.4',
      parameter: [
        { name: 'require_secure_transport', value: '1' },
        { name: 'character_set_server', value: 'utf8mb4' },
        { name: 'time_zone', value: 'UTC' },
        // RDS sends to CloudWatch what MySQL writes to files, and by default it writes no slow query anywhere.
        { name: 'slow_query_log', value: '1' },
        { name: 'long_query_time', value: '1' },
        { name: 'log_output', value: 'FILE' },
      ],
    });
    const subnets = new DbSubnetGroup(this, 'subnets', {
      name: this.identifier,
      subnetIds: [...network.databaseSubnetIds],
    });
    // RDS would make the groups by itself, keep them for ever and leave them behind.
    const logTypes = ['error', 'slowquery'];
    const logs = logTypes.map(
      (type) =>
        new CloudwatchLogGroup(this, `${type}-log`, {
          name: `/aws/rds/instance/${this.identifier}/${type}`,
          retentionInDays: 30,
        }),
    );
    const instance = new DbInstance(this, 'instance', {
      identifier: this.identifier,
      engine: 'mysql',
      engineVersion: '8.4',
      // Extended support costs more each month than this instance; without it AWS upgrades in July 2029.
      engineLifecycleSupport: 'open-source-rds-extended-support-disabled',
      instanceClass: props.instanceClass,
      ...(props.databaseName && { dbName: props.databaseName }),
      port: mysqlPort,
      username: 'admin',
      manageMasterUserPassword: true,
      allocatedStorage: storage.initial,
      maxAllocatedStorage: storage.maximum,
      storageType: 'gp3',
      storageEncrypted: true,
      dbSubnetGroupName: subnets.name,
      vpcSecurityGroupIds: [this.#securityGroupId],
      publiclyAccessible: false,
      multiAz: multiZone,
      parameterGroupName: parameters.name,
      caCertIdentifier: 'rds-ca-rsa2048-g1',
      backupRetentionPeriod: backupDays,
      ...(props.sleepsAtNight ? windows.day : windows.night),
      autoMinorVersionUpgrade: true,
      copyTagsToSnapshot: true,
      enabledCloudwatchLogsExports: logTypes,
      // Performance Insights does not exist on the micro and small classes of MySQL.
      performanceInsightsEnabled: !/\.(micro|small)$/.test(props.instanceClass),
      deletionProtection: props.protected,
      deleteAutomatedBackups: !finalSnapshot,
      skipFinalSnapshot: !finalSnapshot,
      // The VPC's number sets the snapshots of two lives of the environment apart: a name that is taken would stop a destroy.
      finalSnapshotIdentifier: `${this.identifier}-final-${network.vpcId}`,
      applyImmediately: !props.protected,
      // Terraform refuses before AWS has to; both are lifted by a change of their own before a destroy.
      lifecycle: { preventDestroy: props.protected },
      dependsOn: logs,
    });
    this.host = instance.address;
    this.masterSecretArn = instance.masterUserSecret.get(0).secretArn;
  }

  /**
   * Admits what wears the group. A security group ends at the nodes, which all pods share; network policies narrow it to
   * the pods of applications that use the database, and its own users to those that know a password.
   */
  allowFrom(id: string, securityGroupId: string): void {
    new VpcSecurityGroupIngressRule(this, `from-${id}`, {
      securityGroupId: this.#securityGroupId,
      referencedSecurityGroupId: securityGroupId,
      ipProtocol: 'tcp',
      fromPort: mysqlPort,
      toPort: mysqlPort,
      description: `MySQL from ${id}`,
    });
  }
}
