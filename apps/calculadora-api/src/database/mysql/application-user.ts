import { randomBytes } from 'node:crypto';
import { type Connection, type ConnectionOptions, createConnection } from 'mysql2/promise';
import type { Login, MysqlAddress } from '../../settings.ts';
import { migrationTable } from '../migrate.ts';
import { connectionOptions } from './engine.ts';
import { isAccessDenied } from './errors.ts';
import { findLogin, writeLogin } from './secrets.ts';

/** The API's own user: another name than the administrator's, so that nobody takes one for the other. */
const applicationUser = 'calculadora-api';

/** All that the API does: it can neither change nor delete an operation, nor the schema. */
const rights: readonly [table: string, rights: string][] = [
  ['operacoes', 'SELECT, INSERT'],
  [migrationTable, 'SELECT'],
];

export interface ApplicationUserProps {
  readonly address: MysqlAddress;
  readonly admin: Login;
  /** Name or ARN of the secret that holds the user. */
  readonly secret: string;
  /** Gives the user a new password, even if the one it has is right. */
  readonly rotate: boolean;
}

/**
 * Makes sure that the API's user is there, has just the rights that it needs, and can log in with what its secret says.
 *
 * The database is changed first and the secret after it. If this ends in between, the secret holds nothing, or a password that
 * is no longer right: the next run finds that out by logging in, and makes a new one. A rotation keeps the old password valid
 * beside the new one, where the server can (MySQL 8), so that nobody who has not read the secret again is refused.
 *
 * @returns what was done, for the log
 */
export async function ensureApplicationUser(props: ApplicationUserProps): Promise<'kept' | 'made' | 'rotated'> {
  const { address, admin, rotate, secret } = props;
  const server = connectionOptions(address);
  const known = await findLogin(secret);
  const isRight = known?.user === applicationUser && (await canLogIn(server, known));
  const connection = await createConnection({ ...server, ...admin });
  try {
    if (isRight && !rotate) {
      await grant(connection, address.name);
      return 'kept';
    }
    const password = randomBytes(24).toString('base64url');
    const encryption = address.ca === undefined ? 'NONE' : 'SSL';
    await connection.query(`CREATE USER IF NOT EXISTS ?@'%' IDENTIFIED BY ?`, [applicationUser, password]);
    await setPassword(connection, password, isRight);
    await connection.query(`ALTER USER ?@'%' REQUIRE ${encryption}`, [applicationUser]);
    await grant(connection, address.name);
    await writeLogin(secret, { user: applicationUser, password });
    return isRight ? 'rotated' : 'made';
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
      // MariaDB knows one password only. Connections that are open stay; a new one reads the secret again.
      if ((error as { code?: string }).code !== 'ER_PARSE_ERROR') throw error;
    }
  }
  await connection.query(statement, [applicationUser, password]);
}

async function grant(connection: Connection, database: string): Promise<void> {
  for (const [table, list] of rights) {
    await connection.query(`GRANT ${list} ON ??.?? TO ?@'%'`, [database, table, applicationUser]);
  }
}
