import { type Generated, sql } from 'kysely';
import type { Schema } from '../../src/schema.ts';

/** The table of an application that keeps notes. */
export interface Tables {
  notes: { id: Generated<number>; text: string };
}

const step = (id: ReturnType<typeof sql>) => ({
  '001_create_notes': {
    up: async (db: Parameters<Schema['mysql']['steps'][string]['up']>[0]) =>
      db.schema
        .createTable('notes')
        .ifNotExists()
        .addColumn('id', id, (column) => column.primaryKey())
        .addColumn('text', 'text')
        .execute(),
  },
});

export const notes: Schema = {
  tables: { notes: ['SELECT', 'INSERT'] },
  writeProbe: sql`insert into notes (text) select null from dual where 1 = 0`,
  mysql: { steps: step(sql`bigint auto_increment`) },
  sqlite: { steps: step(sql`integer`) },
};
