import { fail } from './job-output.ts';
import { runComparison } from './run-comparison.ts';
import { runMigration } from './run-migration.ts';
import type { Schema } from './schema.ts';

/**
 * The program of an application's database jobs. Without an argument it migrates the database: {@link runMigration}. With
 * `compare` it compares a restored copy with the live database: {@link runComparison}.
 */
export async function runDatabaseJob(schema: Schema, [task] = process.argv.slice(2)): Promise<void> {
  if (task === undefined) await runMigration(schema);
  else if (task === 'compare') await runComparison(schema);
  else fail(new Error(`There is no task ${JSON.stringify(task)}: use "compare", or no argument to migrate`));
}
