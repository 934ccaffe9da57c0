/**
 * All that `pnpm infra upgrade` asks, says and writes, for fixed environments. AWS, the cluster and the registry answer only
 * what is asked exactly. After a change that is meant, `pnpm test infra/test/whole-upgrade -u` writes the snapshots again.
 */
import * as childProcess from 'node:child_process';
import * as fs from 'node:fs';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import * as all from '../environments/all.ts';
import { addons, type Environment } from '../environments/environment.ts';
import * as prerequisites from '../prerequisites.ts';

const ofDev = {
  version: '1.36',
  nodeRelease: '1.36.2-20260714',
  autoscaler: 'v1.36.1',
  addons: {
    'vpc-cni': 'v1.2.3-eksbuild.1',
    'kube-proxy': 'v1.36.0-eksbuild.2',
    coredns: 'v1.1.3-eksbuild.3',
    'eks-pod-identity-agent': 'v1.3.1-eksbuild.4',
    'aws-ebs-csi-driver': 'v1.6.0-eksbuild.5',
  },
} as const;
const ofPrd = {
  version: '1.35',
  nodeRelease: '1.35.9-20260630',
  autoscaler: 'v1.35.4',
  addons: { ...ofDev.addons, 'vpc-cni': 'v1.2.1-eksbuild.1', coredns: 'v1.1.1-eksbuild.3' },
} as const;
const fixed = (environment: Environment, pinned: typeof ofDev | typeof ofPrd, architecture: 'arm64' | 'x86_64') => ({
  ...environment,
  cluster: { ...environment.cluster, ...pinned, architecture },
});
const environments = {
  dev: fixed(all.environments.dev, ofDev, 'x86_64'),
  prd: fixed(all.environments.prd, ofPrd, 'arm64'),
};

let answers: Record<string, unknown>;
/** What kubectl lists, by what it is asked for. Undefined is an error. */
let inside: Record<string, object[] | undefined>;
let images: readonly string[] | undefined;
let connects: boolean;
let hasCredentials: boolean;
const asked: string[] = [];
jest.unstable_mockModule('../environments/all.ts', () => ({ ...all, environments }));
jest.unstable_mockModule('../prerequisites.ts', () => ({
  ...prerequisites,
  hasAws: () => true,
  requireCaller: () => {
    if (!hasCredentials) throw new Error('no credentials');
  },
}));
const withoutFolder = (text: string) => text.replaceAll(/[^\s=]+\/kubeconfig-\w+\/kubeconfig/g, 'own-kubeconfig');
jest.unstable_mockModule('../doctor/aws.ts', () => ({
  askIn:
    (region: string) =>
    async (...args: readonly string[]) => {
      const question = `${region}: ${args.join(' ')}`;
      asked.push(question);
      return structuredClone(answers[question]);
    },
  aws: async (...args: readonly string[]) => {
    asked.push(withoutFolder(args.join(' ')));
    if (!connects) throw new Error('An error occurred (ResourceNotFoundException)');
  },
}));
const limits: { readonly timeout?: number; readonly maxBuffer?: number }[] = [];
jest.unstable_mockModule('node:child_process', () => ({
  ...childProcess,
  execFile: Object.assign(() => undefined, {
    [promisify.custom]: async (program: string, args: readonly string[], options: (typeof limits)[number]) => {
      limits.push(options);
      const call = withoutFolder([program, ...args].join(' '));
      asked.push(call);
      const items = inside[call];
      if (items === undefined) throw new Error(`Command failed: ${call}`);
      return { stdout: JSON.stringify({ items }), stderr: '' };
    },
  }),
}));
let folder: string;
const ofRepository = resolve(import.meta.dirname, '../environments');
/** The repository's own files are neither read nor written: there are others instead. */
const inFolder = (file: unknown) => String(file).replace(ofRepository, folder);
jest.unstable_mockModule('node:fs', () => ({
  ...fs,
  readFileSync: (file: unknown, ...rest: []) => fs.readFileSync(inFolder(file), ...rest),
  writeFileSync: (file: unknown, text: string) => fs.writeFileSync(inFolder(file), text),
}));
const { command } = await import('../commands/upgrade.ts');
expect.addSnapshotSerializer({ test: () => true, serialize: (value) => String(value) });

