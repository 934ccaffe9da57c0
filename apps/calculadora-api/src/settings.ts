import { ports } from 'contract';
import { type DatabaseSettings, Environment, type MysqlAddress, readAddress, readDatabase } from 'database';

/** Settings of the migration, which also creates the API's own user. */
export interface MigrationSettings {
  address: MysqlAddress;
  /** Name or ARN of the secret with the administrator's login. */
  adminSecret: string;
  /** Name or ARN of the secret to which the login of the API's own user is written. */
  secret: string;
}

export interface Settings {
  host: string;
  port: number;
  logLevel: LogLevel;
  database: DatabaseSettings;
}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
type LogLevel = (typeof logLevels)[number];

/**
 * Reads the settings from environment variables. An empty variable counts as unset.
 *
 * @throws {SettingsError} naming all invalid variables at once
 */
export function readSettings(variables: NodeJS.ProcessEnv): Settings {
  const environment = new Environment(variables);
  const settings: Settings = {
    // In development, the server is not reachable from the local network, which may be a public one.
    host: environment.host('HOST', environment.isProduction ? '0.0.0.0' : '127.0.0.1'),
    port: environment.port('PORT', ports.api, 0),
    // In development, every request is logged.
    logLevel: readLogLevel(environment, environment.isProduction ? 'info' : 'debug'),
    database: readDatabase(environment, '.data/calculadora.sqlite'),
  };
  environment.check();
  return settings;
}

/**
 * Reads the settings of the migration.
 *
 * @throws {SettingsError} naming all invalid variables at once
 */
export function readMigrationSettings(variables: NodeJS.ProcessEnv): MigrationSettings {
  const environment = new Environment(variables);
  const host = environment.required('DB_HOST', 'it must hold the address of the database server');
  const settings = {
    address: readAddress(environment, host),
    adminSecret: environment.required('DB_ADMIN_SECRET', "it must name the secret with the administrator's login"),
    secret: environment.required('DB_SECRET', "it must name the secret for the login of the API's own user"),
  };
  environment.check();
  return settings;
}

function readLogLevel(environment: Environment, fallback: LogLevel): LogLevel {
  const value = environment.text('LOG_LEVEL') ?? fallback;
  const level = logLevels.find((known) => known === value);
  if (level === undefined) {
    environment.refuse(`LOG_LEVEL is ${JSON.stringify(value)}: it must be one of ${logLevels.join(', ')}`);
  }
  return level ?? fallback;
}
