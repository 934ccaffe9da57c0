import { randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type DatabasePurpose, databasePurposes, databaseUsers } from 'platform';
import { makeCertificate } from '../../../../packages/database/test/support/certificates.ts';
import { query } from '../../../../packages/database/test/support/databases.ts';
import { namedServer } from '../../../../packages/database/test/support/each-database.ts';
import {
  type DatabaseServer,
  type MariaDb,
  mariadbd,
  startMariaDb,
} from '../../../../packages/database/test/support/mariadb.ts';
import { eventually } from '../../../../test/support/eventually.ts';
import { describeWith, findTool } from '../../../../test/support/tools.ts';
import type { handler as Handler } from '../src/index.ts';
import type { Login } from '../src/login.ts';
import { SecretsManager } from './support/secrets-manager.ts';

const secrets = new SecretsManager();
let handler: typeof Handler;
const environment = { ...process.env };

beforeAll(async () => {
  Object.assign(process.env, await secrets.start(), { MASTER_SECRET: 'master' });
  // The SDK reads the environment when the function creates its client.
  ({ handler } = await import('../src/index.ts'));
});
afterAll(() => {
  process.env = environment;
  secrets.stop();
});

// AWS documents both as passing.
test.each(['ThrottlingException', 'InternalServiceError'])('a step asks again after a single %s', async (name) => {
  secrets.create('busy', { application: 'busy', database: 'busy', purpose: 'application' });
  secrets.refusals.push(name);
  await secrets.rotate('busy', handler, 'createSecret');
  expect(secrets.refusals).toEqual([]);
  expect(secrets.read('busy', 'AWSPENDING').username).toBe('busy-a');
});

