import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { paths } from 'contract';
import { createConnection } from 'mysql2/promise';
import { makeCertificate } from '../../../packages/database/test/support/certificates.ts';
import { type MariaDb, mariadbd, startMariaDb } from '../../../packages/database/test/support/mariadb.ts';
import {
  motoPython,
  type SecretsManager,
  startSecretsManager,
} from '../../../packages/database/test/support/secrets-manager.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { type Outcome, outcomeOf } from '../../../test/support/outcome.ts';
import { describeWith, findTool } from '../../../test/support/tools.ts';
import { type Api, startApi, untilReady } from './support/api.ts';
import { newDatabaseOn, query } from './support/databases.ts';
import { startLoad, wrongAnswers, wrongRows } from './support/load.ts';

const folder = fileURLToPath(new URL('..', import.meta.url));
const user = "'calculadora-api'@'%'";

describeWith(
  'MariaDB, Python with moto, and openssl,',
  mariadbd && motoPython && findTool('openssl'),
  'With the database user in Secrets Manager',
  (openssl) => {
    const certificates = mkdtempSync(join(tmpdir(), 'certificates-'));
    chmodSync(certificates, 0o755);
    const authority = makeCertificate(openssl, join(certificates, 'authority'));
    let server: MariaDb;
    let secrets: SecretsManager;
    let database: ReturnType<typeof newDatabaseOn>;
    let api: Api | undefined;
    /** The environment that the infrastructure gives to pods. */
    let podEnv: Record<string, string>;

    beforeAll(async () => {
      const { certificate, key } = makeCertificate(openssl, join(certificates, 'server'), {
        subject: 'IP:127.0.0.1',
        authority,
      });
      const tls = [`--ssl-cert=${certificate}`, `--ssl-key=${key}`];
      [server, secrets] = await Promise.all([startMariaDb(...tls), startSecretsManager()]);
    });
    afterAll(() => Promise.all([server?.stop(), secrets?.stop()]));

    beforeEach(async () => {
      await query(server, `DROP USER IF EXISTS ${user}`);
      database = newDatabaseOn(server);
      podEnv = {
        ...secrets.env,
        DB_HOST: `127.0.0.1:${server.port}`,
        DB_NAME: database.name,
        DB_SECRET: `${database.name}/api`,
        DB_ADMIN_SECRET: `${database.name}/admin`,
      };
      await secrets.create(String(podEnv.DB_SECRET));
      await secrets.create(String(podEnv.DB_ADMIN_SECRET), { username: server.user, password: server.password });
    });
    afterEach(async () => {
      await api?.stop();
      api = undefined;
    });

    function migrate(...args: string[]): Promise<Outcome> {
      const program = ['--disable-warning=ExperimentalWarning', 'src/migrate.ts', ...args];
      const env = { PATH: process.env.PATH, ...podEnv };
      return outcomeOf(promisify(execFile)(process.execPath, program, { cwd: folder, env }));
    }
    const apiUser = async () => {
      const { username, password } = await secrets.read(String(podEnv.DB_SECRET));
      return { host: server.host, port: server.port, user: username, password };
    };
    const statusOf = async (url: string) => (await fetch(url, { headers: { connection: 'close' } })).status;

    test('the migration creates the schema and the API’s own user, with which the API stores operations', async () => {
      const { code, output } = await migrate();
      expect(code).toBe(0);
      const lines = output.trim().split('\n');
      expect(lines.map((line) => JSON.parse(line))).toEqual([
        {
          level: 30,
          time: expect.any(Number),
          msg: `The schema matches this release: mysql://127.0.0.1:${server.port}/${database.name}`,
        },
        { level: 30, time: expect.any(Number), msg: "The API's database user was created" },
      ]);
      api = await startApi(podEnv);
      await untilReady(api);
      const load = startLoad(api.url, { clients: 4 });
      await load.answers(200, 20);
      await load.stop();
      expect(wrongAnswers(load.attempts)).toEqual([]);
      expect(wrongRows(load.attempts, await database.rows())).toEqual([]);
    });

    test('the API’s own user cannot change or delete operations, change the schema, or read other tables', async () => {
      await migrate();
      const table = `${database.name}.operacoes`;
      for (const statement of [
        `DELETE FROM ${table}`,
        `UPDATE ${table} SET operador1 = 0`,
        `ALTER TABLE ${table} ADD COLUMN x INT`,
        `DROP TABLE ${table}`,
        `CREATE TABLE ${database.name}.other (id INT)`,
        `DELETE FROM ${database.name}.kysely_migration`,
        'SELECT * FROM mysql.user',
      ]) {
        await expect(query(await apiUser(), statement)).rejects.toThrow(/denied/);
      }
      const grants = (await query(await apiUser(), 'SHOW GRANTS')).flatMap((row) => Object.values(row).map(String));
      expect(grants.map((grant) => grant.replace(/ IDENTIFIED BY .*/, '')).toSorted()).toEqual([
        `GRANT SELECT ON \`${database.name}\`.\`kysely_migration\` TO \`calculadora-api\`@\`%\``,
        `GRANT SELECT, INSERT ON \`${database.name}\`.\`operacoes\` TO \`calculadora-api\`@\`%\``,
        'GRANT USAGE ON *.* TO `calculadora-api`@`%`',
      ]);
      // 24 random bytes in base64url, which never needs escaping.
      expect((await apiUser()).password).toMatch(/^[\w-]{32}$/);
    });

    test('a second migration changes nothing, not even the password', async () => {
      await migrate();
      const before = await apiUser();
      expect(await migrate()).toMatchObject({ code: 0, output: expect.stringContaining('user was kept') });
      expect(await apiUser()).toEqual(before);
      // It also grants missing privileges, for example after they were revoked.
      await query(server, `REVOKE INSERT ON ${database.name}.operacoes FROM ${user}`);
      await migrate();
      await query(await apiUser(), `INSERT INTO ${database.name}.operacoes (nome) VALUES ('Ana')`);
    });

    test('a secret with another user, such as the administrator, gets the login of the API’s own user', async () => {
      await secrets.put(String(podEnv.DB_SECRET), { username: server.user, password: server.password });
      expect(await migrate()).toMatchObject({ code: 0, output: expect.stringContaining('user was created') });
      expect((await apiUser()).user).toBe('calculadora-api');
      expect(await query(await apiUser(), 'SELECT 1')).toHaveLength(1);
    });

    test('the API’s own user must use encryption if a CA is set', async () => {
      podEnv.DB_SSL_CA = authority.certificate;
      expect(await migrate()).toMatchObject({ code: 0, output: expect.stringContaining('user was created') });
      await expect(query(await apiUser(), 'SELECT 1')).rejects.toThrow(/denied/);
      api = await startApi(podEnv);
      await untilReady(api);
    });

    test.each([
      ['there is no user yet', []],
      ['there is a user with an unknown password', [`CREATE USER ${user} IDENTIFIED BY 'lost'`]],
    ])('the next migration completes an interrupted one if %s', async (_, statements) => {
      await query(server, ...statements, `CREATE DATABASE ${database.name}`);
      expect(await migrate()).toMatchObject({ code: 0 });
      expect(await query(await apiUser(), 'SELECT 1')).toHaveLength(1);
    });

    test.each([
      [
        'is missing',
        async () => {
          podEnv.DB_ADMIN_SECRET = 'nowhere';
        },
        'The secret nowhere does not exist',
      ],
      [
        'is not a login',
        () => secrets.put(String(podEnv.DB_ADMIN_SECRET), 'text'),
        'is not JSON with "username" and "password"',
      ],
      [
        'is refused',
        () => secrets.put(String(podEnv.DB_ADMIN_SECRET), { username: 'tester', password: 'wrong-and-private' }),
        'Access denied',
      ],
    ])('a migration whose administrator %s fails with one line, without the password', async (_, spoil, error) => {
      await spoil();
      const { code, output } = await migrate();
      expect(code).toBe(1);
      expect(output).toContain(error);
      expect(output.trim().split('\n')).toHaveLength(1);
      expect(output).not.toContain('wrong-and-private');
    });

    test('the API waits for its migration, and then becomes ready by itself', async () => {
      api = await startApi(podEnv);
      const { url, output } = api;
      await eventually(async () => output().includes('does not exist or has no value yet'));
      expect(await statusOf(url + paths.ready)).toBe(503);
      expect(await statusOf(url + paths.live)).toBe(200);
      await migrate();
      await eventually(async () => (await statusOf(url + paths.ready)) === 200);
    });

    test('the API waits if the schema is older than the release, and runs if it is newer', async () => {
      await migrate();
      const log = `${database.name}.kysely_migration`;
      await query(server, `INSERT INTO ${log} VALUES ('999_of_a_later_release', '2026-01-01')`);
      api = await startApi(podEnv);
      await untilReady(api);
      await api.stop();

      await query(server, `DELETE FROM ${log} WHERE name LIKE '00%' ORDER BY name DESC LIMIT 1`);
      api = await startApi(podEnv);
      const { url, output } = api;
      await eventually(async () => output().includes('has not been run yet'));
      expect(await statusOf(url + paths.ready)).toBe(503);
    });

    test('no request fails if a password changes in the database before it changes in the secret', async () => {
      await migrate();
      api = await startApi(podEnv);
      await untilReady(api);
      const load = startLoad(api.url, { clients: 32 });
      await load.answers(200, 100);
      const { username } = await secrets.read(String(podEnv.DB_SECRET));
      const changed = { username, password: 'changed-by-hand' };
      await query(server, `ALTER USER '${username}'@'%' IDENTIFIED BY '${changed.password}'`);
      // Readiness checks need connections, too, and the pool may still try to open new ones.
      for (let probe = 0; probe < 5; probe++) {
        await load.answers(200, 100);
        expect(await statusOf(api.url + paths.ready)).toBe(200);
      }
      await secrets.put(String(podEnv.DB_SECRET), changed);
      await load.answers(200, 100);
      await load.stop();
      expect(load.attempts.filter(({ answer }) => answer?.status !== 200)).toEqual([]);
    });

    test('no request fails when the password is rotated under load, and new connections use the new one', async () => {
      await migrate();
      api = await startApi(podEnv);
      await untilReady(api);
      const load = startLoad(api.url, { clients: 8 });
      await load.answers(200, 100);
      const before = await apiUser();
      expect(await migrate('--rotate')).toMatchObject({ code: 0, output: expect.stringContaining('user was rotated') });
      expect((await apiUser()).password).not.toBe(before.password);
      await load.answers(200, 100);
      // Close all connections, so that new ones must log in again.
      const { host, port, user: admin, password } = server;
      const threads = await query(
        { host, port, user: admin, password },
        `SELECT id FROM information_schema.processlist WHERE user = 'calculadora-api'`,
      );
      await query(server, ...threads.map(({ id }) => `KILL ${id}`));
      await load.answers(200, 100);
      await load.stop();

      expect(threads.length).toBeGreaterThan(0);
      expect(api.output()).not.toContain(before.password);
      expect(wrongAnswers(load.attempts)).toEqual([]);
      expect(wrongRows(load.attempts, await database.rows())).toEqual([]);
      expect(await statusOf(api.url + paths.ready)).toBe(200);
    });

    test('a migration whose administrator may not create the database says so and why, in one line', async () => {
      const reader = { username: 'reader', password: 'only-for-tests' };
      await query(
        server,
        `CREATE OR REPLACE USER ${reader.username} IDENTIFIED BY '${reader.password}'`,
        `GRANT SELECT ON *.* TO ${reader.username}`,
      );
      await secrets.put(String(podEnv.DB_ADMIN_SECRET), reader);
      const { code, output } = await migrate();
      expect(code).toBe(1);
      expect(output.trim().split('\n')).toEqual([
        expect.stringMatching(
          /^Database \w+ does not exist and the user may not create it: Access denied for user 'reader'/,
        ),
      ]);
    });

    test('a password that could not be tried, because the server had no connection for it, is kept', async () => {
      await migrate();
      const before = await apiUser();
      await query(server, `GRANT USAGE ON *.* TO ${user} WITH MAX_USER_CONNECTIONS 1`);
      const connection = await createConnection(before);
      const { code, output } = await migrate();
      await connection.end();
      expect(code).toBe(1);
      expect(output).toContain('max_user_connections');
      expect(await apiUser()).toEqual(before);
      await eventually(async () => (await query(before, 'SELECT 1')).length === 1);
    });

    test('a migration encrypts each of its connections, with which it could not log in otherwise', async () => {
      const admin = { username: 'encrypted', password: 'only-for-tests' };
      await query(
        server,
        `CREATE OR REPLACE USER ${admin.username} IDENTIFIED BY '${admin.password}' REQUIRE SSL`,
        `GRANT ALL ON *.* TO ${admin.username} WITH GRANT OPTION`,
      );
      await secrets.put(String(podEnv.DB_ADMIN_SECRET), admin);
      expect(await migrate()).toMatchObject({ code: 1, output: expect.stringContaining('Access denied') });
      podEnv.DB_SSL_CA = authority.certificate;
      expect(await migrate()).toMatchObject({ code: 0, output: expect.stringContaining('user was created') });
      expect(await migrate()).toMatchObject({ code: 0, output: expect.stringContaining('user was kept') });
      expect(await migrate('--rotate')).toMatchObject({ code: 0, output: expect.stringContaining('user was rotated') });
    });
  },
);
