import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll } from '@jest/globals';
import type { SumRequest } from 'contract';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import type { DatabaseServer } from './mariadb.ts';

/** A database for one test. */
export interface TestDatabase {
  /** The API's settings for it. */
  readonly env: Record<string, string>;
  /** The stored operations, read without the API. */
  rows(): Promise<SumRequest[]>;
}

const selectRows = 'SELECT nome, operador1, operador2 FROM operacoes ORDER BY id';

/** A database on this server that does not exist yet. */
export function newDatabaseOn(server: DatabaseServer): TestDatabase & { readonly name: string } {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const { host, port, user, password } = server;
  return {
    name,
    env: { DB_HOST: host, DB_PORT: String(port), DB_USER: user, DB_PASSWORD: password, DB_NAME: name },
    rows: () => query(server, selectRows.replace('operacoes', `${name}.operacoes`)) as Promise<SumRequest[]>,
  };
}

/** Runs statements one after another on a new connection, and returns the rows of the last one. */
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

/** A SQLite file that does not exist yet, in a temporary folder that is deleted after the tests. */
export async function newDatabaseFile(): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'calculadora-'));
  folders.push(folder);
  const file = join(folder, 'calculadora.sqlite');
  return { env: { DB_FILE: file }, rows: async () => rowsOf(file) };
}

/** The operations in a SQLite file. */
export function rowsOf(file: string): SumRequest[] {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return database.prepare(selectRows).all() as unknown as SumRequest[];
  } finally {
    database.close();
  }
}

/** The columns of the seed's table in MySQL. */
export const seedColumns = {
  id: 'INT AUTO_INCREMENT PRIMARY KEY',
  nome: 'VARCHAR(255)',
  operador1: 'INT',
  operador2: 'INT',
  data_execucao: 'TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP',
};
