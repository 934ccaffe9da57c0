import { EventEmitter } from 'node:events';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import * as mysql from 'mysql2/promise';
import type { Comparison } from '../src/mysql/compare-databases.ts';
import { notes } from './support/notes.ts';

/** Reads the secret with the migration's login. The real one is used in run-migration.test.ts. */
const readLogin = jest.fn<(secret: string, stage?: string) => Promise<{ user: string; password: string }>>();
class SecretEmpty extends Error {}
jest.unstable_mockModule('../src/mysql/secrets.ts', () => ({ readLogin, SecretEmpty }));
const createConnection = jest.fn<(options: mysql.ConnectionOptions) => Promise<object>>();
jest.unstable_mockModule('mysql2/promise', () => ({ ...mysql, createConnection }));
/** The real one is used in compare-databases.test.ts. */
const compareDatabases = jest.fn<(...args: readonly unknown[]) => Promise<Comparison>>();
jest.unstable_mockModule('../src/mysql/compare-databases.ts', () => ({ compareDatabases }));
const { migrateByJob, runMigration, timeLimit } = await import('../src/run-migration.ts');
const { comparisonTime, openForReading, runComparison } = await import('../src/run-comparison.ts');

Object.assign(process.env, {
  DB_HOST: 'db',
  DB_NAME: 'notes',
  DB_MIGRATION_SECRET: 'ddl',
  DB_USERS: 'notes-a',
  DB_RESTORED_HOST: 'copy:3307',
  DB_RESTORED_TO: '2026-01-31T12:00:00Z',
});

afterEach(() => {
  for (const mock of [readLogin, createConnection, compareDatabases]) mock.mockReset();
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

describe('What a comparison found', () => {
  const found: Comparison = {
    ...{ restoredTo: '2026-01-31T12:00:00.000Z', isSame: true, migrations: { applied: 3, newer: [] }, differences: [] },
    tables: [
      {
        ...{ table: 'notes', rows: 20, newer: 4, changedByApplication: 0, differences: [] },
        newest: { copy: '2026-01-31 11:59:58.000', live: '2026-01-31 11:59:59.000' },
      },
      {
        ...{ table: 'empty', rows: 0, newer: 1, changedByApplication: 0 },
        differences: [],
        newest: { copy: null, live: null },
      },
      { table: 'names', rows: 500, newer: 60, changedByApplication: 7, differences: [] },
    ],
  };

  test.each<[string, Comparison, string[], string[], number[][]]>([
    [
      'all that was there',
      found,
      [
        'The copy restored to 2026-01-31T12:00:00.000Z has everything that the live database had then: 3 migrations, notes with 20 rows, the newest of 2026-01-31 11:59:58.000 UTC (4 are newer), empty with 0 rows (1 are newer), names with 500 rows (60 are newer)',
      ],
      [],
      [],
    ],
    [
      'differences',
      { ...found, isSame: false, differences: ['one', 'two'] },
      [],
      ['The copy restored to 2026-01-31T12:00:00.000Z differs from the live database: one; two'],
      [[1]],
    ],
  ])('is printed as a line of JSON and as a sentence: %s', async (_, comparison, said, failed, exits) => {
    const exit = jest.spyOn(process, 'exit').mockReturnValue(undefined as never);
    const [log, error] = [jest.spyOn(console, 'log').mockReturnValue(), jest.spyOn(console, 'error').mockReturnValue()];
    const current = { user: 'notes-a', password: 'new' };
    // That of the other user, before the last rotation. The copy knows no other.
    const previous = { user: 'notes-b', password: 'old' };
    readLogin.mockImplementation(async (_secret, stage) => (stage === 'AWSPREVIOUS' ? previous : current));
    const connectionTo = () => Object.assign(new EventEmitter(), { query: jest.fn(), destroy: jest.fn() });
    const [live, copy] = [connectionTo(), connectionTo()];
    createConnection.mockImplementation(async ({ host, user }) => {
      if (host === 'copy' && user === current.user) throw Object.assign(new Error('denied'), { errno: 1045 });
      return host === 'copy' ? copy : live;
    });
    compareDatabases.mockImplementation(async () => {
      for (const one of [live, copy]) {
        expect(one.destroy).not.toHaveBeenCalled();
        // A server that goes away while nothing is asked is no crash: the next question fails.
        one.emit('error', new Error('lost'));
      }
      return comparison;
    });
    await runComparison(notes);

    expect(compareDatabases.mock.calls).toEqual([[expect.anything(), notes, new Date('2026-01-31T12:00:00Z')]]);
    const [[sides]] = compareDatabases.mock.calls as [[{ live: unknown; copy: unknown }]];
    expect([sides.live === live, sides.copy === copy]).toEqual([true, true]);
    const options = expect.objectContaining({ database: 'notes', dateStrings: true, supportBigNumbers: true });
    const opened = [
      { host: 'db', port: 3306, ...current },
      ...[current, previous].map((one) => ({ host: 'copy', port: 3307, ...one })),
    ];
    expect(createConnection.mock.calls).toEqual(opened.map(() => [options]));
    expect(createConnection.mock.calls).toEqual(opened.map((one) => [expect.objectContaining(one)]));
    for (const { destroy, query } of [live, copy]) {
      expect(query.mock.calls).toEqual([["set time_zone = '+00:00'"], ['set session transaction read only']]);
      expect(destroy).toHaveBeenCalledTimes(1);
    }
    expect(log.mock.calls.flat()).toEqual([JSON.stringify({ comparison }), ...said]);
    expect([error.mock.calls.flat(), exit.mock.calls]).toEqual([failed, exits]);
  });
});
