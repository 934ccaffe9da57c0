/** Migrates the database to this build's schema. It runs as a job before a release: `node dist/migrate.js`. */
import { runMigration } from 'database';
import { schema } from './database/schema.ts';

await runMigration(schema);
