import { expect, test } from '@jest/globals';
import { environments } from '../environments/all.ts';
import { checkEnvironment } from '../environments/check.ts';
import { dev } from '../environments/dev.ts';
import { type RefusedValue, refusedValues, type Values } from './support/refused-values.ts';

const check = ({ environment, settings }: Values, ...logDays: number[]) =>
  checkEnvironment({ ...dev, ...environment }, settings ?? {}, ...logDays);

test('the environment files are accepted, with and without a domain', () => {
  const all = Object.values(environments);
  expect(all.length).toBeGreaterThan(1);
  for (const environment of all) {
    checkEnvironment(environment, {});
    checkEnvironment(environment, {
      domain: { zone: 'example.com', createZone: false, subdomains: { dev: 'dev', prd: 'app' } },
    });
  }
});

test.each(refusedValues)('$name: refused in both languages, and its neighbour accepted', (value: RefusedValue) => {
  const error = errorOf(() => check(value.refused));
  expect(error).toContain('AWS would refuse these values of infra/environments/dev.ts');
  expect(error).toContain(`\n  ${value.message}`);
  expect(error).toMatch(/^ {2}"[\w.-]+": .+ não é .+\.$/m);
  check(value.accepted);
});

test('a node group without an instance type is refused', () => {
  const nodes = { ...dev.cluster.nodes, instanceTypes: [] };
  expect(errorOf(() => check({ environment: { cluster: { ...dev.cluster, nodes } } }))).toContain(
    '"cluster.nodes.instanceTypes": [] is not a list of 1 to 20 instance types',
  );
});

test('log retention is a number of days that CloudWatch accepts', () => {
  expect(errorOf(() => check({}, 45))).toContain('"logRetentionDays": 45 is not a number of days that CloudWatch');
  check({}, 60);
});

test('one message lists all invalid values, each once', () => {
  const database = { ...dev.database, backupDays: 40, storage: { initial: 10, maximum: 50 } };
  const error = errorOf(() => check({ environment: { database } }));
  expect(error.match(/^ {2}"database\.[\w.]+": .+ is not /gm)).toHaveLength(2);
});

function errorOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('Nothing was refused');
}
