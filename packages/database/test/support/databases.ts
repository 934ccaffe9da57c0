import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll } from '@jest/globals';
import type { DatabaseServer } from './mariadb.ts';
import { query } from './query.ts';

export { query };

/** A database for one test. */
export interface TestDatabase {
  /** An application's settings for it. */
  readonly env: Record<string, string>;
  /** Reads from it, without the application. */
  select(statement: string): Promise<Record<string, unknown>[]>;
}

/** A database on this server that does not exist yet. */
export function newDatabaseOn(server: DatabaseServer): TestDatabase & { readonly name: string } {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const { host, port, user, password } = server;
  return {
    name,
    env: { DB_HOST: host, DB_PORT: String(port), DB_USER: user, DB_PASSWORD: password, DB_NAME: name },
    select: (statement) => query(server, `USE ${name}`, statement),
  };
}

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

/** A SQLite file that does not exist yet, in a temporary folder that is deleted after the tests. */
export async function newDatabaseFile(): Promise<TestDatabase & { readonly file: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'database-'));
  folders.push(folder);
  const file = join(folder, 'test.sqlite');
  return { file, env: { DB_FILE: file }, select: async (statement) => selectFrom(file, statement) };
}

/** Reads from a SQLite file. */
export function selectFrom(file: string, statement: string): Record<string, unknown>[] {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return database.prepare(statement).all();
  } finally {
    database.close();
  }
}
