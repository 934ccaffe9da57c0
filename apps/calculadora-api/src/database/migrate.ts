import { Kysely, type QueryExecutorProvider, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import type { Engine } from './engine.ts';

/** The table in which Kysely records the migrations that have run. */
export const migrationTable = 'kysely_migration';

/**
 * Whether all migrations of this build have run. Migrations of a newer build are ignored: after a rollback, the old
 * release runs on the newer schema. So a migration may only add, and must keep what the previous build needs.
 *
 * @throws {UnusableTable} if they have run but the table is missing
 */
export async function isMigrated(kysely: QueryExecutorProvider, engine: Engine): Promise<boolean> {
  try {
    const { rows } = await sql<{ name: string }>`select name from ${sql.table(migrationTable)}`.execute(kysely);
    const done = new Set(rows.map(({ name }) => name));
    if (!Object.keys(engine.migrations).every((name) => done.has(name))) return false;
  } catch (error) {
    if (engine.isMissing(error)) return false;
    throw error;
  }
  try {
    await sql`select 1 from operacoes where 1 = 0`.execute(kysely);
    return true;
  } catch (error) {
    if (engine.isMissing(error)) {
      throw new UnusableTable(engine.location, [`it is missing, although ${migrationTable} records its creation`]);
    }
    throw error;
  }
}

/** The existing table cannot be used without losing data. Nothing was changed. */
export class UnusableTable extends Error {
  override readonly name = 'UnusableTable';

  constructor(location: string, reasons: readonly string[]) {
    super(`The table operacoes in ${location} cannot be used: ${reasons.join('; ')}. Nothing was changed`);
  }
}

/**
 * Migrates the database to this build's schema, and creates it if it is missing. Idempotent and safe to run
 * concurrently.
 *
 * @throws {UnusableTable} if the migrations would damage an existing table
 */
export async function migrate(engine: Engine): Promise<void> {
  const kysely = new Kysely<unknown>({ dialect: await engine.openForMigrations() });
  try {
    if (await isMigrated(kysely, engine)) return;
    const obstacles = await engine.findObstacles(kysely);
    if (obstacles.length > 0) throw new UnusableTable(engine.location, obstacles);
    const provider = { getMigrations: async () => engine.migrations };
    const { error } = await new Migrator({ db: kysely, provider }).migrateToLatest();
    if (error !== undefined) throw error;
  } finally {
    await kysely.destroy();
  }
}