const said: string[] = [];
const before = { ...process.env };
beforeEach(() => {
  [said.length, asked.length, limits.length] = [0, 0, 0];
  [connects, hasCredentials] = [true, true];
  for (const name of Object.keys(process.env)) if (name.startsWith('INFRA_')) delete process.env[name];
  process.env.INFRA_REGION = 'sa-east-1';
  folder = mkdtempSync(join(tmpdir(), 'environments-'));
  for (const [name, pinned] of Object.entries({ dev: ofDev, prd: ofPrd })) {
    const lines = JSON.stringify(pinned, null, 2)
      .replaceAll(/"([a-z]\w*)":/gi, '$1:')
      .replaceAll('"', "'")
      .replaceAll('\n', '\n  ');
    const decoy = `{\n    version: '${pinned.version}',\n  }`;
    writeFileSync(
      join(folder, `${name}.ts`),
      `export const ${name} = {\n  network: ${decoy},\n  cluster: ${lines},\n  database: ${decoy},\n};\n`,
    );
  }
  jest.spyOn(console, 'log').mockImplementation((line) => void said.push(String(line)));
  jest.spyOn(globalThis, 'fetch').mockImplementation(async (address, options) => {
    asked.push(`fetch ${address} ${options?.signal ? 'for a limited time' : ''}`);
    if (images === undefined) throw new TypeError('fetch failed');
    return new Response(JSON.stringify({ child: [], tags: images }));
  });
});
afterEach(() => {
  jest.restoreAllMocks();
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
  Object.assign(process.env, before);
});

const here = (question: string) => `sa-east-1: ${question}`;
const release = (version: string, architecture = 'x86_64') =>
  here(
    `ssm get-parameter --name /aws/service/eks/optimized-ami/${version}/amazon-linux-2023/${architecture}/standard/recommended/release_version`,
  );
const addon = (version: string, name: string) =>
  here(`eks describe-addon-versions --kubernetes-version ${version} --addon-name ${name}`);
const cluster = (name: string) => here(`eks describe-cluster --name desafio-aws-${name}`);
const insights = (name: string, version: string) =>
  here(
    `eks list-insights --cluster-name desafio-aws-${name} --filter categories=UPGRADE_READINESS,kubernetesVersions=${version}`,
  );
const groups = (name: string) => here(`eks list-nodegroups --cluster-name desafio-aws-${name}`);
const group = (name: string, kind: string) =>
  here(`eks describe-nodegroup --cluster-name desafio-aws-${name} --nodegroup-name ${kind}`);
const options = '--kubeconfig=own-kubeconfig --request-timeout=10s --output=json';
const budgets = `kubectl get poddisruptionbudgets --all-namespaces ${options}`;
const releases = `kubectl get configmaps --all-namespaces --selector=owner=helm,status!=superseded ${options}`;
const definitions = `kubectl get customresourcedefinitions ${options}`;
const [spotQuota, onDemandQuota] = ['L-34B43A08', 'L-1216C47A'].map((code) =>
  here(`service-quotas get-service-quota --service-code ec2 --quota-code ${code}`),
) as [string, string];
const definition = (name: string, served: Record<string, boolean>, storedVersions?: string[]) => ({
  metadata: { name },
  spec: { versions: Object.entries(served).map(([version, isServed]) => ({ name: version, served: isServed })) },
  ...(storedVersions && { status: { storedVersions } }),
});
const offered = (version: string, preset: string, ...others: string[]) => ({
  addons: [
    {
      addonVersions: [...others, preset].map((addonVersion) => ({
        addonVersion,
        compatibilities: [
          { clusterVersion: '1.30', defaultVersion: addonVersion !== preset },
          { clusterVersion: version, defaultVersion: addonVersion === preset },
        ],
      })),
    },
  ],
});
const budget = (namespace: string, name: string, disruptionsAllowed: number, expectedPods: number) => ({
  metadata: { name, namespace },
  status: { disruptionsAllowed, expectedPods },
});
const helm = (name: string, status: string) => ({
  metadata: {
    name: `sh.helm.release.v1.${name}.v3`,
    namespace: 'observability',
    labels: { name, status, owner: 'helm' },
  },
});

