import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { databasePurposes, databaseUsers, names } from 'platform';
import { startApi, untilReady } from '../../../../apps/calculadora-api/test/support/api.ts';
import { startLoad, wrongAnswers, wrongRows } from '../../../../apps/calculadora-api/test/support/load.ts';
import type { SumRequest } from '../../../../packages/contract/src/index.ts';
import { query } from '../../../../packages/database/test/support/databases.ts';
import { type MariaDb, mariadbd, startMariaDb } from '../../../../packages/database/test/support/mariadb.ts';
import { describeWith } from '../../../../test/support/tools.ts';
import type { handler as Handler } from '../src/index.ts';
import { SecretsManager } from './support/secrets-manager.ts';

const api = 'calculadora-api';
const apiFolder = fileURLToPath(new URL(`../../../../apps/${api}`, import.meta.url));
const database = 'calculadora';
const secretOf = names('dev').databaseSecret;

describeWith('MariaDB', mariadbd, 'The rotation function and the API together', () => {
  const secrets = new SecretsManager();
  let server: MariaDb;
  let handler: typeof Handler;
  /** What the infrastructure gives to the API's pods. */
  let podEnv: Record<string, string>;
  const environment = { ...process.env };

  beforeAll(async () => {
    server = await startMariaDb();
    const aws = await secrets.start();
    podEnv = {
      ...aws,
      DB_HOST: `${server.host}:${server.port}`,
      DB_NAME: database,
      DB_SECRET: secretOf(api),
      DB_MIGRATION_SECRET: secretOf(api, 'migration'),
      DB_USERS: databaseUsers(api, 'application').join(),
    };
    Object.assign(process.env, aws, { DB_HOST: server.host, DB_PORT: String(server.port), MASTER_SECRET: 'master' });
    ({ handler } = await import('../src/index.ts'));
    secrets.create('master', {}, { username: server.user, password: server.password });
    for (const purpose of databasePurposes) {
      secrets.create(secretOf(api, purpose), { application: api, database, purpose });
    }
  });
  afterAll(async () => {
    process.env = environment;
    secrets.stop();
    await server?.stop();
  });

  const migrate = () =>
    promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', 'src/migrate.ts'], {
      cwd: apiFolder,
      env: { PATH: process.env.PATH, ...podEnv },
    });
  /** Closes the API's connections, so that it must log in again. */
  const disconnect = async () => {
    const threads = await query(
      server,
      `SELECT id FROM information_schema.processlist WHERE user LIKE '${api}-_' AND command <> 'Killed'`,
    );
    await query(server, ...threads.map(({ id }) => `KILL ${id}`));
    return threads.length;
  };

  test('from an empty server to a month of rotations, no request fails and no row is lost', async () => {
    for (const purpose of databasePurposes) await secrets.rotate(secretOf(api, purpose), handler);
    await migrate();
    const running = await startApi(podEnv);
    try {
      await untilReady(running);
      const load = startLoad(running.url, { clients: 8 });
      const used = new Set<string>();
      // After the second rotation, the login with which the API started is no longer valid.
      for (let rotation = 0; rotation < 3; rotation++) {
        await load.answers(200, 50);
        await secrets.rotate(secretOf(api), handler);
        await secrets.rotate(secretOf(api, 'migration'), handler);
        used.add(secrets.read(secretOf(api)).username);
        expect(await disconnect()).toBeGreaterThan(0);
        await load.answers(200, 50);
      }
      await migrate();
      await load.stop();
      expect(used.size).toBe(2);
      expect(wrongAnswers(load.attempts)).toEqual([]);
      const rows = await query(server, `SELECT nome, operador1, operador2 FROM ${database}.operacoes ORDER BY id`);
      expect(rows.length).toBeGreaterThan(300);
      expect(wrongRows(load.attempts, rows as unknown as SumRequest[])).toEqual([]);
    } finally {
      await running.stop();
    }
  });
});
