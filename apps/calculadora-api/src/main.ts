import closeWithGrace from 'close-with-grace';
import { Database } from './database/database.ts';
import { connectionsEnd } from './drain.ts';
import { buildServer } from './server.ts';
import { readSettings, type Settings, SettingsError } from './settings.ts';

/** Milliseconds after a signal: the process ends at the latest then. */
const closeTime = 10_000;

const settings = settingsOrExit();
const database = new Database(settings.database);
let draining = false;
const app = await buildServer({
  operations: database,
  storage: database,
  logger: { level: settings.logLevel },
  isDraining: () => draining,
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
  // From now on the process says that it is not ready, and every answer asks its client to connect elsewhere. A client
  // that has a connection open may be sending a request this very moment: it is not closed under its hands.
  draining = true;
  await connectionsEnd(app.server);
  await app.close();
  await database.close();
});

function settingsOrExit(): Settings {
  try {
    return readSettings(process.env);
  } catch (error) {
    if (error instanceof SettingsError) exit(error.message);
    throw error;
  }
}

function listenFailure(error: NodeJS.ErrnoException, { host, port }: Settings): string {
  if (error.code === 'EADDRINUSE') return `Port ${port} of ${host} is in use: end the other program or set PORT.`;
  return `Cannot listen at port ${port} of ${host} (${error.code ?? error.message}): set HOST or PORT.`;
}

/** Ends the process with a clear sentence instead of a stack trace. */
function exit(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
