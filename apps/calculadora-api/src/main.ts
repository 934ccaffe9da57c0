import closeWithGrace from 'close-with-grace';
import { Database } from './database/database.ts';
import { buildServer } from './server.ts';
import { readSettings, type Settings, SettingsError } from './settings.ts';

const settings = settingsOrExit();
const database = new Database(settings.database);
let draining = false;
const app = await buildServer({
  operations: database,
  storage: database,
  logger: { level: settings.logLevel },
  isDraining: () => draining,
});

try {
  await app.listen({ host: settings.host, port: settings.port });
} catch (error) {
  exit(listenFailure(error as NodeJS.ErrnoException, settings));
}
database.start(app.log);

closeWithGrace({ delay: 10_000, logger: app.log }, async () => {
  draining = true;
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

/** Ends the process with one clear sentence instead of a stack trace. */
function exit(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
