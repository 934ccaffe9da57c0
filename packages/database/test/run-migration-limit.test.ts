import { expect, jest, test } from '@jest/globals';
import { notes } from './support/notes.ts';

// A secret that is never read stands for anything that takes too long.
jest.unstable_mockModule('../src/mysql/secrets.ts', () => ({
  readLogin: () => new Promise(() => {}),
  SecretEmpty: class extends Error {},
}));
const { runMigration, timeLimit } = await import('../src/run-migration.ts');

test('A migration job that takes too long ends with an error, and with the reason', () => {
  jest.useFakeTimers();
  const exit = jest.spyOn(process, 'exit').mockReturnValue(undefined as never);
  const error = jest.spyOn(console, 'error').mockReturnValue();
  Object.assign(process.env, { DB_HOST: 'db', DB_NAME: 'notes', DB_MIGRATION_SECRET: 'ddl', DB_USERS: 'notes-a' });
  void runMigration(notes);
  jest.advanceTimersByTime(timeLimit - 1);
  expect(exit).not.toHaveBeenCalled();
  jest.advanceTimersByTime(1);
  expect(error.mock.calls).toEqual([['The migration took longer than 14 minutes']]);
  expect(exit.mock.calls).toEqual([[1]]);
});
