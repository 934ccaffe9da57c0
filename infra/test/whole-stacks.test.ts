/**
 * Each stack as Terraform gets it, whole: the diff of a pull request shows what a change does to both environments,
 * without an account. Then what choices change in it that no environment has now. After a change that is meant,
 * `pnpm test whole-stacks -u` writes the snapshot again: read its diff like the code's. That the values are right is for
 * the other tests.
 */
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Application } from 'platform';
import { x86 } from '../costs/switches.ts';
import { dev } from '../environments/dev.ts';
import type { Environment } from '../environments/environment.ts';
import { prd } from '../environments/prd.ts';
import { inSecondRegion, readSettings, type Settings } from '../settings.ts';
import type { Synthesised } from './support/synthesised.ts';
import { asYaml, difference, readable } from './support/whole-stack.ts';

const { applications: existing, homePage } = await import('platform/applications');
/** Other tests below take others in their place. */
const applications = [...existing];
jest.unstable_mockModule('platform/applications', () => ({ applications, homePage }));
const { synthesise, synthesiseBootstrap } = await import('./support/synthesised.ts');

const root = resolve(import.meta.dirname, '../..');
const settings = readSettings(`${root}/infra/settings.example.json`, {});
expect.addSnapshotSerializer(asYaml);
const connections = {
  dev: 'arn:aws:codeconnections:us-east-1:444455556666:connection/11111111-2222-3333-4444-555555555555',
  prd: 'arn:aws:codeconnections:sa-east-1:111122223333:connection/1b2c3d4e-1111-2222-3333-444455556666',
};

type Changes = NonNullable<Parameters<typeof synthesise>[1]>;
const changesOfPrd: Changes = {
  environment: { runner: true },
  settings: { ...settings, region: 'sa-east-1', github: { ...settings.github, connections } },
};
const stacks = {
  dev: () => synthesise('dev'),
  prd: () => synthesise('prd', changesOfPrd),
  bootstrap: () => synthesiseBootstrap(settings),
};
const synthesised: Record<string, object> = {};
/** Synthesised once, because it takes a second. */
function base(name: keyof typeof stacks): object {
  synthesised[name] ??= readable(stacks[name]());
  return synthesised[name];
}

test.each<[string, keyof typeof stacks]>([
  ['dev, with the default settings', 'dev'],
  ['prd, outside us-east-1 and with a runner', 'prd'],
  ['the bootstrap', 'bootstrap'],
])('the whole stack of %s is the one in the snapshot', (_, name) => {
  expect(base(name)).toMatchSnapshot();
});

