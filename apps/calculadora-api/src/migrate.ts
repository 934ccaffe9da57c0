/**
 * Brings the database to the form that this build expects, and makes the API's own user. It runs as a job before a release,
 * with an administrator's rights, which the API has not: `node dist/migrate.js [--rotate]`. Running it again changes nothing.
 */
import { parseArgs } from 'node:util';
import { migrate } from './database/migrate.ts';
import { ensureApplicationUser } from './database/mysql/application-user.ts';
import { mysqlEngine } from './database/mysql/engine.ts';
import { readLogin } from './database/mysql/secrets.ts';
import { readMigrationSettings } from './settings.ts';

/** Milliseconds: the longest that a migration may take, before the job that runs it is given up. */
const timeLimit = 14 * 60_000;
setTimeout(() => fail(new Error(`The migration took longer than ${timeLimit / 60_000} minutes`)), timeLimit).unref();

try {
  const { values } = parseArgs({ options: { rotate: { type: 'boolean', default: false } } });
  const { address, adminSecret, secret } = readMigrationSettings(process.env);
  const admin = await readLogin(adminSecret);
  const engine = mysqlEngine({ kind: 'mysql', ...address, login: admin });
  await migrate(engine);
  log(`The schema is what this release expects: ${engine.location}`);
  const done = await ensureApplicationUser({ address, admin, secret, rotate: values.rotate });
  log(`The API's database user was ${done}`);
} catch (error) {
  fail(error as Error);
}

function log(msg: string): void {
  console.log(JSON.stringify({ level: 30, time: Date.now(), msg }));
}

/** Ends with one line that says what was wrong; Kubernetes shows it with the pod. */
function fail({ message, cause }: Error): never {
  const why = cause instanceof Error && !message.includes(cause.message) ? `: ${cause.message}` : '';
  console.error(`${message}${why}`);
  process.exit(1);
}
