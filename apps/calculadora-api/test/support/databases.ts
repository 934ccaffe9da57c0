import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll } from '@jest/globals';
import type { SumRequest } from 'contract';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import type { DatabaseServer } from './mariadb.ts';

/** A database of the test's own: the API's settings for it, and a look into it that does not go through the API. */
export interface TestDatabase {
  readonly env: Record<string, string>;
  rows(): Promise<SumRequest[]>;
}

const selectRows = 'SELECT nome, operador1, operador2 FROM operacoes ORDER BY id';

/** A database on this server that is not there yet. */
export function newDatabaseOn(server: DatabaseServer): TestDatabase & { readonly name: string } {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const { host, port, user, password } = server;
  return {
    name,
    env: { DB_HOST: host, DB_PORT: String(port), DB_USER: user, DB_PASSWORD: password, DB_NAME: name },
    rows: () => query(server, selectRows.replace('operacoes', `${name}.operacoes`)) as Promise<SumRequest[]>,
  };
}

/** Runs statements, one after the other, on a connection of their own; gives the rows of the last. */
export async function query(server: DatabaseServer, ...statements: string[]): Promise<RowDataPacket[]> {
  const { host, port, user, password } = server;
  const connection = await createConnection({ host, port, user, password, timezone: 'Z' });
  let rows: RowDataPacket[] = [];
  try {
    for (const statement of statements) [rows] = await connection.query<RowDataPacket[]>(statement);
    return rows;
  } finally {
    await connection.end();
  }
}

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

/** An SQLite file that is not there yet, in a temporary folder that is deleted after the tests. */
export async function newDatabaseFile(): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'calculadora-'));
  folders.push(folder);
  const file = join(folder, 'calculadora.sqlite');
  return { env: { DB_FILE: file }, rows: async () => rowsOf(file) };
}

/** The operations in an SQLite file. */
export function rowsOf(file: string): SumRequest[] {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return database.prepare(selectRows).all() as unknown as SumRequest[];
  } finally {
    database.close();
  }
}
