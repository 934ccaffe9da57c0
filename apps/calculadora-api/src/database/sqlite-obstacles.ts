import { type Kysely, sql } from 'kysely';
import { columnObstacles, type LosslessTypes } from './column-obstacles.ts';

// SQLite derives a column's affinity from its type name:
// https://www.sqlite.org/datatype3.html#determination_of_column_affinity
const integer = /int/i;
const text = /^(?!.*int).*(char|clob|text)/i;
const losslessTypes: LosslessTypes = {
  id: /^integer$/i,
  nome: text,
  operador1: integer,
  operador2: integer,
  data_execucao: /.*/,
  idempotency_key: text,
};

interface Column {
  name: string;
  type: string;
  notnull: 0 | 1;
  dflt_value: string | null;
  pk: number;
}

/** Like its namesake for MySQL. Reads the table's definition from SQLite. */
export async function findObstacles(kysely: Kysely<unknown>): Promise<string[]> {
  const { rows: tables } = await sql<{ type: string; sql: string }>`
    select type, sql from sqlite_master where lower(name) = 'operacoes' and type in ('table', 'view')`.execute(kysely);
  const [table] = tables;
  if (table === undefined) return [];
  if (table.type === 'view') return ['it is a view'];

  const { rows: columns } = await sql<Column>`select * from pragma_table_info('operacoes')`.execute(kysely);
  const { rows: indexes } = await sql<{ name: string; columns: string }>`
    select list.name, (select group_concat(lower(info.name)) from pragma_index_info(list.name) as info) as columns
    from pragma_index_list('operacoes') as list where list."unique" = 1`.execute(kysely);

  const isPrimary = columns.every(({ name, pk }) => pk === (name.toLowerCase() === 'id' ? 1 : 0));
  return [
    ...columnObstacles(
      columns.map(({ name, type, notnull, dflt_value }) => ({
        name,
        type: type || 'of no type',
        mayBeOmitted: notnull === 0 || dflt_value !== null,
      })),
      losslessTypes,
      ['id', 'nome', 'operador1', 'operador2'],
    ),
    ...(columns.some(({ name, dflt_value }) => name.toLowerCase() === 'data_execucao' && dflt_value === null)
      ? ['its column data_execucao has no default']
      : []),
    ...(/\b(check|references)\b/i.test(table.sql)
      ? ['it has a check or a foreign key, which may refuse operations']
      : []),
    ...(isPrimary ? [] : ['its primary key is not id']),
    ...indexes
      .filter(({ columns }) => columns !== 'idempotency_key')
      .map(({ name, columns }) => `its index ${name} allows each ${columns} only once`),
  ];
}
