/**
 * Each stack as Terraform gets it, whole: the diff of a pull request shows what a change does to both environments,
 * without an account. Then what choices change in it that no environment has now. After a change that is meant, `pnpm test whole-stacks -u` writes the snapshot again: read its diff
 * like the code's. That the values are right is for the other tests.
 */
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { x86 } from '../costs/switches.ts';
import { dev } from '../environments/dev.ts';
import type { Environment } from '../environments/environment.ts';
import { prd } from '../environments/prd.ts';
import { inSecondRegion, readSettings, type Settings } from '../settings.ts';
import { type Synthesised, synthesise, synthesiseBootstrap } from './support/synthesised.ts';

const root = resolve(import.meta.dirname, '../..');
const settings = readSettings(`${root}/infra/settings.example.json`, {});
// As YAML, as people read it, instead of jest's own form.
expect.addSnapshotSerializer({
  test: () => true,
  serialize: (value) => stringify(value, { lineWidth: 0, sortMapEntries: true }),
});
const connections = {
  dev: 'arn:aws:codeconnections:us-east-1:444455556666:connection/11111111-2222-3333-4444-555555555555',
  prd: 'arn:aws:codeconnections:sa-east-1:111122223333:connection/1b2c3d4e-1111-2222-3333-444455556666',
};

const stacks = {
  dev: () => synthesise('dev'),
  prd: () =>
    synthesise('prd', {
      environment: { runner: true },
      settings: { ...settings, region: 'sa-east-1', github: { ...settings.github, connections } },
    }),
  bootstrap: () => synthesiseBootstrap(settings),
};
const made: Record<string, object> = {};
/** Synthesised once, because it takes a second. */
function base(name: keyof typeof stacks): object {
  made[name] ??= readable(stacks[name]().terraform) as object;
  return made[name];
}

test.each<[string, keyof typeof stacks]>([
  ['dev, with the default settings', 'dev'],
  ['prd, outside us-east-1 and with a runner', 'prd'],
  ['the bootstrap', 'bootstrap'],
])('the whole stack of %s is the one in the snapshot', (_, name) => {
  expect(base(name)).toMatchSnapshot();
});

/** As dear as an environment file allows. */
const dearest: Partial<Environment> = {
  protected: true,
  runner: true,
  network: { cidr: '172.20.0.0/16', nat: 'per-zone', flowLogs: true },
  cluster: {
    ...dev.cluster,
    ...x86({ ...dev, cluster: { ...dev.cluster, baseNodes: dev.cluster.nodes } }),
    storageCapacity: 'on-demand',
    nodeProvisionMinutes: 9,
    logTypes: ['api', 'audit', 'authenticator', 'controllerManager', 'scheduler'],
    sleepsAtNight: false,
  },
  database: {
    version: '9.7',
    instanceClass: 'db.m7g.large',
    storage: { initial: 100, maximum: 400 },
    multiZone: true,
    backupDays: 35,
    copiesBackups: true,
    finalSnapshot: true,
  },
  edge: { hstsDays: 365, waf: true, accessLogs: true, statusPage: false },
  observability: { storage: 200, retentionDays: 30 },
  costs: { monthlyBudget: 999, approvalAbove: 50 },
};
/** As cheap. */
const cheapest: Partial<Environment> = {
  protected: false,
  runner: false,
  network: { ...prd.network, nat: 'single', flowLogs: false },
  cluster: { ...prd.cluster, storageCapacity: 'spot', logTypes: [], sleepsAtNight: true },
  database: { ...prd.database, multiZone: false, backupDays: 0, finalSnapshot: false },
  edge: { hstsDays: 0, waf: false, accessLogs: false, statusPage: true },
};
const accounts = { dev: '444455556666', prd: '111122223333' };
const domain = { zone: 'example.com', createZone: true, subdomains: { dev: 'test', prd: '@' } };
/** Settings that are not in the example. */
const others: Partial<Settings> = {
  accounts,
  secondRegion: 'us-west-2',
  bootstrapState: 'bucket',
  clusterAdmins: [`arn:aws:iam::${accounts.dev}:role/teams/Operators`, `arn:aws:iam::${accounts.prd}:user/Somebody`],
  clusterApiCidrs: { dev: ['203.0.113.7/32', '198.51.100.0/24'], prd: ['203.0.113.8/32'] },
  domain,
  alerts: { infrastructure: ['one@example.com', 'two@example.com'] },
};

