import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { databasePurposes, databaseUsers, names } from 'platform';
import { applications } from 'platform/applications';
import { bundle } from '../functions/bundle.ts';
import { SecretsManager } from '../functions/database-logins/test/support/secrets-manager.ts';
import { invoke } from './support/lambda.ts';
import { synthesise } from './support/synthesised.ts';

describe.each(['dev', 'prd'] as const)('%s', (name) => {
  const stack = synthesise(name);
  const rotation = stack.one('aws_lambda_function', 'database-logins');

  test('every application with a database has a login for itself and one for its migration', () => {
    const secrets = stack.all('aws_secretsmanager_secret').map(({ name: secret, tags }) => ({ name: secret, tags }));
    const expected = applications.flatMap(({ name: application, database }) =>
      database === undefined
        ? []
        : databasePurposes.map((purpose) => ({
            name: names(name).databaseSecret(application, purpose),
            tags: { application, database, purpose },
          })),
    );
    expect(expected.length).toBeGreaterThan(0);
    expect(secrets).toEqual(expected);
    expect(new Set(secrets.map((secret) => secret.name)).size).toBe(secrets.length);
  });

  test('each secret is rotated at once and then every month, by day', () => {
    const rotations = stack.all('aws_secretsmanager_secret_rotation');
    const secrets = stack.all('aws_secretsmanager_secret').map(({ address }) => `\${${address}.id}`);
    expect(rotations.map(({ secret_id }) => secret_id)).toEqual(secrets);
    for (const { rotate_immediately, rotation_lambda_arn, rotation_rules } of rotations) {
      expect(rotate_immediately).toBe(true);
      expect(rotation_lambda_arn).toBe(`\${${rotation.address}.arn}`);
      // In Brasília, 11:00 to 15:00 on the first Tuesday of the month: dev's database is stopped at night.
      expect(rotation_rules).toEqual({ schedule_expression: 'cron(0 14 ? * TUE#1 *)', duration: '4h' });
    }
  });

  test('the first rotation waits for everything that the function needs to reach the database and Secrets Manager', () => {
    const egress = stack
      .all('aws_vpc_security_group_egress_rule')
      .filter(({ address }) => address.includes('database-logins'));
    expect(egress).toHaveLength(2);
    for (const { depends_on } of stack.some('aws_secretsmanager_secret_rotation')) {
      expect(depends_on).toEqual(
        expect.arrayContaining([
          stack.one('aws_lambda_permission', 'database-logins').address,
          stack.one('aws_vpc_security_group_ingress_rule', 'from-database-logins').address,
          ...egress.map(({ address }) => address),
          ...stack.all('aws_route').map(({ address }) => address),
        ]),
      );
    }
    const policies = ['aws_iam_role_policy', 'aws_iam_role_policy_attachment'];
    const rights = policies
      .flatMap((type) => stack.all(type))
      .filter(({ address }) => address.includes('database-logins'));
    expect(rights).toHaveLength(2);
    expect(rotation.depends_on).toEqual(expect.arrayContaining(rights.map(({ address }) => address)));
  });

  test('only Secrets Manager of the same account may invoke the function', () => {
    expect(stack.one('aws_lambda_permission', 'database-logins')).toMatchObject({
      action: 'lambda:InvokeFunction',
      function_name: `\${${rotation.address}.function_name}`,
      principal: 'secretsmanager.amazonaws.com',
      source_account: expect.stringContaining('account_id'),
    });
  });

  test('the function runs in the private subnets, and reaches only MySQL and HTTPS', () => {
    const group = stack.one('aws_security_group', 'database-logins');
    expect(rotation.vpc_config).toEqual({
      subnet_ids: stack
        .all('aws_subnet')
        .filter(({ address }) => address.includes('private'))
        .map(({ address }) => `\${${address}.id}`),
      security_group_ids: [`\${${group.address}.id}`],
    });
    expect(group.egress).toBeUndefined();
    const rules = stack
      .all('aws_vpc_security_group_egress_rule')
      .filter(({ security_group_id }) => security_group_id === `\${${group.address}.id}`);
    expect(rules.map(({ from_port, to_port }) => [from_port, to_port])).toEqual([
      [3306, 3306],
      [443, 443],
    ]);
  });

  test('the function verifies the certificate of RDS and gets no password in its environment', () => {
    const database = stack.one('aws_db_instance').address;
    expect(rotation.environment.variables).toEqual({
      DB_HOST: `\${${database}.address}`,
      DB_PORT: '3306',
      DB_SSL_CA: 'rds',
      MASTER_SECRET: `\${${database}.master_user_secret[0].secret_arn}`,
    });
  });
});

