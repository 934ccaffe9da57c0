import { createConnection, type RowDataPacket } from 'mysql2/promise';
import type { DatabaseServer } from './mariadb.ts';

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
