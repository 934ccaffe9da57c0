import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  databasePurposes,
  databaseUsers,
  environmentNames,
  infrastructureTeam,
  names,
  serviceAccounts,
  statusPath,
  teamPattern,
  teamsOf,
} from 'platform';
import { applications, applicationsIn, homePage } from 'platform/applications';

const groupBy = (value: (application: (typeof applications)[number]) => string) =>
  Object.groupBy(applications, value) as Record<string, readonly object[]>;

test('the list contains every folder with an application.ts', () => {
  expect(applications.map(({ name }) => name)).toEqual(expect.arrayContaining(['calculadora-api', 'magic-calculator']));
});

test.each(['name', 'path', 'port'] as const)('no two applications have the same %s', (key) => {
  for (const [value, same] of Object.entries(groupBy((application) => String(application[key])))) {
    expect([value, same]).toEqual([value, [expect.anything()]]);
  }
});

test('no path is below another application’s, because it would receive its requests', () => {
  for (const { path } of applications) {
    expect(applications.filter((other) => path.startsWith(`${other.path}/`))).toEqual([]);
  }
});

test('no application has the path of the status page', () => {
  expect(applications.map(({ path }) => path)).not.toContain(statusPath);
});

test('no two applications share a database', () => {
  const databases = applications.flatMap(({ database }) => database ?? []);
  expect(databases.length).toBeGreaterThan(0);
  expect(new Set(databases).size).toBe(databases.length);
});

test('no application has the database user or the account of another, as one called like the migration of the first', () => {
  const users = applications.flatMap(({ name }) => databasePurposes.flatMap((purpose) => databaseUsers(name, purpose)));
  const accounts = applications.flatMap(({ name }) => Object.values(serviceAccounts).map((of) => of(name)));
  for (const all of [users, accounts]) {
    expect(all.length).toBeGreaterThan(applications.length);
    expect(all.filter((each, index) => all.indexOf(each) !== index)).toEqual([]);
  }
});

test('one application has the home page, below its own path', () => {
  const [home, ...others] = applications.filter((application) => application.homePage !== undefined);
  expect(others).toEqual([]);
  expect(home?.homePage).toBe(homePage);
  expect(homePage.startsWith(`${home?.path}/`)).toBe(true);
});

test('the target group of every application has a name that AWS accepts', () => {
  for (const { name } of applications) {
    for (const environment of environmentNames) {
      // https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
      expect(names(environment).targetGroup(name)).toMatch(/^[a-zA-Z0-9][a-zA-Z0-9-]{0,30}[a-zA-Z0-9]$/);
    }
  }
});

test('every application has smoke tests, all below its own path', () => {
  for (const { path, smokeTest } of applications) {
    expect(smokeTest.length).toBeGreaterThan(0);
    for (const check of smokeTest) expect(`${check.path}/`.startsWith(`${path}/`)).toBe(true);
  }
});

test('an application is released only after others that exist, and never in a circle', () => {
  expect(applications.some(({ after }) => after?.length)).toBe(true);
  const released = new Set<string>();
  for (let before = -1; released.size > before; ) {
    before = released.size;
    for (const { after = [], name } of applications)
      if (after.every((other) => released.has(other))) released.add(name);
  }
  expect([...released].toSorted()).toEqual(applications.map(({ name }) => name));
});

test('a team has a name of 1 to 31 lower-case letters, digits and hyphens, and begins with a letter', () => {
  for (const name of ['a', 'api', 'team-2', 'a'.repeat(31)]) expect(name).toMatch(teamPattern);
  for (const name of ['', '2nd', '-api', 'API', 'a_b', 'a b', 'a/b', 'api\n', 'a'.repeat(32)])
    expect(name).not.toMatch(teamPattern);
});

test('the team of every application has a name that the settings accept', () => {
  expect(applications.length).toBeGreaterThan(0);
  for (const { team } of applications) expect(team).toMatch(teamPattern);
});

test('teams are listed once each, infrastructure last', () => {
  expect(
    teamsOf([{ team: 'shop' }, { team: 'api' }, { team: 'shop' }], [infrastructureTeam, 'api', 'finance']),
  ).toEqual(['shop', 'api', 'finance', infrastructureTeam]);
});

describe('a folder of applications', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'apps-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const write = (name: string, file: string, content: string) => {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, file), content);
  };
  const named = (name: string) => `export const application = { name: '${name}' };`;

  test('has those with a description, sorted by name', async () => {
    for (const name of ['shop', 'blog', 'wiki']) write(name, 'application.ts', named(name));
    write('library', 'index.ts', named('library'));
    expect((await applicationsIn(folder)).map(({ name }) => name)).toEqual(['blog', 'shop', 'wiki']);
  });

  test.each([
    ['of another name', named('shop')],
    ['without an application', 'export const other = 1;'],
  ])('with a description %s is refused, and its file named', async (_, content) => {
    write('shop', 'application.ts', named('shop'));
    write('wiki', 'application.ts', content);
    await expect(applicationsIn(folder)).rejects.toThrow(
      'apps/wiki/application.ts does not export an application named wiki',
    );
  });
});
