import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Database } from 'database';
import { Kysely, sql } from 'kysely';
import { eventually } from '../../../test/support/eventually.ts';
import { describeWith } from '../../../test/support/tools.ts';
import { migrate } from '../src/database/migrate.ts';
import { type ConnectionLimits, Connections } from '../src/database/mysql/connections.ts';
import { connectionOptions, mysqlEngine } from '../src/database/mysql/engine.ts';
import type { LimitedConnection } from '../src/database/mysql/limited-connection.ts';
import type { Login } from '../src/settings.ts';
import { newDatabaseOn, query, seedColumns } from './support/databases.ts';
import { type MariaDb, mariadbd, startMariaDb } from './support/mariadb.ts';

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
    const database = new Database({ kind: 'mysql', ...address, host, login });
    expect(database.location).toBe(location);
    // During a release there are four replicas, and the smallest RDS instance must have room for all their connections.
    expect(database.connections()).toEqual({ used: 0, idle: 0, waiting: 0, maximum: 4 });
    expect(database.operationsStored()).toBe(0);
  });

  test('allow migrations only with a direct login, not with one from a secret', () => {
    const engine = (login: Login | { secret: string }) => mysqlEngine({ kind: 'mysql', ...address, login });
    expect(engine({ user: 'app', password: 'only-for-tests' }).mayMigrate).toBe(true);
    expect(engine({ secret: 'api' }).mayMigrate).toBe(false);
  });
});

describeWith('MariaDB', mariadbd, 'Pooled connections', () => {
  let server: MariaDb;
  let connections: Connections;
  beforeAll(async () => {
    server = await startMariaDb();
  });
  afterAll(() => server.stop());
  afterEach(() => end());

  const login = () => ({ user: server.user, password: server.password });
  const logins = () => ({ current: async () => login(), renew: async () => false });
  const patient: ConnectionLimits = { connections: 1, waiting: 1, acquireTimeout: 30_000, queryTimeout: 30_000 };
  function open(limits: Partial<ConnectionLimits> = {}, by: ConstructorParameters<typeof Connections>[1] = logins()) {
    const { host, port } = server;
    connections = new Connections(connectionOptions({ host, port, name: '' }), by, { ...patient, ...limits });
    return connections;
  }
  const end = () => new Promise<void>((resolve) => connections.end(() => resolve()));
  type Connection = Parameters<Parameters<Connections['getConnection']>[0]>[1];
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
    await end();
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
    open(
      { connections: 2, waiting: 2 },
      {
        current: async () => (isRefused ? { ...login(), password: 'wrong' } : login()),
        renew: async () => false,
      },
    );
    const first = await take();
    isRefused = true;
    const second = take();
    first.release();
    expect(await second).toBe(first);
    first.release();
  });
});

