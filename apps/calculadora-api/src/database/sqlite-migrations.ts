import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Processes that start at the same time on one file may run a migration twice, so each must be idempotent. */
export const migrations: Record<string, Migration> = {
  '001_create_operacoes': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('operacoes')
        .ifNotExists()
        .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
        .addColumn('nome', 'text', (column) => column.notNull())
        .addColumn('operador1', 'integer', (column) => column.notNull())
        .addColumn('operador2', 'integer', (column) => column.notNull())
        // SQLite has no date type. ISO 8601 text in UTC, such as `2026-01-31T12:00:00.000Z`, sorts by time.
        .addColumn('data_execucao', 'text', (column) =>
          column.notNull().defaultTo(sql`(strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))`),
        )
        .execute();
    },
  },
  '002_add_idempotency_key': {
    async up(db: Kysely<unknown>) {
      const { rows } =
        await sql`select 1 from pragma_table_info('operacoes') where lower(name) = 'idempotency_key'`.execute(db);
      if (rows.length === 0) await db.schema.alterTable('operacoes').addColumn('idempotency_key', 'text').execute();
      await db.schema
        .createIndex('operacoes_idempotency_key')
        .ifNotExists()
        .unique()
        .on('operacoes')
        .column('idempotency_key')
        .execute();
    },
  },
};
