import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { environmentNames } from 'platform';
import { asItWas } from '../costs/designs.ts';
import { cheaper, dearer, x86 } from '../costs/switches.ts';
import { checkEnvironments, environments } from '../environments/all.ts';
import { checkEnvironment } from '../environments/check.ts';
import { dev } from '../environments/dev.ts';
import { addons, type Environment } from '../environments/environment.ts';
import { backupRegions, regions } from '../environments/regions.ts';
import { readSettings } from '../settings.ts';
import { github } from './support/choices.ts';
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

test('each choice with a price in docs/costs.md is one that an environment may have, and so is what it had before', () => {
  const connections = { dev: github.connections.dev, prd: github.connections.dev };
  const settings = { github: { ...github, connections }, region: 'us-east-1', secondRegion: 'us-west-2' } as const;
  const changes = [...dearer, ...cheaper].map(({ apply }) => apply);
  for (const environment of Object.values(environments)) {
    for (const change of [asItWas, ...changes]) checkEnvironment(change(environment), settings);
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
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutRetentionPolicy.html
  const [short, long] = [
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400],
    [545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653],
  ];
  const refused = (days: number) => errorOrNothing(() => check({}, days)) !== undefined;
  const accepted = Array.from({ length: 4_000 }, (_, days) => days).filter((days) => !refused(days));
  expect(accepted).toEqual([...short, ...long]);
});

test('the message says in both languages what each value should be', () => {
  const nodes = { instanceTypes: [], minimum: 3, desired: 0, maximum: -1, diskSize: 65_537 };
  const environment: Partial<Environment> = {
    runner: true,
    network: { ...dev.network, cidr: '10.0.0.0/8' },
    cluster: {
      ...dev.cluster,
      version: '1.36',
      nodeRelease: 'latest',
      autoscaler: 'v1',
      addons: { ...dev.cluster.addons, coredns: 'v1', 'kube-proxy': 'v1' },
      nodes,
      storageNodes: { ...dev.cluster.storageNodes, instanceTypes: ['t3.large'] },
    },
    database: { ...dev.database, version: '8', storage: { initial: 65_537, maximum: 65_538 }, backupDays: 36 },
    observability: { storage: 65_537, retentionDays: 0 },
    edge: { ...dev.edge, hstsDays: -1 },
  };
  const settings = {
    domain: { zone: `${'a'.repeat(60)}.com`, createZone: false, subdomains: { dev: 'dev', prd: 'app' } },
    github: { repository: 'owner/name', createProvider: true },
  };
  expect(errorOf(() => checkEnvironment({ ...dev, ...environment }, settings, 45))).toMatchSnapshot();
  const copying = { database: { ...dev.database, copiesBackups: true, backupDays: 0 } };
  const places = [{ region: 'sa-east-1' }, { region: 'sa-east-1', secondRegion: 'us-west-2' }] as const;
  const errors = places.map((some) => errorOf(() => check({ environment: copying, settings: { github, ...some } })));
  expect(errors.join('\n')).toMatchSnapshot();
  const x86 = { ...dev.cluster, architecture: 'x86_64' } as const;
  expect(errorOf(() => check({ environment: { cluster: x86 } }))).toContain('x86_64, such as t3.large.');
});

test('a network is one of the /16 of RFC 1918, and every one of them is accepted', () => {
  const octets = Array.from({ length: 257 }, (_, octet) => octet);
  const isAccepted = (cidr: string) =>
    errorOrNothing(() => check({ environment: { network: { ...dev.network, cidr } } })) === undefined;
  const accepted = [9, 10, 11, 17, 172, 192].flatMap((first) =>
    octets.map((second) => `${first}.${second}.0.0/16`).filter(isAccepted),
  );
  expect(accepted).toEqual([
    ...octets.slice(0, 256).map((second) => `10.${second}.0.0/16`),
    ...octets.slice(16, 32).map((second) => `172.${second}.0.0/16`),
    '192.168.0.0/16',
  ]);
});

