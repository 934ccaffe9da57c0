import { type Schema, UnusableTable } from 'database';
import { type Generated, type Kysely, sql } from 'kysely';
import { migrations as mysqlMigrations } from './mysql-migrations.ts';
import { findObstacles as findMysqlObstacles } from './mysql-obstacles.ts';
import { migrations as sqliteMigrations } from './sqlite-migrations.ts';
import { findObstacles as findSqliteObstacles } from './sqlite-obstacles.ts';

/**
 * The tables and columns that queries use, with the seed's names. `data_execucao`, the time at which an operation was
 * stored (UTC, in milliseconds), is left out: the column's default sets it, and no request reads it.
 */
export interface Tables {
  operacoes: {
    id: Generated<number>;
    nome: string;
    operador1: number;
    operador2: number;
    /** The client's key for safe retries. Unique. */
    idempotency_key: string | null;
  };
}

export const schema: Schema = {
  // The API only inserts and reads: it cannot change or delete operations.
  tables: { operacoes: ['SELECT', 'INSERT'] },
  storedAt: { operacoes: 'data_execucao' },
  writeProbe: sql`insert into operacoes (nome, operador1, operador2, idempotency_key)
    select null, null, null, null from dual where 1 = 0`,
  mysql: { steps: mysqlMigrations, checkExisting: adoptable(findMysqlObstacles) },
  sqlite: { steps: sqliteMigrations, checkExisting: adoptable(findSqliteObstacles) },
};

/**
 * The seed's table is adopted with its rows, if its values stay the same and every operation can be stored in it.
 *
 * @param findObstacles returns why not, one readable reason each
 */
function adoptable(findObstacles: (kysely: Kysely<unknown>) => Promise<string[]>) {
  return async (kysely: Kysely<unknown>, location: string) => {
    const obstacles = await findObstacles(kysely);
    if (obstacles.length > 0) throw new UnusableTable('operacoes', location, obstacles);
  };
}
