/** `migrate.js compare`, as the restore drill runs it: a backup that was taken under load, and ways in which it is wrong. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type MariaDb, mariadbd, startMariaDb } from '../../../packages/database/test/support/mariadb.ts';
import { createUsers, type RotatedUsers, renewLogin } from '../../../packages/database/test/support/rotation.ts';
import {
  motoPython,
  type SecretsManager,
  startSecretsManager,
} from '../../../packages/database/test/support/secrets-manager.ts';
import { type Ended, ended } from '../../../test/support/outcome.ts';
import { describeWith, findTool } from '../../../test/support/tools.ts';
import { type Api, startApi, untilReady } from './support/api.ts';
import { newDatabaseOn, query } from './support/databases.ts';
import { startLoad } from './support/load.ts';

const folder = fileURLToPath(new URL('..', import.meta.url));
const run = promisify(execFile);

/** More than two chunks. */
const oldRows = 12_000;

describeWith(
  'MariaDB with its clients, and Python with moto,',
  mariadbd && findTool('mariadb-dump') && findTool('mariadb') && motoPython,
  'A comparison with a restored copy',
  () => {
    let [server, other]: MariaDb[] = [];
    let secrets: SecretsManager;
    let database: ReturnType<typeof newDatabaseOn>;
    let rotated: RotatedUsers;
    let env: Record<string, string>;
    let api: Api | undefined;

    beforeAll(async () => {
      [server, other, secrets] = await Promise.all([startMariaDb(), startMariaDb(), startSecretsManager()]);
    });
    afterAll(() => Promise.all([server?.stop(), other?.stop(), secrets?.stop()]));
    const live = () => server as MariaDb;
    const copy = () => other as MariaDb;

    /** Stores operations by the API until the backup is taken and restored to the other server. */
    beforeEach(async () => {
      database = newDatabaseOn(live());
      api = await startApi(database.env);
      await untilReady(api);
      await query(
        live(),
        `USE ${database.name}`,
        `UPDATE kysely_migration SET timestamp = '2026-01-01T00:00:00.000Z'`,
        `INSERT INTO operacoes (nome, operador1, operador2, data_execucao)
           SELECT CONCAT('José 🧮 ', seq), seq, -seq, '2026-02-03 04:05:06.789' FROM seq_1_to_${oldRows}`,
      );
      const load = startLoad(api.url, { clients: 8 });
      await load.answers(200, 50);
      const restoredTo = new Date();
      const dump = await run(
        'mariadb-dump',
        [...client(live()), '--single-transaction', '--skip-lock-tables', '--databases', database.name],
        { maxBuffer: 1024 ** 3 },
      );
      await load.answers(200, 50);
      await load.stop();
      await restore(dump.stdout);

      rotated = await createUsers(live(), { application: 'calculadora-api', database: database.name });
      const { username, password } = rotated.migration;
      await createUsers(copy(), { application: 'calculadora-api', database: database.name });
      await query(copy(), `ALTER USER '${username}' IDENTIFIED BY '${password}'`);
      const secret = `${database.name}/migration`;
      await secrets.create(secret, rotated.migration);
      env = {
        ...secrets.env,
        DB_HOST: `127.0.0.1:${live().port}`,
        DB_NAME: database.name,
        DB_MIGRATION_SECRET: secret,
        DB_RESTORED_HOST: `127.0.0.1:${copy().port}`,
        DB_RESTORED_TO: restoredTo.toISOString(),
      };
    }, 60_000);
    afterEach(async () => {
      await api?.stop();
      api = undefined;
    });

    const client = ({ host, port, user, password }: MariaDb) => [
      '--no-defaults',
      `--host=${host}`,
      `--port=${port}`,
      `--user=${user}`,
      `--password=${password}`,
    ];

    async function restore(dump: string): Promise<void> {
      const restoring = run('mariadb', client(copy()));
      restoring.child.stdin?.end(dump);
      await restoring;
    }

    const compare = (more: Record<string, string> = {}, task = 'compare'): Promise<Ended> => {
      const program = ['--disable-warning=ExperimentalWarning', 'src/migrate.ts', task];
      return ended(run(process.execPath, program, { cwd: folder, env: { PATH: process.env.PATH, ...env, ...more } }));
    };
    const change = (on: MariaDb, ...statements: string[]) => query(on, `USE ${database.name}`, ...statements);
    const count = async (on: MariaDb) => Number((await change(on, 'SELECT COUNT(*) AS n FROM operacoes'))[0]?.n);
    const resultOf = ({ stdout }: Ended) => JSON.parse(stdout.split('\n')[0] ?? '').comparison;

    test('finds all that a backup taken under load holds, and counts what was stored since', async () => {
      const outcome = await compare();
      expect([outcome.code, outcome.stderr]).toEqual([0, '']);
      const [rows, all] = [await count(copy()), await count(live())];
      expect(all).toBeGreaterThan(rows);
      expect(rows).toBeGreaterThan(oldRows);
      const { newest, ...table } = resultOf(outcome).tables[0];
      expect(table).toEqual({ table: 'operacoes', rows, newer: all - rows, changedByApplication: 0, differences: [] });
      expect(Date.parse(`${newest.copy}Z`)).toBeGreaterThan(Date.parse(String(env.DB_RESTORED_TO)) - 10_000);
      expect(resultOf(outcome)).toMatchObject({ isSame: true, migrations: { applied: 3, newer: [] }, differences: [] });
      expect(outcome.stdout.trimEnd().split('\n').slice(1)).toEqual([
        `The copy restored to ${env.DB_RESTORED_TO} has everything that the live database had then: 3 migrations, ` +
          `operacoes with ${rows} rows, the newest of ${newest.copy} UTC (${all - rows} are newer)`,
      ]);
    }, 60_000);

    test('reports a lost row, a changed row, a row of the copy alone, and quotes no value', async () => {
      await change(
        copy(),
        'DELETE FROM operacoes WHERE id IN (3, 7001)',
        "UPDATE operacoes SET nome = 'private' WHERE id = 5003",
      );
      await change(live(), 'DELETE FROM operacoes WHERE id = 11000');
      const outcome = await compare();
      expect(outcome.code).toBe(1);
      expect(resultOf(outcome).differences).toEqual([
        'operacoes: 2 rows of the table are missing in the copy (id: 3; 7001)',
        'operacoes: 1 row of the table is different in the copy (id: 5003)',
        'operacoes: 1 row of the table is in the copy alone (id: 11000)',
      ]);
      expect(outcome.stderr).toMatch(/^The copy restored to \S+ differs from the live database: operacoes: 2 rows/);
      expect(outcome.stdout + outcome.stderr).not.toContain('private');
    }, 60_000);

    test('notices each kind of difference in a value', async () => {
      const pairs = [
        ["nome = ''", 'nome = NULL'],
        ['operador1 = 1, operador2 = NULL', 'operador1 = NULL, operador2 = 1'],
        ["data_execucao = '2026-02-03 04:05:06.001'", "data_execucao = '2026-02-03 04:05:06.002'"],
        ["nome = 'ana'", "nome = 'Ana'"],
        ['operador1 = 9007199254740992', 'operador1 = 9007199254740993'],
      ];
      for (const [index, [inLive, inCopy]] of pairs.entries()) {
        await change(live(), `UPDATE operacoes SET ${inLive} WHERE id = ${index + 1}`);
        await change(copy(), `UPDATE operacoes SET ${inCopy} WHERE id = ${index + 1}`);
      }
      expect(resultOf(await compare()).differences).toEqual([
        'operacoes: 5 rows of the table are different in the copy (id: 1; 2; 3; 4; 5)',
      ]);
    }, 60_000);

    test('reports the rows after the last one that a backup of the day before holds', async () => {
      await change(copy(), 'DELETE FROM operacoes WHERE id > 6000');
      const [{ differences, tables }] = [resultOf(await compare())];
      expect(differences).toEqual([
        expect.stringMatching(/^operacoes: 6000 rows of the table are missing in the copy \(id: 6001; .*; …\)$/),
      ]);
      expect(tables[0].newest.copy).toBe('2026-02-03 04:05:06.789');
      expect(tables[0].newest.live > tables[0].newest.copy).toBe(true);
    }, 60_000);

    test('reports that the live table was emptied', async () => {
      const rows = await count(copy());
      await change(live(), 'TRUNCATE operacoes');
      expect(resultOf(await compare()).differences).toEqual([
        expect.stringContaining(`operacoes: ${rows} rows of the table are in the copy alone (id: 1; 2; 3; 4; 5; …)`),
      ]);
    }, 60_000);

    test('reports a missing migration, column and table, unless they are newer than the restore point', async () => {
      await change(copy(), "DELETE FROM kysely_migration WHERE name = '003_add_idempotency_key'");
      await change(copy(), 'ALTER TABLE operacoes DROP COLUMN idempotency_key');
      await change(live(), 'CREATE TABLE more (id INT PRIMARY KEY)');
      const outcome = await compare();
      expect(outcome.code).toBe(1);
      expect(resultOf(outcome).differences).toEqual([
        'the migration 003_add_idempotency_key is missing in the copy',
        'the table more is missing in the copy',
        expect.stringMatching(/^the column operacoes.idempotency_key is missing in the copy and varchar\(255\) in/),
      ]);
      await change(
        live(),
        `UPDATE kysely_migration SET timestamp = '${new Date().toISOString()}' WHERE name = '003_add_idempotency_key'`,
      );
      const later = await compare();
      expect([later.code, later.stderr]).toEqual([0, '']);
      expect(resultOf(later).migrations).toEqual({ applied: 2, newer: ['003_add_idempotency_key'] });
    }, 60_000);

    test('reports a table without a primary key, which it cannot compare', async () => {
      for (const side of [live(), copy()]) await change(side, 'CREATE TABLE loose (id INT)');
      expect(resultOf(await compare()).differences).toEqual([
        'the table loose has no primary key by which its rows could be compared',
      ]);
    }, 60_000);

    test('uses the login before the last rotation if the copy is older than that', async () => {
      const [, second] = [rotated.migration.username, rotated.migration.username.replace(/a$/, 'b')];
      await secrets.put(String(env.DB_MIGRATION_SECRET), await renewLogin(live(), second));
      const outcome = await compare();
      expect([outcome.code, outcome.stderr]).toEqual([0, '']);
    }, 60_000);
  },
);

test('a task that does not exist is refused, and nothing is migrated', async () => {
  const env = { PATH: process.env.PATH };
  const program = ['--disable-warning=ExperimentalWarning', 'src/migrate.ts', 'compere'];
  expect(await ended(run(process.execPath, program, { cwd: folder, env }))).toEqual({
    code: 1,
    stdout: '',
    stderr: 'There is no task "compere": use "compare", or no argument to migrate\n',
  });
});
