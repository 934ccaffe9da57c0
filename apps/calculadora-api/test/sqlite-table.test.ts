import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Adapter, adapterOf, applyMigrations } from 'database';
import { CompiledQuery, Kysely } from 'kysely';
import { schema } from '../src/database/schema.ts';
import { findObstacles } from '../src/database/sqlite-obstacles.ts';
import { newDatabaseFile } from './support/databases.ts';

describe('The table operacoes in a SQLite file', () => {
  let adapter: Adapter;
  let kysely: Kysely<unknown>;
  beforeEach(async () => {
    adapter = adapterOf({ kind: 'sqlite', file: (await newDatabaseFile()).file });
    kysely = new Kysely({ dialect: adapter.dialect });
  });
  afterEach(() => kysely.destroy());

  const run = async (statement: string, values: unknown[] = []) =>
    (await kysely.executeQuery<Record<string, unknown>>(CompiledQuery.raw(statement, values))).rows;
  const expectedColumns = [
    { name: 'id', type: 'INTEGER', notnull: 0, dflt_value: null, pk: 1 },
    { name: 'nome', type: 'TEXT', notnull: 1, dflt_value: null, pk: 0 },
    { name: 'operador1', type: 'INTEGER', notnull: 1, dflt_value: null, pk: 0 },
    { name: 'operador2', type: 'INTEGER', notnull: 1, dflt_value: null, pk: 0 },
    { name: 'data_execucao', type: 'TEXT', notnull: 1, dflt_value: "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')", pk: 0 },
    { name: 'idempotency_key', type: 'TEXT', notnull: 0, dflt_value: null, pk: 0 },
  ];

  test('is created only once, with a sortable time', async () => {
    for (let time = 0; time < 2; time++) await applyMigrations(adapter, schema);
    const columns = await run(
      'select name, upper(type) as type, "notnull", dflt_value, pk from pragma_table_info(\'operacoes\')',
    );
    expect(columns.map((column) => ({ ...column }))).toEqual(expectedColumns);
    const before = new Date().toISOString();
    const insert = 'insert into operacoes (nome, operador1, operador2) values (?, ?, ?)';
    await run(insert, ['Ana', 2 ** 53 - 1, -0]);
    const [row] = await run(
      'select typeof(operador1) as type, typeof(operador2) as zero, data_execucao as at, id from operacoes',
    );
    expect({ ...row }).toEqual({
      type: 'integer',
      zero: 'integer',
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      id: 1,
    });
    expect(String(row?.at) >= before).toBe(true);
    // The id of a deleted row is not reused.
    await run('delete from operacoes');
    await run(insert, ['Ana', 1, 2]);
    expect({ ...(await run('select id from operacoes'))[0] }).toEqual({ id: 2 });
    const [index] = await run('select name, "unique" as once from pragma_index_list(\'operacoes\')');
    expect({ ...index }).toEqual({ name: 'operacoes_idempotency_key', once: 1 });
  });

  test('is the same if two processes run each migration', async () => {
    for (const { up } of Object.values(schema.sqlite.steps)) for (let time = 0; time < 2; time++) await up(kysely);
    expect(await run("select count(*) as columns from pragma_table_info('operacoes')")).toEqual([{ columns: 6 }]);
  });

  const existing = {
    id: 'integer primary key',
    nome: 'varchar(255)',
    operador1: 'int',
    operador2: 'bigint',
    data_execucao: "text default ''",
  };
  /** The obstacles of an existing table with these columns. */
  async function obstacles(change: Record<string, string>, more = ''): Promise<string[]> {
    const columns = Object.entries({ ...existing, ...change }).map((column) => column.join(' '));
    await run('drop table if exists operacoes');
    await run(`create table operacoes (${columns.join(', ')}${more})`);
    return findObstacles(kysely);
  }

  test('is adopted if its columns have types that can be converted without loss', async () => {
    for (const nome of ['text', 'VARCHAR(10)', 'clob', 'nchar(3) not null'])
      expect(await obstacles({ nome })).toEqual([]);
    expect(await obstacles({ id: 'integer not null primary key' })).toEqual([]);
    for (const operador1 of ['INTEGER not null', 'tinyint', 'int8']) expect(await obstacles({ operador1 })).toEqual([]);
    expect(
      await obstacles({ checked: 'text', preferences: 'text', setor: 'text', origem: "text not null default 'web'" }),
    ).toEqual([]);
    expect(await obstacles({ idempotency_key: 'text unique' })).toEqual([]);
    await run('create index by_name on operacoes (nome)');
    expect(await findObstacles(kysely)).toEqual([]);
    await applyMigrations(adapter, schema);
  });

  test.each<[Record<string, string>, string, string]>([
    [{ nome: 'blob' }, '', 'its column nome is BLOB, and values might change'],
    [{ nome: 'charint' }, '', 'its column nome is charint, and values might change'],
    [{ nome: '' }, '', 'its column nome is of no type, and values might change'],
    [{ operador1: 'numeric' }, '', 'its column operador1 is NUMERIC, and values might change'],
    [{ operador2: 'text' }, '', 'its column operador2 is TEXT, and values might change'],
    [{ idempotency_key: 'integer unique' }, '', 'its column idempotency_key is INTEGER, and values might change'],
    [{ data_execucao: 'text' }, '', 'its column data_execucao has no default'],
    [{ setor: 'text not null' }, '', 'its column setor must have a value, and the API does not supply one'],
    [{ nome: 'text references people (name)' }, '', 'it has a check or a foreign key, which may refuse operations'],
    [{}, ', check (operador1 <> 0)', 'it has a check or a foreign key, which may refuse operations'],
    [
      {},
      ', unique (operador1, operador2)',
      'its index sqlite_autoindex_operacoes_1 allows each operador1,operador2 only once',
    ],
  ])('is not adopted with %j%s', async (change, more, why) => {
    expect((await obstacles(change, more)).map((sentence) => sentence.toLowerCase())).toEqual([why.toLowerCase()]);
  });

  test('is not adopted with a primary key other than its id, or as a view', async () => {
    expect(await obstacles({ id: 'integer' })).toEqual(['its primary key is not id']);
    expect(await obstacles({ id: 'integer' }, ', primary key (id, nome)')).toContain('its primary key is not id');
    await run('drop table operacoes');
    await run('create view operacoes as select 1 as id');
    expect(await findObstacles(kysely)).toEqual(['it is a view']);
  });
});
