import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { paths } from 'contract';
import { eventually } from '../../../../test/support/eventually.ts';
import { describeWith } from '../../../../test/support/tools.ts';
import { type Api, startApi, untilReady } from '../support/api.ts';
import { newDatabaseOn, query, type TestDatabase } from '../support/databases.ts';
import {
  type Answer,
  isFinalRefusal,
  isRefusal,
  newOperation,
  post,
  startLoad,
  wrongAnswers,
  wrongRows,
} from '../support/load.ts';
import { durable, type MariaDb, mariadbd, startMariaDb } from '../support/mariadb.ts';

describeWith('MariaDB', mariadbd, 'Operations that are stored together', () => {
  let server: MariaDb;
  let database: TestDatabase & { readonly name: string };
  let api: Api;

  beforeAll(async () => {
    server = await startMariaDb(...durable);
  });
  beforeEach(async () => {
    database = newDatabaseOn(server);
    api = await startApi(database.env);
    await untilReady(api);
  });
  afterEach(async () => {
    server.thaw();
    await api.stop();
  });
  afterAll(() => server.stop());

  test('fail one by one: a row that the database refuses takes none of its neighbours with it', async () => {
    await query(
      server,
      `CREATE TRIGGER ${database.name}.refuse BEFORE INSERT ON ${database.name}.operacoes FOR EACH ROW
        IF NEW.nome LIKE 'refused%' THEN SIGNAL SQLSTATE '45000'; END IF`,
    );
    const load = startLoad(api.url, { clients: 32 });
    await load.answers(200, 100);
    for (let round = 0; round < 20; round++) {
      const operation = newOperation();
      const refused = await post(api.url, { ...operation, nome: `refused ${operation.nome}` });
      expect(isFinalRefusal(refused)).toBe(true);
    }
    await load.answers(200, 100);
    await load.stop();

    expect(load.attempts.filter(({ answer }) => answer?.status !== 200)).toEqual([]);
    expect(wrongRows(load.attempts, await database.rows())).toEqual([]);
  });

  test('are stored in smaller numbers when the server does not take so long a statement', async () => {
    // The buffer, too: what fits into it is taken in spite of the limit.
    await query(server, 'SET GLOBAL max_allowed_packet = 1024', 'SET GLOBAL net_buffer_length = 1024');
    try {
      // The setting is for new connections.
      await api.stop();
      api = await startApi(database.env);
      await untilReady(api);
      const load = startLoad(api.url, { clients: 64 });
      await load.answers(200, 500);
      const tooLong = await post(api.url, { ...newOperation(), nome: '🧮'.repeat(255) });
      expect(isFinalRefusal(tooLong)).toBe(true);
      await load.answers(200, 500);
      await load.stop();

      expect(load.attempts.filter(({ answer }) => answer?.status !== 200)).toEqual([]);
      expect(wrongRows(load.attempts, await database.rows())).toEqual([]);
      expect((await fetch(api.url + paths.ready, { headers: { connection: 'close' } })).status).toBe(200);
    } finally {
      await query(server, 'SET GLOBAL max_allowed_packet = DEFAULT', 'SET GLOBAL net_buffer_length = DEFAULT');
    }
  });

  test('are refused for good, and readiness says so, when a column that nobody fills must have a value', async () => {
    await query(server, `ALTER TABLE ${database.name}.operacoes ADD COLUMN setor INT NOT NULL`);
    expect(isFinalRefusal(await post(api.url, newOperation()))).toBe(true);
    expect((await fetch(api.url + paths.ready, { headers: { connection: 'close' } })).status).toBe(503);
    await query(server, `ALTER TABLE ${database.name}.operacoes DROP COLUMN setor`);
    expect(await post(api.url, newOperation())).toMatchObject({ status: 200 });
    expect((await fetch(api.url + paths.ready, { headers: { connection: 'close' } })).status).toBe(200);
  });

  test('are refused for good, and readiness says so, while the user may not insert', async () => {
    const user = `u${database.name.slice(-12)}`;
    await query(
      server,
      `CREATE USER '${user}'@'%' IDENTIFIED BY 'only-for-tests'`,
      `GRANT SELECT, INSERT ON ${database.name}.operacoes TO '${user}'@'%'`,
      `GRANT SELECT ON ${database.name}.kysely_migration TO '${user}'@'%'`,
    );
    const statusOf = async (path: string) => (await fetch(api.url + path, { headers: { connection: 'close' } })).status;
    await api.stop();
    api = await startApi({ ...database.env, DB_USER: user, DB_PASSWORD: 'only-for-tests' });
    await untilReady(api);

    await query(server, `REVOKE INSERT ON ${database.name}.operacoes FROM '${user}'@'%'`);
    expect(isFinalRefusal(await post(api.url, newOperation()))).toBe(true);
    expect(await statusOf(paths.ready)).toBe(503);
    await query(server, `GRANT INSERT ON ${database.name}.operacoes TO '${user}'@'%'`);
    expect(await post(api.url, newOperation())).toMatchObject({ status: 200 });
    expect(await statusOf(paths.ready)).toBe(200);
  });

  test('are refused one by one where an index of somebody else does not allow the row', async () => {
    await query(server, `ALTER TABLE ${database.name}.operacoes ADD UNIQUE (nome)`);
    const load = startLoad(api.url, { clients: 16 });
    await load.answers(200, 50);
    const operation = newOperation();
    expect(await post(api.url, operation)).toMatchObject({ status: 200 });
    expect(isFinalRefusal(await post(api.url, operation))).toBe(true);
    await load.answers(200, 50);
    await load.stop();
    expect(load.attempts.filter(({ answer }) => answer?.status !== 200)).toEqual([]);
  });

  test('that the database refuses leave no name and no number in the log', async () => {
    await query(
      server,
      `CREATE TRIGGER ${database.name}.refuse BEFORE INSERT ON ${database.name}.operacoes FOR EACH ROW
        IF NEW.nome LIKE '%refused%' THEN
          SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'Maria Secreta refused 123456789';
        END IF`,
      `ALTER TABLE ${database.name}.operacoes MODIFY nome VARCHAR(20), ADD UNIQUE (nome)`,
    );
    const refused = async (nome: string) =>
      isFinalRefusal(await post(api.url, { nome, operador1: 123_456_789, operador2: 1 }));
    expect(await refused('Secreta refused')).toBe(true);
    expect(await refused('Secreta'.repeat(20))).toBe(true);
    await post(api.url, { nome: 'Secreta', operador1: 1, operador2: 1 });
    expect(await refused('Secreta')).toBe(true);
    await eventually(async () => (api.output().match(/ER_[A-Z_]+/g) ?? []).length >= 3);
    expect(api.output()).not.toMatch(/Secreta|123456789/);
  });

  test('that the database does not answer in time leave those behind them a connection that works', async () => {
    await query(
      server,
      `CREATE TRIGGER ${database.name}.linger BEFORE INSERT ON ${database.name}.operacoes FOR EACH ROW
        IF NEW.nome LIKE 'slow%' THEN DO SLEEP(4); END IF`,
    );
    const sleeping = async () => {
      const [row] = await query(
        server,
        `SELECT COUNT(*) AS count FROM information_schema.processlist
          WHERE db = '${database.name}' AND state = 'User sleep'`,
      );
      return row?.count;
    };
    // As many as there are statements under way at once, each alone in its own.
    const slow = [1, 2].map(() => post(api.url, { ...newOperation(), nome: 'slow' }));
    await eventually(async () => (await sleeping()) === 2);
    /** One that waits too long for its turn is told so, was not tried, and is sent again. */
    const sendUntilTried = async (): Promise<Answer> => {
      const answer = await post(api.url, newOperation());
      return (answer.body as { code?: string }).code === 'overloaded' ? sendUntilTried() : answer;
    };
    const behind = await Promise.all(Array.from({ length: 20 }, sendUntilTried));

    expect(behind.map(({ status }) => status)).toEqual(behind.map(() => 200));
    expect((await Promise.all(slow)).every(isRefusal)).toBe(true);
  });

  test('are fewer statements than requests, and no fewer rows', async () => {
    const inserts = async () => {
      const [row] = await query(server, "SHOW GLOBAL STATUS LIKE 'Com_insert'");
      return Number(row?.Value);
    };
    const before = await inserts();
    const load = startLoad(api.url, { clients: 64 });
    await load.answers(200, 2_000);
    await load.stop();
    const rows = await database.rows();

    expect(wrongAnswers(load.attempts)).toEqual([]);
    expect(wrongRows(load.attempts, rows)).toEqual([]);
    expect((await inserts()) - before).toBeLessThan(rows.length / 2);
  });

  test('are refused at once when too many wait, while health is told truly and memory stays as it is', async () => {
    await server.freeze();
    const answers: number[] = [];
    const outcomes = Array.from({ length: 3_000 }, async () => {
      const answer = await post(api.url, newOperation());
      answers.push(answer.status);
      return answer;
    });
    // Those that found the queue full are answered long before the database's time is over.
    for (const deadline = Date.now() + 10_000; answers.length < 500 && Date.now() < deadline; ) await sleep(10);
    expect(answers.length).toBeGreaterThanOrEqual(500);
    expect((await fetch(api.url + paths.live, { headers: { connection: 'close' } })).status).toBe(200);
    expect((await fetch(api.url + paths.ready, { headers: { connection: 'close' } })).status).toBe(503);
    expect((await Promise.all(outcomes)).every(isRefusal)).toBe(true);
    // They are counted; a line for each would be more load.
    expect(api.output()).not.toContain('Too many operations wait');
    // The process is one of development, whose heap nobody limits; what it takes at rest is a third of this.
    expect(await residentMegabytes(api.process.pid)).toBeLessThan(400);
    server.thaw();
    await untilReady(api);
    expect(await post(api.url, newOperation())).toMatchObject({ status: 200 });
  });
});

async function residentMegabytes(pid = 0): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1_000;
}
