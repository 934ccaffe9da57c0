import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { paths } from 'contract';
import { durable, type MariaDb, mariadbd, startMariaDb } from '../../../../packages/database/test/support/mariadb.ts';
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

describeWith('MariaDB', mariadbd, 'Operations stored in batches', () => {
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

  test('fail individually: a refused row does not affect the others in its batch', async () => {
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

  test('are stored in smaller batches if the server does not accept a statement of that size', async () => {
    // The buffer must be small, too: the server accepts a statement that fits into it despite the limit.
    await query(server, 'SET GLOBAL max_allowed_packet = 1024', 'SET GLOBAL net_buffer_length = 1024');
    try {
      // The setting applies only to new connections.
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

  test('are refused with 500, and the API is not ready, if the table has an extra mandatory column', async () => {
    await query(server, `ALTER TABLE ${database.name}.operacoes ADD COLUMN setor INT NOT NULL`);
    expect(isFinalRefusal(await post(api.url, newOperation()))).toBe(true);
    expect((await fetch(api.url + paths.ready, { headers: { connection: 'close' } })).status).toBe(503);
    await query(server, `ALTER TABLE ${database.name}.operacoes DROP COLUMN setor`);
    expect(await post(api.url, newOperation())).toMatchObject({ status: 200 });
    expect((await fetch(api.url + paths.ready, { headers: { connection: 'close' } })).status).toBe(200);
  });

  test('are refused with 500, and the API is not ready, while the user may not insert', async () => {
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

  test('are refused individually if an unknown unique index does not allow the row', async () => {
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

  test('that the database refuses leave no names or numbers in the log', async () => {
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

  test('that time out do not block the connections of the operations behind them', async () => {
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
    // One for each concurrent batch. Each is alone in its batch.
    const slow = [1, 2].map(() => post(api.url, { ...newOperation(), nome: 'slow' }));
    await eventually(async () => (await sleeping()) === 2);
    /** Sends an operation again if it waited too long in the queue, because then it was never part of a batch. */
    const sendUntilTried = async (): Promise<Answer> => {
      const answer = await post(api.url, newOperation());
      return (answer.body as { code?: string }).code === 'overloaded' ? sendUntilTried() : answer;
    };
    const behind = await Promise.all(Array.from({ length: 20 }, sendUntilTried));

    expect(behind.map(({ status }) => status)).toEqual(behind.map(() => 200));
    expect((await Promise.all(slow)).every(isRefusal)).toBe(true);
  });

  test('need fewer statements than requests, and lose no rows', async () => {
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

  test('are refused at once if too many are waiting, with correct health checks and limited memory', async () => {
    await server.freeze();
    const answers: number[] = [];
    const outcomes = Array.from({ length: 3_000 }, async () => {
      const answer = await post(api.url, newOperation());
      answers.push(answer.status);
      return answer;
    });
    // Requests that found the queue full are answered long before the database timeout.
    for (const deadline = Date.now() + 10_000; answers.length < 500 && Date.now() < deadline; ) await sleep(10);
    expect(answers.length).toBeGreaterThanOrEqual(500);
    expect((await fetch(api.url + paths.live, { headers: { connection: 'close' } })).status).toBe(200);
    expect((await fetch(api.url + paths.ready, { headers: { connection: 'close' } })).status).toBe(503);
    expect((await Promise.all(outcomes)).every(isRefusal)).toBe(true);
    // They are only counted. A log line for each would add to the load.
    expect(api.output()).not.toContain('Too many operations are waiting');
    // The process runs from source, without a heap limit. At rest it takes a third of this.
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
