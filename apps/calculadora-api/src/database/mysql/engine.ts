import { connect, isIP } from 'node:net';
import { Kysely, MysqlDialect, type RawBuilder, sql } from 'kysely';
import type { ConnectionOptions } from 'mysql2';
import type { MysqlAddress, MysqlSettings } from '../../settings.ts';
import type { Engine } from '../engine.ts';
import { Connections } from './connections.ts';
import { isMissing, isUnknownDatabase, objectionOf } from './errors.ts';
import { type Logins, loginsOf } from './logins.ts';
import { migrations } from './migrations.ts';
import { findObstacles } from './obstacles.ts';

/** Checked as any insert is, against the server's read-only mode, the user's rights and the table's columns; it inserts no row. */
const writeProbe = sql`insert into operacoes (nome, operador1, operador2, idempotency_key)
  select null, null, null, null from dual where 1 = 0`;

/** For requests, in milliseconds. */
const requestLimits = { connections: 4, waiting: 200, acquireTimeout: 1_500, queryTimeout: 2_000 };

/** For migrations: one that rewrites a large table, or waits for another replica that does, takes minutes. */
const migrationLimits = { connections: 1, waiting: 1, acquireTimeout: 5_000, queryTimeout: 600_000 };

/**
 * A MySQL 8.4 or MariaDB server (10.11 or later), and one database on it, made when it is not there.
 *
 * @param most connections for requests
 */
export function mysqlEngine(settings: MysqlSettings, most = requestLimits.connections): Engine {
  const { host, port, name: database, login } = settings;
  const logins = loginsOf(login);
  const server = connectionOptions(settings);
  const connections = new Connections({ ...server, database }, logins, { ...requestLimits, connections: most });

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
    objection: objectionOf,
    isMissing,
    connections: () => connections.usage(),
  };
}

/** How a server is reached, but for the user, the password and the database. */
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

/** A connection that is refused unless the server's certificate comes from this authority and names this host. */
function encryption(ca: string | string[], { host, port }: MysqlAddress): ConnectionOptions {
  return {
    ssl: { ca, rejectUnauthorized: true, verifyIdentity: true, minVersion: 'TLSv1.2' },
    // mysql2 gives Node's TLS no host when that is an IP address, and Node then compares the certificate with the host
    // that the socket remembers, which it does for names only, and failing that with "localhost".
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
        throw new Error(`Database ${database} does not exist and its user may not create it`, { cause });
      },
    );
  }
}

/** Runs one statement on a connection of its own. */
async function run(options: ConnectionOptions, logins: Logins, statement: RawBuilder<unknown>): Promise<void> {
  const pool = new Connections(options, logins, requestLimits);
  const kysely = new Kysely<unknown>({ dialect: new MysqlDialect({ pool }) });
  try {
    await statement.execute(kysely);
  } finally {
    await kysely.destroy();
  }
}
