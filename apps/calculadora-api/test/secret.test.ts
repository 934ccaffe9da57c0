import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { paths } from 'contract';
import { eventually } from '../../../test/support/eventually.ts';
import { describeWith, findTool } from '../../../test/support/tools.ts';
import { loginsOf } from '../src/database/mysql/logins.ts';
import { readLogin } from '../src/database/mysql/secrets.ts';
import { type Api, startApi, untilReady } from './support/api.ts';
import { makeCertificate } from './support/certificates.ts';
import { newDatabaseOn, query } from './support/databases.ts';
import { startLoad, wrongAnswers, wrongRows } from './support/load.ts';
import { type MariaDb, mariadbd, startMariaDb } from './support/mariadb.ts';
import { motoPython, type SecretsManager, startSecretsManager } from './support/secrets-manager.ts';

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
    /** What the infrastructure tells pods of their database. */
    let facts: Record<string, string>;

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
      facts = {
        ...secrets.env,
        DB_HOST: `127.0.0.1:${server.port}`,
        DB_NAME: database.name,
        DB_SECRET: `${database.name}/api`,
        DB_ADMIN_SECRET: `${database.name}/admin`,
      };
      await secrets.create(String(facts.DB_SECRET));
      await secrets.create(String(facts.DB_ADMIN_SECRET), { username: server.user, password: server.password });
    });
    afterEach(async () => {
      await api?.stop();
      api = undefined;
    });

    async function migrate(...args: string[]): Promise<{ code: number; output: string }> {
      const program = ['--disable-warning=ExperimentalWarning', 'src/migrate.ts', ...args];
      const env = { PATH: process.env.PATH, ...facts };
      try {
        const { stdout, stderr } = await promisify(execFile)(process.execPath, program, { cwd: folder, env });
        return { code: 0, output: stdout + stderr };
      } catch (error) {
        const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
        return { code, output: stdout + stderr };
      }
    }
    const own = async () => {
      const { username, password } = await secrets.read(String(facts.DB_SECRET));
      return { host: server.host, port: server.port, user: username, password };
    };
    const statusOf = async (url: string) => (await fetch(url, { headers: { connection: 'close' } })).status;

    test('the migration makes the schema and the API’s own user, and the API stores with it', async () => {
      expect(await migrate()).toMatchObject({ code: 0, output: expect.stringContaining('user was made') });
      api = await startApi(facts);
      await untilReady(api);
      const load = startLoad(api.url, { clients: 4 });
      await load.answers(200, 20);
      await load.stop();
      expect(wrongAnswers(load.attempts)).toEqual([]);
      expect(wrongRows(load.attempts, await database.rows())).toEqual([]);
    });

    test('the API’s own user can neither change nor delete an operation, nor the schema, nor look elsewhere', async () => {
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
        await expect(query(await own(), statement)).rejects.toThrow(/denied/);
      }
    });

    test('a second migration changes nothing, not even the password', async () => {
      await migrate();
      const before = await own();
      expect(await migrate()).toMatchObject({ code: 0, output: expect.stringContaining('user was kept') });
      expect(await own()).toEqual(before);
    });

    test('a secret that holds another user, such as the administrator, is given the API’s own', async () => {
      await secrets.put(String(facts.DB_SECRET), { username: server.user, password: server.password });
      expect(await migrate()).toMatchObject({ code: 0, output: expect.stringContaining('user was made') });
      expect((await own()).user).toBe('calculadora-api');
      expect(await query(await own(), 'SELECT 1')).toHaveLength(1);
    });

    test('the API’s own user is refused without encryption where the connection is to be encrypted', async () => {
      facts.DB_SSL_CA = authority.certificate;
      expect(await migrate()).toMatchObject({ code: 0, output: expect.stringContaining('user was made') });
      await expect(query(await own(), 'SELECT 1')).rejects.toThrow(/denied/);
      api = await startApi(facts);
      await untilReady(api);
    });

    test.each([
      ['there is no user yet', []],
      ['there is a user whose password nobody knows', [`CREATE USER ${user} IDENTIFIED BY 'lost'`]],
    ])('a migration that was broken off is made good by the next one where %s', async (_, statements) => {
      await query(server, ...statements, `CREATE DATABASE ${database.name}`);
      expect(await migrate()).toMatchObject({ code: 0 });
      expect(await query(await own(), 'SELECT 1')).toHaveLength(1);
    });

    test.each([
      [
        'is missing',
        async () => {
          facts.DB_ADMIN_SECRET = 'nowhere';
        },
        'The secret nowhere is not there',
      ],
      [
        'is no login',
        () => secrets.put(String(facts.DB_ADMIN_SECRET), 'text'),
        'holds no JSON with "username" and "password"',
      ],
      [
        'is refused',
        () => secrets.put(String(facts.DB_ADMIN_SECRET), { username: 'tester', password: 'wrong-and-private' }),
        'Access denied',
      ],
    ])('a migration whose administrator %s says so in one line, without the password', async (_, spoil, told) => {
      await spoil();
      const { code, output } = await migrate();
      expect(code).toBe(1);
      expect(output).toContain(told);
      expect(output.trim().split('\n')).toHaveLength(1);
      expect(output).not.toContain('wrong-and-private');
    });

    test('the API waits for its migration, and is ready by itself after it', async () => {
      api = await startApi(facts);
      const { url, output } = api;
      await eventually(async () => output().includes('is not there, or has no value yet'));
      expect(await statusOf(url + paths.ready)).toBe(503);
      expect(await statusOf(url + paths.live)).toBe(200);
      await migrate();
      await eventually(async () => (await statusOf(url + paths.ready)) === 200);
    });

    test('an API whose migration is older waits, and one whose database is newer runs', async () => {
      await migrate();
      const log = `${database.name}.kysely_migration`;
      await query(server, `INSERT INTO ${log} VALUES ('999_of_a_later_release', '2026-01-01')`);
      api = await startApi(facts);
      await untilReady(api);
      await api.stop();

      await query(server, `DELETE FROM ${log} WHERE name LIKE '00%' ORDER BY name DESC LIMIT 1`);
      api = await startApi(facts);
      const { url, output } = api;
      await eventually(async () => output().includes('has not been run yet'));
      expect(await statusOf(url + paths.ready)).toBe(503);
    });

    test('a password that changes in the database before it does in its secret costs no request', async () => {
      await migrate();
      api = await startApi(facts);
      await untilReady(api);
      const load = startLoad(api.url, { clients: 32 });
      await load.answers(200, 100);
      const { username } = await secrets.read(String(facts.DB_SECRET));
      const changed = { username, password: 'changed-by-hand' };
      await query(server, `ALTER USER '${username}'@'%' IDENTIFIED BY '${changed.password}'`);
      // Readiness asks for connections of its own, and not all that there may be are open.
      for (let probe = 0; probe < 5; probe++) {
        await load.answers(200, 100);
        expect(await statusOf(api.url + paths.ready)).toBe(200);
      }
      await secrets.put(String(facts.DB_SECRET), changed);
      await load.answers(200, 100);
      await load.stop();
      expect(load.attempts.filter(({ answer }) => answer?.status !== 200)).toEqual([]);
    });

    test('a password that is renewed under load costs no request, and connections made later use the new one', async () => {
      await migrate();
      api = await startApi(facts);
      await untilReady(api);
      const load = startLoad(api.url, { clients: 8 });
      await load.answers(200, 100);
      const before = await own();
      expect(await migrate('--rotate')).toMatchObject({ code: 0, output: expect.stringContaining('user was rotated') });
      expect((await own()).password).not.toBe(before.password);
      await load.answers(200, 100);
      // All connections end: those that follow log in anew.
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
  },
);

