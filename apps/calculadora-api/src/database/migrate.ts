import { Kysely, type QueryExecutorProvider, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import type { Engine } from './engine.ts';

/** Where Kysely writes down which migrations it has run. */
export const migrationTable = 'kysely_migration';

/**
 * Whether all migrations of this build have been run. Those of a newer build do not matter: a release that went back runs on
 * the schema of the one after it, so that a migration may add and must not take away what the build before it needs.
 */
export async function isMigrated(kysely: QueryExecutorProvider, engine: Engine): Promise<boolean> {
  try {
    const { rows } = await sql<{ name: string }>`select name from ${sql.table(migrationTable)}`.execute(kysely);
    const done = new Set(rows.map(({ name }) => name));
    return Object.keys(engine.migrations).every((name) => done.has(name));
  } catch (error) {
    if (engine.isMissing(error)) return false;
    throw error;
  }
}

/** A table is there that the migrations would harm, or that operations could not be stored in. Nothing was changed. */
export class TableInTheWay extends Error {
  override readonly name = 'TableInTheWay';

  constructor(location: string, obstacles: readonly string[]) {
    super(
      `The table operacoes in ${location} is not one that the API can use: ${obstacles.join('; ')}. ` +
        'Nothing was changed: rename that table, or name another database',
    );
  }
}

/**
 * Brings the database to the form that this build expects; made if it is not there. Safe to run twice, and at the same time.
 *
 * @throws {TableInTheWay}
 */
export async function migrate(engine: Engine): Promise<void> {
  const kysely = new Kysely<unknown>({ dialect: await engine.openForMigrations() });
  try {
    if (await isMigrated(kysely, engine)) return;
    const obstacles = await engine.findObstacles(kysely);
    if (obstacles.length > 0) throw new TableInTheWay(engine.location, obstacles);
    const provider = { getMigrations: async () => engine.migrations };
    const { error } = await new Migrator({ db: kysely, provider }).migrateToLatest();
    if (error !== undefined) throw error;
  } finally {
    await kysely.destroy();
  }
}
