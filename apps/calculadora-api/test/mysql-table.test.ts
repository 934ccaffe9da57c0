import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type Adapter, adapterOf, applyMigrations } from 'database';
import { Kysely, MysqlDialect, sql } from 'kysely';
import { type MariaDb, mariadbd, startMariaDb } from '../../../packages/database/test/support/mariadb.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { describeWith } from '../../../test/support/tools.ts';
import { findObstacles } from '../src/database/mysql-obstacles.ts';
import { schema } from '../src/database/schema.ts';
import { useFakeTimeouts } from './support/clock.ts';
import { newDatabaseOn, query, seedColumns } from './support/databases.ts';

describeWith('MariaDB', mariadbd, 'The table operacoes on MariaDB', () => {
  let server: MariaDb;
  let database: ReturnType<typeof newDatabaseOn>;
  let kysely: Kysely<unknown>;
  let adapter: Adapter;
  beforeAll(async () => {
    server = await startMariaDb();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    database = newDatabaseOn(server);
    adapter = adapterOf(settings());
    kysely = new Kysely({ dialect: adapter.dialect });
  });
  afterEach(() => kysely.destroy());

  /** With the login of the server's administrator, or another one. */
  const settings = ({ user, password } = { user: server.user, password: server.password }) => ({
    kind: 'mysql' as const,
    host: server.host,
    port: server.port,
    name: database.name,
    login: { user, password },
  });

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
    await applyMigrations(adapter, schema);
    expect(await columns()).toEqual(expectedColumns);
    expect(await indexes()).toEqual(expectedIndexes);
    const [created] = await query(
      server,
      `select default_character_set_name as characters from information_schema.schemata where schema_name = '${database.name}'`,
    );
    expect(created).toEqual({ characters: 'utf8mb4' });
    const done = await query(server, `select name from ${database.name}.kysely_migration order by name`);
    expect(done.map(({ name }) => name)).toEqual([
      '001_create_operacoes',
      '002_widen_operacoes',
      '003_add_idempotency_key',
    ]);
  });

  test('is created once by replicas that start at the same time, in a database whose name needs quotes', async () => {
    const name = `${database.name}-2`;
    const replicas = Array.from({ length: 4 }, () => adapterOf({ ...settings(), name }));
    await Promise.all(replicas.map((replica) => applyMigrations(replica, schema)));
    expect(await query(server, `select count(*) as steps from \`${name}\`.kysely_migration`)).toEqual([{ steps: 3 }]);
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
    ['data_execucao', ['DATETIME', 'DATETIME NOT NULL', 'DATETIME(1)', 'DATETIME(3)', 'TIMESTAMP(3) NULL']],
    ['idempotency_key', ['VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin UNIQUE']],
    ['INDEX by_name', ['(nome)']],
  ])(
    'is adopted if a column has a type that can be converted without loss, or for an ordinary index: %s',
    async (name, types) => {
      for (const type of types) {
        await define({ [name]: type });
        expect([type, await findObstacles(kysely)]).toEqual([type, []]);
      }
    },
  );

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
      expect([type, await findObstacles(kysely)]).toEqual([
        type,
        [expect.stringMatching(new RegExp(`^its column ${name} .*${why.replace(/[()]/g, '\\$&')}$`))],
      ]);
    }
  });

  test('is not adopted with a foreign key or a check of its own', async () => {
    await define({});
    await query(server, `CREATE TABLE ${database.name}.setores (id INT PRIMARY KEY)`);
    await define({
      setor: 'INT',
      'CONSTRAINT of_theirs': `FOREIGN KEY (setor) REFERENCES ${database.name}.setores (id)`,
      'CONSTRAINT small': 'CHECK (operador1 < 3)',
    });
    expect((await findObstacles(kysely)).toSorted()).toEqual([
      'its constraint of_theirs (FOREIGN KEY) may refuse operations or migrations',
      'its constraint small (CHECK) may refuse operations or migrations',
    ]);
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
    expect(await findObstacles(kysely)).toEqual([
      'its constraint of_ours (FOREIGN KEY) may refuse operations or migrations',
    ]);
    const other = newDatabaseOn(server);
    const elsewhere = new Kysely<unknown>({ dialect: adapterOf({ ...settings(), name: other.name }).dialect });
    await query(
      server,
      `CREATE DATABASE ${other.name}`,
      `CREATE TABLE ${other.name}.operacoes LIKE ${database.name}.operacoes`,
    );
    expect(await findObstacles(elsewhere)).toEqual([]);
    await elsewhere.destroy();
    await query(
      server,
      `DROP TABLE ${database.name}.details, ${database.name}.operacoes`,
      `CREATE VIEW ${database.name}.operacoes AS SELECT 1 AS id`,
    );
    expect(await findObstacles(kysely)).toEqual(['it is a view']);
    await expect(applyMigrations(adapter, schema)).rejects.toThrow(
      `The table operacoes in ${adapter.location} cannot be used: it is a view. Nothing was changed`,
    );
  });

  test('has all its obstacles listed at once, and is the same after adoption as a newly created one', async () => {
    await define({ operador1: 'FLOAT', setor: 'INT NOT NULL', codigo: 'INT UNIQUE' });
    expect(await findObstacles(kysely)).toEqual([
      'its column operador1 is float, and values might change',
      'its column setor must have a value, and the API does not supply one',
      'its index codigo allows each codigo only once',
    ]);
    // A column of another table is not one of this table.
    await query(server, `CREATE TABLE ${database.name}.pedidos (id INT PRIMARY KEY, idempotency_key INT)`);
    await define({
      id: 'INT UNSIGNED AUTO_INCREMENT PRIMARY KEY',
      nome: 'CHAR(20) NOT NULL',
      operador1: 'TINYINT NOT NULL',
    });
    await applyMigrations(adapter, schema);
    expect(await columns()).toEqual(expectedColumns);
    expect(await indexes()).toEqual(expectedIndexes);
    await applyMigrations(adapter, schema);
    expect(await schema.writeProbe.execute(kysely)).toMatchObject({ rows: [] });
    expect(await sql`select 1 from operacoes`.execute(kysely)).toMatchObject({ rows: [] });
  });

  test('is adopted in whatever letters the names of its columns are, and keeps its rows', async () => {
    await query(
      server,
      `CREATE DATABASE ${database.name}`,
      `CREATE TABLE ${database.name}.operacoes (ID INT AUTO_INCREMENT PRIMARY KEY, Nome VARCHAR(255) NOT NULL, OPERADOR1 INT NOT NULL,
         Operador2 INT, Data_Execucao TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP,
         IDEMPOTENCY_KEY VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin UNIQUE)`,
      `INSERT INTO ${database.name}.operacoes (Nome, OPERADOR1, Operador2) VALUES ('Ana', 1, 2)`,
    );
    await applyMigrations(adapter, schema);
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
      useFakeTimeouts();
      const migrated = applyMigrations(adapter, schema).then(
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
  const newLogin = () => ({ user: `user_${database.name}`.slice(0, 30), password: 'only-for-tests' });
  const waiting = () =>
    query(
      server,
      `select id from information_schema.processlist where db = '${database.name}' and state like 'Waiting for%lock'`,
    );

  test('passes the write probe only for a user who may insert into every column that the API writes', async () => {
    await applyMigrations(adapter, schema);
    const login = newLogin();
    const table = `${database.name}.operacoes`;
    await query(
      server,
      `CREATE USER ${login.user} IDENTIFIED BY '${login.password}'`,
      `GRANT SELECT, INSERT (nome, operador1, operador2) ON ${table} TO ${login.user}`,
    );
    const theirs = new Kysely<unknown>({ dialect: adapterOf(settings(login)).dialect });
    await expect(schema.writeProbe.execute(theirs)).rejects.toMatchObject({ code: 'ER_COLUMNACCESS_DENIED_ERROR' });
    await query(server, `GRANT INSERT ON ${table} TO ${login.user}`);
    await schema.writeProbe.execute(theirs);
    expect(await database.rows()).toEqual([]);
    await theirs.destroy();
  });

  test('that cannot be migrated leaves no connection behind, however often that is tried', async () => {
    const login = newLogin();
    const theirs = adapterOf(settings(login));
    await query(
      server,
      `CREATE USER ${login.user} IDENTIFIED BY '${login.password}'`,
      `GRANT SELECT ON *.* TO ${login.user}`,
    );
    const failsWith = async (message: RegExp) => {
      await expect(applyMigrations(theirs, schema)).rejects.toThrow(message);
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

// The information schema of MySQL 8.4 differs from MariaDB's: integers have no width, a default of NULL is null, a
// generated column may be NOT NULL, and a column without an alias has its name in capitals. https://dev.mysql.com/doc/refman/8.4/en/information-schema-columns-table.html
describe('The table operacoes, as MySQL describes it,', () => {
  const column = { collation: null, nullable: 'YES', preset: null, extra: '' };
  const id = { ...column, name: 'id', type: 'int', nullable: 'NO', extra: 'auto_increment' };
  const time = { ...column, name: 'data_execucao', type: 'timestamp', preset: 'CURRENT_TIMESTAMP' };
  const seed = [
    id,
    { ...column, name: 'nome', type: 'varchar(255)', collation: 'latin1_swedish_ci', nullable: 'NO' },
    ...['operador1', 'operador2'].map((name) => ({ ...column, name, type: 'int', nullable: 'NO' })),
    { ...time, extra: 'DEFAULT_GENERATED' },
  ];
  const primary = { name: 'PRIMARY', columns: 'id' };

  const namedBy = (statement: string, row: object) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        new RegExp(`\\bas ${name}\\b`).test(statement) ? name : name.toUpperCase(),
        value,
      ]),
    );

  /** The obstacles of a table with these columns. The answers come in the order of the queries. */
  async function obstacles(columns: object[], table: object = {}, indexes: object[] = [primary]) {
    const answers = [[{ kind: 'BASE TABLE', engine: 'InnoDB', options: '', ...table }], columns, indexes, []];
    const dialect = new MysqlDialect({
      pool: async () => ({
        getConnection: (done) =>
          done(null, {
            query: (statement: string, _: readonly unknown[], answered: (error: null, rows: unknown) => void) =>
              answered(
                null,
                answers.shift()?.map((row) => namedBy(statement, row)),
              ),
            release: () => undefined,
          } as never),
        end: (done) => done(null),
      }),
    });
    return findObstacles(new Kysely({ dialect }));
  }

  test('is adopted, also with columns that need no value', async () => {
    expect(await obstacles(seed)).toEqual([]);
    const more = [
      { ...column, name: 'obs', type: 'text' },
      { ...column, name: 'origem', type: 'varchar(9)', nullable: 'NO', preset: 'web' },
      { ...column, name: 'dobro', type: 'int', nullable: 'NO', extra: 'STORED GENERATED' },
      { ...column, name: 'metade', type: 'int', nullable: 'NO', extra: 'VIRTUAL GENERATED' },
    ];
    expect(await obstacles([...seed, ...more])).toEqual([]);
    expect(await obstacles([{ ...id, type: 'int unsigned' }, ...seed.slice(1)])).toEqual([]);
  });

  test('is not adopted in another engine, in partitions, or with a column that needs a value', async () => {
    const setor = { ...column, name: 'setor', type: 'int', nullable: 'NO' };
    expect(
      await obstacles([...seed, setor], { engine: 'MyISAM', options: 'row_format=DYNAMIC partitioned' }, [
        { name: 'PRIMARY', columns: 'id,nome' },
      ]),
    ).toEqual([
      'its engine is MyISAM, and InnoDB is needed',
      'its column setor must have a value, and the API does not supply one',
      'its primary key is not id',
      'it is partitioned',
    ]);
    expect(await obstacles([{ ...id, type: 'bigint unsigned' }, ...seed.slice(1)], {}, [])).toEqual([
      'its column id is bigint unsigned, and values might change',
      'its primary key is not id',
    ]);
    expect(await obstacles([], { kind: 'VIEW', engine: null, options: null })).toEqual(['it is a view']);
  });
});
