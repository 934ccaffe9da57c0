import { ports } from 'contract';
import { type DatabaseSettings, EnvironmentVariables, readDatabase } from 'database';

export interface Settings {
  host: string;
  port: number;
  logLevel: LogLevel;
  database: DatabaseSettings;
  /** Base URL of the OpenTelemetry collector that gets the traces. */
  collector: string | undefined;
}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
type LogLevel = (typeof logLevels)[number];

/**
 * Reads the settings from environment variables. An empty variable counts as unset.
 *
 * @throws {SettingsError} naming all invalid variables at once
 */
export function readSettings(variables: NodeJS.ProcessEnv): Settings {
  const environment = new EnvironmentVariables(variables);
  const settings: Settings = {
    // In development, the server is not reachable from the local network, which may be a public one.
    host: environment.host('HOST', environment.isProduction ? '0.0.0.0' : '127.0.0.1'),
    port: environment.port('PORT', ports.api, 0),
    // In development, every request is logged.
    logLevel: readLogLevel(environment, environment.isProduction ? 'info' : 'debug'),
    database: readDatabase(environment, '.data/calculadora.sqlite'),
    collector: readCollector(environment),
  };
  environment.check();
  return settings;
}

/** By OpenTelemetry's own name for it. */
function readCollector(environment: EnvironmentVariables): string | undefined {
  const name = 'OTEL_EXPORTER_OTLP_ENDPOINT';
  const value = environment.text(name);
  if (value !== undefined && !/^https?:$/.test(URL.parse(value)?.protocol ?? '')) {
    environment.refuse(`${name} is ${JSON.stringify(value)}: it must be an http or https URL`);
  }
  return value;
}

function readLogLevel(environment: EnvironmentVariables, fallback: LogLevel): LogLevel {
  const value = environment.text('LOG_LEVEL') ?? fallback;
  const level = logLevels.find((known) => known === value);
  if (level === undefined) {
    environment.refuse(`LOG_LEVEL is ${JSON.stringify(value)}: it must be one of ${logLevels.join(', ')}`);
  }
  return level ?? fallback;
}
