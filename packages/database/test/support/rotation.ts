import { randomUUID } from 'node:crypto';
import { databaseUsers } from 'platform';
import type { DatabaseServer } from './mariadb.ts';
import { query } from './query.ts';

/** The value of a secret. */
export interface SecretLogin {
  readonly username: string;
  readonly password: string;
}

/** The users that the rotation of an application's secrets creates, with the values of both secrets after it. */
export interface RotatedUsers {
  /** The application's users, which have no privileges. */
  readonly users: readonly string[];
  readonly application: SecretLogin;
  readonly migration: SecretLogin;
}

/** Does what the first rotation does: creates the users, but no database. */
export async function createUsers(
  server: DatabaseServer,
  {
    application,
    database,
    encryption = 'NONE',
  }: { application: string; database: string; encryption?: 'NONE' | 'SSL' },
): Promise<RotatedUsers> {
  const users = databaseUsers(application, 'application');
  const migrationUsers = databaseUsers(application, 'migration');
  // Without the backslash, the underscore would stand for any character.
  const ownTables = `\`${database.replaceAll('_', '\\_')}\`.*`;
  for (const user of [...users, ...migrationUsers]) {
    await query(
      server,
      `DROP USER IF EXISTS '${user}'`,
      `CREATE USER '${user}' IDENTIFIED BY '${randomUUID()}' REQUIRE ${encryption}`,
    );
  }
  for (const user of migrationUsers) {
    await query(server, `GRANT ALL PRIVILEGES ON ${ownTables} TO '${user}' WITH GRANT OPTION`);
  }
  return {
    users,
    application: await renewLogin(server, users[0]),
    migration: await renewLogin(server, migrationUsers[0]),
  };
}

/** Does what a later rotation does: gives a user a new password. */
export async function renewLogin(server: DatabaseServer, username: string): Promise<SecretLogin> {
  const password = randomUUID();
  await query(server, `ALTER USER '${username}' IDENTIFIED BY '${password}'`);
  return { username, password };
}
