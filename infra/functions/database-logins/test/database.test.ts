/** What the function sends to the server, and which servers it trusts, as far as no server here can tell. */
import { X509Certificate } from 'node:crypto';
import { expect, jest, test } from '@jest/globals';
import * as mysql from 'mysql2/promise';
import { databasePurposes } from 'platform';
import { regions } from '../../../environments/regions.ts';

const sent: (readonly unknown[])[] = [];
jest.unstable_mockModule('mysql2/promise', () => ({
  ...mysql,
  createConnection: async () => ({
    query: async (...statement: readonly unknown[]) => void sent.push(statement),
    destroy: () => undefined,
  }),
}));
const { readServer, setLogin } = await import('../src/database.ts');

// MariaDB, on which the other tests run, knows words that MySQL does not. All of these are MySQL's:
// https://dev.mysql.com/doc/refman/8.4/en/sql-statements.html
test('the server is sent these statements, which MySQL understands, and nothing else', async () => {
  const [host, port] = ['localhost', 1];
  const master = { username: 'master', password: 'only-for-tests' };
  for (const purpose of databasePurposes) {
    const username = purpose === 'migration' ? 'app-ddl-a' : 'app-a';
    const login = { username, password: 'new' };
    const server = purpose === 'migration' ? { host, port, ca: 'certificates' } : { host, port };
    await setLogin(server, master, { application: 'app', database: 'a_b', purpose }, login);
  }
  const database = ['CREATE DATABASE IF NOT EXISTS ?? CHARACTER SET utf8mb4', ['a_b']];
  const user = (name: string, require: string) => [
    `CREATE USER IF NOT EXISTS ?@'%' IDENTIFIED BY ? REQUIRE ${require}`,
    [name, expect.stringMatching(/^[\w-]{32}$/)],
  ];
  const grant = (name: string) => ["GRANT ALL PRIVILEGES ON ??.* TO ?@'%' WITH GRANT OPTION", ['a\\_b', name]];
  const password = (name: string, require: string) => [
    `ALTER USER ?@'%' IDENTIFIED BY ? REQUIRE ${require}`,
    [name, 'new'],
  ];
  const ofMigration = ['app-ddl-a', 'app-ddl-b'].flatMap((name) => [user(name, 'SSL'), grant(name)]);
  const ofApplication = ['app-a', 'app-b'].map((name) => user(name, 'NONE'));
  const expected = {
    migration: [database, ...ofMigration, password('app-ddl-a', 'SSL')],
    application: [database, ...ofApplication, password('app-a', 'NONE')],
  };
  expect(sent).toEqual(databasePurposes.flatMap((purpose) => expected[purpose]));
});

test('DB_SSL_CA=rds stands for the authorities of every region', () => {
  const { ca = [] } = readServer({ DB_HOST: 'mysql', DB_PORT: '3306', DB_SSL_CA: 'rds' });
  const subjects = [ca].flat().map((certificate) => new X509Certificate(certificate).subject);
  // One of them signs a new database: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html
  const wanted = regions.flatMap((region) =>
    ['RSA2048', 'RSA4096', 'ECC384'].map((key) => `CN=Amazon RDS ${region} Root CA ${key} G1`),
  );
  expect(wanted.filter((name) => !subjects.some((subject) => subject.split('\n').includes(name)))).toEqual([]);
});
