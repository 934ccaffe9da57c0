import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group/index.js';
import { DataAwsKmsAlias } from '@cdktf/provider-aws/lib/data-aws-kms-alias/index.js';
import { DbInstance } from '@cdktf/provider-aws/lib/db-instance/index.js';
import { DbInstanceAutomatedBackupsReplication } from '@cdktf/provider-aws/lib/db-instance-automated-backups-replication/index.js';
import { DbParameterGroup } from '@cdktf/provider-aws/lib/db-parameter-group/index.js';
import { DbSubnetGroup } from '@cdktf/provider-aws/lib/db-subnet-group/index.js';
import { SecurityGroup } from '@cdktf/provider-aws/lib/security-group/index.js';
import { VpcSecurityGroupIngressRule } from '@cdktf/provider-aws/lib/vpc-security-group-ingress-rule/index.js';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { type DatabaseChoices, logRetentionDays } from '../../environments/environment.ts';
import type { Network } from '../network/network.ts';
import type { Providers } from '../terraform/providers.ts';
import { replacedWhileInUse } from '../terraform/replaced-while-in-use.ts';

export interface DatabaseProps extends DatabaseChoices {
  readonly identifier: string;
  readonly network: Network;
  readonly providers: Pick<Providers, 'second'>;
  readonly protected: boolean;
  /** ARN of the copied backups from which it is created. Undefined for an empty one, and after its creation of no effect. */
  readonly restoreFrom: string | undefined;
  /** Whether it is in the second region, where a server is created from backups. */
  readonly isSecond: boolean;
  /** Stopped at night (Brasília time), so backups and maintenance run by day. */
  readonly sleepsAtNight: boolean;
}

export const mysqlPort = 3306;

/** UTC, three hours ahead of Brasília. Maintenance runs after a backup. */
const windows = {
  night: { backupWindow: '06:00-06:30', maintenanceWindow: 'sun:07:00-sun:08:00' },
  day: { backupWindow: '15:00-15:30', maintenanceWindow: 'tue:16:00-tue:17:00' },
} as const;

/**
 * A MySQL server in subnets without internet access. RDS keeps the master password in Secrets Manager and rotates it
 * every seven days. Only {@link DatabaseLogins} reads it, and no password passes through Terraform.
 */
export class Database extends Construct {
  readonly host: string;
  readonly identifier: string;
  readonly masterSecretArn: string;
  readonly securityGroupId: string;