test('no wait of a function outlasts Lambda, which would end it without a reason, and none is too short for a slow answer', async () => {
  const { connectTimeout } = await import('../functions/database-logins/src/database.ts');
  const { timeLimits: ofSecrets } = await import('../functions/database-logins/src/secret.ts');
  const { timeLimits: ofStatus } = await import('../functions/status/src/index.ts');
  const functions = synthesise('prd').some('aws_lambda_function');
  const shortest = Math.min(...functions.map(({ timeout }) => timeout * 1_000));
  for (const { connectionTimeout, requestTimeout, throwOnRequestTimeout } of [ofSecrets, ofStatus]) {
    // The SDK tries three times.
    expect(3 * (connectionTimeout + requestTimeout)).toBeLessThan(shortest);
    expect(connectionTimeout).toBeGreaterThanOrEqual(1_000);
    // AWS connects at once, and may take seconds for an answer.
    expect(requestTimeout).toBeGreaterThanOrEqual(4_000);
    expect(throwOnRequestTimeout).toBe(true);
  }
  expect(3 * connectTimeout).toBeLessThan(shortest);
  expect(connectTimeout).toBeGreaterThanOrEqual(1_000);
});

test('users keep the names that they have in databases that exist', () => {
  const users = databasePurposes.map((purpose) => [purpose, databaseUsers('calculadora-api', purpose)]);
  expect(Object.fromEntries(users)).toEqual({
    application: ['calculadora-api-a', 'calculadora-api-b'],
    migration: ['calculadora-api-ddl-a', 'calculadora-api-ddl-b'],
  });
});

test('every possible name of an application gives user names that MySQL accepts and no two of which are equal', () => {
  const longest = 'a'.repeat(32 - names('prd').targetGroup('').length);
  const users = databasePurposes.flatMap((purpose) => databaseUsers(longest, purpose));
  for (const user of users) expect(user.length).toBeLessThanOrEqual(32);
  expect(new Set(users).size).toBe(4);
});

describe('The bundle of the function', () => {
  const folder = bundle('database-logins');
  const other = mkdtempSync(join(tmpdir(), 'bundle-'));
  afterAll(() => rmSync(other, { recursive: true }));

  test('is one file, which imports only what Lambda has', () => {
    expect(readdirSync(folder)).toEqual(['index.mjs']);
    const imports = readFileSync(join(folder, 'index.mjs'), 'utf8').matchAll(/^import .*from ?"([^"]+)"/gm);
    const foreign = [...imports].map(([, module]) => module).filter((module) => !module?.startsWith('node:'));
    const builtIn = new Set([
      'events',
      'net',
      'tls',
      'timers',
      'stream',
      'crypto',
      'zlib',
      'url',
      'string_decoder',
      'util',
    ]);
    expect(foreign.filter((module) => !builtIn.has(String(module)))).toEqual(['@aws-sdk/client-secrets-manager']);
  });

  test('logs in to the server that its environment names', async () => {
    const secrets = new SecretsManager();
    let visits = 0;
    const server = createServer((socket) => {
      visits++;
      socket.destroy();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const env = {
        ...(await secrets.start()),
        DB_HOST: '127.0.0.1',
        DB_PORT: String((server.address() as AddressInfo).port),
        MASTER_SECRET: 'master',
      };
      const login = { username: 'admin', password: 'only-for-tests' };
      secrets.create('master', {}, login);
      secrets.create('sum', { application: 'sum', database: 'sum', purpose: 'application' });
      const rotation = secrets.rotate('sum', (event) => invoke('database-logins', event, env), 'setSecret');
      // That server hangs up.
      await expect(rotation).rejects.toThrow('Connection lost');
      expect(secrets.read('sum', 'AWSPENDING').username).toBe('sum-a');
      expect(visits).toBe(1);
    } finally {
      server.close();
      secrets.stop();
    }
  });

  test('is the same wherever it is built, so that an unchanged function is not deployed again', () => {
    const script = `import { bundle } from ${JSON.stringify(join(import.meta.dirname, '../functions/bundle.ts'))};
      import { cpSync } from 'node:fs'; const folder = bundle('database-logins');
      cpSync(folder, ${JSON.stringify(other)}, { recursive: true }); console.log(folder); console.log(bundle('signoz'));`;
    const output = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: tmpdir(),
      encoding: 'utf8',
    });
    // All are made at once, which takes seconds.
    const [made = '', another] = output.trim().split('\n').map(dirname);
    expect(another).toBe(made);
    // Each synthesis makes one, and nobody would delete it.
    expect([made !== '', existsSync(made)]).toEqual([true, false]);
    expect(readFileSync(join(other, 'index.mjs'), 'utf8')).toBe(readFileSync(join(folder, 'index.mjs'), 'utf8'));
  });
});
