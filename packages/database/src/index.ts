/**
 * A small application's database: MySQL in the cluster, a SQLite file on a developer's machine.
 *
 * @example
 * const database = new Database<Tables>(settings, schema);
 * database.start(app.log);
 * await database.use((kysely) => kysely.insertInto('notes').values({ text: 'Hello' }).execute());
 * await database.close();
 */
export { type Adapter, adapterOf, type ConnectionUsage, type FailureKind } from './adapter.ts';
export { applyMigrations, migrationTable } from './apply-migrations.ts';

export { Database, DatabaseUnavailable, DatabaseUnusable, type Log, readyTimeout } from './database.ts';
export { Environment, SettingsError } from './environment.ts';
export { connectionOptions } from './mysql/connection-options.ts';
export { isAccessDenied } from './mysql/errors.ts';
export { findLogin, readLogin, writeLogin } from './mysql/secrets.ts';
export { type Migrations, type Privilege, type Schema, UnusableTable } from './schema.ts';
export {
  type DatabaseSettings,
  type Login,
  type MysqlAddress,
  type MysqlSettings,
  readAddress,
  readDatabase,
  type SqliteSettings,
} from './settings.ts';
