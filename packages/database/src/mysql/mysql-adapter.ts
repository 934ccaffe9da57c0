import { Kysely, MysqlDialect, type RawBuilder, sql } from 'kysely';
import type { ConnectionOptions } from 'mysql2';
import type { Adapter } from '../adapter.ts';
import type { MysqlSettings } from '../settings.ts';
import { connectionOptions, connectTimeout } from './connection-options.ts';
import { ConnectionPool } from './connection-pool.ts';
import { failureKindOf, isMissing, isUnknownDatabase } from './errors.ts';
import { type Logins, loginsOf } from './logins.ts';

/** For requests, in milliseconds. */
export const requestLimits = { connections: 4, waiting: 200, acquireTimeout: connectTimeout, queryTimeout: 2_000 };

/** For migrations. Rewriting a large table, or waiting for another replica that does it, takes minutes. */
const migrationLimits = { connections: 1, waiting: 1, acquireTimeout: 5_000, queryTimeout: 600_000 };

/**
 * A database on a MySQL 8.4 or MariaDB server (10.11 or later). Migrations create it if it is missing.
 *
 * @param maximum connections for requests
 */
export function mysqlAdapter(settings: MysqlSettings, maximum = requestLimits.connections): Adapter {
  const { host, port, name: database, login } = settings;
  const logins = loginsOf(login);
  const server = connectionOptions(settings);
  const connections = new ConnectionPool({ ...server, database }, logins, { ...requestLimits, connections: maximum });

  return {
    kind: 'mysql',
    location: `mysql://${host.includes(':') ? `[${host}]` : host}:${port}/${database}`,
    dialect: new MysqlDialect({ pool: connections }),
    mayMigrate: !('secret' in login),
    async openForMigrations() {
      await createMissingDatabase(server, logins, database);
      return new MysqlDialect({ pool: new ConnectionPool({ ...server, database }, logins, migrationLimits) });
    },
    failureKind: failureKindOf,
    isMissing,
    connections: () => connections.usage(),
  };
}

async function createMissingDatabase(server: ConnectionOptions, logins: Logins, database: string): Promise<void> {
  try {
    await run({ ...server, database }, logins, sql`select 1`);
  } catch (error) {
    if (!isUnknownDatabase(error)) throw error;
    await run(server, logins, sql`create database if not exists ${sql.id(database)} character set utf8mb4`).catch(
      (cause) => {
        throw new Error(`Database ${database} does not exist and the user may not create it`, { cause });
      },
    );
  }
}

/** Runs one statement on its own connection. */
async function run(options: ConnectionOptions, logins: Logins, statement: RawBuilder<unknown>): Promise<void> {
  const pool = new ConnectionPool(options, logins, requestLimits);
  const kysely = new Kysely<unknown>({ dialect: new MysqlDialect({ pool }) });
  try {
    await statement.execute(kysely);
  } finally {
    await kysely.destroy();
  }
}