/** dev can be raised to the next version, and nothing is in the way. */
function nothingInTheWay(version = '1.37') {
  answers = {
    [release(version)]: { Parameter: { Value: `${version}.1-20261110` } },
    ...Object.fromEntries(
      addons.map((name) => [addon(version, name), offered(version, 'v9.9.9-eksbuild.9', ofDev.addons[name])]),
    ),
    // AWS's choice is older than what is pinned, and still offers that.
    [addon(version, 'coredns')]: offered(version, 'v1.1.2-eksbuild.9', ofDev.addons.coredns),
    // It does not offer what is pinned any more, but one that begins like it.
    [addon(version, 'kube-proxy')]: offered(
      version,
      ...(['v1.35.9-eksbuild.1', 'v1.37.0-eksbuild.1', `${ofDev.addons['kube-proxy']}0`] as const),
    ),
    [cluster('dev')]: { cluster: { version: '1.36', status: 'ACTIVE' } },
    [insights('dev', version)]: { insights: [{ name: 'Kubelet version skew', insightStatus: { status: 'PASSING' } }] },
    [groups('dev')]: { nodegroups: ['spot-1', 'storage-1'] },
    // The newest image is of 10 November: 45 days are not too many.
    [group('dev', 'spot-1')]: {
      nodegroup: { status: 'ACTIVE', releaseVersion: '1.36.2-20260926', health: { issues: [] } },
    },
    [group('dev', 'storage-1')]: { nodegroup: { status: 'ACTIVE' } },
    [spotQuota]: { Quota: { Value: 1000 } },
    [onDemandQuota]: { Quota: { Value: 1000 } },
  };
  inside = {
    [budgets]: [
      budget('calculator', 'api', 1, 2),
      budget('calculator', 'empty', 0, 0),
      { metadata: { name: 'new', namespace: 'calculator' } },
    ],
    [releases]: [helm('signoz', 'superseded'), helm('other', 'failed'), { metadata: { name: 'no', namespace: 'one' } }],
    [definitions]: [
      definition('bindings.elbv2.k8s.aws', { v1beta1: true, v1alpha1: false }, ['v1beta1']),
      definition('two.example.org', { v1: true, v1beta1: true }, ['v1beta1', 'v1']),
      definition('new.example.org', { v1: true }),
    ],
  };
  images = [
    'v1.36.9',
    'v1.37.9',
    'v1.37.10',
    'v1.37.11-rc.1',
    '1.37.12',
    'v1.37.1',
    'v1.370.1',
    'cluster-v1.37.13',
    'v1.38.0',
  ];
}

