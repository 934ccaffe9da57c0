import type { SumRequest } from 'contract';
import * as databases from '../../../../packages/database/test/support/databases.ts';
import * as kinds from '../../../../packages/database/test/support/each-database.ts';
import type { DatabaseServer } from '../../../../packages/database/test/support/mariadb.ts';

export { query } from '../../../../packages/database/test/support/databases.ts';
export { namedServer } from '../../../../packages/database/test/support/each-database.ts';

const selectRows = 'SELECT nome, operador1, operador2 FROM operacoes ORDER BY id';

/** A database for one test. */
export interface TestDatabase extends databases.TestDatabase {
  /** The stored operations, read without the API. */
  rows(): Promise<SumRequest[]>;
}

/** A kind of database. It provides new, empty databases between `start` and `stop`. */
export type DatabaseKind = kinds.DatabaseKind<TestDatabase>;

/** Runs a group of tests on each available kind of database. */
export function describeEachDatabase(tests: (kind: DatabaseKind) => void): void {
  kinds.describeEachDatabase((kind) => tests({ ...kind, newDatabase: async () => withRows(await kind.newDatabase()) }));
}

/** A database on this server that does not exist yet. */
export function newDatabaseOn(server: DatabaseServer): TestDatabase & { readonly name: string } {
  return withRows(databases.newDatabaseOn(server));
}

/** A SQLite file that does not exist yet, in a temporary folder that is deleted after the tests. */
export async function newDatabaseFile(): Promise<TestDatabase & { readonly file: string }> {
  return withRows(await databases.newDatabaseFile());
}

/** The operations in a SQLite file. */
export function rowsOf(file: string): SumRequest[] {
  return databases.selectFrom(file, selectRows) as unknown as SumRequest[];
}

/** The columns of the seed's table in MySQL. */
export const seedColumns = {
  id: 'INT AUTO_INCREMENT PRIMARY KEY',
  nome: 'VARCHAR(255)',
  operador1: 'INT',
  operador2: 'INT',
  data_execucao: 'TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP',
};

function withRows<T extends databases.TestDatabase>(database: T): T & TestDatabase {
  return { ...database, rows: async () => (await database.select(selectRows)) as unknown as SumRequest[] };
}
