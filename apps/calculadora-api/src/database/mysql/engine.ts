import { connect, isIP } from 'node:net';
import { Kysely, MysqlDialect, type RawBuilder, sql } from 'kysely';
import type { ConnectionOptions } from 'mysql2';
import type { MysqlAddress, MysqlSettings } from '../../settings.ts';
import type { Engine } from '../engine.ts';
import { Connections } from './connections.ts';
import { type Logins, loginsOf } from './logins.ts';
import { migrations } from './migrations.ts';

const unknownDatabase = 1049;
const unknownTable = 1146;
const duplicateKey = 1062;
const deadlock = 1213;
/** Null, out of range, no such number or date, too long, a failed check, and what a trigger signals. */
const refusedRows = new Set([1048, 1264, 1265, 1292, 1366, 1406, 1644, 3819, 4025]);

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
    async openForMigrations() {
      await createMissingDatabase(server, logins, database);
      return new MysqlDialect({ pool: new Connections({ ...server, database }, logins, migrationLimits) });
    },
    objection,
    isMissing: (error) => isError(error, unknownTable) || isError(error, unknownDatabase),
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
    if (!isError(error, unknownDatabase)) throw error;
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

function objection(error: unknown): 'duplicate' | 'row' | 'conflict' | undefined {
  const errno = error instanceof Error && 'errno' in error ? Number(error.errno) : undefined;
  if (errno === undefined || Number.isNaN(errno)) return undefined;
  if (errno === duplicateKey) return 'duplicate';
  if (errno === deadlock) return 'conflict';
  return refusedRows.has(errno) ? 'row' : undefined;
}

function isError(error: unknown, errno: number): boolean {
  return error instanceof Error && 'errno' in error && error.errno === errno;
}
