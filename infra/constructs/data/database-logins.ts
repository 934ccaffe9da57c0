import { LambdaPermission } from '@cdktf/provider-aws/lib/lambda-permission/index.js';
import { SecretsmanagerSecret } from '@cdktf/provider-aws/lib/secretsmanager-secret/index.js';
import { SecretsmanagerSecretRotation } from '@cdktf/provider-aws/lib/secretsmanager-secret-rotation/index.js';
import { SecurityGroup } from '@cdktf/provider-aws/lib/security-group/index.js';
import { VpcSecurityGroupEgressRule } from '@cdktf/provider-aws/lib/vpc-security-group-egress-rule/index.js';
import { Construct } from 'constructs';
import { type Application, type DatabasePurpose, databasePurposes, type names } from 'platform';
import { makeFunction, makeLog } from '../compute/function.ts';
import { ServiceRole } from '../identity/service-role.ts';
import type { Network } from '../network/network.ts';
import { replacedWhileInUse } from '../terraform/replaced-while-in-use.ts';
import { type Database, mysqlPort } from './database.ts';

export interface DatabaseLoginsProps {
  readonly names: ReturnType<typeof names>;
  /** AWS account. */
  readonly accountId: string;
  readonly applications: readonly Application[];
  readonly database: Database;
  readonly network: Network;
}

/** The secrets with the database logins of an application and of its migration. */
export type DatabaseSecrets = Readonly<Record<DatabasePurpose, { readonly name: string; readonly arn: string }>>;

/** UTC. By day in Brasília, and not on a Monday or a holiday weekend, so a database that sleeps at night is awake. */
const schedule = { scheduleExpression: 'cron(0 14 ? * TUE#1 *)', duration: '4h' };

/**
 * A database and logins for each application that has one. A Lambda function, the only user of the server's master
 * login, creates them and rotates them every month. See `infra/functions/database-logins`.
 *
 * Applications never see the master login, so none can reach the database of another, not even with its migration.
 */
export class DatabaseLogins extends Construct {
  /** Of the rotation function. */
  readonly functionName: string;
  readonly #props: DatabaseLoginsProps;
  readonly #secrets = new Map<string, DatabaseSecrets>();

  constructor(scope: Construct, id: string, props: DatabaseLoginsProps) {
    super(scope, id);
    this.#props = props;
    const { database, names, network } = props;
    this.functionName = `${names.prefix}-database-logins`;
    const secrets = props.applications.flatMap((application) => this.#secretsOf(application));
    if (secrets.length === 0) return;

    const group = new SecurityGroup(this, 'security-group', {
      namePrefix: `${this.functionName}-`,
      description: 'Rotation function: to MySQL and Secrets Manager only',
      vpcId: network.vpcId,
      tags: { Name: this.functionName },
      lifecycle: replacedWhileInUse,
    });
    const egress = [
      new VpcSecurityGroupEgressRule(this, 'to-database', {
        securityGroupId: group.id,
        referencedSecurityGroupId: database.securityGroupId,
        ipProtocol: 'tcp',
        fromPort: mysqlPort,
        toPort: mysqlPort,
        description: 'MySQL',
      }),
      new VpcSecurityGroupEgressRule(this, 'to-secrets-manager', {
        securityGroupId: group.id,
        cidrIpv4: '0.0.0.0/0',
        ipProtocol: 'tcp',
        fromPort: 443,
        toPort: 443,
        description: 'Secrets Manager, on its public endpoint',
      }),
    ];
    const rotation = this.#function(group.id, secrets);
    const reachable = [...egress, database.allowFrom('database-logins', group.id), ...network.wayOut];
    for (const secret of secrets) {
      new SecretsmanagerSecretRotation(this, `${secret.node.id}-rotation`, {
        secretId: secret.id,
        rotationLambdaArn: rotation.arn,
        // The first rotation creates the database and the users.
        rotateImmediately: true,
        rotationRules: schedule,
        dependsOn: [rotation.permission, ...reachable],
      });
    }
  }

  /** Undefined if the application has no database. */
  of(application: string): DatabaseSecrets | undefined {
    return this.#secrets.get(application);
  }

  #secretsOf({ database, name }: Application): SecretsmanagerSecret[] {
    if (!database) return [];
    const [application, migration] = databasePurposes.map(
      (purpose) =>
        new SecretsmanagerSecret(this, `${name}-${purpose}`, {
          name: this.#props.names.databaseSecret(name, purpose),
          description: `Login to the database ${database}: for the ${purpose} of ${name}`,
          // With a recovery window the name stays taken for days, and the environment could not be created again.
          recoveryWindowInDays: 0,
          // Read by the rotation function.
          tags: { application: name, database, purpose },
        }),
    ) as [SecretsmanagerSecret, SecretsmanagerSecret];
    this.#secrets.set(name, { application, migration });
    return [application, migration];
  }

  #function(securityGroupId: string, secrets: readonly SecretsmanagerSecret[]) {
    const { database, network } = this.#props;
    const name = this.functionName;
    const role = new ServiceRole(this, 'role', {
      name,
      service: 'lambda.amazonaws.com',
      // Network interfaces in the VPC, and logs.
      managedPolicies: ['service-role/AWSLambdaVPCAccessExecutionRole'],
      statements: [
        {
          actions: [
            'secretsmanager:DescribeSecret',
            'secretsmanager:GetSecretValue',
            'secretsmanager:PutSecretValue',
            'secretsmanager:UpdateSecretVersionStage',
          ],
          resources: secrets.map(({ arn }) => arn),
        },
        { actions: ['secretsmanager:GetSecretValue'], resources: [database.masterSecretArn] },
      ],
    });
    const { arn, functionName } = makeFunction(this, {
      ...{ name, code: 'database-logins', log: makeLog(this, name), role },
      description: "Creates the applications' databases and rotates their logins",
      vpcConfig: { subnetIds: [...network.privateSubnetIds], securityGroupIds: [securityGroupId] },
      variables: {
        DB_HOST: database.host,
        DB_PORT: String(mysqlPort),
        DB_SSL_CA: 'rds',
        MASTER_SECRET: database.masterSecretArn,
      },
    });
    const permission = new LambdaPermission(this, 'permission', {
      functionName,
      action: 'lambda:InvokeFunction',
      principal: 'secretsmanager.amazonaws.com',
      sourceAccount: this.#props.accountId,
    });
    return { arn, permission };
  }
}
