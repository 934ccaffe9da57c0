import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually } from '../../../test/support/eventually.ts';
import { describeWith } from '../../../test/support/tools.ts';
import { applyMigrations } from '../src/apply-migrations.ts';
import { isUnknownUser } from '../src/mysql/errors.ts';
import { mysqlAdapter } from '../src/mysql/mysql-adapter.ts';
import { grantPrivileges } from '../src/mysql/privileges.ts';
import type { Login, MysqlAddress } from '../src/settings.ts';
import { newDatabaseOn, query } from './support/databases.ts';
import { namedServer } from './support/each-database.ts';
import { type DatabaseServer, type MariaDb, mariadbd, startMariaDb } from './support/mariadb.ts';
import { notes } from './support/notes.ts';
import { createUsers, type RotatedUsers, type SecretLogin } from './support/rotation.ts';

/** Tests for any MySQL or MariaDB server. */
function serverTests(getServer: () => DatabaseServer): void {
  let server: DatabaseServer;
  let database: ReturnType<typeof newDatabaseOn>;
  let address: MysqlAddress;
  let rotated: RotatedUsers;
  let login: Login;

  beforeEach(async () => {
    server = getServer();
    database = newDatabaseOn(server);
    rotated = await createUsers(server, { application: 'notes', database: database.name });
    login = { user: rotated.migration.username, password: rotated.migration.password };
    address = { host: server.host, port: server.port, name: database.name };
    await applyMigrations(mysqlAdapter({ kind: 'mysql', ...address, login }), notes);
  });

  // An open one would keep the job's process from ending.
  afterEach(() =>
    eventually(async () => {
      const open = await query(server, `SELECT id FROM information_schema.processlist WHERE user = '${login.user}'`);
      return open.length === 0;
    }, 10_000),
  );

  const grant = (users = rotated.users) => grantPrivileges({ address, login, users, tables: notes.tables });
  const as = ({ username, password }: SecretLogin, ...statements: string[]) =>
    query({ host: server.host, port: server.port, user: username, password }, ...statements);
  /** What a user may do, without the server's own notes on how it logs in. */
  const grantsOf = async (user: string) =>
    (await query(server, `SHOW GRANTS FOR '${user}'`))
      .map((row) => String(Object.values(row)[0]).replace(/ IDENTIFIED BY .*/, ''))
      .toSorted();

  test('the application’s users have no privileges until they are granted, and then only these', async () => {
    await expect(as(rotated.application, `SELECT * FROM ${database.name}.notes`)).rejects.toThrow(/denied/);
    await grant();
    expect(rotated.users).toEqual(['notes-a', 'notes-b']);
    for (const user of rotated.users) {
      expect(await grantsOf(user)).toEqual([
        `GRANT SELECT ON \`${database.name}\`.\`kysely_migration\` TO \`${user}\`@\`%\``,
        `GRANT SELECT, INSERT ON \`${database.name}\`.\`notes\` TO \`${user}\`@\`%\``,
        `GRANT USAGE ON *.* TO \`${user}\`@\`%\``,
      ]);
    }
    await as(rotated.application, `INSERT INTO ${database.name}.notes (text) VALUES ('Hello')`);
    expect(await database.select('SELECT text FROM notes')).toEqual([{ text: 'Hello' }]);
  });

  test('granting again restores what is missing, and takes nothing away', async () => {
    await grant();
    await query(
      server,
      `REVOKE INSERT ON ${database.name}.notes FROM 'notes-a'`,
      `GRANT UPDATE ON ${database.name}.notes TO 'notes-a'`,
    );
    await grant();
    expect(await grantsOf('notes-a')).toContain(
      `GRANT SELECT, INSERT, UPDATE ON \`${database.name}\`.\`notes\` TO \`notes-a\`@\`%\``,
    );
  });

  test('the migration’s user can do nothing outside its own database', async () => {
    const other = newDatabaseOn(server);
    await query(server, `CREATE DATABASE ${other.name}`, `CREATE TABLE ${other.name}.secrets (text TEXT)`);
    for (const statement of [
      `SELECT * FROM ${other.name}.secrets`,
      `CREATE TABLE ${other.name}.mine (id INT)`,
      `GRANT SELECT ON ${other.name}.secrets TO 'notes-a'`,
      `CREATE DATABASE ${other.name}_2`,
      `CREATE USER 'another' IDENTIFIED BY 'x'`,
      'SELECT * FROM mysql.user',
    ]) {
      await expect(as(rotated.migration, statement)).rejects.toThrow(/denied/);
    }
  });

  test('a user that does not exist is refused, and not created', async () => {
    const error = await grant(['nobody-a']).catch((refused) => refused);
    expect({ error: String(error), isUnknownUser: isUnknownUser(error) }).toMatchObject({ isUnknownUser: true });
    expect(await query(server, "SELECT user FROM mysql.user WHERE user = 'nobody-a'")).toEqual([]);
  });
}

describeWith('MariaDB', mariadbd, 'On MariaDB', () => {
  let server: MariaDb;
  beforeAll(async () => {
    server = await startMariaDb();
  });
  afterAll(() => server?.stop());
  serverTests(() => server);
});

const named = namedServer();
if (named !== undefined) describe(`On ${named.host}`, () => serverTests(() => named));
