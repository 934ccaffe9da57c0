/**
 * What more applications, and fewer, change in the stacks: with the two that exist, nothing shows whether a second
 * database gets all that the first one has. After a change that is meant, `pnpm test other-applications -u` writes the
 * snapshot again.
 */
import { expect, jest, test } from '@jest/globals';
import type { Application } from 'platform';
import { asYaml, difference, readable } from './support/whole-stack.ts';

const { applications: existing, homePage } = await import('platform/applications');
const applications = [...existing];
jest.unstable_mockModule('platform/applications', () => ({ applications, homePage }));
const { synthesise, synthesiseBootstrap } = await import('./support/synthesised.ts');

expect.addSnapshotSerializer(asYaml);

const made = (name: string, port: number, team: string, database?: string): Application => ({
  name,
  path: `/${name}`,
  port,
  healthPath: `/${name}/health`,
  livePath: `/${name}/live`,
  stopTime: 5,
  team,
  ...(database && { database }),
  smokeTest: [],
  dev: { variables: { port: 'PORT' }, args: () => [], env: () => ({}), pages: [] },
});

/** One before the others and one after them, in the order of the list, one with a database, and a team without a name. */
const more = [made('accounts', 7001, 'finance', 'ledger'), ...existing, made('news', 7002, 'api')];
const fewer = existing.filter(({ homePage }) => homePage !== undefined);

const settings = { secondRegion: 'us-west-2', imageRegistry: 'ecr' } as const;
const stacks = {
  dev: () => synthesise('dev', { environment: { runner: false } }),
  prd: () => synthesise('prd'),
  bootstrap: () => synthesiseBootstrap(settings),
};

/** A stack with other applications than those that exist. */
function stackWith(others: readonly Application[], name: keyof typeof stacks): object {
  applications.splice(0, Infinity, ...others);
  try {
    return readable(stacks[name]());
  } finally {
    applications.splice(0, Infinity, ...existing);
  }
}

test.each([
  ['two more applications, of which one has a database, add to prd', more, 'prd'],
  ['two more applications add to the bootstrap', more, 'bootstrap'],
  ['the home page alone, without any database, leaves of dev', fewer, 'dev'],
] as const)('what %s is in the snapshot', (_, others, name) => {
  expect(others.length).not.toBe(existing.length);
  expect(difference(readable(stacks[name]()), stackWith(others, name))).toMatchSnapshot();
});
