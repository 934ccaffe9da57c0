import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

// MySQL commits every change of a table by itself, so that a migration of two could stop half-way: one statement each.
// Columns may be null, as the seed's: an adopted row is never refused for what it lacks. The API writes no nulls.
const columns = {
  id: sql`bigint not null auto_increment`,
  nome: sql`varchar(255) character set utf8mb4 collate utf8mb4_unicode_ci`,
  operador1: sql`bigint`,
  operador2: sql`bigint`,
  data_execucao: sql`datetime(3) default current_timestamp(3)`,
};

export const migrations: Record<string, Migration> = {
  '001_create_operacoes': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('operacoes')
        .ifNotExists()
        .addColumn('id', columns.id, (column) => column.primaryKey())
        .addColumn('nome', columns.nome)
        .addColumn('operador1', columns.operador1)
        .addColumn('operador2', columns.operador2)
        .addColumn('data_execucao', columns.data_execucao)
        .execute();
    },
  },
  // The seed's own table has INT operands and a TIMESTAMP to the second, which reads as UTC here because sessions are in UTC.
  '002_widen_operacoes': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .alterTable('operacoes')
        .modifyColumn('id', columns.id)
        .modifyColumn('nome', columns.nome)
        .modifyColumn('operador1', columns.operador1)
        .modifyColumn('operador2', columns.operador2)
        .modifyColumn('data_execucao', columns.data_execucao)
        .execute();
    },
  },
};
