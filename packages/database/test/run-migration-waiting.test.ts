import { afterEach, expect, jest, test } from '@jest/globals';
import * as mysql from 'mysql2/promise';
import { notes } from './support/notes.ts';

/** Reads the secret with the migration's login. The real one is used in run-migration.test.ts. */
const readLogin = jest.fn<() => Promise<never>>();
class SecretEmpty extends Error {}
jest.unstable_mockModule('../src/mysql/secrets.ts', () => ({ readLogin, SecretEmpty }));
const createConnection = jest.fn<() => Promise<never>>();
jest.unstable_mockModule('mysql2/promise', () => ({ ...mysql, createConnection }));
const { migrateByJob, runMigration, timeLimit } = await import('../src/run-migration.ts');
const { comparisonTime, openForReading, runComparison } = await import('../src/run-comparison.ts');

afterEach(() => {
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
  Object.assign(process.env, {
    DB_HOST: 'db',
    DB_NAME: 'notes',
    DB_MIGRATION_SECRET: 'ddl',
    DB_USERS: 'notes-a',
    DB_RESTORED_HOST: 'copy',
    DB_RESTORED_TO: '2026-01-31T12:00:00Z',
  });
  const timers = jest.spyOn(globalThis, 'setTimeout');
  void run(notes);
  // One that is done does not wait for it.
  expect(timers.mock.results.map(({ value }) => (value as NodeJS.Timeout).hasRef())).toEqual([false]);
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