describeWith('MariaDB', mariadbd, 'The table operacoes on MariaDB', () => {
  let server: MariaDb;
  let database: ReturnType<typeof newDatabaseOn>;
  let kysely: Kysely<unknown>;
  let engine: ReturnType<typeof mysqlEngine>;
  beforeAll(async () => {
    server = await startMariaDb();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    database = newDatabaseOn(server);
    const { host, port, user, password } = server;
    engine = mysqlEngine({ kind: 'mysql', host, port, name: database.name, login: { user, password } });
    kysely = new Kysely({ dialect: engine.dialect });
  });
  afterEach(() => kysely.destroy());

  const columns = () =>
    query(
      server,
      `select column_name as name, column_type as type, is_nullable as nullable, column_default as preset,
         collation_name as collation, extra from information_schema.columns
         where table_schema = '${database.name}' and table_name = 'operacoes' order by ordinal_position`,
    );
  const nothing = { nullable: 'YES', preset: 'NULL', collation: null, extra: '' };
  const expectedColumns = [
    { ...nothing, name: 'id', type: 'bigint(20)', nullable: 'NO', preset: null, extra: 'auto_increment' },
    { ...nothing, name: 'nome', type: 'varchar(255)', collation: 'utf8mb4_unicode_ci' },
    { ...nothing, name: 'operador1', type: 'bigint(20)' },
    { ...nothing, name: 'operador2', type: 'bigint(20)' },
    { ...nothing, name: 'data_execucao', type: 'datetime(3)', preset: 'current_timestamp(3)' },
    { ...nothing, name: 'idempotency_key', type: 'varchar(255)', collation: 'ascii_bin' },
  ];
  const indexes = () =>
    query(
      server,
      `select index_name as name, column_name as \`column\`, non_unique as many from information_schema.statistics
         where table_schema = '${database.name}' and table_name = 'operacoes' order by index_name`,
    );
  const expectedIndexes = [
    { name: 'operacoes_idempotency_key', column: 'idempotency_key', many: 0 },
    { name: 'PRIMARY', column: 'id', many: 0 },
  ];

  test('is created with full Unicode, and so is its database', async () => {
    await migrate(engine);
    expect(await columns()).toEqual(expectedColumns);
    expect(await indexes()).toEqual(expectedIndexes);
    const [schema] = await query(
      server,
      `select default_character_set_name as characters from information_schema.schemata where schema_name = '${database.name}'`,
    );
    expect(schema).toEqual({ characters: 'utf8mb4' });
    const done = await query(server, `select name from ${database.name}.kysely_migration order by name`);
    expect(done.map(({ name }) => name)).toEqual([
      '001_create_operacoes',
      '002_widen_operacoes',
      '003_add_idempotency_key',
    ]);
  });

  const define = (change: Record<string, string>) =>
    query(
      server,
      `CREATE DATABASE IF NOT EXISTS ${database.name}`,
      `CREATE OR REPLACE TABLE ${database.name}.operacoes (${Object.entries({ ...seedColumns, ...change })
        .map((column) => column.join(' '))
        .join(', ')})`,
    );

  test.each([
    [
      'id',
      ['TINYINT', 'SMALLINT', 'MEDIUMINT', 'BIGINT', 'INT UNSIGNED'].map((t) => `${t} AUTO_INCREMENT PRIMARY KEY`),
    ],
    ['nome', ['CHAR(1)', 'CHAR(99)', 'VARCHAR(199)', 'VARCHAR(249)', 'VARCHAR(255)', 'TINYTEXT']],
    ['operador1', ['TINYINT', 'SMALLINT', 'MEDIUMINT', 'BIGINT']],
    ['operador2', ['TINYINT', 'SMALLINT', 'MEDIUMINT', 'BIGINT']],
    ['data_execucao', ['DATETIME', 'DATETIME(1)', 'DATETIME(3)', 'TIMESTAMP(3) NULL']],
    ['idempotency_key', ['VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin UNIQUE']],
  ])('is adopted if the column %s has a type that can be converted without loss', async (name, types) => {
    for (const type of types) {
      await define({ [name]: type });
      expect([type, await engine.findObstacles(kysely)]).toEqual([type, []]);
    }
  });

  test.each([
    ['id', ['BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY', 'DECIMAL(10,0) PRIMARY KEY'], 'values might change'],
    ['nome', ['VARCHAR(256)', 'VARCHAR(260)', 'VARCHAR(1000)', 'MEDIUMTEXT', 'VARBINARY(10)'], 'values might change'],
    ['operador1', ['INT UNSIGNED', 'FLOAT', 'DECIMAL(10,2)', 'VARCHAR(10)'], 'values might change'],
    ['operador2', ['INT UNSIGNED', 'FLOAT', 'DECIMAL(10,2)', 'VARCHAR(10)'], 'values might change'],
    ['data_execucao', ['DATE', 'DATETIME(4)', 'VARCHAR(30)'], 'values might change'],
    ['idempotency_key', ['VARCHAR(254) CHARACTER SET ascii COLLATE ascii_bin UNIQUE'], 'values might change'],
    [
      'idempotency_key',
      ['VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin', 'VARCHAR(255) CHARACTER SET ascii UNIQUE'],
      'must be unique and compared byte by byte (ascii_bin)',
    ],
  ])('is not adopted if the column %s has another type', async (name, types, why) => {
    for (const type of types) {
      await define({ [name]: type });
      expect([type, await engine.findObstacles(kysely)]).toEqual([
        type,
        [expect.stringMatching(new RegExp(`^its column ${name} .*${why.replace(/[()]/g, '\\$&')}$`))],
      ]);
    }
  });

  test('is not adopted if it is a view, or if another table references it', async () => {
    await define({});
    await query(
      server,
      `CREATE TABLE ${database.name}.details (operacao INT, CONSTRAINT of_ours FOREIGN KEY (operacao) REFERENCES operacoes (id))`.replace(
        'REFERENCES ',
        `REFERENCES ${database.name}.`,
      ),
    );
    expect(await engine.findObstacles(kysely)).toEqual([
      'its constraint of_ours (FOREIGN KEY) may refuse operations or migrations',
    ]);
    await query(
      server,
      `DROP TABLE ${database.name}.details, ${database.name}.operacoes`,
      `CREATE VIEW ${database.name}.operacoes AS SELECT 1 AS id`,
    );
    expect(await engine.findObstacles(kysely)).toEqual(['it is a view']);
    await expect(migrate(engine)).rejects.toThrow(
      `The table operacoes in ${engine.location} cannot be used: it is a view. Nothing was changed`,
    );
  });

  test('has all its obstacles listed at once, and is the same after adoption as a newly created one', async () => {
    await define({ operador1: 'FLOAT', setor: 'INT NOT NULL', codigo: 'INT UNIQUE' });
    expect(await engine.findObstacles(kysely)).toEqual([
      'its column operador1 is float, and values might change',
      'its column setor must have a value, and the API does not supply one',
      'its index codigo allows each codigo only once',
    ]);
    await define({
      id: 'INT UNSIGNED AUTO_INCREMENT PRIMARY KEY',
      nome: 'CHAR(20) NOT NULL',
      operador1: 'TINYINT NOT NULL',
    });
    await migrate(engine);
    expect(await columns()).toEqual(expectedColumns);
    expect(await indexes()).toEqual(expectedIndexes);
    await migrate(engine);
    expect(await engine.writeProbe.execute(kysely)).toMatchObject({ rows: [] });
    expect(await sql`select 1 from operacoes`.execute(kysely)).toMatchObject({ rows: [] });
  });

  test('is adopted in whatever letters the names of its columns are, and keeps its rows', async () => {
    await query(
      server,
      `CREATE DATABASE ${database.name}`,
      `CREATE TABLE ${database.name}.operacoes (ID INT AUTO_INCREMENT PRIMARY KEY, Nome VARCHAR(255), OPERADOR1 INT,
         Operador2 INT, Data_Execucao TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP,
         IDEMPOTENCY_KEY VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin UNIQUE)`,
      `INSERT INTO ${database.name}.operacoes (Nome, OPERADOR1, Operador2) VALUES ('Ana', 1, 2)`,
    );
    await migrate(engine);
    await sql`insert into operacoes (nome, operador1, operador2, idempotency_key) values ('Wander', 5, 10, 'key')`.execute(
      kysely,
    );
    expect((await database.rows()).map((row) => Object.values(row))).toEqual([
      ['Ana', 1, 2],
      ['Wander', 5, 10],
    ]);
  });

  test('may be migrated for minutes, as when it is large or another replica migrates it', async () => {
    await define({});
    await kysely.connection().execute(async (other) => {
      await sql`lock tables operacoes read`.execute(other);
      // The limits of time run by the test's clock; all else goes on by itself.
      jest.useFakeTimers({ doNotFake: allButTimeouts });
      const migrated = migrate(engine).then(
        () => 'done',
        (error) => String(error),
      );
      try {
        await eventually(async () => (await waiting()).length === 1);
        jest.advanceTimersByTime(9 * 60_000);
      } finally {
        jest.useRealTimers();
        await sql`unlock tables`.execute(other);
      }
      expect(await migrated).toBe('done');
    });
    expect(await columns()).toEqual(expectedColumns);
  });
  const waiting = () =>
    query(
      server,
      `select id from information_schema.processlist where db = '${database.name}' and state like 'Waiting for%lock'`,
    );

  test('that cannot be migrated leaves no connection behind, however often that is tried', async () => {
    const { host, port } = server;
    const login = { user: `user_${database.name}`.slice(0, 30), password: 'only-for-tests' };
    const theirs = mysqlEngine({ kind: 'mysql', host, port, name: database.name, login });
    await query(
      server,
      `CREATE USER ${login.user} IDENTIFIED BY '${login.password}'`,
      `GRANT SELECT ON *.* TO ${login.user}`,
    );
    const failsWith = async (message: RegExp) => {
      await expect(migrate(theirs)).rejects.toThrow(message);
      await eventually(async () => {
        const open = await query(server, `select id from information_schema.processlist where user = '${login.user}'`);
        return open.length === 0;
      });
    };
    await failsWith(/does not exist and the user may not create it/);
    await define({});
    await query(server, `GRANT INSERT ON ${database.name}.* TO ${login.user}`);
    await failsWith(/CREATE command denied/);
    await define({ operador1: 'FLOAT' });
    await failsWith(/cannot be used: its column operador1 is float/);
  });
});

/** What jest's clock leaves alone while it keeps the limits of time. */
const allButTimeouts = [
  ...(['Date', 'hrtime', 'nextTick', 'performance', 'queueMicrotask'] as const),
  ...(['setImmediate', 'clearImmediate', 'setInterval', 'clearInterval'] as const),
];