test('the largest volumes and databases that AWS has are accepted', () => {
  const largest = 65_536;
  check({
    environment: {
      cluster: { ...dev.cluster, nodes: { ...dev.cluster.nodes, diskSize: largest } },
      database: { ...dev.database, storage: { initial: 20, maximum: largest } },
      observability: { ...dev.observability, storage: largest },
    },
  });
});

const { cluster, database, edge } = dev;
const { nodes } = cluster;

// What is around a valid value, or in it, is never overlooked.
test.each<[string, (value: string) => Partial<Environment>, string]>([
  ['network.cidr', (cidr) => ({ network: { ...dev.network, cidr } }), '10.1.0.0/16'],
  ['cluster.nodeRelease', (nodeRelease) => ({ cluster: { ...cluster, nodeRelease } }), cluster.nodeRelease],
  ['cluster.autoscaler', (autoscaler) => ({ cluster: { ...cluster, autoscaler } }), cluster.autoscaler],
  ...addons.map((name): [string, (value: string) => Partial<Environment>, string] => [
    `cluster.addons.${name}`,
    (version) => ({ cluster: { ...cluster, addons: { ...cluster.addons, [name]: version } } }),
    cluster.addons[name],
  ]),
  ['database.version', (version) => ({ database: { ...database, version } }), database.version],
])(
  'for %s, what is around an exact value is refused, as are other signs between its numbers',
  (name, having, value) => {
    check({ environment: having(value) });
    const others = name === 'cluster.nodeRelease' ? [`${value}1`, value.slice(0, -1)] : [];
    for (const wrong of [`1${value}x`, `x${value}`, `${value}x`, `${value} `, value.replace('.', '-'), '', ...others]) {
      expect([wrong, errorOf(() => check({ environment: having(wrong) }))]).toEqual([
        wrong,
        expect.stringContaining(`"${name}": ${JSON.stringify(wrong)} is not`),
      ]);
    }
  },
);

test.each<[string, number, Partial<Environment>]>([
  ['cluster.nodes.minimum', -1, { cluster: { ...cluster, nodes: { ...nodes, minimum: -1 } } }],
  ['cluster.nodes.minimum', 0.5, { cluster: { ...cluster, nodes: { ...nodes, minimum: 0.5 } } }],
  ['cluster.nodes.maximum', 2.5, { cluster: { ...cluster, nodes: { ...nodes, maximum: 2.5 } } }],
  ['cluster.nodes.diskSize', 20.5, { cluster: { ...cluster, nodes: { ...nodes, diskSize: 20.5 } } }],
  ['cluster.nodes.diskSize', 65_537, { cluster: { ...cluster, nodes: { ...nodes, diskSize: 65_537 } } }],
  ['database.storage.maximum', 65_537, { database: { ...database, storage: { initial: 20, maximum: 65_537 } } }],
  ['database.storage.initial', 20.5, { database: { ...database, storage: { initial: 20.5, maximum: 50 } } }],
  ['database.storage.maximum', 49.5, { database: { ...database, storage: { initial: 20, maximum: 49.5 } } }],
  ['database.backupDays', 1.5, { database: { ...database, backupDays: 1.5 } }],
  ['observability.storage', 65_537, { observability: { storage: 65_537, retentionDays: 3 } }],
  ['observability.retentionDays', 0, { observability: { storage: 20, retentionDays: 0 } }],
  ['edge.hstsDays', 0.5, { edge: { ...edge, hstsDays: 0.5 } }],
  ['edge.hstsDays', -1, { edge: { ...edge, hstsDays: -1 } }],
])('"%s": %d is refused', (name, value, environment) => {
  expect(errorOf(() => check({ environment }))).toContain(`"${name}": ${value} is not`);
});

test('the least of each number is accepted: no backups, no HSTS, no node but when it is needed', () => {
  check({ environment: { edge: { ...edge, hstsDays: 0 }, database: { ...database, backupDays: 0 } } });
  check({ environment: { cluster: { ...cluster, nodes: { ...nodes, minimum: 0, desired: 1, maximum: 1 } } } });
});

test('what needs settings is accepted without any, so that everything can be synthesised and tested', () => {
  const environment = { runner: true, database: { ...database, copiesBackups: true } };
  check({ environment });
  check({ environment, settings: readSettings('', {}) });
});