function everythingInTheWay() {
  nothingInTheWay();
  Object.assign(answers, {
    [cluster('dev')]: { cluster: { version: '1.36', status: 'UPDATING' } },
    [insights('dev', '1.37')]: {
      insights: [
        { name: 'Deprecated APIs', insightStatus: { status: 'ERROR', reason: 'flowcontrol v1beta3 in use' } },
        { name: 'Fine', insightStatus: { status: 'PASSING', reason: 'none' } },
        { name: 'Add-ons', insightStatus: { status: 'WARNING', reason: 'coredns is old' } },
        { name: 'Skew', insightStatus: { status: 'UNKNOWN' } },
      ],
    },
    [group('dev', 'spot-1')]: {
      nodegroup: {
        status: 'DEGRADED',
        health: {
          issues: [
            { code: 'AsgInstanceLaunchFailures', message: 'no capacity' },
            { code: 'InsufficientFreeAddresses', message: 'subnet-1 is full' },
          ],
        },
      },
    },
    [group('dev', 'storage-1')]: {
      nodegroup: { status: 'UPDATING', releaseVersion: '1.36.2-20260925', health: {} },
    },
    [spotQuota]: { Quota: { Value: 5 } },
    [onDemandQuota]: { Quota: { Value: 0 } },
  });
  inside = {
    [budgets]: [
      budget('calculator', 'api', 0, 1),
      budget('calculator', 'site', 1, 2),
      budget('kube-system', 'dns', 0, 2),
    ],
    [releases]: [
      ...['pending-install', 'superseded', 'pending-upgrade', 'pending-rollback'].map((status) =>
        helm(`of-${status}`, status),
      ),
      { metadata: { name: 'by-its-own-name', namespace: 'one', labels: { status: 'pending-upgrade' } } },
    ],
    [definitions]: [
      definition('fine.example.org', { v1: true }, ['v1']),
      definition('installations.example.org', { v1: true, v1beta1: false }, ['v1alpha1', 'v1', 'v1beta1']),
      definition('bindings.example.org', { v1: true }, ['v1beta1', 'v1']),
    ],
  };
}

/** @returns what was asked, what was said in English, what was written, and the exit code */
async function run(...args: string[]) {
  const own = () =>
    Object.fromEntries(['dev', 'prd'].map((name) => [name, readFileSync(join(folder, `${name}.ts`), 'utf8')]));
  const old = own();
  const code = await command.run(args);
  const changed = Object.entries(own()).flatMap(([name, text]) => {
    const lines = old[name]?.split('\n') ?? [];
    return text.split('\n').flatMap((line, index) => (line === lines[index] ? [] : [`${name}.ts: ${line.trim()}`]));
  });
  const output = said.join('\n').replaceAll(/^(\s*[✗!]) .+\n {2}/gm, '$1 ');
  return { code, output, changed, questions: asked.toSorted() };
}
const shown = ({ changed, code, output, questions }: Awaited<ReturnType<typeof run>>) =>
  [...questions, '', output, '', ...changed, `exit code ${code}`].join('\n');

test.each([true, false])('a new version of Kubernetes with nothing in the way (written: %s)', async (writes) => {
  nothingInTheWay();
  expect(shown(await run('dev', '1.37', ...(writes ? ['--write'] : [])))).toMatchSnapshot();
  expect(limits).toHaveLength(3);
  for (const { maxBuffer = 0, timeout = 0 } of limits) {
    // A release has up to a megabyte. Milliseconds, more than the ten seconds that kubectl gives the API.
    expect([maxBuffer >= 20 * 1024 ** 2, timeout > 10_000, timeout <= 60_000]).toEqual([true, true, true]);
  }
});

test('a new version of Kubernetes with everything in the way, of which nothing is written', async () => {
  everythingInTheWay();
  expect(shown(await run('dev', '1.37', '--write'))).toMatchSnapshot();
});

test('newer images and add-ons of the same version, which no insight of EKS is about', async () => {
  nothingInTheWay('1.36');
  images = ['v1.36.0'];
  expect(shown(await run('dev'))).toMatchSnapshot();
});

test('prd takes what dev has, once its own cluster has been asked', async () => {
  nothingInTheWay();
  answers = {
    [cluster('prd')]: { cluster: { version: '1.35', status: 'ACTIVE' } },
    [cluster('dev')]: { cluster: { version: '1.30', status: 'FAILED' } },
    [insights('prd', '1.36')]: { insights: [] },
    [groups('prd')]: { nodegroups: ['base-1'] },
    [spotQuota]: answers[spotQuota],
    [onDemandQuota]: answers[onDemandQuota],
    [group('prd', 'base-1')]: { nodegroup: { status: 'ACTIVE', health: { issues: [] } } },
  };
  expect(shown(await run('prd', '--write'))).toMatchSnapshot();
});

