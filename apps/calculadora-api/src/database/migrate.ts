import { Kysely, type QueryExecutorProvider, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import type { Engine } from './engine.ts';

/** Where Kysely writes down which migrations it has run. */
export const migrationTable = 'kysely_migration';

/**
 * Whether all migrations of this build have been run. Those of a newer build do not matter: a release that went back runs on
 * the schema of the one after it, so that a migration may add and must not take away what the build before it needs.
 *
 * @throws {UnusableTable} if they have been run and the table is gone
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
      throw new UnusableTable(engine.location, [`it is gone, though ${migrationTable} says that it was made`]);
    }
    throw error;
  }
}

/** The table is not one that operations could be stored in without a loss. Nothing was changed. */
export class UnusableTable extends Error {
  override readonly name = 'UnusableTable';

  constructor(location: string, reasons: readonly string[]) {
    super(`The table operacoes in ${location} cannot be used: ${reasons.join('; ')}. Nothing was changed`);
  }
}

/**
 * Brings the database to the form that this build expects; made if it is not there. Safe to run twice, and at the same time.
 *
 * @throws {UnusableTable} if there is a table that the migrations would harm
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
