import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { eventually } from '../../../test/support/eventually.ts';
import { freePort } from '../../../test/support/ports.ts';
import { describeWith } from '../../../test/support/tools.ts';
import { Database } from '../src/database.ts';
import { connectionOptions } from '../src/mysql/connection-options.ts';
import { type ConnectionLimits, ConnectionPool } from '../src/mysql/connection-pool.ts';
import { failureKindOf } from '../src/mysql/errors.ts';
import { LimitedConnection } from '../src/mysql/limited-connection.ts';
import { mysqlAdapter } from '../src/mysql/mysql-adapter.ts';
import type { Login } from '../src/settings.ts';
import { query } from './support/databases.ts';
import { type MariaDb, mariadbd, startMariaDb } from './support/mariadb.ts';
import { notes } from './support/notes.ts';

const address = { host: 'db.internal', port: 3307, name: 'calculadora' };
const plain = {
  host: 'db.internal',
  port: 3307,
  charset: 'utf8mb4',
  connectTimeout: 1_500,
  keepAliveInitialDelay: 30_000,
};

describe('The options of a database connection', () => {
  test('have a time limit, and no encryption without a CA', () => {
    expect(connectionOptions(address)).toEqual(plain);
  });

  test.each(['pem', ['pem', 'another']])('require encryption and verify the server with the CA %j', (ca) => {
    const ssl = { ca, rejectUnauthorized: true, verifyIdentity: true, minVersion: 'TLSv1.2' };
    expect(connectionOptions({ ...address, ca })).toEqual({ ...plain, ssl });
    const byIp = connectionOptions({ ...address, host: '127.0.0.1', ca });
    expect(byIp).toEqual({ ...plain, host: '127.0.0.1', ssl, stream: expect.any(Function) });
  });

  test.each([
    ['db.internal', 'mysql://db.internal:3307/calculadora'],
    ['10.0.0.7', 'mysql://10.0.0.7:3307/calculadora'],
    ['::1', 'mysql://[::1]:3307/calculadora'],
  ])('have a readable location without the user: %s', (host, location) => {
    const login = { user: 'app', password: 'only-for-tests' };
    const adapter = mysqlAdapter({ kind: 'mysql', ...address, host, login });
    expect(adapter.location).toBe(location);
    expect(adapter.connections()).toEqual({ used: 0, idle: 0, waiting: 0, maximum: 4 });
  });

  test('are as many as the application asks for', () => {
    const settings = { kind: 'mysql' as const, ...address, login: { user: 'app', password: 'only-for-tests' } };
    const database = new Database(settings, notes, 7);
    expect(database.connections()).toEqual({ used: 0, idle: 0, waiting: 0, maximum: 7 });
  });

  test('allow migrations only with a direct login, not with one from a secret', () => {
    const adapter = (login: Login | { secret: string }) => mysqlAdapter({ kind: 'mysql', ...address, login });
    expect(adapter({ user: 'app', password: 'only-for-tests' }).mayMigrate).toBe(true);
    expect(adapter({ secret: 'api' }).mayMigrate).toBe(false);
  });
});

