import { readdirSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { environmentNames } from 'platform';
import { parse, stringify } from 'yaml';
import { describeWith, findTool } from '../../test/support/tools.ts';
import { environments } from '../environments/all.ts';
import { render, valuesOf } from './support/helm.ts';
import { containersOf, podsOf } from './support/pods.ts';
import { localChart } from './support/published-charts.ts';
import { type Block, synthesise } from './support/synthesised.ts';

const charts = resolve(import.meta.dirname, '../charts');
const stacks = { dev: synthesise('dev'), prd: synthesise('prd') };
const templates = (chart: string) =>
  readdirSync(resolve(charts, chart, 'templates'))
    .map((file) => readFileSync(resolve(charts, chart, 'templates', file), 'utf8'))
    .join('\n');

test.each(readdirSync(charts))('no formatter has reformatted the templates of %s as plain YAML', (chart) => {
  expect(templates(chart)).toContain('{{');
  expect(templates(chart)).not.toContain('{ {');
});

test.each([
  ['binding', 'target-group-binding'],
  ['maintenance', 'signoz-maintenance'],
  ['signoz_release', 'signoz'],
])('the release %s sets all required values of the chart %s', (release, chart) => {
  const given = JSON.parse(stacks.dev.one('helm_release', release).values[0]);
  const required = [...templates(chart).matchAll(/required "([\w.]+)"/g)].map(([, path = '']) => path);
  expect(required.length).toBeGreaterThan(1);
  for (const path of required) expect(given).toHaveProperty(path);
});

test('the jobs of the charts may do only what they do', () => {
  const roles = Object.fromEntries(
    readdirSync(charts)
      .flatMap((chart) => templates(chart).split('\n---\n'))
      .filter((text) => /^kind: (Cluster)?Role$/m.test(text))
      .map((text) => {
        const [, name] = /^ {2}name: (\S+)$/m.exec(text) ?? [];
        const [, kind] = /^kind: (\w+)$/m.exec(text) ?? [];
        const rules = text.matchAll(/apiGroups: \[(.*)\]\n {4}resources: \[(.*)\]\n {4}verbs: \[(.*)\]/g);
        return [`${kind} ${name}`, [...rules].map(([, ...rule]) => rule)];
      }),
  );
  const remove = 'get, list, watch, delete';
  expect(roles).toEqual({
    // It can neither read nor change a secret.
    'Role signoz-secret': [['""', 'secrets', 'create']],
    'Role signoz-removal': [
      ['clickhouse.altinity.com', 'clickhouseinstallations', remove],
      ['apps', 'statefulsets', remove],
      ['""', 'persistentvolumeclaims', remove],
    ],
    'ClusterRole signoz-removal': [['""', 'persistentvolumes', 'get, list, watch']],
  });
});

test('what is removed before SigNoz goes in an order in which nothing hangs', () => {
  const text = templates('signoz-maintenance');
  const [, steps] = /\$resource := dict (.*) }}/.exec(text) ?? [];
  expect(steps).toBe(
    '"1-clickhouse" "clickhouseinstallations" "2-pods" "statefulsets" "3-claims" "persistentvolumeclaims"',
  );
  expect(text).toContain('args: [delete, {{ $resource }}, --all, --timeout=10m]');
  expect(text).toContain('args: [wait, persistentvolumes, --all, --for=delete, --timeout=10m]');
  expect(text).toContain('helm.sh/hook: pre-delete\n');
});

test("SigNoz's pods are registered by their own addresses, which the load balancer can reach", () => {
  expect(templates('target-group-binding')).toContain('\n  targetType: ip\n');
  expect(stacks.dev.one('aws_lb_target_group', 'signoz').target_type).toBe('ip');
});

// With another name or an alias, the values that we give below `signoz` would be nobody's.
test("SigNoz's chart is one exact version of its makers', under its own name", () => {
  const { dependencies } = parse(readFileSync(resolve(charts, 'signoz/Chart.yaml'), 'utf8'));
  const version = expect.stringMatching(/^\d+\.\d+\.\d+$/);
  expect(dependencies).toEqual([{ name: 'signoz', repository: 'https://charts.signoz.io', version }]);
});