describe('A login in Secrets Manager', () => {
  let endpoint: Server;
  let answer: string | undefined;
  let readings = 0;

  beforeAll(async () => {
    endpoint = createServer((_request, response) => {
      readings++;
      if (answer !== undefined) response.end(answer);
    }).listen(0, '127.0.0.1');
    await once(endpoint, 'listening');
    Object.assign(process.env, {
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}`,
      AWS_ACCESS_KEY_ID: 'id',
      AWS_SECRET_ACCESS_KEY: 'key',
    });
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });
  afterAll(() => {
    endpoint.closeAllConnections();
    endpoint.close();
  });

  test('is read once for many refused logins', async () => {
    answer = JSON.stringify({ SecretString: JSON.stringify({ username: 'app', password: 'only-for-tests' }) });
    const clock = jest.spyOn(performance, 'now').mockReturnValue(60_000);
    const logins = loginsOf({ secret: 'api' });
    const login = await logins.current();
    clock.mockReturnValue(120_000);
    readings = 0;
    for (let refusal = 0; refusal < 20; refusal++) expect(await logins.renew(await logins.current())).toBe(false);
    expect(readings).toBe(1);
    expect(login).toEqual({ user: 'app', password: 'only-for-tests' });
  });

  test('is given up when the endpoint takes the connection and never answers', async () => {
    answer = undefined;
    const reading = Promise.race([readLogin('api'), sleep(30_000, undefined, { ref: false })]);
    await expect(reading).rejects.toThrow('The secret api could not be read');
  });
});
