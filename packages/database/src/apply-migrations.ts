import { Kysely, type QueryExecutorProvider, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import type { Adapter } from './adapter.ts';
import { type Schema, UnusableTable } from './schema.ts';

/** The table in which Kysely records the migrations that have run. */
export const migrationTable = 'kysely_migration';

/**
 * Whether all migrations of this build have run. Migrations of a newer build are ignored: after a rollback, the old
 * release runs on the newer schema.
 *
 * @throws {UnusableTable} if they have run but a table is missing
 */
export async function isMigrated(kysely: QueryExecutorProvider, adapter: Adapter, schema: Schema): Promise<boolean> {
  try {
    const { rows } = await sql<{ name: string }>`select name from ${sql.table(migrationTable)}`.execute(kysely);
    const done = new Set(rows.map(({ name }) => name));
    if (!Object.keys(schema[adapter.kind].steps).every((name) => done.has(name))) return false;
  } catch (error) {
    if (adapter.isMissing(error)) return false;
    throw error;
  }
  for (const table of Object.keys(schema.tables)) {
    try {
      await sql`select 1 from ${sql.table(table)} where 1 = 0`.execute(kysely);
    } catch (error) {
      if (!adapter.isMissing(error)) throw error;
      const reason = `it is missing, although ${migrationTable} records its creation`;
      throw new UnusableTable(table, adapter.location, [reason]);
    }
  }
  return true;
}

/**
 * Migrates the database to this build's schema, and creates it if it is missing. Idempotent and safe to run
 * concurrently.
 *
 * @throws {UnusableTable} if the migrations would damage an existing table
 */
export async function applyMigrations(adapter: Adapter, schema: Schema): Promise<void> {
  const { steps, checkExisting } = schema[adapter.kind];
  const kysely = new Kysely<unknown>({ dialect: await adapter.openForMigrations() });
  try {
    if (await isMigrated(kysely, adapter, schema)) return;
    await checkExisting?.(kysely, adapter.location);
    const provider = { getMigrations: async () => ({ ...steps }) };
    const { error } = await new Migrator({ db: kysely, provider }).migrateToLatest();
    if (error !== undefined) throw error;
  } finally {
    await kysely.destroy();
  }
}
