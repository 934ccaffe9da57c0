import { setTimeout as sleep } from 'node:timers/promises';
import { adapterOf } from './adapter.ts';
import { applyMigrations } from './apply-migrations.ts';
import { fail, log } from './job-output.ts';
import { isAccessDenied, isUnknownUser } from './mysql/errors.ts';
import { grantPrivileges } from './mysql/privileges.ts';
import { readLogin, SecretEmpty } from './mysql/secrets.ts';
import { retryDelay } from './retry-delay.ts';
import type { Schema } from './schema.ts';
import { type MigrationSettings, readMigrationSettings } from './settings.ts';

/** Milliseconds that a migration may take. Shorter than the deadline of the job that runs it. */
export const timeLimit = 14 * 60_000;

/** Milliseconds to wait for the first rotation of the secrets, which creates the users. */
export const rotationTime = 5 * 60_000;

/**
 * The program of an application's migration job: migrates the database to the schema, and gives the application's users
 * the privileges in it. Its own user may do so in this database alone. Idempotent. Ends the process if it fails, with a
 * one-line error, which Kubernetes shows in the pod's status.
 */
export async function runMigration(schema: Schema): Promise<void> {
  setTimeout(() => fail(new Error(`The migration took longer than ${timeLimit / 60_000} minutes`)), timeLimit).unref();
  try {
    await migrateByJob(readMigrationSettings(process.env), schema, rotationTime);
  } catch (error) {
    fail(error as Error);
  }
}

/**
 * See {@link runMigration}.
 *
 * @param patience milliseconds to wait for the login and the application's users
 */
export async function migrateByJob(settings: MigrationSettings, schema: Schema, patience: number): Promise<void> {
  const deadline = performance.now() + patience;
  for (let attempt = 0; ; attempt++) {
    try {
      await migrateOnce(settings, schema);
      return;
    } catch (error) {
      const delay = retryDelay(attempt);
      const isRotating = error instanceof SecretEmpty || isAccessDenied(error) || isUnknownUser(error);
      if (!isRotating || performance.now() + delay > deadline) throw error;
      log(`The secrets may not have been rotated yet; trying again in ${delay} ms: ${(error as Error).message}`);
      await sleep(delay);
    }
  }
}

async function migrateOnce({ address, secret, users }: MigrationSettings, schema: Schema): Promise<void> {
  const login = await readLogin(secret);
  const adapter = adapterOf({ kind: 'mysql', ...address, login });
  await applyMigrations(adapter, schema);
  log(`The schema matches this release: ${adapter.location}`);
  await grantPrivileges({ address, login, users, tables: schema.tables });
  log(`The application's users have their privileges: ${users.join(', ')}`);
}
