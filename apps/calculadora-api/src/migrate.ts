/**
 * Migrates the database to this build's schema. It runs as a job before a release: `node dist/migrate.js`. With `compare`,
 * it compares a restored copy with the live database.
 */
import { runDatabaseJob } from 'database';
import { schema } from './database/schema.ts';

await runDatabaseJob(schema);