test.each<[string, keyof typeof stacks, () => Synthesised]>([
  [
    'dev by the dearest choices, an account and a domain of its own, and people in it',
    'dev',
    () =>
      synthesise('dev', {
        environment: dearest,
        settings: { ...others, github: { repository: '-/desafio-aws', createProvider: true, connections } },
      }),
  ],
  [
    'prd by its place in the second region, and the backups that it comes from',
    'prd',
    () =>
      synthesise('prd', {
        environment: { runner: true },
        settings: inSecondRegion({
          ...settings,
          region: 'sa-east-1',
          secondRegion: 'us-east-2',
          restoreFrom: { prd: 'arn:aws:rds:us-east-2:111122223333:auto-backup:ab-1' },
          github: { ...settings.github, connections },
        }),
      }),
  ],
  [
    'prd by the cheapest choices, and a domain',
    'prd',
    () =>
      synthesise('prd', {
        environment: cheapest,
        settings: { ...settings, region: 'sa-east-1', domain: { ...domain, createZone: false } },
      }),
  ],
  [
    "the bootstrap by an account of prd alone, GitHub's provider that exists, and a new zone",
    'bootstrap',
    () => synthesiseBootstrap({ ...settings, ...others, github: { ...settings.github, createProvider: false } }),
  ],
  [
    'the bootstrap by a second region',
    'bootstrap',
    () => synthesiseBootstrap({ ...settings, secondRegion: 'us-west-2' }),
  ],
  [
    "the bootstrap by another region, Docker Hub, and GitHub's older subjects",
    'bootstrap',
    () =>
      synthesiseBootstrap({
        ...settings,
        region: 'eu-west-1',
        imageRegistry: 'docker-hub',
        github: { repository: 'owner/name', createProvider: true },
      }),
  ],
])('what changes in %s is in the snapshot', (_, name, stack) => {
  expect(difference(base(name), readable(stack().terraform))).toMatchSnapshot();
});

/** What `after` has and `before` has not. Lists are shown whole, except of equal length, where only elements differ. */
function difference(before: unknown, after: unknown): unknown {
  if (!isNested(before) || !isNested(after)) return after;
  const isOtherList = Array.isArray(before) || Array.isArray(after);
  if (isOtherList && (!Array.isArray(before) || !Array.isArray(after) || before.length !== after.length)) return after;
  const [old, now] = [before, after] as Record<string, unknown>[];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return Object.fromEntries(
    keys
      .filter((key) => JSON.stringify(old?.[key]) !== JSON.stringify(now?.[key]))
      .map((key) => [key, now && key in now ? difference(old?.[key], now[key]) : '(gone)']),
  );
}
const isNested = (value: unknown): value is object => typeof value === 'object' && value !== null;

const leftOut: Readonly<Record<string, string>> = { source_code_hash: '(hash)', 'dashboards.json': '(dashboards)' };

/**
 * JSON within strings as values, without what differs between machines and builds. Versions of charts and providers are
 * left out, too: Renovate raises them, and cannot write the snapshot. Dashboards would be most of the snapshot, and are
 * only looks.
 */
function readable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, below]) => [key, leftOut[key] ?? readable(below)]));
  }
  if (typeof value !== 'string') return value;
  // A Go template or a query begins like JSON.
  if (/^(\[|\{"[\w.-]+":|\{\}$)/.test(value)) return readable(JSON.parse(value));
  return value
    .replaceAll(root, '.')
    .replaceAll(/\/[0-9A-F]{32}(?=\/|$)/g, '/(hash)')
    .replace(/(^|:v)\d+\.\d+\.\d+$/, '$1(version)');
}

describe('The programs that synthesise', () => {
  const before = process.env.CDKTF_OUTDIR;
  let out: string;
  beforeEach(() => {
    out = mkdtempSync(join(tmpdir(), 'cdktf-'));
    process.env.CDKTF_OUTDIR = out;
  });
  afterEach(() => {
    if (before === undefined) delete process.env.CDKTF_OUTDIR;
    else process.env.CDKTF_OUTDIR = before;
  });

  const workspaceOf = (stack: string) => readFileSync(join(out, 'stacks', stack, '.terraform/environment'), 'utf8');
  const configurationOf = (stack: string) => readFileSync(join(out, 'stacks', stack, 'cdk.tf.json'), 'utf8');

  test('write the bootstrap and both environments, each with its own workspace selected', async () => {
    await import('../main.ts');
    expect(readdirSync(join(out, 'stacks')).toSorted()).toEqual(['bootstrap', 'dev', 'prd']);
    for (const name of ['dev', 'prd']) {
      expect(workspaceOf(name)).toBe(name);
      expect(configurationOf(name)).toContain(`"path": "${name}/network/vpc"`);
    }
    // What has no environment has no workspace of its own.
    expect(() => workspaceOf('bootstrap')).toThrow('no such file');
    expect(configurationOf('prd')).toContain('"prevent_destroy": true');
  });

  test('write an unprotected prd only where it is asked for, in its own workspace', async () => {
    await import('../unprotected.ts');
    expect(readdirSync(join(out, 'stacks'))).toEqual(['prd']);
    expect(workspaceOf('prd')).toBe('prd');
    expect(configurationOf('prd')).not.toContain('"prevent_destroy": true');
  });
});
