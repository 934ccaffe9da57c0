import closeWithGrace from 'close-with-grace';
import { SettingsError } from 'database';
import { OperationsDatabase } from './database/operations-database.ts';
import { drainConnections } from './drain.ts';
import { buildServer } from './server.ts';
import { readSettings, type Settings } from './settings.ts';
import type { Telemetry } from './telemetry/telemetry.ts';

/** Milliseconds after a signal at which the process ends at the latest. */
const closeTime = 10_000;

const settings = settingsOrExit();
const database = new OperationsDatabase(settings.database);
const telemetry = settings.collector ? await startTelemetry(settings.collector) : undefined;
let draining = false;
const app = await buildServer({
  operations: database,
  storage: database,
  logger: { level: settings.logLevel },
  isDraining: () => draining,
  telemetry,
});

await app
  .listen({
    host: settings.host,
    port: settings.port,
    listenTextResolver: (address) => `Listening at ${address}; data in ${database.location}`,
  })
  .catch((error: NodeJS.ErrnoException) => exit(listenFailure(error, settings)));
database.start(app.log);

closeWithGrace({ delay: closeTime, logger: app.log }, async ({ err, signal }) => {
  if (err) app.log.fatal({ err }, 'Ending after an unexpected error');
  else app.log.info({ signal }, 'Ending');
  // From now on, the readiness probe fails and every response has `Connection: close`. Open connections stay open,
  // because a client may be sending a request at this moment.
  draining = true;
  await drainConnections(app.server);
  await app.close();
  await database.close();
  await telemetry?.close();
});

/** Loaded only now, because it takes time and memory that an API without a collector saves. */
async function startTelemetry(endpoint: string): Promise<Telemetry> {
  const openTelemetry = await import('./telemetry/open-telemetry.ts');
  return openTelemetry.startTelemetry({
    endpoint,
    database: settings.database.kind,
    onFailure: (err) => app.log.warn({ err }, 'The collector does not accept traces; they are dropped'),
  });
}

function settingsOrExit(): Settings {
  try {
    return readSettings(process.env);
  } catch (error) {
    if (error instanceof SettingsError) exit(error.message);
    throw error;
  }
}

function listenFailure(error: NodeJS.ErrnoException, { host, port }: Settings): string {
  if (error.code === 'EADDRINUSE') return `Port ${port} on ${host} is in use: stop the other program or set PORT.`;
  return `Cannot listen on port ${port} of ${host} (${error.code ?? error.message}): set HOST or PORT.`;
}

/** Ends the process with a readable message instead of a stack trace. */
function exit(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