/** The rotation on one kind of server. */
function testsOn(server: () => DatabaseServer): void {
  let application: { readonly name: string; readonly database: string };

  /** Creates an application's two secrets, as the infrastructure does. */
  function newApplication(): typeof application {
    const id = randomUUID().slice(0, 8);
    const made = { name: `app-${id}`, database: `app_${id}_x` };
    for (const purpose of databasePurposes) {
      secrets.create(`${made.name}/${purpose}`, { application: made.name, database: made.database, purpose });
    }
    return made;
  }
  const rotate = (purpose: DatabasePurpose, { name } = application) => secrets.rotate(`${name}/${purpose}`, handler);
  const current = (purpose: DatabasePurpose, { name } = application) => secrets.read(`${name}/${purpose}`);
  const as = ({ username, password }: Login, ...statements: string[]) =>
    query({ ...server(), user: username, password }, ...statements);

  beforeEach(() => {
    const { host, port, user, password } = server();
    Object.assign(process.env, { DB_HOST: host, DB_PORT: String(port) });
    delete process.env.DB_SSL_CA;
    secrets.create('master', {}, { username: user, password });
    application = newApplication();
  });

  test('the first rotation of an empty secret creates the database and both users, and stores a working login', async () => {
    await rotate('migration');
    await rotate('application');
    expect(current('migration').username).toBe(`${application.name}-ddl-a`);
    expect(current('application').username).toBe(`${application.name}-a`);
    await as(current('migration'), `CREATE TABLE ${application.database}.notes (id INT)`);
    expect(await as(current('application'), 'SELECT 1')).toHaveLength(1);
    const users = await query(server(), `SELECT user FROM mysql.user WHERE user LIKE '${application.name}-%'`);
    expect(users.map(({ user, User }) => user ?? User).toSorted()).toEqual(
      [...databaseUsers(application.name, 'application'), ...databaseUsers(application.name, 'migration')].toSorted(),
    );
  });

  test('a table of the new database keeps every letter, also if it says nothing of that itself', async () => {
    await rotate('migration');
    const { database } = application;
    const name = 'José 李 🧮';
    const rows = await as(
      current('migration'),
      `CREATE TABLE ${database}.notes (name VARCHAR(50))`,
      `INSERT INTO ${database}.notes VALUES ('${name}')`,
      `SELECT name FROM ${database}.notes`,
    );
    expect(rows).toEqual([{ name }]);
  });

  test('users take turns, and the previous login works until the next rotation', async () => {
    const logins: Login[] = [];
    for (let rotation = 0; rotation < 3; rotation++) {
      await rotate('application');
      logins.push(current('application'));
    }
    const [first, second, third] = logins as [Login, Login, Login];
    expect([first, second, third].map(({ username }) => username.at(-1))).toEqual(['a', 'b', 'a']);
    expect(new Set(logins.map(({ password }) => password)).size).toBe(3);
    expect(await as(third, 'SELECT 1')).toHaveLength(1);
    expect(await as(second, 'SELECT 1')).toHaveLength(1);
    await expect(as(first, 'SELECT 1')).rejects.toThrow(/denied/);
    expect(secrets.labels(`${application.name}/application`)).toEqual([
      [],
      ['AWSPREVIOUS'],
      ['AWSCURRENT', 'AWSPENDING'],
    ]);
  });

  test.each(databasePurposes)(
    'nobody knows the password of the user of the %s that waits for its turn',
    async (purpose) => {
      await rotate(purpose);
      const { password } = current(purpose);
      const [, username] = databaseUsers(application.name, purpose);
      for (const guess of ['', password, username]) {
        await expect(as({ username, password: guess }, 'SELECT 1')).rejects.toThrow(/denied/);
      }
    },
  );

  test('the migration may pass on privileges to both users of the application, which have none of their own', async () => {
    await rotate('migration');
    await rotate('application');
    const { database } = application;
    await as(current('migration'), `CREATE TABLE ${database}.notes (id INT)`);
    await expect(as(current('application'), `SELECT * FROM ${database}.notes`)).rejects.toThrow(/denied/);
    for (const user of databaseUsers(application.name, 'application')) {
      await as(current('migration'), `GRANT SELECT ON ${database}.notes TO '${user}'@'%'`);
    }
    for (let rotation = 0; rotation < 2; rotation++) {
      expect(await as(current('application'), `SELECT * FROM ${database}.notes`)).toEqual([]);
      await expect(as(current('application'), `INSERT INTO ${database}.notes VALUES (1)`)).rejects.toThrow(/denied/);
      await rotate('application');
    }
    // The grants survive a rotation of the migration's own login.
    await rotate('migration');
    await as(current('migration'), `DROP TABLE ${database}.notes`);
  });

  test('the logins of one application are useless in the database of another', async () => {
    const other = newApplication();
    for (const each of [application, other]) {
      await rotate('migration', each);
      await rotate('application', each);
      await as(current('migration', each), `CREATE TABLE ${each.database}.notes (id INT)`);
    }
    for (const login of [current('migration'), current('application')]) {
      for (const statement of [
        `SELECT * FROM ${other.database}.notes`,
        `INSERT INTO ${other.database}.notes VALUES (1)`,
        `DROP TABLE ${other.database}.notes`,
        `CREATE TABLE ${other.database}.more (id INT)`,
        `GRANT SELECT ON ${other.database}.notes TO '${login.username}'@'%'`,
        `CREATE DATABASE ${other.database}_2`,
        'SELECT * FROM mysql.user',
        "CREATE USER 'x'@'%' IDENTIFIED BY 'only-for-tests'",
      ]) {
        await expect(as(login, statement)).rejects.toThrow(/denied/);
      }
    }
  });

  test('an underscore in the name of a database is no wildcard for the names of others', async () => {
    await rotate('migration');
    const { database } = application;
    for (const similar of [database.replace('_', 'x'), database.replace('_x', 'xx')]) {
      await query(server(), `CREATE DATABASE ${similar}`);
      await expect(as(current('migration'), `CREATE TABLE ${similar}.notes (id INT)`)).rejects.toThrow(/denied/);
      await query(server(), `DROP DATABASE ${similar}`);
    }
  });

  test.each(['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const)(
    'a rotation that stops after %s is completed by its repetition, and the current login always works',
    async (last) => {
      await rotate('application');
      const before = current('application');
      const repeat = await secrets.rotate(`${application.name}/application`, handler, last);
      expect(await as(before, 'SELECT 1')).toHaveLength(1);
      expect(await as(current('application'), 'SELECT 1')).toHaveLength(1);
      await repeat();
      // Once by each rotation, and not again by the repetition.
      expect(secrets.moved.filter((id) => id === `${application.name}/application`)).toHaveLength(2);
      expect(current('application').username).toBe(`${application.name}-b`);
      expect(await as(current('application'), 'SELECT 1')).toHaveLength(1);
      expect(await as(before, 'SELECT 1')).toHaveLength(1);
    },
  );

  test('a login that does not work never becomes the current one', async () => {
    await rotate('application');
    const before = current('application');
    const spoiled: typeof handler = async (event) => {
      await handler(event);
      if (event.Step !== 'setSecret') return;
      await query(server(), `ALTER USER '${application.name}-b'@'%' IDENTIFIED BY 'changed-by-hand'`);
    };
    await expect(secrets.rotate(`${application.name}/application`, spoiled)).rejects.toThrow(/denied/);
    expect(current('application')).toEqual(before);
  });

  test('the master’s password is that of now, also where an earlier rotation knew another', async () => {
    await rotate('application');
    const before = current('application');
    const { user, password } = server();
    secrets.create('master', {}, { username: user, password: 'of-another-week' });
    await expect(secrets.rotate(`${application.name}/application`, handler)).rejects.toThrow(/denied/);
    expect(current('application')).toEqual(before);
    secrets.create('master', {}, { username: user, password });
    application = newApplication();
    await rotate('application');
    expect(await as(current('application'), 'SELECT 1')).toHaveLength(1);
  });

  test('users that were there before, with unknown passwords, are taken over', async () => {
    await query(server(), `CREATE USER '${application.name}-a'@'%' IDENTIFIED BY 'lost'`);
    await rotate('application');
    expect(await as(current('application'), 'SELECT 1')).toHaveLength(1);
  });

  // https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html#API_GetSecretValue_Errors
  test.each([
    ...['AccessDeniedException', 'DecryptionFailure', 'InternalServiceError', 'InvalidParameterException'],
    ...['InvalidRequestException', 'ThrottlingException'],
  ])('a login that is not read, because of %s, counts as no missing one: the password in use stays', async (name) => {
    await rotate('application');
    const before = current('application');
    secrets.failing.set('AWSCURRENT', name);
    try {
      await expect(rotate('application')).rejects.toMatchObject({ name });
    } finally {
      secrets.failing.clear();
    }
    expect(await as(before, 'SELECT 1')).toHaveLength(1);
    expect(current('application')).toEqual(before);
  });

  test('only the secret’s own users get a password, and only in the steps that there are', async () => {
    const id = `${application.name}/application`;
    const admin: typeof handler = async (event) => {
      await handler(event);
      if (event.Step === 'createSecret') secrets.change(id, { username: 'admin', password: 'only-for-tests' });
    };
    await expect(secrets.rotate(id, admin)).rejects.toThrow(
      `admin is not one of ${application.name}-a and ${application.name}-b`,
    );
    expect(await query(server(), `SELECT user FROM mysql.user WHERE user LIKE '${application.name}-%'`)).toEqual([]);
    const other: typeof handler = (event) => handler({ ...event, Step: 'removeSecret' as typeof event.Step });
    const { name } = newApplication();
    await expect(secrets.rotate(`${name}/application`, other)).rejects.toThrow('Unknown step: removeSecret');
    const late: typeof handler = (event) => handler({ ...event, Step: 'setSecret' });
    const next = newApplication();
    await expect(secrets.rotate(`${next.name}/application`, late)).rejects.toThrow(
      `${next.name}/application has no value with the label AWSPENDING`,
    );
  });

  test('no connection stays open, whether it was used or refused', async () => {
    await rotate('application');
    await rotate('migration');
    const threads = () => query(server(), "SELECT id FROM information_schema.processlist WHERE command <> 'Daemon'");
    await eventually(async () => (await threads()).length === 1);
  });

  test('a secret without tags, or for a version that nobody rotates to, is refused and changes nothing', async () => {
    secrets.create('bare', {});
    await expect(secrets.rotate('bare', handler)).rejects.toThrow('bare has no tag "purpose"');
    secrets.create('anonymous', { database: 'x', purpose: 'application' });
    await expect(secrets.rotate('anonymous', handler)).rejects.toThrow('anonymous has no tag "application"');
    secrets.create('empty', { application: 'x', database: '', purpose: 'application' });
    await expect(secrets.rotate('empty', handler)).rejects.toThrow('empty has no tag "database"');
    secrets.create('odd', { application: 'x', database: 'x', purpose: 'reading' });
    await expect(secrets.rotate('odd', handler)).rejects.toThrow('odd has an unknown purpose: reading');
    await rotate('application');
    await rotate('application');
    const { name } = application;
    const before = current('application');
    const [old = ''] = secrets.versions(`${name}/application`);
    // The password of an old version is no longer valid.
    const late = { Step: 'finishSecret', SecretId: `${name}/application`, ClientRequestToken: old } as const;
    await expect(handler(late)).rejects.toThrow(`is not being rotated to version ${old}`);
    expect(current('application')).toEqual(before);
    const stale = {
      Step: 'setSecret',
      SecretId: `${application.name}/application`,
      ClientRequestToken: 'stale',
    } as const;
    await expect(handler(stale)).rejects.toThrow('is not being rotated to version stale');
    expect(await query(server(), `SHOW DATABASES LIKE 'x'`)).toEqual([]);
  });
}

describeWith('MariaDB', mariadbd, 'On MariaDB', () => {
  let server: MariaDb;
  beforeAll(async () => {
    server = await startMariaDb();
  });
  afterAll(() => server?.stop());
  testsOn(() => server);
});

const named = namedServer();
if (named !== undefined) describe(`On ${named.host}`, () => testsOn(() => named));

describeWith('MariaDB and openssl', mariadbd && findTool('openssl'), 'With encryption', (openssl) => {
  const folder = mkdtempSync(join(tmpdir(), 'certificates-'));
  chmodSync(folder, 0o755);
  const authority = makeCertificate(openssl, join(folder, 'authority'));
  let server: MariaDb;
  beforeAll(async () => {
    const subject = 'IP:127.0.0.1';
    const { certificate, key } = makeCertificate(openssl, join(folder, 'server'), { subject, authority });
    server = await startMariaDb(`--ssl-cert=${certificate}`, `--ssl-key=${key}`);
    Object.assign(process.env, { DB_HOST: server.host, DB_PORT: String(server.port) });
    secrets.create('master', {}, { username: server.user, password: server.password });
  });
  afterAll(() => server?.stop());

  test('users must encrypt their connections if a CA is set', async () => {
    process.env.DB_SSL_CA = readFileSync(authority.certificate, 'utf8');
    secrets.create('tls', { application: 'tls', database: 'tls', purpose: 'application' });
    await secrets.rotate('tls', handler);
    const { username, password } = secrets.read('tls');
    await expect(query({ ...server, user: username, password }, 'SELECT 1')).rejects.toThrow(/denied/);
    const [row] = await query(server, `SELECT ssl_type AS type FROM mysql.user WHERE user = 'tls-b'`);
    expect(row?.type).toBe('ANY');
  });

  test('a user that was there before, without encryption, has to encrypt from its next turn on', async () => {
    process.env.DB_SSL_CA = readFileSync(authority.certificate, 'utf8');
    await query(server, `CREATE USER 'old-a'@'%' IDENTIFIED BY 'lost' REQUIRE NONE`);
    secrets.create('old', { application: 'old', database: 'old', purpose: 'application' });
    await secrets.rotate('old', handler);
    const { username, password } = secrets.read('old');
    expect(username).toBe('old-a');
    await expect(query({ ...server, user: username, password }, 'SELECT 1')).rejects.toThrow(/denied/);
  });

  test('a server that another authority signed gets no password', async () => {
    process.env.DB_SSL_CA = readFileSync(makeCertificate(openssl, join(folder, 'other')).certificate, 'utf8');
    secrets.create('other', { application: 'other', database: 'other', purpose: 'application' });
    await expect(secrets.rotate('other', handler)).rejects.toThrow(/certificate|self-signed/);
  });

  test('DB_SSL_CA=rds stands for the authorities of RDS, which did not sign this server', async () => {
    process.env.DB_SSL_CA = 'rds';
    secrets.create('rds', { application: 'rds', database: 'rds', purpose: 'application' });
    await expect(secrets.rotate('rds', handler)).rejects.toThrow(/certificate|self-signed/);
  });
});
