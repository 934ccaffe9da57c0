import { randomBytes } from 'node:crypto';
import {
  connectionOptions,
  findLogin,
  isAccessDenied,
  type Login,
  type MysqlAddress,
  migrationTable,
  writeLogin,
} from 'database';
import { type Connection, type ConnectionOptions, createConnection } from 'mysql2/promise';

/** The API's own user. Its name differs from the administrator's, so that nobody confuses the two. */
const applicationUser = 'calculadora-api';

/** The API only inserts and reads: it cannot change or delete operations, or change the schema. */
const privileges: readonly [table: string, privileges: string][] = [
  ['operacoes', 'SELECT, INSERT'],
  [migrationTable, 'SELECT'],
];

export interface ApplicationUserProps {
  readonly address: MysqlAddress;
  readonly admin: Login;
  /** Name or ARN of the secret with the user's login. */
  readonly secret: string;
  /** Sets a new password even if the current one works. */
  readonly rotate: boolean;
}

/**
 * Ensures that the API's user exists, has only the privileges that it needs, and can log in with its secret.
 *
 * It changes the database first and the secret second. If it stops in between, the secret is empty or has an old
 * password. The next run detects this with a test login and sets a new password. On a rotation, MySQL 8 keeps the old
 * password valid next to the new one, so processes that have not read the secret again can still log in.
 *
 * @returns what was done, for the log
 */
export async function ensureApplicationUser(props: ApplicationUserProps): Promise<'kept' | 'created' | 'rotated'> {
  const { address, admin, rotate, secret } = props;
  const server = connectionOptions(address);
  const known = await findLogin(secret);
  const isValid = known?.user === applicationUser && (await canLogIn(server, known));
  const connection = await createConnection({ ...server, ...admin });
  try {
    if (isValid && !rotate) {
      await grant(connection, address.name);
      return 'kept';
    }
    const password = randomBytes(24).toString('base64url');
    const encryption = address.ca === undefined ? 'NONE' : 'SSL';
    await connection.query(`CREATE USER IF NOT EXISTS ?@'%' IDENTIFIED BY ?`, [applicationUser, password]);
    await setPassword(connection, password, isValid);
    await connection.query(`ALTER USER ?@'%' REQUIRE ${encryption}`, [applicationUser]);
    await grant(connection, address.name);
    await writeLogin(secret, { user: applicationUser, password });
    return isValid ? 'rotated' : 'created';
  } finally {
    connection.destroy();
  }
}

async function canLogIn(server: ConnectionOptions, login: Login): Promise<boolean> {
  try {
    await (await createConnection({ ...server, ...login })).end();
    return true;
  } catch (error) {
    if (isAccessDenied(error)) return false;
    throw error;
  }
}

async function setPassword(connection: Connection, password: string, keepsOld: boolean): Promise<void> {
  const statement = `ALTER USER ?@'%' IDENTIFIED BY ?`;
  if (keepsOld) {
    try {
      await connection.query(`${statement} RETAIN CURRENT PASSWORD`, [applicationUser, password]);
      return;
    } catch (error) {
      // MariaDB supports only one password per user. Open connections stay; a new one reads the secret again.
      if ((error as { code?: string }).code !== 'ER_PARSE_ERROR') throw error;
    }
  }
  await connection.query(statement, [applicationUser, password]);
}

async function grant(connection: Connection, database: string): Promise<void> {
  for (const [table, list] of privileges) {
    await connection.query(`GRANT ${list} ON ??.?? TO ?@'%'`, [database, table, applicationUser]);
  }
}
