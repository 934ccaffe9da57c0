import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

// MySQL commits each schema change on its own, and a migration with two could stop halfway. So each has one statement.
// Columns are nullable, as in the seed's table, so that existing rows with nulls are kept. The API writes no nulls.
const columns = {
  id: sql`bigint not null auto_increment`,
  nome: sql`varchar(255) character set utf8mb4 collate utf8mb4_unicode_ci`,
  operador1: sql`bigint`,
  operador2: sql`bigint`,
  data_execucao: sql`datetime(3) default current_timestamp(3)`,
  // Compared byte by byte, so keys are case-sensitive.
  idempotency_key: sql`varchar(255) character set ascii collate ascii_bin`,
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
  // The seed's table has INT operands and a TIMESTAMP in seconds, which is read as UTC because sessions use UTC.
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
  '003_add_idempotency_key': {
    async up(db: Kysely<unknown>) {
      // Not every supported server has ADD COLUMN IF NOT EXISTS.
      const { rows } = await sql`select 1 from information_schema.columns where table_schema = database()
        and table_name = 'operacoes' and column_name = 'idempotency_key'`.execute(db);
      if (rows.length > 0) return;
      await sql`alter table operacoes add column idempotency_key ${columns.idempotency_key},
        add unique operacoes_idempotency_key (idempotency_key)`.execute(db);
    },
  },
};
