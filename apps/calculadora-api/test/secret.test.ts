import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { paths } from 'contract';
import { makeCertificate } from '../../../packages/database/test/support/certificates.ts';
import { type MariaDb, mariadbd, startMariaDb } from '../../../packages/database/test/support/mariadb.ts';
import { createUsers, type RotatedUsers, renewLogin } from '../../../packages/database/test/support/rotation.ts';
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

describeWith(
  'MariaDB, Python with moto, and openssl,',
  mariadbd && motoPython && findTool('openssl'),
  'With the database users in Secrets Manager',
  (openssl) => {
    const certificates = mkdtempSync(join(tmpdir(), 'certificates-'));
    chmodSync(certificates, 0o755);
    const authority = makeCertificate(openssl, join(certificates, 'authority'));
    let server: MariaDb;
    let secrets: SecretsManager;
    let database: ReturnType<typeof newDatabaseOn>;
    let rotated: RotatedUsers;
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
      database = newDatabaseOn(server);
      rotated = await createUsers(server, { application: 'calculadora-api', database: database.name });
      podEnv = {
        ...secrets.env,
        DB_HOST: `127.0.0.1:${server.port}`,
        DB_NAME: database.name,
        DB_SECRET: `${database.name}/api`,
        DB_MIGRATION_SECRET: `${database.name}/migration`,
        DB_USERS: rotated.users.join(),
      };
      await secrets.create(String(podEnv.DB_SECRET), rotated.application);
      await secrets.create(String(podEnv.DB_MIGRATION_SECRET), rotated.migration);
    });
    afterEach(async () => {
      await api?.stop();
      api = undefined;
    });

    function migrate(): Promise<Outcome> {
      const program = ['--disable-warning=ExperimentalWarning', 'src/migrate.ts'];
      const env = { PATH: process.env.PATH, ...podEnv };
      return outcomeOf(promisify(execFile)(process.execPath, program, { cwd: folder, env }));
    }
    const apiUser = async () => {
      const { username, password } = await secrets.read(String(podEnv.DB_SECRET));
      return { host: server.host, port: server.port, user: username, password };
    };
    const statusOf = async (url: string) => (await fetch(url, { headers: { connection: 'close' } })).status;

    test('the migration creates the schema and grants the API’s users, with which the API stores operations', async () => {
      const { code, output } = await migrate();
      expect(code).toBe(0);
      const lines = output.trim().split('\n');
      expect(lines.map((line) => JSON.parse(line))).toEqual([
        {
          level: 30,
          time: expect.any(Number),
          msg: `The schema matches this release: mysql://127.0.0.1:${server.port}/${database.name}`,
        },
        {
          level: 30,
          time: expect.any(Number),
          msg: "The application's users have their privileges: calculadora-api-a, calculadora-api-b",
        },
      ]);
      api = await startApi(podEnv);
      await untilReady(api);
      const load = startLoad(api.url, { clients: 4 });
      await load.answers(200, 20);
      await load.stop();
      expect(wrongAnswers(load.attempts)).toEqual([]);
      expect(wrongRows(load.attempts, await database.rows())).toEqual([]);
    });

    test('the API’s users cannot change or delete operations, change the schema, or read other tables', async () => {
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
        `GRANT SELECT ON \`${database.name}\`.\`kysely_migration\` TO \`calculadora-api-a\`@\`%\``,
        `GRANT SELECT, INSERT ON \`${database.name}\`.\`operacoes\` TO \`calculadora-api-a\`@\`%\``,
        'GRANT USAGE ON *.* TO `calculadora-api-a`@`%`',
      ]);
    });

    test('the migration and the API use encryption if a CA is set, and cannot log in without it if it is required', async () => {
      const users = { application: 'calculadora-api', database: database.name, encryption: 'SSL' } as const;
      rotated = await createUsers(server, users);
      await secrets.put(String(podEnv.DB_SECRET), rotated.application);
      await secrets.put(String(podEnv.DB_MIGRATION_SECRET), rotated.migration);
      await expect(query(await apiUser(), 'SELECT 1')).rejects.toThrow(/denied/);
      podEnv.DB_SSL_CA = authority.certificate;
      for (let time = 0; time < 2; time++) expect(await migrate()).toMatchObject({ code: 0 });
      api = await startApi(podEnv);
      await untilReady(api);
    });

    test('a migration that fails says why in one line, without the password', async () => {
      await secrets.put(String(podEnv.DB_MIGRATION_SECRET), '{"password":"private"}');
      expect(await migrate()).toEqual({
        code: 1,
        output: `The secret ${podEnv.DB_MIGRATION_SECRET} is not JSON with "username" and "password"\n`,
      });
      const reader = { username: 'reader', password: 'only-for-tests' };
      await query(
        server,
        `CREATE OR REPLACE USER ${reader.username} IDENTIFIED BY '${reader.password}'`,
        `GRANT SELECT ON *.* TO ${reader.username}`,
      );
      await secrets.put(String(podEnv.DB_MIGRATION_SECRET), reader);
      const { code, output } = await migrate();
      expect(code).toBe(1);
      expect(output.trim().split('\n')).toEqual([
        expect.stringMatching(
          /^Database \w+ does not exist and the user may not create it: Access denied for user 'reader'/,
        ),
      ]);
    });

    test('the API waits for its login and its migration, and then becomes ready by itself', async () => {
      podEnv.DB_SECRET = `${database.name}/not-rotated-yet`;
      await secrets.create(podEnv.DB_SECRET);
      api = await startApi(podEnv);
      const { url, output } = api;
      await eventually(async () => output().includes('does not exist or has no value yet'));
      expect(await statusOf(url + paths.ready)).toBe(503);
      expect(await statusOf(url + paths.live)).toBe(200);
      await secrets.put(podEnv.DB_SECRET, rotated.application);
      // It has no privileges yet.
      await eventually(async () => output().includes('denied'));
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

    test('no request fails when the login is rotated under load, and new connections use the new one', async () => {
      await migrate();
      api = await startApi(podEnv);
      await untilReady(api);
      const load = startLoad(api.url, { clients: 8 });
      await load.answers(200, 100);
      const { username, password } = await secrets.read(String(podEnv.DB_SECRET));
      /** Closes the API's connections, so that new ones must log in again. @returns the users that they had */
      const disconnect = async () => {
        const threads = await query(
          server,
          `SELECT id, user FROM information_schema.processlist WHERE user LIKE 'calculadora-api-_'`,
        );
        await query(server, ...threads.map(({ id }) => `KILL ${id}`));
        return [...new Set(threads.map(({ user }) => user))];
      };
      // The first rotation gives the secret to the other user. The login that the API knows stays valid.
      await secrets.put(String(podEnv.DB_SECRET), await renewLogin(server, 'calculadora-api-b'));
      await load.answers(200, 100);
      expect(await disconnect()).toEqual([username]);
      await load.answers(200, 100);
      // The second one changes its password: the API reads the secret again.
      await secrets.put(String(podEnv.DB_SECRET), await renewLogin(server, username));
      await load.answers(200, 100);
      expect(await disconnect()).toEqual([username]);
      await load.answers(200, 100);
      await load.stop();

      expect((await apiUser()).password).not.toBe(password);
      expect(api.output()).not.toContain(password);
      expect(wrongAnswers(load.attempts)).toEqual([]);
      expect(wrongRows(load.attempts, await database.rows())).toEqual([]);
      expect(await statusOf(api.url + paths.ready)).toBe(200);
    });
  },
);
