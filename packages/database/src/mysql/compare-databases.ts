import type { Connection, RowDataPacket } from 'mysql2/promise';
import { migrationTable } from '../apply-migrations.ts';
import type { Schema } from '../schema.ts';
import { compareTable, type Sides, type TableComparison, type Tolerance } from './compare-table.ts';

export interface Comparison {
  /** ISO 8601, UTC. */
  readonly restoredTo: string;
  /** Whether the copy has everything that the live database had at that time, unchanged. */
  readonly isSame: boolean;
  readonly migrations: {
    /** Recorded in the copy. */
    readonly applied: number;
    /** Names of those that the live database got after the restore point. */
    readonly newer: readonly string[];
  };
  readonly tables: readonly TableComparison[];
  /** What is missing or different, one sentence each. They name keys of rows, but quote no other values. */
  readonly differences: readonly string[];
}

/** Kysely's lock, whose only row changes during a migration. */
const lockTable = `${migrationTable}_lock`;

/**
 * Compares a restored copy with the live database, which may be in use. What came to the live database after the restore
 * point is counted, and is no difference. Writes nothing.
 *
 * @param restoredTo the time to which the copy was restored
 */
export async function compareDatabases(sides: Sides, schema: Schema, restoredTo: Date): Promise<Comparison> {
  const migrations = await compareMigrations(sides, restoredTo);
  const [live, copy] = await Promise.all([columnsOf(sides.live), columnsOf(sides.copy)]);
  // A newer migration may have created tables and changed columns.
  const mayDiffer = migrations.newer.length > 0;
  const differences = [...migrations.differences];
  const tables: TableComparison[] = [];
  for (const table of new Set([...live.keys(), ...copy.keys()])) {
    const [liveColumns, copyColumns] = [live.get(table), copy.get(table)];
    if (!liveColumns || !copyColumns) {
      if (!mayDiffer)
        differences.push(`the table ${table} is missing in the ${copyColumns ? 'live database' : 'copy'}`);
      continue;
    }
    if (!mayDiffer) differences.push(...columnDifferences(table, liveColumns, copyColumns));
    const compared = await compareTable(sides, toleranceOf(schema, table, restoredTo), {
      table,
      columns: [...copyColumns.keys()].filter((column) => liveColumns.has(column)),
    });
    tables.push(compared);
    differences.push(...compared.differences);
  }
  if (tables.length === 0) differences.push('there is no table to compare');
  return {
    restoredTo: restoredTo.toISOString(),
    isSame: differences.length === 0,
    migrations: { applied: migrations.applied, newer: migrations.newer },
    tables,
    differences,
  };
}

function toleranceOf(schema: Schema, table: string, restoredTo: Date): Tolerance {
  const privileges = schema.tables[table] ?? [];
  return {
    restoredTo,
    storedAt: schema.storedAt?.[table],
    mayChange: privileges.includes('UPDATE'),
    mayVanish: privileges.includes('DELETE'),
  };
}

async function compareMigrations({ live, copy }: Sides, restoredTo: Date) {
  const [recorded, copied] = await Promise.all([migrationsOf(live), migrationsOf(copy)]);
  const missing = [...recorded].filter(([name]) => !copied.has(name));
  const isNewer = ([, time]: [string, string]) => Date.parse(time) > restoredTo.getTime();
  const newer = missing.filter(isNewer).map(([name]) => name);
  return {
    applied: copied.size,
    newer,
    differences: [
      ...missing.filter((one) => !isNewer(one)).map(([name]) => `the migration ${name} is missing in the copy`),
      ...[...copied.keys()]
        .filter((name) => !recorded.has(name))
        .map((name) => `the migration ${name} is missing in the live database`),
    ],
  };
}

/** Times by name. */
async function migrationsOf(connection: Connection): Promise<Map<string, string>> {
  const [rows] = await connection.query<RowDataPacket[]>('select name, timestamp from ??', [migrationTable]);
  return new Map(rows.map(({ name, timestamp }) => [name, timestamp]));
}

/** Types of the columns by table. */
async function columnsOf(connection: Connection): Promise<Map<string, Map<string, string>>> {
  const [rows] = await connection.query<RowDataPacket[]>(
    `select t.table_name as name, c.column_name as field, c.column_type as type
       from information_schema.tables t join information_schema.columns c using (table_schema, table_name)
       where t.table_schema = database() and t.table_type = 'BASE TABLE' and t.table_name not in (?)
       order by t.table_name, c.ordinal_position`,
    [[migrationTable, lockTable]],
  );
  const tables = new Map<string, Map<string, string>>();
  for (const { name, field, type } of rows) {
    const columns = tables.get(name) ?? new Map<string, string>();
    tables.set(name, columns.set(field, type));
  }
  return tables;
}

function columnDifferences(table: string, live: Map<string, string>, copy: Map<string, string>): string[] {
  return [...new Set([...live.keys(), ...copy.keys()])]
    .filter((column) => live.get(column) !== copy.get(column))
    .map((column) => {
      const [there, here] = [live.get(column) ?? 'missing', copy.get(column) ?? 'missing'];
      return `the column ${table}.${column} is ${here} in the copy and ${there} in the live database`;
    });
}
