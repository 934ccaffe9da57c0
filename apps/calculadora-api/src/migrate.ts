/**
 * Migrates the database to this build's schema and creates the API's own user. It runs as a job before a release, with
 * administrator privileges, which the API does not have: `node dist/migrate.js [--rotate]`. Without `--rotate` it is
 * idempotent.
 */
import { parseArgs } from 'node:util';
import { adapterOf, applyMigrations, readLogin } from 'database';
import { ensureApplicationUser } from './database/application-user.ts';
import { schema } from './database/schema.ts';
import { readMigrationSettings } from './settings.ts';

/** Milliseconds that a migration may take. Shorter than the deadline of the job that runs it. */
const timeLimit = 14 * 60_000;
setTimeout(() => fail(new Error(`The migration took longer than ${timeLimit / 60_000} minutes`)), timeLimit).unref();

try {
  const { values } = parseArgs({ options: { rotate: { type: 'boolean', default: false } } });
  const { address, adminSecret, secret } = readMigrationSettings(process.env);
  const admin = await readLogin(adminSecret);
  const adapter = adapterOf({ kind: 'mysql', ...address, login: admin });
  await applyMigrations(adapter, schema);
  log(`The schema matches this release: ${adapter.location}`);
  const done = await ensureApplicationUser({ address, admin, secret, rotate: values.rotate });
  log(`The API's database user was ${done}`);
} catch (error) {
  fail(error as Error);
}

function log(msg: string): void {
  console.log(JSON.stringify({ level: 30, time: Date.now(), msg }));
}

/** Ends the process with a one-line error, which Kubernetes shows in the pod's status. */
function fail({ message, cause }: Error): never {
  const why = cause instanceof Error && !message.includes(cause.message) ? `: ${cause.message}` : '';
  console.error(`${message}${why}`);
  process.exit(1);
}
