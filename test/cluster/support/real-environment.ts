import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type Application, configMaps, nameLabel, names, namespaces } from 'platform';
import { applications } from 'platform/applications';
import type { Address } from '../../../apps/calculadora-api/test/support/address.ts';
import { type MariaDb, startMariaDb } from '../../../packages/database/test/support/mariadb.ts';
import { createUsers } from '../../../packages/database/test/support/rotation.ts';
import type { Nodes } from '../../kubernetes/nodes.ts';
import { type Registry, startRegistry } from '../../support/registry.ts';
import { startEnvironment, type TestEnvironment } from '../../support/test-environment.ts';
import { type Secrets, startSecrets } from './secrets.ts';

const execute = promisify(execFile);

/** This machine's address for the pods. */
const machine = '10.244.0.1';
export const namespace = `--namespace=${namespaces.applications}`;
const { database: databaseName = '' } = applicationOf('calculadora-api');
export const databaseSecret = names('dev').databaseSecret('calculadora-api');
const migrationSecret = 'database-migration';

/** The fields of a pod that tests read. */
export interface Pod {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly spec: { readonly containers: readonly { readonly image: string; readonly resources: object }[] };
  readonly status: {
    readonly podIP: string;
    readonly containerStatuses: readonly { readonly containerID: string; readonly ready: boolean }[];
  };
}

export interface RealEnvironmentOptions {
  readonly nodes?: Exclude<Nodes, 'simulated'>;
  /** Additional arguments for the database server. */
  readonly database?: readonly string[];
  /** Starts an address on this host, through which the pods reach the database and which can lead to another server. */
  readonly startAddress?: (server: MariaDb, host: string) => Promise<Address>;
}

/** The environment dev on a real node. The registry, the database and its secrets run on this machine. */
export interface RealEnvironment extends TestEnvironment {
  readonly registry: Registry;
  readonly database: MariaDb;
  /** Of the database, if the options have one. */
  readonly address?: Address;
  readonly secrets: Secrets;
  /** Address of an application inside the cluster: `http://<address of its service>:<port>`. */
  addressOf(application: Application): Promise<string>;
  /** The application's pods that are not terminating. */
  podsOf(application: string): Promise<readonly Pod[]>;
  /** Process id, on this machine, of the pod's first process. */
  processOf(pod: Pod): Promise<number>;
  /** Runs SQL with MariaDB's client. @throws with the server's message */
  sql(statement: string, login?: { readonly username: string; readonly password: string }): Promise<string>;
  stop(): Promise<void>;
}

export async function startRealEnvironment({
  nodes = 'real',
  database: databaseOptions = [],
  startAddress,
}: RealEnvironmentOptions = {}): Promise<RealEnvironment> {
  const started: { stop(): Promise<void> }[] = [];
  const keep = <T extends { stop(): Promise<void> }>(some: T): T => {
    started.push(some);
    return some;
  };
  const stop = async () => {
    for (const some of started.reverse()) await some.stop();
  };
  try {
    const environment = await startEnvironment('dev', nodes);
    const cluster = keep(environment.cluster);
    const registry = keep(await startRegistry());
    const database = keep(await startMariaDb(`--bind-address=127.0.0.1,${machine}`, ...databaseOptions));
    const address = await startAddress?.(database, machine);
    if (address) keep({ stop: async () => address.stop() });
    const { port } = address ?? database;
    const secrets = keep(await startSecrets(machine));
    const rotated = await createUsers(database, { application: 'calculadora-api', database: databaseName });
    await secrets.create(migrationSecret, rotated.migration);
    await secrets.create(databaseSecret, rotated.application);
    await cluster.apply([facts(port, secrets, rotated.users)]);
    const sql: RealEnvironment['sql'] = async (
      statement,
      { username, password } = { username: database.user, password: database.password },
    ) => {
      const options = ['--no-defaults', `--host=${machine}`, `--port=${port}`, `--user=${username}`];
      const env = { ...process.env, MYSQL_PWD: password };
      return (
        await execute('mariadb', [...options, '--batch', '--skip-column-names', `--execute=${statement}`], { env })
      ).stdout;
    };
    await sql(`CREATE DATABASE IF NOT EXISTS ${databaseName}`);

    return {
      ...environment,
      registry,
      database,
      ...(address && { address }),
      secrets,
      sql,
      stop,
      async addressOf({ name, port }) {
        const { spec } = await cluster.get<{ spec: { clusterIP: string } }>('service', name, namespace);
        return `http://${spec.clusterIP}:${port}`;
      },
      async podsOf(application) {
        const { items } = await cluster.get<{ items: Pod[] }>(
          'pods',
          namespace,
          `--selector=${nameLabel}=${application}`,
        );
        return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
      },
      async processOf({ status }) {
        const id = status.containerStatuses[0]?.containerID.replace('containerd://', '');
        const [ctr = '', ...options] = String(cluster.env.CLUSTER_CTR).split(' ');
        const { stdout } = await execute(ctr, [...options, 'tasks', 'ls'], { env: cluster.env });
        const found = stdout.split('\n').find((line) => id && line.startsWith(id));
        if (found === undefined) throw new Error(`No process of ${id}:\n${stdout}`);
        return Number(found.split(/\s+/)[1]);
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * The ConfigMap that the infrastructure writes for the API, with this machine in place of AWS. It has no `DB_SSL_CA`,
 * because this database has no certificate from the RDS authority; the API's own tests cover encryption. It has access
 * keys, because there is no Pod Identity.
 */
function facts(port: number, secrets: Secrets, users: readonly string[]): object {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: configMaps.database('calculadora-api'), namespace: namespaces.applications },
    data: {
      AWS_REGION: 'us-east-1',
      DB_HOST: machine,
      DB_PORT: String(port),
      DB_NAME: databaseName,
      DB_SECRET: databaseSecret,
      DB_MIGRATION_SECRET: migrationSecret,
      DB_USERS: users.join(),
      ...secrets.env,
    },
  };
}

/** Finds an application by name. @throws if there is none */
export function applicationOf(name: string): Application {
  const application = applications.find((some) => some.name === name);
  if (application === undefined) throw new Error(`There is no application ${name}`);
  return application;
}
