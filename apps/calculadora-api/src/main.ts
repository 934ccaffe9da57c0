import { setTimeout as sleep } from 'node:timers/promises';
import closeWithGrace from 'close-with-grace';
import { Database } from './database/database.ts';
import { buildServer } from './server.ts';
import { readSettings, type Settings, SettingsError } from './settings.ts';

/** Milliseconds after a signal for which clients may still use their connections. */
const drainTime = 2_000;
/** Milliseconds without any connection after which draining ends early. */
const quietTime = 500;
/** Milliseconds after a signal at which the process ends at the latest. */
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
  // From now on, the readiness probe fails and every response has `Connection: close`. Open connections stay open,
  // because a client may be sending a request at this moment.
  draining = true;
  await drainConnections();
  await app.close();
  await database.close();
});

/**
 * Waits until clients have stopped connecting. A moment without connections is not enough: a client that has just
 * closed one may open another, because it does not know yet that the process is ending.
 */
async function drainConnections(): Promise<void> {
  const end = Date.now() + drainTime;
  let lastUse = Date.now();
  const used = () => {
    lastUse = Date.now();
  };
  app.server.on('connection', used);
  while (Date.now() < Math.min(end, lastUse + quietTime)) {
    if ((await openConnections()) > 0) used();
    await sleep(50);
  }
}

function openConnections(): Promise<number> {
  return new Promise((resolve, reject) => {
    app.server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
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
