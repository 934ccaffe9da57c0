import { type Kysely, sql } from 'kysely';
import { columnObstacles, type LosslessTypes } from './column-obstacles.ts';

const integer = /^(tiny|small|medium|big)?int(\(\d+\))?$/i;

/** Types, including the seed's, whose values all stay the same in the columns of `mysql-migrations.ts`. */
const losslessTypes: LosslessTypes = {
  id: /^((tiny|small|medium|big)?int(\(\d+\))?|(tiny|small|medium)?int(\(\d+\))? unsigned)$/i,
  nome: /^((var)?char\((\d|\d\d|1\d\d|2[0-4]\d|25[0-5])\)|tinytext)$/i,
  operador1: integer,
  operador2: integer,
  data_execucao: /^(datetime|timestamp)(\([0-3]\))?$/i,
  idempotency_key: /^varchar\(255\)$/i,
};

interface Table {
  kind: string;
  engine: string | null;
  options: string | null;
}
interface Column {
  name: string;
  type: string;
  collation: string | null;
  nullable: 'YES' | 'NO';
  preset: string | null;
  extra: string;
}
interface Index {
  name: string;
  columns: string;
}
interface Constraint {
  name: string;
  type: string;
}

/**
 * Why an existing table `operacoes` cannot be adopted. Empty if there is no such table, or it can be migrated without
 * loss. Reads the table's definition from the server's information schema.
 */
export async function findObstacles(kysely: Kysely<unknown>): Promise<string[]> {
  const here = sql`table_schema = database() and table_name = 'operacoes'`;
  const { rows: tables } = await sql<Table>`
    select table_type as kind, engine as engine, create_options as options from information_schema.tables where ${here}`.execute(
    kysely,
  );
  const [table] = tables;
  if (table === undefined) return [];
  if (table.kind !== 'BASE TABLE') return ['it is a view'];

  const { rows: columns } = await sql<Column>`
    select column_name as name, column_type as type, collation_name as collation, is_nullable as nullable,
      column_default as preset, extra as extra
    from information_schema.columns where ${here} order by ordinal_position`.execute(kysely);
  const { rows: indexes } = await sql<Index>`
    select index_name as name, group_concat(lower(column_name) order by seq_in_index) as columns
    from information_schema.statistics where ${here} and non_unique = 0 group by index_name`.execute(kysely);

  const { rows: constraints } = await sql<Constraint>`
    select constraint_name as name, constraint_type as type from information_schema.table_constraints where ${here}
      and constraint_type in ('CHECK', 'FOREIGN KEY')
    union select constraint_name, 'FOREIGN KEY' from information_schema.key_column_usage
      where referenced_table_schema = database() and referenced_table_name = 'operacoes'`.execute(kysely);

  const key = columns.find(({ name }) => name.toLowerCase() === 'idempotency_key');
  const keyIsUnique = indexes.some(({ columns }) => columns === 'idempotency_key');
  const primary = indexes.find(({ name }) => name === 'PRIMARY');
  const others = indexes.filter(({ name, columns }) => name !== 'PRIMARY' && columns !== 'idempotency_key');
  return [
    // Other storage engines have no transaction log, so a crash could lose acknowledged rows.
    ...(table.engine?.toLowerCase() === 'innodb' ? [] : [`its engine is ${table.engine}, and InnoDB is needed`]),
    ...columnObstacles(
      columns.map(({ name, type, nullable, preset, extra }) => ({
        name,
        type,
        mayBeOmitted: nullable === 'YES' || preset !== null || /auto_increment|generated/i.test(extra),
      })),
      losslessTypes,
      ['id', 'nome', 'operador1', 'operador2', 'data_execucao'],
    ),
    ...(primary?.columns === 'id' ? [] : ['its primary key is not id']),
    ...(key && (key.collation !== 'ascii_bin' || !keyIsUnique)
      ? ['its column idempotency_key must be unique and compared byte by byte (ascii_bin)']
      : []),
    ...(table.options?.includes('partitioned') ? ['it is partitioned'] : []),
    ...constraints.map(({ name, type }) => `its constraint ${name} (${type}) may refuse operations or migrations`),
    ...others.map(({ name, columns }) => `its index ${name} allows each ${columns} only once`),
  ];
}