test('in the second region no copies are needed, as there is no third', () => {
  const settings = { github, secondRegion: 'us-west-2', region: 'us-west-2' } as const;
  const environment = { database: { ...database, copiesBackups: true } };
  check({ environment, settings: { ...settings, useSecondRegion: true } });
  expect(errorOf(() => check({ environment, settings: { ...settings, useSecondRegion: false } }))).toContain(
    'is not possible from us-west-2 to us-west-2',
  );
});

test('a runner needs the connection of its own environment', () => {
  const prd = { ...environments.prd, runner: true };
  expect(errorOf(() => checkEnvironment(prd, { github }))).toContain(
    '"runner": true is not possible without "github.connections.prd" in infra/settings.json.',
  );
  checkEnvironment(prd, { github: { ...github, connections: { prd: github.connections.dev } } });
});

test('RDS copies backups both ways, or not at all', () => {
  expect(regions.length).toBeGreaterThan(10);
  for (const from of regions) {
    for (const to of backupRegions[from])
      expect([from, to, backupRegions[to].includes(from)]).toEqual([from, to, true]);
    expect(new Set(backupRegions[from]).size).toBe(backupRegions[from].length);
  }
});

test.each<['arm64' | 'x86_64', string[]]>([
  // The first generation of Graviton is the only one without a g.
  ['arm64', ['a1.large', 't4g.large', 'm6gd.large', 'c7gn.large', 'x2gd.large', 'im4gn.large', 'is4gen.large']],
  ['x86_64', ['t3.large', 't3a.large', 'm5.large', 'm7i-flex.large', 'g4dn.xlarge', 'g5.xlarge', 'x2iedn.xlarge']],
])('each type of %s is known as such by its name', (architecture, instanceTypes) => {
  const other = architecture === 'arm64' ? 'x86_64' : 'arm64';
  const group = { ...nodes, instanceTypes };
  const having = (name: typeof architecture) => ({ ...cluster, architecture: name, nodes: group, storageNodes: group });
  check({ environment: { cluster: having(architecture) } });
  const error = errorOf(() => check({ environment: { cluster: having(other) } }));
  const named = [...error.matchAll(/"cluster\.nodes\.instanceTypes": "(.+?)" is not/g)].map(([, type]) => type);
  expect(named).toEqual(instanceTypes);
});

test.each(environmentNames)('one value of the file puts all nodes of %s on x86', async (name) => {
  const folder = await mkdtemp(join(tmpdir(), 'environments-'));
  const files = join(import.meta.dirname, '../environments');
  const arm = await readFile(join(files, `${name}.ts`), 'utf8');
  const x86File = arm.replace(" = 'arm64';", " = 'x86_64';");
  expect(x86File).not.toBe(arm);
  await writeFile(join(folder, `${name}.ts`), x86File);
  await copyFile(join(files, 'instance-types.ts'), join(folder, 'instance-types.ts'));
  const read = `import { ${name} } from '${folder}/${name}.ts'; console.log(JSON.stringify(${name}));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', read]);
  const environment = environments[name];
  expect(JSON.parse(stdout)).toEqual({ ...environment, cluster: { ...environment.cluster, ...x86(environment) } });
});

test('all environments are checked', () => {
  const subdomains = { dev: 'dev', prd: 'dev' };
  for (const name of environmentNames) {
    const domain = { zone: 'example.com', createZone: false, subdomains: { ...subdomains, [name]: 'a'.repeat(60) } };
    const error = errorOf(() => checkEnvironments({ ...readSettings('', {}), domain }));
    expect(error).toContain(`AWS would refuse these values of infra/environments/${name}.ts`);
  }
});

test('one message lists all invalid values, each once', () => {
  const database = { ...dev.database, backupDays: 40, storage: { initial: 10, maximum: 50 } };
  const error = errorOf(() => check({ environment: { database } }));
  expect(error.match(/^ {2}"database\.[\w.]+": .+ is not /gm)).toHaveLength(2);
});

function errorOf(action: () => unknown): string {
  const error = errorOrNothing(action);
  if (error === undefined) throw new Error('Nothing was refused');
  return error;
}

function errorOrNothing(action: () => unknown): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
