import { afterEach, expect, jest, test } from '@jest/globals';
import * as mysql from 'mysql2/promise';
import { notes } from './support/notes.ts';

/** Reads the secret with the migration's login. The real one is used in run-migration.test.ts. */
const readLogin = jest.fn<(secret: string, stage?: string) => Promise<{ user: string; password: string }>>();
class SecretEmpty extends Error {}
jest.unstable_mockModule('../src/mysql/secrets.ts', () => ({ readLogin, SecretEmpty }));
const createConnection = jest.fn<(options: mysql.ConnectionOptions) => Promise<object>>();
jest.unstable_mockModule('mysql2/promise', () => ({ ...mysql, createConnection }));
const { migrateByJob, runMigration, timeLimit } = await import('../src/run-migration.ts');
const { comparisonTime, openForReading, runComparison } = await import('../src/run-comparison.ts');

Object.assign(process.env, {
  DB_HOST: 'db',
  DB_NAME: 'notes',
  DB_MIGRATION_SECRET: 'ddl',
  DB_USERS: 'notes-a',
  DB_RESTORED_HOST: 'copy',
  DB_RESTORED_TO: '2026-01-31T12:00:00Z',
});

afterEach(() => {
  for (const mock of [readLogin, createConnection]) mock.mockReset();
  jest.restoreAllMocks();
  jest.useRealTimers();
});

test('A migration job waits longer after each attempt', async () => {
  jest.spyOn(Math, 'random').mockReturnValue(0);
  const log = jest.spyOn(console, 'log').mockReturnValue();
  const failures = [new SecretEmpty('empty'), new SecretEmpty('empty'), new Error('forbidden')];
  readLogin.mockImplementation(async () => {
    throw failures.shift();
  });
  const settings = { address: { host: 'db', port: 3306, name: 'notes' }, secret: 'ddl', users: ['notes-a'] };
  const start = performance.now();
  await expect(migrateByJob(settings, notes, 600_000)).rejects.toThrow('forbidden');
  // Some milliseconds less, because timers round.
  expect(performance.now() - start).toBeGreaterThan(125 + 250 - 10);
  const said = log.mock.calls.map(([line]) => /trying again in \d+ ms/.exec(line)?.[0]);
  expect(said).toEqual(['trying again in 125 ms', 'trying again in 250 ms']);
});

test.each([
  ['migration', runMigration, timeLimit, '14 minutes'],
  ['comparison', runComparison, comparisonTime, '25 minutes'],
] as const)('A %s job that takes too long ends with an error, and with the reason', (what, run, limit, time) => {
  jest.useFakeTimers();
  const exit = jest.spyOn(process, 'exit').mockReturnValue(undefined as never);
  const error = jest.spyOn(console, 'error').mockReturnValue();
  readLogin.mockReturnValue(new Promise(() => {}));
  void run(notes);
  jest.advanceTimersByTime(limit - 1);
  expect(exit).not.toHaveBeenCalled();
  jest.advanceTimersByTime(1);
  expect(error.mock.calls).toEqual([[`The ${what} took longer than ${time}`]]);
  expect(exit.mock.calls).toEqual([[1]]);
});

test('A comparison waits for a server for a minute, in which the name of a new one may become known', async () => {
  createConnection.mockImplementation(async () => {
    throw Object.assign(new Error('getaddrinfo ENOTFOUND copy'), { code: 'ENOTFOUND' });
  });
  const clock = jest.spyOn(performance, 'now');
  for (const milliseconds of [0, 59_999, 60_001]) clock.mockReturnValueOnce(milliseconds);
  const opening = openForReading({ host: 'copy', port: 3306, name: 'notes' }, { user: 'one', password: 'two' });
  await expect(opening).rejects.toThrow('ENOTFOUND');
  expect(createConnection).toHaveBeenCalledTimes(2);
});

test.each([
  ['is refused the login', { errno: 1045 }, ['AWSCURRENT', 'AWSPREVIOUS'], 'no previous login'],
  ['is not reached', { errno: 2002 }, ['AWSCURRENT'], 'no copy'],
])('A comparison that %s by the copy asks for these logins, says why, and leaves no connection', async (...given) => {
  const [, code, stages, why] = given;
  const exit = jest.spyOn(process, 'exit').mockReturnValue(undefined as never);
  const error = jest.spyOn(console, 'error').mockReturnValue();
  // The minute is over after the first question.
  let now = 0;
  jest.spyOn(performance, 'now').mockImplementation(() => (now += 60_001));
  readLogin.mockImplementation(async (_, stage) => {
    if (stage === 'AWSPREVIOUS') throw new Error('no previous login');
    return { user: 'one', password: 'two' };
  });
  const connection = { on: jest.fn(), query: jest.fn(), destroy: jest.fn() };
  createConnection.mockImplementation(async ({ host }) => {
    if (host === 'copy') throw Object.assign(new Error('no copy'), code);
    return connection;
  });
  await runComparison(notes);
  expect(readLogin.mock.calls).toEqual(stages.map((stage) => (stage === 'AWSCURRENT' ? ['ddl'] : ['ddl', stage])));
  expect(createConnection.mock.calls.map(([{ host, user, password }]) => [host, user, password])).toEqual([
    ['db', 'one', 'two'],
    ['copy', 'one', 'two'],
  ]);
  expect([error.mock.calls, exit.mock.calls]).toEqual([[[why]], [[1]]]);
  expect(connection.destroy).toHaveBeenCalledTimes(1);
});
