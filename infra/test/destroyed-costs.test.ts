import { readFileSync, writeFileSync } from 'node:fs';
import { expect, jest, test } from '@jest/globals';
import { environmentNames } from 'platform';
import type { DestroyFlag } from '../destroy-flag.ts';

let flags: Record<string, DestroyFlag> = {};
jest.unstable_mockModule('../destroy-flag.ts', () => ({ readDestroyFlag: (name: string) => flags[name] }));
const { dev } = await import('../environments/dev.ts');
let instanceClass = dev.database.instanceClass;
jest.unstable_mockModule('../environments/dev.ts', () => ({
  dev: {
    ...dev,
    get database() {
      return { ...dev.database, instanceClass };
    },
  },
}));
let page: string | undefined;
const { costsPage } = await import('../costs/page.ts');
jest.unstable_mockModule('../costs/page.ts', () => ({ costsPage: () => page ?? costsPage() }));
const { command, costsFile } = await import('../commands/costs.ts');
const { monthlyCosts } = await import('../costs/estimate.ts');
const { listOf } = await import('../costs/price-lists.ts');

/** The environments that a comparison of costs takes for destroyed. */
const destroyed = (dev: DestroyFlag, prd: DestroyFlag) => {
  flags = { dev, prd };
  const costs = monthlyCosts();
  return environmentNames.filter((name) => costs[name].isDestroyed);
};

test('only what is asked to be destroyed counts so: not the other environment, and none if the file is ambiguous', () => {
  const [deploy, destroy, nothing] = [
    { action: 'deploy' } as const,
    { action: 'destroy' } as const,
    { action: 'nothing', reason: 'dev is "true", not true or false' } as const,
  ];
  expect(destroyed(deploy, deploy)).toEqual([]);
  expect(destroyed(destroy, deploy)).toEqual(['dev']);
  expect(destroyed(deploy, destroy)).toEqual(['prd']);
  expect(destroyed(nothing, nothing)).toEqual([]);
});

test('a price that is missing at the usual prices is an error, and never a lower total', () => {
  instanceClass = 'db.x9.large';
  try {
    expect(() => monthlyCosts()).toThrow('There is no price for db.x9.large in us-east-1');
    expect(monthlyCosts(listOf('sa-east-1')).dev.unknown).toContain('RDS for MySQL, db.x9.large');
  } finally {
    instanceClass = dev.database.instanceClass;
  }
});

test('the command that only checks fails where the page is out of date, and leaves it as it is', async () => {
  const before = readFileSync(costsFile, 'utf8');
  page = 'another';
  const error = jest.spyOn(console, 'error').mockImplementation(() => undefined);
  try {
    expect(await command.run(['--check'])).toBe(1);
    expect(readFileSync(costsFile, 'utf8')).toBe(before);
    expect(error).toHaveBeenCalledTimes(1);
  } finally {
    page = undefined;
    error.mockRestore();
    if (readFileSync(costsFile, 'utf8') !== before) writeFileSync(costsFile, before);
  }
});
