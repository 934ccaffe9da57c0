import { expect, test } from '@jest/globals';
import { Kysely } from 'kysely';
import { applyMigrations, isMigrated } from '../src/apply-migrations.ts';
import { UnusableTable } from '../src/schema.ts';
import { sqliteAdapter } from '../src/sqlite/sqlite-adapter.ts';
import { newDatabaseFile } from './support/databases.ts';
import { notes, type Tables } from './support/notes.ts';

test('whether the migrations have run is found out without reading the tables, which may be large', async () => {
  const adapter = sqliteAdapter({ kind: 'sqlite', file: (await newDatabaseFile()).file });
  await applyMigrations(adapter, notes);
  const kysely = new Kysely<Tables>({ dialect: adapter.dialect });
  await kysely
    .insertInto('notes')
    .values([{ text: 'a' }, { text: 'b' }])
    .execute();
  const read: unknown[] = [];
  const counting = kysely.withPlugin({
    transformQuery: ({ node }) => node,
    async transformResult({ result }) {
      read.push(...result.rows.map((row) => ({ ...row })));
      return result;
    },
  });
  expect(await isMigrated(counting, adapter, notes)).toBe(true);
  expect(read).toEqual([{ name: '001_create_notes' }]);
  await kysely.destroy();
});

test('an older release leaves the schema of a newer one as it is', async () => {
  const adapter = sqliteAdapter({ kind: 'sqlite', file: (await newDatabaseFile()).file });
  const more = { '002_nothing': { up: async () => undefined } };
  await applyMigrations(adapter, { ...notes, sqlite: { steps: { ...notes.sqlite.steps, ...more } } });
  await applyMigrations(adapter, notes);
  const kysely = new Kysely<Tables>({ dialect: adapter.dialect });
  expect(await isMigrated(kysely, adapter, notes)).toBe(true);
  await kysely.destroy();
});

test('a table that cannot be read is not taken for a missing one', async () => {
  const adapter = sqliteAdapter({ kind: 'sqlite', file: (await newDatabaseFile()).file });
  await applyMigrations(adapter, notes);
  const kysely = new Kysely<Tables>({ dialect: adapter.dialect });
  await kysely.schema.dropTable('notes').execute();
  await expect(isMigrated(kysely, adapter, notes)).rejects.toThrow(UnusableTable);
  const failure = await isMigrated(kysely, { ...adapter, isMissing: () => false }, notes).catch((error) => error);
  expect(failure).toMatchObject({ message: 'no such table: notes' });
  expect(failure).not.toBeInstanceOf(UnusableTable);
  await kysely.destroy();
});
