/** Which accounts there are, and which stacks are written for them, with stand-ins for the stacks. */
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { environmentNames } from 'platform';
import { accountIn, accountOf, accountsOf, givenAccount, hasImages } from '../accounts.ts';
import { environments } from '../environments/all.ts';
import { readSettings, type Settings } from '../settings.ts';
import { accounts, admins, settings as ofTwoAccounts } from './support/two-accounts.ts';

const { accounts: _, ...shared } = ofTwoAccounts;
const one: Settings = { ...readSettings('', {}), ...shared, accountId: '111122223333' };
const two: Settings = { ...readSettings('', {}), ...ofTwoAccounts };
const secondRegion = 'us-west-2';

test('one account has everything, and two have their own environment, bucket, zone and people each', () => {
  expect(accountsOf(one)).toEqual([
    {
      id: '111122223333',
      environments: ['dev', 'prd'],
      bootstrap: 'bootstrap',
      stateBucket: 'own-state',
      secondStateBucket: undefined,
      zone: 'example.com',
      clusterAdmins: [admins.dev, admins.prd],
    },
  ]);
  expect(accountsOf(two)).toEqual([
    {
      id: accounts.dev,
      environments: ['dev'],
      bootstrap: 'bootstrap-dev',
      stateBucket: 'own-state-dev',
      secondStateBucket: undefined,
      zone: 'dev.example.com',
      clusterAdmins: [admins.dev],
    },
    {
      id: accounts.prd,
      environments: ['prd'],
      bootstrap: 'bootstrap-prd',
      stateBucket: 'own-state-prd',
      secondStateBucket: undefined,
      zone: 'example.com',
      clusterAdmins: [admins.prd],
    },
  ]);
});

test('people belong to the account of their ARN, whatever number is in their name', () => {
  const arn = (id: string, name: string) => `arn:aws:iam::${id}:role/${name}`;
  const [ofDev, ofPrd] = [arn(accounts.dev, `for-${accounts.prd}`), arn(accounts.prd, `for-${accounts.dev}`)];
  const found = accountsOf({ ...two, clusterAdmins: [ofDev, ofPrd] }).map(({ clusterAdmins }) => clusterAdmins);
  expect(found).toEqual([[ofDev], [ofPrd]]);
});

test('a second region has a bucket of its own in each account, until it is the region in use', () => {
  const buckets = (settings: Settings) => accountsOf(settings).map((account) => account.secondStateBucket);
  expect(buckets({ ...one, secondRegion })).toEqual(['own-state-us-west-2']);
  expect(buckets({ ...two, secondRegion })).toEqual(['own-state-us-west-2-dev', 'own-state-us-west-2-prd']);
  expect(buckets({ ...two, secondRegion, useSecondRegion: true })).toEqual([undefined, undefined]);
});

test('without a domain there is no zone', () => {
  const zones = [one, two].flatMap(({ domain: _, ...settings }) => accountsOf(settings).map(({ zone }) => zone));
  expect(zones).toEqual([undefined, undefined, undefined]);
});

test('an environment has its account, and a command without one has the only one', () => {
  expect(environmentNames.map((name) => accountOf(two, name).id)).toEqual([accounts.dev, accounts.prd]);
  expect(environmentNames.map((name) => givenAccount(two, name).bootstrap)).toEqual(['bootstrap-dev', 'bootstrap-prd']);
  expect([givenAccount(one, undefined), givenAccount(one, 'prd')]).toEqual([accountsOf(one)[0], accountsOf(one)[0]]);
  expect(() => givenAccount(two, undefined)).toThrow('say which one is meant, dev or prd');
});

test('images are in the account of prd, if they are in any', () => {
  expect(accountsOf(one).map((account) => hasImages(one, account))).toEqual([true]);
  expect(accountsOf(two).map((account) => hasImages(two, account))).toEqual([false, true]);
  const elsewhere = { ...two, imageRegistry: 'docker-hub' as const };
  expect(accountsOf(elsewhere).map((account) => hasImages(elsewhere, account))).toEqual([false, false]);
  expect(accountIn(admins.prd)).toBe(accounts.prd);
});

describe('the app', () => {
  /** What each stack got, by its name. */
  const stacks = new Map<string, Record<string, unknown>>();
  const out = mkdtempSync(join(tmpdir(), 'app-'));
  const before = { ...process.env };

  /** Runs infra/main.ts with other settings. */
  async function synthesised(env: Record<string, string>): Promise<string[]> {
    for (const name of Object.keys(process.env)) if (name.startsWith('INFRA_')) delete process.env[name];
    Object.assign(process.env, env, { CDKTF_OUTDIR: out });
    try {
      await jest.isolateModulesAsync(async () => {
        const record = (kind: string) =>
          class {
            constructor(_: unknown, name: string, given: object) {
              stacks.set(name, { kind, ...given });
            }
          };
        jest.unstable_mockModule('../stacks/bootstrap.ts', () => ({ BootstrapStack: record('bootstrap') }));
        jest.unstable_mockModule('../stacks/environment.ts', () => ({ EnvironmentStack: record('environment') }));
        await import('../main.ts');
      });
    } finally {
      for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
      Object.assign(process.env, before);
    }
    return [...stacks.keys()];
  }
  beforeEach(() => stacks.clear());

  test('has a bootstrap for each account, and both environments, with the settings', async () => {
    const env = { INFRA_ACCOUNTS: JSON.stringify(accounts), INFRA_STATE_BUCKET: 'own-state' };
    expect(await synthesised(env)).toEqual(['bootstrap-dev', 'bootstrap-prd', 'dev', 'prd']);
    const settings = readSettings('', env);
    const [dev, prd] = accountsOf(settings);
    expect(Object.fromEntries(stacks)).toEqual({
      'bootstrap-dev': { kind: 'bootstrap', account: dev, settings },
      'bootstrap-prd': { kind: 'bootstrap', account: prd, settings },
      dev: { kind: 'environment', environment: environments.dev, settings },
      prd: { kind: 'environment', environment: environments.prd, settings },
    });
    for (const name of environmentNames) {
      expect(readFileSync(join(out, 'stacks', name, '.terraform/environment'), 'utf8')).toBe(name);
    }
    expect(existsSync(join(out, 'stacks/bootstrap-dev/.terraform'))).toBe(false);
  });

  test('has no bootstrap once the first region is lost: it would change what is there for the second', async () => {
    const env = { INFRA_SECOND_REGION: secondRegion, INFRA_USE_SECOND_REGION: 'true' };
    expect(await synthesised(env)).toEqual(['dev', 'prd']);
    expect(stacks.get('prd')?.settings).toMatchObject({ region: secondRegion });
  });

  test('writes nothing with values that AWS would refuse', async () => {
    const domain = JSON.stringify({ zone: `${'a'.repeat(60)}.com` });
    await expect(synthesised({ INFRA_DOMAIN: domain })).rejects.toThrow('AWS would refuse these values');
    expect([...stacks.keys()]).toEqual([]);
  });
});
