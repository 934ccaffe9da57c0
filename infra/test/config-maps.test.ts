import { expect, test } from '@jest/globals';
import { namespaces } from 'platform';
import { applications } from 'platform/applications';
import { type Synthesised, synthesise } from './support/synthesised.ts';

/** Data of a stack's ConfigMaps by name. */
function dataOf(stack: Synthesised): Record<string, Record<string, string>> {
  const all = stack.all('kubernetes_config_map_v1').filter(({ metadata }) => metadata.namespace === 'calculator');
  return Object.fromEntries(all.map(({ metadata, data }) => [metadata.name, data]));
}

test('the environment’s ConfigMap has its public address, without a trailing slash', () => {
  const zone = { zone: 'example.com', createZone: false, subdomains: { dev: 'dev', prd: 'app' } };
  expect(dataOf(synthesise('dev', { settings: { domain: zone } }))['infra-environment']).toEqual({
    SITE_ADDRESS: 'https://dev.example.com',
  });
});

test.each(['dev', 'prd'] as const)('in %s the database ConfigMap has everything but secrets', (name) => {
  const stack = synthesise(name, { settings: { region: 'sa-east-1' } });
  const database = stack.one('aws_db_instance').address;
  const secretOf = (purpose: string) => stack.one('aws_secretsmanager_secret', `calculadora-api-${purpose}`).address;
  expect(dataOf(stack)['infra-calculadora-api-database']).toEqual({
    AWS_REGION: 'sa-east-1',
    // The name on the certificate. An alias would fail verification.
    DB_HOST: `\${${database}.address}`,
    DB_PORT: '3306',
    DB_NAME: 'calculadora',
    DB_SSL_CA: 'rds',
    DB_SECRET: `\${${secretOf('application')}.name}`,
    DB_MIGRATION_SECRET: `\${${secretOf('migration')}.name}`,
    DB_USERS: 'calculadora-api-a,calculadora-api-b',
  });
});

test('an application without a database has no database ConfigMap', () => {
  const using = applications.filter(({ database }) => database).map(({ name }) => `infra-${name}-database`);
  expect(Object.keys(dataOf(synthesise('dev'))).sort()).toEqual([...using, 'infra-environment'].sort());
});

test('ConfigMaps are created after their namespace and deleted before it', () => {
  const stack = synthesise('dev');
  const namespace = stack.one('kubernetes_namespace_v1', 'applications').address;
  const maps = stack
    .some('kubernetes_config_map_v1')
    .filter(({ metadata }) => metadata.namespace === namespaces.applications);
  expect(maps).toHaveLength(1 + applications.filter(({ database }) => database).length);
  for (const { depends_on } of maps) expect(depends_on).toContain(namespace);
});
