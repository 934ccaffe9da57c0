/**
 * A small application's database: MySQL in the cluster, a SQLite file on a developer's machine. The application describes
 * its tables in a {@link Schema}; its migration job calls {@link runDatabaseJob} with it.
 *
 * @example
 * const environment = new EnvironmentVariables(process.env);
 * const database = new Database<Tables>(readDatabase(environment, '.data/notes.sqlite'), schema);
 * database.start(app.log);
 * await database.use((kysely) => kysely.insertInto('notes').values({ text: 'Hello' }).execute());
 * await database.close();
 */
export { type Adapter, adapterOf, type ConnectionUsage, type FailureKind } from './adapter.ts';
export { applyMigrations } from './apply-migrations.ts';
export { Database, DatabaseUnavailable, DatabaseUnusable, type Log, readyTimeout } from './database.ts';
export { EnvironmentVariables, SettingsError } from './environment-variables.ts';
export { runDatabaseJob } from './run-database-job.ts';
export { type Migrations, type Privilege, type Schema, UnusableTable } from './schema.ts';
export { type DatabaseSettings, readDatabase } from './settings.ts';
