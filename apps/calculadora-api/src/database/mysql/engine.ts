import { connect, isIP } from 'node:net';
import { Kysely, MysqlDialect, type RawBuilder, sql } from 'kysely';
import type { ConnectionOptions } from 'mysql2';
import type { MysqlAddress, MysqlSettings } from '../../settings.ts';
import type { Engine } from '../engine.ts';
import { Connections } from './connections.ts';
import { failureKindOf, isMissing, isUnknownDatabase } from './errors.ts';
import { type Logins, loginsOf } from './logins.ts';
import { migrations } from './migrations.ts';
import { findObstacles } from './obstacles.ts';

/** An insert of no rows. The server checks it like any other: read-only mode, the user's privileges and the columns. */
const writeProbe = sql`insert into operacoes (nome, operador1, operador2, idempotency_key)
  select null, null, null, null from dual where 1 = 0`;

/** For requests, in milliseconds. */
const requestLimits = { connections: 4, waiting: 200, acquireTimeout: 1_500, queryTimeout: 2_000 };

/** For migrations. Rewriting a large table, or waiting for another replica that does it, takes minutes. */
const migrationLimits = { connections: 1, waiting: 1, acquireTimeout: 5_000, queryTimeout: 600_000 };

/**
 * A database on a MySQL 8.4 or MariaDB server (10.11 or later). Migrations create it if it is missing.
 *
 * @param maximum connections for requests
 */
export function mysqlEngine(settings: MysqlSettings, maximum = requestLimits.connections): Engine {
  const { host, port, name: database, login } = settings;
  const logins = loginsOf(login);
  const server = connectionOptions(settings);
  const connections = new Connections({ ...server, database }, logins, { ...requestLimits, connections: maximum });

  return {
    location: `mysql://${host.includes(':') ? `[${host}]` : host}:${port}/${database}`,
    dialect: new MysqlDialect({ pool: connections }),
    migrations,
    mayMigrate: !('secret' in login),
    writeProbe,
    findObstacles,
    async openForMigrations() {
      await createMissingDatabase(server, logins, database);
      return new MysqlDialect({ pool: new Connections({ ...server, database }, logins, migrationLimits) });
    },
    failureKind: failureKindOf,
    isMissing,
    connections: () => connections.usage(),
  };
}

/** Connection options without the user, the password and the database. */
export function connectionOptions(address: MysqlAddress): ConnectionOptions {
  const { host, port, ca } = address;
  return {
    host,
    port,
    charset: 'utf8mb4',
    connectTimeout: requestLimits.acquireTimeout,
    keepAliveInitialDelay: 30_000,
    ...(ca !== undefined && encryption(ca, address)),
  };
}

/** TLS options: the server's certificate must be signed by this authority and match this host. */
function encryption(ca: string | string[], { host, port }: MysqlAddress): ConnectionOptions {
  return {
    ssl: { ca, rejectUnauthorized: true, verifyIdentity: true, minVersion: 'TLSv1.2' },
    // For an IP address, mysql2 passes no host to Node's TLS. Node then checks the certificate against the socket's
    // `_host`, which is set only for host names, or else against "localhost".
    ...(isIP(host) !== 0 && { stream: () => Object.assign(connect(port, host).setNoDelay(), { _host: host }) }),
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
  const pool = new Connections(options, logins, requestLimits);
  const kysely = new Kysely<unknown>({ dialect: new MysqlDialect({ pool }) });
  try {
    await statement.execute(kysely);
  } finally {
    await kysely.destroy();
  }
}