test('whichever question is not answered, a note says what could not be checked, or it is refused by its name', async () => {
  nothingInTheWay();
  const { questions } = await run('dev', '1.37');
  expect(questions.length).toBeGreaterThan(12);
  const outcomes: string[] = [];
  for (const question of questions) {
    nothingInTheWay();
    answers[question] = undefined;
    inside[question] = undefined;
    if (question.startsWith('fetch')) images = undefined;
    if (question.startsWith('eks update-kubeconfig')) connects = false;
    said.length = 0;
    const outcome = await run('dev', '1.37').then(
      ({ code, output }) => `${code}: ${output.match(/^[✗!] .*/gm)?.join(' ') ?? 'nothing said'}`,
      (error: Error) => `${error.name}: ${error.message.split('\n').at(-1)}`,
    );
    connects = true;
    outcomes.push(`${question}\n    ${outcome}`);
  }
  expect(outcomes.join('\n')).toMatchSnapshot();
});

test.each([
  ['dev', '1.35', 'dev is at Kubernetes 1.36, and EKS cannot go back to 1.35.'],
  ['dev', '1.38', 'dev is at Kubernetes 1.36: EKS goes up one version at a time, and 1.38 comes later.'],
  ['prd', '1.37', 'prd is at Kubernetes 1.35: EKS goes up one version at a time, and 1.37 comes later.'],
  ['prd', '1.35', 'dev is at Kubernetes 1.36: first raise it to 1.35, and prd once dev has worked with it.'],
  ['dev', '1.371', '"1.371" is not a version of Kubernetes'],
  ['dev', '21.37', '"21.37" is not a version of Kubernetes'],
  ['dev', '1.7', '"1.7" is not a version of Kubernetes'],
] as const)('%s is not raised to %s: %s', async (environment, version, told) => {
  nothingInTheWay();
  await expect(run(environment, version)).rejects.toThrow(told);
  expect(asked).toEqual([]);
});

test.each([
  ['dev', '1.34', 'dev is at Kubernetes 1.34: EKS goes up one version at a time, and 1.37 comes later.'],
  ['dev', '1.38', 'dev is at Kubernetes 1.38, and EKS cannot go back to 1.37.'],
  ['prd', '1.34', 'prd is at Kubernetes 1.34: EKS goes up one version at a time, and 1.36 comes later.'],
  ['prd', '1.37', 'prd is at Kubernetes 1.37, and EKS cannot go back to 1.36.'],
] as const)(
  'a running cluster of %s that is at %s is in the way, and nothing is written',
  async (name, version, told) => {
    nothingInTheWay();
    answers[cluster(name)] = { cluster: { version, status: 'ACTIVE' } };
    const { changed, code, output } = await run(name, ...(name === 'dev' ? ['1.37'] : []), '--write');
    expect([code, changed, output.match(/^[✗!] .*/gm)]).toEqual([1, [], [`✗ ${told}`]]);
  },
);

// https://docs.aws.amazon.com/eks/latest/APIReference/API_Cluster.html, and API_Nodegroup.html
test.each([
  ...['CREATING', 'DELETING', 'FAILED', 'PENDING', 'UPDATING'].map((status) => ['desafio-aws-dev', status] as const),
  ...['CREATING', 'CREATE_FAILED', 'DEGRADED', 'DELETE_FAILED', 'DELETING', 'UPDATING'].map(
    (status) => ['storage-1', status] as const,
  ),
])('%s is in the way while it is %s', async (name, status) => {
  nothingInTheWay();
  if (name === 'storage-1') answers[group('dev', name)] = { nodegroup: { status } };
  else answers[cluster('dev')] = { cluster: { version: '1.36', status } };
  const { code, output } = await run('dev', '1.37');
  expect([code, output.match(/^[✗!] .*/gm)]).toEqual([1, [`✗ ${name} is ${status}: wait, or repair it first.`]]);
});

test('one thing in the way is enough, after whatever is only to be noted', async () => {
  nothingInTheWay();
  answers[insights('dev', '1.37')] = undefined;
  inside[budgets] = [budget('calculator', 'api', 0, 1)];
  const { changed, code, output } = await run('dev', '1.37', '--write');
  expect([code, changed, output.match(/^[✗!] /gm)]).toEqual([1, [], ['! ', '✗ ']]);
});