  constructor(scope: Construct, id: string, props: DatabaseProps) {
    super(scope, id);
    const { backupDays, finalSnapshot, multiZone, network, storage } = props;
    this.identifier = props.identifier;
    this.securityGroupId = new SecurityGroup(this, 'security-group', {
      namePrefix: `${this.identifier}-`,
      description: 'MySQL: from the nodes and the rotation function, no egress',
      vpcId: network.vpcId,
      tags: { Name: this.identifier },
      lifecycle: replacedWhileInUse,
    }).id;
    const parameters = new DbParameterGroup(this, 'parameters', {
      namePrefix: `${this.identifier}-`,
      family: `mysql${props.version}`,
      parameter: [
        { name: 'require_secure_transport', value: '1' },
        { name: 'character_set_server', value: 'utf8mb4' },
        { name: 'time_zone', value: 'UTC' },
        // RDS exports MySQL's log files to CloudWatch. The slow query log is off by default.
        { name: 'slow_query_log', value: '1' },
        { name: 'long_query_time', value: '1' },
        { name: 'log_output', value: 'FILE' },
      ],
      lifecycle: replacedWhileInUse,
      // RDS upgrades a protected server in its next maintenance window. Until then it uses the group of the old version,
      // so Terraform does not delete that one. It costs nothing.
      skipDestroy: props.protected,
    });
    const subnets = new DbSubnetGroup(this, 'subnets', {
      name: this.identifier,
      subnetIds: [...network.databaseSubnetIds],
    });
    // Otherwise RDS creates the log groups, with no expiry, and leaves them behind on destroy.
    const logTypes = ['error', 'slowquery'];
    const logs = logTypes.map(
      (type) =>
        new CloudwatchLogGroup(this, `${type}-log`, {
          name: `/aws/rds/instance/${this.identifier}/${type}`,
          retentionInDays: logRetentionDays,
        }),
    );
    const instance = new DbInstance(this, 'instance', {
      identifier: this.identifier,
      engine: 'mysql',
      engineVersion: props.version,
      // Another version is a change of the environment file, never RDS's own.
      allowMajorVersionUpgrade: true,
      // Extended support costs more per month than the instance. Without it AWS upgrades MySQL in July 2029.
      engineLifecycleSupport: 'open-source-rds-extended-support-disabled',
      instanceClass: props.instanceClass,
      port: mysqlPort,
      username: 'admin',
      manageMasterUserPassword: true,
      allocatedStorage: storage.initial,
      maxAllocatedStorage: storage.maximum,
      storageType: 'gp3',
      storageEncrypted: true,
      dbSubnetGroupName: subnets.name,
      vpcSecurityGroupIds: [this.securityGroupId],
      publiclyAccessible: false,
      multiAz: multiZone,
      parameterGroupName: parameters.name,
      caCertIdentifier: 'rds-ca-rsa2048-g1',
      backupRetentionPeriod: backupDays,
      ...(props.sleepsAtNight ? windows.day : windows.night),
      autoMinorVersionUpgrade: true,
      copyTagsToSnapshot: true,
      enabledCloudwatchLogsExports: logTypes,
      // Performance Insights does not support MySQL on micro and small classes.
      performanceInsightsEnabled: !/\.(micro|small)$/.test(props.instanceClass),
      deletionProtection: props.protected,
      deleteAutomatedBackups: !finalSnapshot,
      skipFinalSnapshot: !finalSnapshot,
      // The VPC id makes the name unique if the environment is created again: an existing name would fail the destroy.
      finalSnapshotIdentifier: `${this.identifier}-final-${network.vpcId}`,
      applyImmediately: !props.protected,
      // Terraform already refuses at plan time, in addition to AWS's deletion protection. Both must be lifted by a
      // separate change before a destroy.
      lifecycle: {
        preventDestroy: props.protected,
        // A server keeps these from its creation. Otherwise the next plan, without the backups, would replace it by an empty one.
        ...(props.isSecond && { ignoreChanges: ['restore_to_point_in_time', 'engine_lifecycle_support'] }),
      },
      ...(props.restoreFrom && {
        restoreToPointInTime: {
          sourceDbInstanceAutomatedBackupsArn: props.restoreFrom,
          useLatestRestorableTime: true,
        },
      }),
      dependsOn: logs,
    });
    if (props.copiesBackups) this.#copyBackups(instance, backupDays, props.providers);
    this.host = instance.address;
    this.masterSecretArn = instance.masterUserSecret.get(0).secretArn;
  }

  /**
   * Copies each snapshot and transaction log to the second region as soon as it is ready. What has been copied outlives
   * the server and this copying, for as many days as backups are kept, so that no destroy can take it along.
   */
  #copyBackups(instance: DbInstance, retentionPeriod: number, { second: provider }: DatabaseProps['providers']): void {
    if (!provider) return;
    // RDS's own key costs nothing, and nobody can delete it: with a deleted key, the copies would be worthless.
    const key = new DataAwsKmsAlias(this, 'copies-key', { provider, name: 'alias/aws/rds' });
    new DbInstanceAutomatedBackupsReplication(this, 'copies', {
      provider,
      sourceDbInstanceArn: instance.arn,
      kmsKeyId: key.targetKeyArn,
      retentionPeriod,
    });
  }

  /**
   * Admits members of a security group. That of the nodes is shared by all pods: network policies restrict access to
   * pods of applications with a database, and database users to those that know a password.
   */
  allowFrom(id: string, securityGroupId: string): ITerraformDependable {
    return new VpcSecurityGroupIngressRule(this, `from-${id}`, {
      securityGroupId: this.securityGroupId,
      referencedSecurityGroupId: securityGroupId,
      ipProtocol: 'tcp',
      fromPort: mysqlPort,
      toPort: mysqlPort,
      description: `MySQL from ${id}`,
    });
  }
}
