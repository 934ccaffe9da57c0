import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ports } from 'contract';
import { readSettings, SettingsError } from '../src/settings.ts';

const server = { DB_HOST: 'db', DB_USER: 'app', DB_PASSWORD: 'only-for-tests', DB_NAME: 'calculadora' };

describe('The settings', () => {
  test('of a developer need no variable', () => {
    expect(readSettings({})).toEqual({
      host: '127.0.0.1',
      port: ports.api,
      logLevel: 'debug',
      database: { kind: 'sqlite', file: resolve('.data/calculadora.sqlite') },
    });
  });

  test('in production listen to other machines and name a database server', () => {
    expect(readSettings({ NODE_ENV: 'production', ...server })).toEqual({
      host: '0.0.0.0',
      port: ports.api,
      logLevel: 'info',
      database: {
        kind: 'mysql',
        host: 'db',
        port: 3306,
        name: 'calculadora',
        login: { user: 'app', password: 'only-for-tests' },
      },
    });
  });

  test('take an empty variable for one that is not set', () => {
    expect(readSettings({ PORT: '', HOST: '', LOG_LEVEL: '', DB_HOST: '', DB_FILE: '' })).toEqual(readSettings({}));
  });

  test.each([
    ['db.internal', undefined, 'db.internal', 3306],
    ['db.internal:3307', undefined, 'db.internal', 3307],
    ['db.internal', '3307', 'db.internal', 3307],
    ['db.internal:3307', '3307', 'db.internal', 3307],
    ['10.0.0.7:3307', undefined, '10.0.0.7', 3307],
    ['::1', undefined, '::1', 3306],
    ['[::1]', undefined, '::1', 3306],
    ['[::1]:3307', undefined, '::1', 3307],
  ])('read the address %s with port %s', (DB_HOST, DB_PORT, host, port) => {
    const { database } = readSettings({ ...server, DB_HOST, DB_PORT });
    expect(database).toMatchObject({ host, port });
  });

  test.each([
    ['PORT', { PORT: 'abc' }],
    ['PORT', { PORT: '65536' }],
    ['PORT', { PORT: '-1' }],
    ['PORT', { PORT: '70.5' }],
    ['HOST', { HOST: 'no host' }],
    ['LOG_LEVEL', { LOG_LEVEL: 'loud' }],
    ['DB_HOST', { ...server, DB_HOST: 'db:port' }],
    ['DB_HOST', { ...server, DB_HOST: 'mysql://db' }],
    ['DB_HOST', { ...server, DB_HOST: ':3306' }],
    ['DB_HOST', { ...server, DB_HOST: '[db]x' }],
    ['DB_PORT', { ...server, DB_PORT: '0' }],
    ['DB_PORT', { ...server, DB_HOST: 'db:3306', DB_PORT: '3307' }],
    ['DB_USER', { ...server, DB_USER: undefined }],
    ['DB_NAME', { ...server, DB_NAME: '' }],
    ['DB_SSL_CA', { ...server, DB_SSL_CA: '/no/such/file.pem' }],
    ['DB_SSL_CA', { ...server, DB_SSL_CA: fileOf('no certificate') }],
    ['DB_USER', { ...server, DB_PASSWORD: '', DB_SECRET: 'calculadora/database' }],
    ['DB_PASSWORD', { ...server, DB_USER: '', DB_SECRET: 'calculadora/database' }],
    ['DB_HOST', { NODE_ENV: 'production' }],
  ])('are refused when %s is wrong, by its name: %j', (name, environment) => {
    const error = errorOf(environment);
    expect(error).toBeInstanceOf(SettingsError);
    expect((error as SettingsError).message).toMatch(new RegExp(`^${name} `));
    expect((error as SettingsError).message).not.toContain('only-for-tests');
  });

  test('name every wrong variable at once', () => {
    const { message } = errorOf({ ...server, PORT: 'x', LOG_LEVEL: 'y', DB_USER: '', DB_NAME: '' }) as SettingsError;
    expect(
      message
        .split('\n')
        .map((line) => line.split(' ')[0])
        .toSorted(),
    ).toEqual(['DB_NAME', 'DB_USER', 'LOG_LEVEL', 'PORT']);
  });

  test('allow the embedded database in production just if its file is named', () => {
    const { database } = readSettings({ NODE_ENV: 'production', DB_FILE: '/data/calculadora.sqlite' });
    expect(database).toEqual({ kind: 'sqlite', file: '/data/calculadora.sqlite' });
  });
});

function errorOf(environment: NodeJS.ProcessEnv): unknown {
  try {
    return readSettings(environment);
  } catch (error) {
    return error;
  }
}

function fileOf(text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'settings-')), 'file.pem');
  writeFileSync(file, text);
  return file;
}
