import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { eventually } from '../../../test/support/eventually.ts';
import { describeWith } from '../../../test/support/tools.ts';
import { migrateByJob } from '../src/run-migration.ts';
import type { MigrationSettings } from '../src/settings.ts';
import { newDatabaseOn, query } from './support/databases.ts';
import { type MariaDb, mariadbd, startMariaDb } from './support/mariadb.ts';
import { notes } from './support/notes.ts';
import { createUsers, renewLogin } from './support/rotation.ts';
import { motoPython, type SecretsManager, startSecretsManager } from './support/secrets-manager.ts';

/** Milliseconds: longer than any test, and none at all. */
const [forever, never] = [600_000, 0];

describeWith('MariaDB, and Python with moto,', mariadbd && motoPython, 'A migration job', () => {
  let server: MariaDb;
  let secrets: SecretsManager;
  let database: ReturnType<typeof newDatabaseOn>;
  let settings: MigrationSettings;
  let lines: string[];

  beforeAll(async () => {
    [server, secrets] = await Promise.all([startMariaDb(), startSecretsManager()]);
    Object.assign(process.env, secrets.env);
  });
  afterAll(() => Promise.all([server?.stop(), secrets?.stop()]));

  beforeEach(async () => {
    database = newDatabaseOn(server);
    settings = {
      address: { host: server.host, port: server.port, name: database.name },
      secret: `${database.name}/migration`,
      users: ['notes-a', 'notes-b'],
    };
    await secrets.create(settings.secret);
    await query(server, "DROP USER IF EXISTS 'notes-a', 'notes-b', 'notes-ddl-a', 'notes-ddl-b'");
    lines = [];
    jest.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(JSON.parse(line).msg));
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  const rotate = () => createUsers(server, { application: 'notes', database: database.name });
  const migrate = (patience: number) => migrateByJob(settings, notes, patience);
  const privileges = async () => (await query(server, "SHOW GRANTS FOR 'notes-b'")).length;

  test('migrates with its own login, grants the application’s users their privileges, and can run again', async () => {
    await secrets.put(settings.secret, (await rotate()).migration);
    for (let time = 0; time < 2; time++) await migrate(never);
    const done = [
      `The schema matches this release: mysql://127.0.0.1:${server.port}/${database.name}`,
      "The application's users have their privileges: notes-a, notes-b",
    ];
    expect(lines).toEqual([...done, ...done]);
    expect(await database.select('SELECT * FROM notes')).toEqual([]);
    // Next to USAGE: its two tables.
    expect(await privileges()).toBe(3);
  });

  test('waits for the first rotation: for the secret’s value, for a login that works, and for the users', async () => {
    const migrated = migrate(forever);
    const isTold = (reason: RegExp) => eventually(async () => lines.some((line) => reason.test(line)));
    await isTold(/may not have been rotated yet.*does not exist or has no value yet/);
    await secrets.put(settings.secret, { username: 'notes-ddl-a', password: 'not-set-yet' });
    await isTold(/may not have been rotated yet.*Access denied/);
    const { migration } = await rotate();
    await query(server, "DROP USER 'notes-a', 'notes-b'");
    await secrets.put(settings.secret, migration);
    await isTold(/may not have been rotated yet.*(matching row|not allowed)/);
    await rotate();
    await secrets.put(settings.secret, await renewLogin(server, migration.username));
    await migrated;
    expect(await privileges()).toBe(3);
    expect(lines.join()).not.toMatch(/not-set-yet/);
  });

  test('fails with the reason if the first rotation takes longer than it waits, without the password', async () => {
    await expect(migrate(never)).rejects.toThrow(`The secret ${settings.secret} does not exist or has no value yet`);
    await secrets.put(settings.secret, { username: 'nobody', password: 'wrong-and-private' });
    const error = await migrate(never).catch(String);
    expect(error).toContain("Access denied for user 'nobody'");
    expect(error).not.toContain('wrong-and-private');
  });

  test.each([
    [
      'has no login in its secret',
      () => secrets.put(settings.secret, 'text'),
      'is not JSON with "username" and "password"',
    ],
    [
      'may not create the database',
      async () => {
        const reader = { username: 'reader', password: 'only-for-tests' };
        await query(
          server,
          `CREATE OR REPLACE USER ${reader.username} IDENTIFIED BY '${reader.password}'`,
          `GRANT SELECT ON *.* TO ${reader.username}`,
        );
        await secrets.put(settings.secret, reader);
      },
      /^Database \w+ does not exist and the user may not create it$/,
    ],
  ])('that %s fails at once', async (_, spoil, reason) => {
    await spoil();
    await expect(migrate(forever)).rejects.toThrow(reason);
    expect(lines).toEqual([]);
  });
});
