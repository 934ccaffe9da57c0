import { createConnection } from 'mysql2/promise';
import { migrationTable } from '../apply-migrations.ts';
import type { Schema } from '../schema.ts';
import type { Login, MysqlAddress } from '../settings.ts';
import { connectionOptions } from './connection-options.ts';

export interface Grants {
  readonly address: MysqlAddress;
  /** A user that may grant. */
  readonly login: Login;
  readonly users: readonly string[];
  readonly tables: Schema['tables'];
}

/**
 * Grants the users their privileges on the tables, and lets them read which migrations have run. Takes none away: the
 * previous release still runs, and may need them.
 */
export async function grantPrivileges({ address, login, users, tables }: Grants): Promise<void> {
  const connection = await createConnection({ ...connectionOptions(address), ...login });
  try {
    for (const [table, privileges] of Object.entries({ ...tables, [migrationTable]: ['SELECT'] })) {
      for (const user of users) {
        await connection.query(`GRANT ${privileges.join(', ')} ON ??.?? TO ?@'%'`, [address.name, table, user]);
      }
    }
  } finally {
    connection.destroy();
  }
}