const onX86 = { ...dev.cluster, ...x86(dev) };
/** As dear as an environment file allows. */
const dearest: Partial<Environment> = {
  protected: true,
  runner: true,
  network: { cidr: '172.20.0.0/16', nat: 'per-zone', flowLogs: true },
  cluster: {
    ...onX86,
    version: '1.37',
    nodeRelease: '1.37.3-20261101',
    addons: {
      'vpc-cni': 'v1.1.1-eksbuild.1',
      'kube-proxy': 'v1.37.2-eksbuild.2',
      coredns: 'v1.3.3-eksbuild.3',
      'eks-pod-identity-agent': 'v1.4.4-eksbuild.4',
      'aws-ebs-csi-driver': 'v1.5.5-eksbuild.5',
    },
    autoscaler: 'v1.37.6',
    nodes: { ...onX86.nodes, minimum: 3, desired: 4, maximum: 9, diskSize: 30 },
    baseNodes: { instanceTypes: ['t3a.medium'], minimum: 2, desired: 5, maximum: 8, diskSize: 40 },
    storageNodes: { ...onX86.storageNodes, minimum: 2, desired: 3, maximum: 6, diskSize: 50 },
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

const { baseNodes: _, ...onlySpot } = prd.cluster;
const variants: [string, 'dev' | 'prd', Changes][] = [
  [
    'dev by the dearest choices, an account and a domain of its own, and people in it',
    'dev',
    {
      environment: dearest,
      settings: { ...others, github: { repository: '-/desafio-aws', createProvider: true, connections } },
    },
  ],
  [
    'prd by its place in the second region, and the backups that it comes from',
    'prd',
    {
      environment: { runner: true },
      settings: inSecondRegion({
        ...settings,
        region: 'sa-east-1',
        secondRegion: 'us-east-2',
        restoreFrom: { prd: 'arn:aws:rds:us-east-2:111122223333:auto-backup:ab-1' },
        github: { ...settings.github, connections },
      }),
    },
  ],
  [
    'prd by the cheapest choices, and a domain',
    'prd',
    {
      environment: cheapest,
      settings: {
        ...settings,
        region: 'sa-east-1',
        domain: { ...domain, createZone: false },
        github: { ...settings.github, connections },
      },
    },
  ],
  [
    'dev in São Paulo by a base, the zone itself, copies in us-east-1, and people and teams of many kinds',
    'dev',
    {
      environment: {
        protected: true,
        runner: true,
        network: { ...dev.network, nat: 'single', flowLogs: false },
        cluster: { ...dev.cluster, baseNodes: { ...dev.cluster.nodes, minimum: 1, maximum: 5 } },
        database: {
          ...{ ...dev.database, instanceClass: 'db.t4g.medium', backupDays: 7 },
          ...{ copiesBackups: true, finalSnapshot: true },
        },
        edge: { ...dev.edge, waf: true },
      },
      settings: {
        ...settings,
        region: 'sa-east-1',
        secondRegion: 'us-east-1',
        domain: { ...domain, subdomains: { dev: '@', prd: 'app' } },
        runbooks: 'https://wiki.example.com/runbooks',
        clusterAdmins: ['role/a/b/Same', 'user/a/b/Same'].map((who) => `arn:aws:iam::${settings.accountId}:${who}`),
        alerts: { site: ['one@example.com', 'two@example.com'], finance: ['three@example.com'] },
        // Not that of dev, so there is no runner.
        github: { ...settings.github, createProvider: false, connections: { prd: connections.prd } },
      },
    },
  ],
  [
    'prd, unprotected, in an account of its own, by its place in us-east-1 as the second region, with a domain',
    'prd',
    {
      environment: { protected: false, database: { ...prd.database, multiZone: false, copiesBackups: true } },
      settings: inSecondRegion({
        ...settings,
        ...others,
        region: 'sa-east-1',
        secondRegion: 'us-east-1',
        restoreFrom: {
          dev: 'arn:aws:rds:us-east-1:444455556666:auto-backup:ab-2',
          prd: 'arn:aws:rds:us-east-1:111122223333:auto-backup:ab-1',
        },
      }),
    },
  ],
  [
    'prd by spot nodes alone, which sleep, x86, and a gateway in each zone',
    'prd',
    {
      environment: {
        runner: false,
        network: { ...prd.network, nat: 'per-zone' },
        cluster: { ...onlySpot, ...x86({ ...prd, cluster: onlySpot }), sleepsAtNight: true },
        edge: { ...prd.edge, waf: false, accessLogs: false, statusPage: false },
      },
      settings: {
        ...settings,
        region: 'eu-west-1',
        secondRegion: 'us-west-2',
        github: { ...settings.github, connections },
      },
    },
  ],
];

/** The values of all choices, by their paths. */
const choicesIn = (value: unknown, path = ''): [string, string][] =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.entries(value).flatMap(([key, below]) => choicesIn(below, path ? `${path}.${key}` : key))
    : [[path, JSON.stringify(value)]];

// Where two choices always have the same value, nothing shows whether a resource has the right one of them.
test('no choice or setting has one value, or that of another, in all of these stacks', () => {
  const made: ['dev' | 'prd', Changes][] = [['dev', {}], ['prd', changesOfPrd], ...variants.map(([, ...one]) => one)];
  const all = made.map(([name, changes]) => {
    const environment = { ...{ dev, prd }[name], ...changes.environment };
    return new Map(choicesIn({ ...environment, settings: { ...readSettings('', {}), ...changes.settings } }));
  });
  const paths = [...new Set(all.flatMap((choices) => [...choices.keys()]))];
  expect(paths.length).toBeGreaterThan(60);
  const valuesOf = (path: string) => all.map((choices) => choices.get(path));
  expect(paths.filter((path) => new Set(valuesOf(path)).size === 1)).toEqual([]);
  const same = Map.groupBy(paths, (path) => JSON.stringify(valuesOf(path)));
  expect([...same.values()].filter((group) => group.length > 1)).toEqual([]);
});

test.each<[string, keyof typeof stacks, () => Synthesised]>([
  ...variants.map(([title, name, changes]): [string, typeof name, () => Synthesised] => [
    title,
    name,
    () => synthesise(name, changes),
  ]),
  [
    "the bootstrap by an account of prd alone, GitHub's provider that exists, and a new zone",
    'bootstrap',
    () => synthesiseBootstrap({ ...settings, ...others, github: { ...settings.github, createProvider: false } }),
  ],
  [
    'the bootstrap by an account of dev alone, outside us-east-1',
    'bootstrap',
    () => synthesiseBootstrap({ ...settings, ...others, region: 'sa-east-1' }, 'dev'),
  ],
  [
    'the bootstrap by us-east-1 as a second region',
    'bootstrap',
    () => synthesiseBootstrap({ ...settings, region: 'sa-east-1', secondRegion: 'us-east-1' }),
  ],
  [
    'the bootstrap by a second region',
    'bootstrap',
    () => synthesiseBootstrap({ ...settings, secondRegion: 'us-west-2' }),
  ],
  [
    "the bootstrap by another region, no domain, Docker Hub, and GitHub's older subjects",
    'bootstrap',
    () =>
      synthesiseBootstrap({
        region: 'eu-west-1',
        imageRegistry: 'docker-hub',
        github: { repository: 'owner/name', createProvider: true },
      }),
  ],
])('what changes in %s is in the snapshot', (_, name, stack) => {
  expect(difference(base(name), readable(stack()))).toMatchSnapshot();
});

const made = (application: Pick<Application, 'database' | 'name' | 'path' | 'port' | 'team'>): Application => ({
  ...application,
  healthPath: `${application.path}/health`,
  livePath: `${application.path}/live`,
  stopTime: 5,
  smokeTest: [],
  dev: { variables: { port: 'PORT' }, args: () => [], env: () => ({}), pages: [] },
});

/**
 * One before the others and one after them, in the order of the list. One has a database. Names, paths and teams begin
 * with others, or others with them: whatever is of one application must be of no other.
 */
const more = [
  made({ name: 'calculadora', path: '/backend-2', port: 7001, team: 'api-admin', database: 'calculadora_2' }),
  ...existing,
  made({ name: 'magic-calculator-2', path: '/front', port: 7002, team: 'api' }),
];
const fewer = existing.filter(({ homePage }) => homePage !== undefined);

// With the two that exist, nothing shows whether a second database gets all that the first one has.
describe('Other applications', () => {
  afterEach(() => {
    applications.splice(0, Number.POSITIVE_INFINITY, ...existing);
  });

  test.each<[string, readonly Application[], keyof typeof stacks, () => Synthesised]>([
    ['two more applications, of which one has a database, add to prd', more, 'prd', stacks.prd],
    [
      'two more applications and a second region add to the bootstrap',
      more,
      'bootstrap',
      () => synthesiseBootstrap({ ...settings, secondRegion: 'us-west-2' }),
    ],
    ['the home page alone, without any database, leaves of dev', fewer, 'dev', stacks.dev],
  ])('what %s is in the snapshot', (_, others, name, stack) => {
    const before = base(name);
    expect(others.length).not.toBe(existing.length);
    applications.splice(0, Number.POSITIVE_INFINITY, ...others);
    expect(difference(before, readable(stack()))).toMatchSnapshot();
  });
});

describe('The programs that synthesise', () => {
  const owner = 'a team with settings of its own';
  let out: string;
  beforeEach(() => {
    out = mkdtempSync(join(tmpdir(), 'cdktf-'));
    jest.replaceProperty(process, 'env', { ...process.env, CDKTF_OUTDIR: out, INFRA_OWNER: owner });
  });
  afterEach(() => void jest.restoreAllMocks());

  const workspaceOf = (stack: string) => readFileSync(join(out, 'stacks', stack, '.terraform/environment'), 'utf8');
  const configurationOf = (stack: string) => readFileSync(join(out, 'stacks', stack, 'cdk.tf.json'), 'utf8');

  test('write the bootstrap and both environments, each with its own workspace selected', async () => {
    await import('../main.ts');
    expect(readdirSync(join(out, 'stacks')).toSorted()).toEqual(['bootstrap', 'dev', 'prd']);
    for (const name of ['dev', 'prd']) {
      expect(workspaceOf(name)).toBe(name);
      expect(configurationOf(name)).toContain(`"path": "${name}/network/vpc"`);
      expect(configurationOf(name)).toContain(owner);
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
    expect(configurationOf('prd')).toContain('"desafio-aws-prd"');
    expect(configurationOf('prd')).toContain(owner);
    expect(configurationOf('prd')).not.toContain('desafio-aws-dev');
  });
});