describeWith('MariaDB', mariadbd, 'Pooled connections', () => {
  let server: MariaDb;
  let connections: ConnectionPool;
  beforeAll(async () => {
    server = await startMariaDb();
  });
  afterAll(() => server.stop());
  afterEach(() => {
    jest.restoreAllMocks();
    return end();
  });

  const login = () => ({ user: server.user, password: server.password });
  const logins = () => ({ current: async () => login(), renew: async () => false });
  const patient: ConnectionLimits = { connections: 1, waiting: 1, acquireTimeout: 30_000, queryTimeout: 30_000 };
  function open(
    limits: Partial<ConnectionLimits> = {},
    by: ConstructorParameters<typeof ConnectionPool>[1] = logins(),
  ) {
    const { host, port } = server;
    connections = new ConnectionPool(connectionOptions({ host, port }), by, { ...patient, ...limits });
    return connections;
  }
  /** Opens a pool. @returns what makes the server refuse its login from then on */
  function openToRefuse(limits: Partial<ConnectionLimits>): () => void {
    let password = server.password;
    open(limits, { current: async () => ({ ...login(), password }), renew: async () => false });
    return () => {
      password = 'wrong';
    };
  }
  const end = () => new Promise<void>((resolve) => connections.end(() => resolve()));
  type Connection = Parameters<Parameters<ConnectionPool['getConnection']>[0]>[1];
  const take = () =>
    new Promise<Connection>((resolve, reject) =>
      connections.getConnection((error, connection) => (error ? reject(error) : resolve(connection))),
    );
  const ask = (connection: Connection, statement: string, values: unknown[] = []) =>
    new Promise<unknown>((resolve, reject) => {
      connection.query(statement, values, (error, rows) => (error ? reject(error) : resolve(rows)));
    });

  test('use UTC, strict mode and full Unicode', async () => {
    open();
    const rows = await ask(
      await take(),
      'select @@session.time_zone as zone, @@session.sql_mode as mode, @@character_set_client as characters',
    );
    expect(rows).toEqual([{ zone: '+00:00', mode: 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', characters: 'utf8mb4' }]);
  });

  test('are limited in number: requests wait in order, and are refused at once when the queue is full', async () => {
    open();
    expect(connections.usage()).toEqual({ used: 0, idle: 0, waiting: 0, maximum: 1 });
    const first = await take();
    const second = take();
    await expect(take()).rejects.toThrow('Too many requests are waiting for a connection');
    expect(connections.usage()).toEqual({ used: 1, idle: 0, waiting: 1, maximum: 1 });
    first.release();
    expect(await second).toBe(first);
    expect(connections.usage()).toEqual({ used: 1, idle: 0, waiting: 0, maximum: 1 });
    (await second).release();
    expect(connections.usage()).toEqual({ used: 0, idle: 1, waiting: 0, maximum: 1 });
    const again = await take();
    expect(again).toBe(first);
    again.release();
  });

  test('are waited for up to a time limit, and a request that gave up takes none', async () => {
    open({ acquireTimeout: 500 });
    const first = await take();
    await expect(take()).rejects.toThrow('No database connection was available within 500 ms');
    expect(connections.usage()).toEqual({ used: 1, idle: 0, waiting: 0, maximum: 1 });
    first.release();
    expect(connections.usage()).toEqual({ used: 0, idle: 1, waiting: 0, maximum: 1 });
  });

  test('are closed when a query takes too long, and the next request gets a new one', async () => {
    open({ queryTimeout: 500 });
    const slow = await take();
    await expect(ask(slow, 'select sleep(60)')).rejects.toThrow('The database did not answer within 500 ms');
    // At once, because the server may be unreachable.
    expect((slow as LimitedConnection).socket.destroyed).toBe(true);
    slow.release();
    expect(connections.usage()).toEqual({ used: 0, idle: 0, waiting: 0, maximum: 1 });
    const next = await take();
    expect(next).not.toBe(slow);
    expect(await ask(next, 'select 1 as one')).toEqual([{ one: 1 }]);
    next.release();
  });

  test('are not reused after the server closed them', async () => {
    open();
    const first = await take();
    first.release();
    await query(server, `KILL ${(first as unknown as { threadId: number }).threadId}`);
    await eventually(async () => connections.usage().idle === 0);
    const next = await take();
    expect(await ask(next, 'select 1 as one')).toEqual([{ one: 1 }]);
    next.release();
  });

  test('are all closed when the pool ends, even those in use', async () => {
    open({ connections: 2, queryTimeout: 1_500 });
    const [busy, idle] = [await take(), await take()] as LimitedConnection[];
    const failed = expect(ask(busy as LimitedConnection, 'select sleep(60)')).rejects.toThrow();
    idle?.release();
    // Both timers run in this process, so they end in this order however busy the machine is.
    expect(await Promise.race([end().then(() => 'ended'), sleep(1_400, 'too late')])).toBe('ended');
    expect([busy?.socket.destroyed, idle?.socket.destroyed]).toEqual([true, true]);
    await failed;
  });

  test('remove values and statements with values from errors', async () => {
    open();
    const connection = await take();
    const error = await ask(connection, 'select cast(? as integer) from nowhere.nothing', ['Maria']).catch(
      (e: Error) => e,
    );
    if (!(error instanceof Error)) throw new Error('The statement did not fail');
    expect({ ...error }).toEqual({ code: 'ER_NO_SUCH_TABLE', errno: 1146 });
    expect(error.message).toBe('ER_NO_SUCH_TABLE');
    await expect(ask(connection, 'select 1 from nowhere.nothing')).rejects.toThrow("'nowhere.nothing' doesn't exist");
    connection.release();
  });

  test('are not reused after a statement that is too large, because the server closes them', async () => {
    // The buffer must be small, too: the server accepts a statement that fits into it despite the limit.
    await query(server, 'SET GLOBAL max_allowed_packet = 1024', 'SET GLOBAL net_buffer_length = 1024');
    try {
      open();
      const connection = await take();
      const refused = ask(connection, 'select ?', ['x'.repeat(20_000)]).finally(() => connection.release());
      await expect(refused).rejects.toMatchObject({ code: 'ER_NET_PACKET_TOO_LARGE' });
      expect(connections.usage()).toEqual({ used: 0, idle: 0, waiting: 0, maximum: 1 });
    } finally {
      await query(server, 'SET GLOBAL max_allowed_packet = DEFAULT', 'SET GLOBAL net_buffer_length = DEFAULT');
    }
  });

  test('are all replaced once the server says that it is read-only, because another server may be writable', async () => {
    open({ connections: 3 });
    const [noticing, busy, idle] = [await take(), await take(), await take()];
    idle.release();
    expect(connections.usage()).toEqual({ used: 2, idle: 1, waiting: 0, maximum: 3 });
    const readOnly = "signal sqlstate 'HY000' set mysql_errno = 1290";
    await expect(ask(noticing, readOnly)).rejects.toMatchObject({ errno: 1290 });
    expect(connections.usage()).toEqual({ used: 2, idle: 0, waiting: 0, maximum: 3 });
    expect(await ask(busy, 'select 1 as one')).toEqual([{ one: 1 }]);
    for (const connection of [noticing, busy]) connection.release();
    expect(connections.usage()).toEqual({ used: 0, idle: 0, waiting: 0, maximum: 3 });
    const next = await take();
    expect([noticing, busy, idle]).not.toContain(next);
    expect(await ask(next, 'select 1 as one')).toEqual([{ one: 1 }]);
    next.release();
  });

  test('that open too late for one request serve the next', async () => {
    let logIn = (_: Login) => {};
    const late = new Promise<Login>((resolve) => {
      logIn = resolve;
    });
    open({ acquireTimeout: 100 }, { current: () => late, renew: async () => false });
    await expect(take()).rejects.toThrow('No database connection was available within 100 ms');
    logIn(login());
    await eventually(async () => connections.usage().idle === 1);
    expect(connections.usage()).toEqual({ used: 0, idle: 1, waiting: 0, maximum: 1 });
    (await take()).release();
  });

  test('use a renewed login when the first one is refused, and fail if there is none', async () => {
    const wrong = { ...login(), password: 'wrong' };
    let current = wrong;
    const refused: Login[] = [];
    open(
      {},
      {
        current: async () => current,
        async renew(which) {
          refused.push(which);
          current = login();
          return true;
        },
      },
    );
    const connection = await take();
    expect(await ask(connection, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(refused).toEqual([wrong]);
    connection.release();
    await end();
    open({}, { current: async () => wrong, renew: async () => false });
    await expect(take()).rejects.toThrow(/Access denied/);
    expect(connections.usage()).toEqual({ used: 0, idle: 0, waiting: 0, maximum: 1 });
  });

  test('that are open serve requests that cannot open a new one', async () => {
    let isRefused = false;
    let refusals = 0;
    open(
      // Tried again many times before a request gives up.
      { connections: 2, waiting: 2, acquireTimeout: 5_000 },
      {
        current: async () => (isRefused ? { ...login(), password: 'wrong' } : login()),
        async renew() {
          refusals++;
          return false;
        },
      },
    );
    const first = await take();
    isRefused = true;
    const second = take();
    first.release();
    expect(await second).toBe(first);
    const before = refusals;
    const third = take();
    await eventually(async () => refusals > before);
    isRefused = false;
    expect(await third).not.toBe(first);
    for (const connection of [first, await third]) connection.release();
    // None is lost to a request that no longer waits.
    expect(connections.usage()).toEqual({ used: 0, idle: 2, waiting: 0, maximum: 2 });
    // Nor is one given to two requests.
    const both = [await take(), await take()];
    expect(new Set(both).size).toBe(2);
    for (const connection of both) connection.release();
  });

  test('that are closed while in use leave those that are idle to later requests', async () => {
    open({ connections: 2 });
    const [busy, idle] = (await Promise.all([take(), take()])) as [LimitedConnection, LimitedConnection];
    idle.release();
    const closed = once(busy.socket, 'close');
    busy.destroy();
    await closed;
    busy.release();
    expect(connections.usage()).toEqual({ used: 0, idle: 1, waiting: 0, maximum: 2 });
    expect(await take()).toBe(idle);
    idle.release();
  });

  test('are closed if the server refuses their time zone and mode', async () => {
    open();
    const opened: LimitedConnection[] = [];
    jest.spyOn(LimitedConnection.prototype, 'query').mockImplementationOnce(function (
      this: LimitedConnection,
      _,
      __,
      done,
    ) {
      opened.push(this);
      done?.(new Error('refused'), undefined as never);
      return { stream: () => undefined as never };
    });
    await expect(take()).rejects.toThrow('refused');
    expect(opened.map(({ socket }) => socket.destroyed)).toEqual([true]);
    expect(connections.usage()).toEqual({ used: 0, idle: 0, waiting: 0, maximum: 1 });
  });

  test('are no longer tried for a request that has given up, so that its place is free for another', async () => {
    const refuse = openToRefuse({ connections: 2, acquireTimeout: 300 });
    const first = await take();
    refuse();
    await expect(take()).rejects.toThrow('No database connection was available within 300 ms');
    await eventually(async () => connections.usage().used === 1, 5_000);
    first.release();
  });

  test('that the server has closed do not count as open, so that a refused login is told at once', async () => {
    const refuse = openToRefuse({ acquireTimeout: 5_000 });
    const first = await take();
    first.release();
    await query(server, `KILL ${(first as unknown as { threadId: number }).threadId}`);
    await eventually(async () => connections.usage().idle === 0);
    refuse();
    await expect(take()).rejects.toThrow(/Access denied/);
  });

  test('are tried once if they fail for another reason than the login', async () => {
    let tries = 0;
    const renewed: Login[] = [];
    const closed = connectionOptions({ host: '127.0.0.1', port: await freePort() });
    connections = new ConnectionPool(
      closed,
      {
        async current() {
          tries++;
          return login();
        },
        async renew(which) {
          renewed.push(which);
          return true;
        },
      },
      patient,
    );
    await expect(take()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect([tries, renewed]).toEqual([1, []]);
  });

  test('that cannot be opened mean that nothing was sent', async () => {
    const refuse = openToRefuse({});
    refuse();
    expect(failureKindOf(await take().catch((error) => error))).toBe('unreachable');
    await end();
    const closed = connectionOptions({ host: '127.0.0.1', port: await freePort() });
    connections = new ConnectionPool(closed, logins(), patient);
    expect(failureKindOf(await take().catch((error) => error))).toBe('unreachable');
  });

  test('that break leave it unknown what became of the statement', async () => {
    open();
    const connection = await take();
    const id = (connection as unknown as { threadId: number }).threadId;
    const asked = ask(connection, 'select sleep(?) as slept', [30]).catch((error) => error);
    await eventually(async () =>
      (
        await query(server, `SELECT 1 FROM information_schema.processlist WHERE id = ${id} AND info LIKE '%sleep%'`)
      ).some(Boolean),
    );
    await query(server, `KILL ${id}`);
    expect(failureKindOf(await asked)).toBe('interrupted');
    // Asked again before the pool has noticed.
    expect(failureKindOf(await ask(connection, 'select ? as one', [1]).catch((error) => error))).toBe('interrupted');
    connection.release();
  });

  test('finish their queries when the pool ends', async () => {
    open();
    const connection = await take();
    const answered = ask(connection, 'select sleep(0.2) as done');
    await end();
    expect(await answered).toEqual([{ done: 0 }]);
  });

  test('have a time limit for each query, which ends with it', async () => {
    open();
    const connection = await take();
    const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
    const before = timers();
    await ask(connection, 'select 1');
    expect(timers()).toBe(before);
    connection.release();
  });
});
