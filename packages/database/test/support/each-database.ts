import { describe } from '@jest/globals';
import { describeWith } from '../../../../test/support/tools.ts';
import { newDatabaseFile, newDatabaseOn, type TestDatabase } from './databases.ts';
import { type DatabaseServer, type MariaDb, mariadbd, startMariaDb } from './mariadb.ts';

/** A kind of database. It provides new, empty databases between `start` and `stop`. */
export interface DatabaseKind<Database extends TestDatabase = TestDatabase> {
  start(): Promise<void>;
  newDatabase(): Promise<Database>;
  stop(): Promise<void>;
}

/**
 * Runs a group of tests on each available kind of database: SQLite always, MariaDB if it is installed, and the server
 * from DB_HOST, DB_PORT, DB_USER and DB_PASSWORD, if set. On that server, the tests create their own databases.
 */
export function describeEachDatabase(tests: (kind: DatabaseKind) => void): void {
  describe('on SQLite', () => tests({ start: nothing, newDatabase: newDatabaseFile, stop: nothing }));

  describeWith('MariaDB', mariadbd, 'on MariaDB', () => {
    let server: MariaDb;
    tests({
      async start() {
        server = await startMariaDb();
      },
      newDatabase: async () => newDatabaseOn(server),
      stop: () => server.stop(),
    });
  });

  const named = namedServer();
  if (named !== undefined) {
    describe(`on ${named.host}`, () =>
      tests({ start: nothing, newDatabase: async () => newDatabaseOn(named), stop: nothing }));
  }
}

/** The database server for tests from the environment, if set. */
export function namedServer(): DatabaseServer | undefined {
  const { DB_HOST, DB_PORT, DB_USER, DB_PASSWORD } = process.env;
  if (DB_HOST === undefined) return undefined;
  const [host = '', port = DB_PORT ?? '3306'] = DB_HOST.split(':');
  return { host, port: Number(port), user: DB_USER ?? 'root', password: DB_PASSWORD ?? '' };
}

async function nothing(): Promise<void> {
  // This kind of database needs no setup.
}