test('the jobs run the Node for which their program is built, and a kubectl that the clusters still understand', () => {
  const { images } = parse(readFileSync(resolve(charts, 'signoz-maintenance/values.yaml'), 'utf8'));
  const [, node] = /\/node:(\d+)\./.exec(images.definitions) ?? [];
  expect(node).toBe(readFileSync(resolve(charts, '../../.nvmrc'), 'utf8').trim());
  const [, minor] = /\/kubectl:v1\.(\d+)\.\d+$/.exec(images.kubectl) ?? [];
  for (const { cluster } of Object.values(environments)) {
    // https://kubernetes.io/releases/version-skew-policy/#kubectl
    expect(Math.abs(Number(cluster.version.split('.')[1]) - Number(minor))).toBeLessThanOrEqual(1);
  }
});

// As in SigNoz's own template, but for the user and the password.
test("SigNoz finds ClickHouse by its chart's values, and logs in with the secret's password", () => {
  const template = readFileSync(resolve(charts, 'signoz/templates/_clickhouse.tpl'), 'utf8');
  const variables = [...template.matchAll(/- name: CLICKHOUSE_(\w+)\n +([\s\S]*?)(?=\n- |\n\{\{- end)/g)];
  expect(Object.fromEntries(variables.map(([, name, value]) => [name, value]))).toEqual({
    HOST: 'value: {{ include "clickhouse.servicename" . }}',
    PORT: 'value: {{ include "clickhouse.tcpPort" . | quote }}',
    HTTP_PORT: 'value: {{ include "clickhouse.httpPort" . | quote }}',
    CLUSTER: 'value: {{ .Values.clickhouse.cluster | quote }}',
    USER: 'value: signoz',
    PASSWORD: 'valueFrom:\n    secretKeyRef: { name: {{ .Values.global.secret }}, key: clickhouse-password }',
    SECURE: 'value: {{ .Values.clickhouse.secure | quote }}',
  });
  expect(template).toContain('define "snippet.clickhouse-credentials"');
});

describeWith('helm', findTool('helm'), 'Helm renders our charts:', (helm) => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'charts-'));
    await cp(charts, folder, { recursive: true });
    // SigNoz's own chart, which only its repository has.
    const file = join(folder, 'signoz/Chart.yaml');
    await writeFile(file, (await readFile(file, 'utf8')).split('dependencies:')[0] ?? '');
  });
  afterAll(() => rm(folder, { recursive: true }));

  const ours = environmentNames.flatMap((name) =>
    stacks[name].some('helm_release').flatMap((release) => {
      const chart = localChart(release)?.split('/').at(-1);
      return chart === undefined ? [] : [{ chart, kubernetes: environments[name].cluster.version, name, release }];
    }),
  );
  const made = ({ chart, kubernetes, release }: (typeof ours)[number], values = valuesOf(release)) =>
    render(helm, release, { chart: join(folder, chart), values, kubernetes });
  const kindsOf = (objects: Block[]) => objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  /** Jobs that stay, unlike hooks, which Helm deletes before it creates them again. */
  const jobsOf = (objects: Block[]) =>
    objects.filter(({ kind, metadata }) => kind === 'Job' && metadata.annotations === undefined);

  test('each has a release in each environment', () => {
    expect(ours.map(({ chart, name }) => `${name} ${chart}`).sort()).toEqual(
      environmentNames.flatMap((name) => readdirSync(charts).map((chart) => `${name} ${chart}`)).sort(),
    );
  });

  test.each(ours)('the objects of $chart in $name', async (one) => {
    const hash = expect.stringMatching(/^Job signoz-(definitions|retention|secret)-[0-9a-f]{8}$/);
    const account = (name: string) => ['ServiceAccount', 'Role', 'RoleBinding'].map((kind) => `${kind} ${name}`);
    const expected: Record<string, unknown[]> = {
      signoz: ['ConfigMap signoz-secret', hash, 'LimitRange signoz', ...account('signoz-secret')],
      'signoz-maintenance': [
        ...['ConfigMap signoz-retention', hash, hash, 'Job signoz-removal', ...account('signoz-removal')],
        ...['ClusterRole signoz-removal', 'ClusterRoleBinding signoz-removal'],
      ],
      'target-group-binding': ['TargetGroupBinding signoz-binding'],
    };
    const found = kindsOf(await made(one));
    expect(found).toHaveLength(expected[one.chart]?.length ?? 0);
    expect(found).toEqual(expect.arrayContaining(expected[one.chart] ?? []));
  });

  test.each(ours)('the objects of $chart in $name are in the snapshot', async (one) => {
    const text = stringify(await made(one), { lineWidth: 0 })
      .replaceAll(/(?<=name: [a-z-]+-)[0-9a-f]{8}$/gm, '(hash)')
      // Renovate raises the versions, and cannot write the snapshot. The scripts have tests of their own.
      .replaceAll(/(?<=image: \S+:)\S+$/gm, '(version)')
      .replaceAll(/\.sh: \|[\s\S]*?\n(?=\S)/g, '.sh: (script)\n');
    expect(text).toMatchSnapshot();
  });

  test.each(ours)('what $chart refers to in $name is there', async (one) => {
    const objects = await made(one);
    expect(objects.length).toBeGreaterThan(0);
    const named = (kind: string) => objects.filter((each) => each.kind === kind).map(({ metadata }) => metadata.name);
    const { definitions } = parse(valuesOf(one.release).at(-1) ?? '') ?? {};
    for (const { spec } of podsOf(objects)) {
      const volumes = (spec.volumes ?? []).map((volume: Block) => volume.name);
      for (const { volumeMounts = [] } of containersOf(spec)) {
        for (const mount of volumeMounts) expect(volumes).toContain(mount.name);
      }
      for (const { configMap } of spec.volumes ?? []) {
        if (configMap) expect([...named('ConfigMap'), definitions?.configMap]).toContain(configMap.name);
      }
      if (spec.serviceAccountName) expect(named('ServiceAccount')).toContain(spec.serviceAccountName);
    }
    for (const { roleRef, subjects } of objects.filter(({ kind }) => kind.endsWith('RoleBinding'))) {
      expect(named(roleRef.kind)).toContain(roleRef.name);
      for (const { kind, name, namespace } of subjects) {
        expect([named(kind), namespace]).toEqual([expect.arrayContaining([name]), 'observability']);
      }
    }
  });

  test.each(ours)('the containers of $chart in $name have limits, no rights, and versions', async (one) => {
    const containers = podsOf(await made(one)).flatMap(({ spec }) => containersOf(spec));
    if (one.chart !== 'target-group-binding') expect(containers.length).toBeGreaterThan(0);
    for (const container of containers) {
      expect(container).toMatchObject({
        image: expect.stringMatching(/:v?\d[\w.-]*$/),
        resources: {
          requests: { cpu: expect.any(String), memory: expect.any(String) },
          limits: { memory: expect.any(String) },
        },
        securityContext: {
          ...{ allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, readOnlyRootFilesystem: true },
          ...{ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
        },
      });
    }
  });

  test.each([
    ['signoz', 'secret'],
    ['signoz-maintenance', 'retention'],
  ])('a pod of %s gets the script of %s as it is in its file', async (chart, script) => {
    const one = ours.find((each) => each.chart === chart) as (typeof ours)[number];
    const { data } = (await made(one)).find(({ kind }) => kind === 'ConfigMap') ?? {};
    expect(data).toEqual({ [`${script}.sh`]: await readFile(join(charts, chart, `files/${script}.sh`), 'utf8') });
  });

  test('SigNoz is bound to the target group that the load balancer has', async () => {
    const one = ours.find(({ chart }) => chart === 'target-group-binding') as (typeof ours)[number];
    const [binding] = await made(one);
    expect(binding).toMatchObject({
      metadata: { name: 'signoz-binding', namespace: 'observability' },
      spec: {
        targetType: 'ip',
        targetGroupName: 'aws-lb-target-group-name',
        vpcID: 'aws-vpc-id',
        serviceRef: { name: 'signoz', port: 8080 },
      },
    });
  });

  describe.each(['signoz', 'signoz-maintenance'])('Kubernetes changes no job. In %s', (chart) => {
    const one = ours.find((each) => each.chart === chart) as (typeof ours)[number];
    const values = valuesOf(one.release).map((text) => parse(text));
    const before = () => made(one);
    /** Jobs of which the pods differ, and the name does not. */
    const stuck = (first: Block[], second: Block[]) =>
      jobsOf(first).filter(({ metadata, spec }) => {
        const same = jobsOf(second).find((job) => job.metadata.name === metadata.name);
        return same !== undefined && JSON.stringify(same.spec.template) !== JSON.stringify(spec.template);
      });

    test('each value that changes its pods changes its name', async () => {
      const first = await before();
      expect(jobsOf(first).length).toBeGreaterThan(0);
      const defaults = parse(await readFile(join(charts, chart, 'values.yaml'), 'utf8'));
      const paths = leavesOf(defaults);
      expect(paths.length).toBeGreaterThan(2);
      const changed = await Promise.all(
        paths.map((path) =>
          made(
            one,
            [...values, nested(path, '77')].map((each) => JSON.stringify(each)),
          ),
        ),
      );
      expect(changed.flatMap((second) => stuck(first, second))).toEqual([]);
      const namesOf = (objects: Block[]) => jobsOf(objects).map(({ metadata }) => String(metadata.name));
      const others = changed.filter((second) => namesOf(second).join() !== namesOf(first).join());
      expect(others.length).toBeGreaterThan(2);
    });

    test('so does a change of a template', async () => {
      const first = await before();
      for (const file of readdirSync(join(folder, chart, 'templates'))) {
        const path = join(folder, chart, 'templates', file);
        const text = await readFile(path, 'utf8');
        await writeFile(path, text.replaceAll('cpu: 10m', 'cpu: 20m'));
      }
      const second = await before();
      expect(JSON.stringify(second)).not.toBe(JSON.stringify(first));
      expect(stuck(first, second)).toEqual([]);
      await cp(join(charts, chart, 'templates'), join(folder, chart, 'templates'), { recursive: true });
    });

    test('a change of a script, which is not in its pod, makes a new job too', async () => {
      const namesOf = (objects: Block[]) => jobsOf(objects).map(({ metadata }) => String(metadata.name));
      const first = namesOf(await before());
      for (const file of readdirSync(join(folder, chart, 'files'))) {
        const path = join(folder, chart, 'files', file);
        const script = await readFile(path, 'utf8');
        await writeFile(path, `${script}# Corrected.\n`);
        const changed = namesOf(await before()).filter((name) => !first.includes(name));
        expect(changed).toEqual([expect.stringContaining(`-${file.replace('.sh', '')}-`)]);
        await writeFile(path, script);
      }
    });
  });

  test('new definitions make no new job for the retention', async () => {
    const one = ours.find(({ chart }) => chart === 'signoz-maintenance') as (typeof ours)[number];
    const names = async (...more: object[]) => {
      const objects = await made(one, [...valuesOf(one.release), ...more.map((each) => JSON.stringify(each))]);
      return jobsOf(objects).map(({ metadata }) => String(metadata.name));
    };
    const [before, after] = [await names(), await names({ definitions: { hash: 'other' } })];
    const ofRetention = (name: string) => name.startsWith('signoz-retention-');
    expect(after.filter(ofRetention)).toEqual(before.filter(ofRetention));
    expect(after).not.toEqual(before);
  });
});

/** The paths of all values that are not maps. */
function leavesOf(values: Block): string[][] {
  return Object.entries(values).flatMap(([key, value]) =>
    typeof value === 'object' && value !== null ? leavesOf(value).map((path) => [key, ...path]) : [[key]],
  );
}

const nested = (path: readonly string[], value: string): Block =>
  path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as Block;