/** The vCPUs for which there is no room, in the order of the quotas: spot, on demand. */
async function lacking(spot: number, onDemand: number, name: 'dev' | 'prd' = 'dev'): Promise<number[]> {
  nothingInTheWay();
  answers[cluster(name)] = { cluster: { version: '1.36', status: 'ACTIVE' } };
  answers[spotQuota] = { Quota: { Value: spot } };
  answers[onDemandQuota] = { Quota: { Value: onDemand } };
  said.length = 0;
  const { output } = await run(name, ...(name === 'dev' ? ['1.37'] : []));
  return [...output.matchAll(/replacing the nodes may need (\d+)/g)].map(([, vcpus]) => Number(vcpus));
}

test('a quota that is just enough for the new nodes is not in the way, and one that lacks a vCPU is', async () => {
  const [spot = 0, onDemand = 0] = await lacking(0, 0);
  expect(Math.min(spot, onDemand)).toBeGreaterThan(0);
  expect(await lacking(spot, onDemand)).toEqual([]);
  expect(await lacking(spot - 1, onDemand)).toEqual([spot]);
  expect(await lacking(spot, onDemand - 1)).toEqual([onDemand]);
});

test('a quota is for all environments of the account, and for no others', async () => {
  const both = await lacking(0, 0);
  process.env.INFRA_ACCOUNTS = JSON.stringify({ dev: '111122223333', prd: '444455556666' });
  const [ofOneAccount, ofTheOther] = [await lacking(0, 0), await lacking(0, 0, 'prd')];
  expect(both).toHaveLength(2);
  expect(both).toEqual(ofOneAccount.map((vcpus, index) => vcpus + (ofTheOther[index] ?? 0)));
  expect([...ofOneAccount, ...ofTheOther].every((vcpus) => vcpus > 0)).toBe(true);
});

test('the registry gets some seconds to answer', async () => {
  nothingInTheWay();
  const limit = jest.spyOn(AbortSignal, 'timeout');
  await run('dev', '1.37');
  const [[milliseconds = 0] = []] = limit.mock.calls;
  expect([milliseconds >= 5_000, milliseconds <= 60_000]).toEqual([true, true]);
});

test('without credentials nothing is asked, except of files', async () => {
  nothingInTheWay();
  hasCredentials = false;
  for (const options of [['--skip-cluster'], []]) {
    await expect(run('dev', '1.37', ...options)).rejects.toThrow('no credentials');
  }
  await expect(run('prd')).rejects.toThrow('no credentials');
  expect(asked).toEqual([]);
  expect(await run('prd', '--skip-cluster')).toMatchObject({ code: 0, questions: [] });
});

test('nothing is asked of the cluster if that was not wanted, or if there is nothing to raise', async () => {
  nothingInTheWay();
  const about = async (...args: Parameters<typeof run>) =>
    (await run(...args)).questions.filter((question) => /desafio-aws-|kubectl/.test(question));
  expect(await about('dev', '1.37', '--skip-cluster')).toEqual([]);
  const notAsked =
    'The cluster was not asked. To change infra/environments/dev.ts after asking it: pnpm infra upgrade dev';
  expect(said.at(-1)?.split('\n').at(-1)).toBe(`${notAsked} 1.37 --write`);
  nothingInTheWay('1.36');
  await about('dev', '--skip-cluster');
  expect(said.at(-1)?.split('\n').at(-1)).toBe(`${notAsked} --write`);
  asked.length = 0;
  nothingInTheWay('1.36');
  for (const name of addons) answers[addon('1.36', name)] = offered('1.36', ofDev.addons[name]);
  answers[release('1.36')] = { Parameter: { Value: ofDev.nodeRelease } };
  images = ['v1.36.1'];
  said.length = 0;
  expect(await about('dev', '--write')).toEqual([]);
  expect(said.join('\n')).toMatch(/^dev: Kubernetes 1\.36\n {2}Nada a subir\.\n {2}Nothing to raise\.$/);
});
