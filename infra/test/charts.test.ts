import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { namespaces } from 'platform';
import { stringify } from 'yaml';
import { type Chart, charts, readChart, render } from './support/charts.ts';
import { type Block, synthesise } from './support/synthesised.ts';

const templates = (chart: string) =>
  readdirSync(resolve(charts, chart, 'templates'))
    .map((file) => readFileSync(resolve(charts, chart, 'templates', file), 'utf8'))
    .join('\n');

test.each(readdirSync(charts))('no formatter has reformatted the templates of %s as plain YAML', (chart) => {
  expect(templates(chart)).toContain('{{');
  expect(templates(chart)).not.toContain('{ {');
});

const stack = synthesise('dev');
const releases = [
  ['binding', 'target-group-binding'],
  ['maintenance', 'signoz-maintenance'],
  ['signoz_release', 'signoz'],
] as const;
const givenTo = (release: string): Block => JSON.parse(stack.one('helm_release', release).values[0]);

test.each(releases)('the release %s sets all required values of the chart %s', (release, chart) => {
  const given = givenTo(release);
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
  expect(stack.one('aws_lb_target_group', 'signoz').target_type).toBe('ip');
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

describe.each(releases)('what the release %s of the chart %s puts into the cluster', (release, name) => {
  const chart = readChart(name);
  const given = givenTo(release);
  const objects = render(chart, given);
  const jobs = (of: readonly Block[]) => of.filter(({ kind }) => kind === 'Job');
  const named = (kind: string) => objects.filter((one) => one.kind === kind).map(({ metadata }) => metadata.name);

  // As YAML. The scripts have tests of their own, and Renovate, which raises the versions, cannot write the snapshot.
  test('is in the snapshot', () => {
    const text = stringify(objects, { lineWidth: 0 })
      .replaceAll(/(?<=name: [a-z-]+-)[0-9a-f]{8}$/gm, '(hash)')
      .replaceAll(/(?<=image: \S+:)\S+$/gm, '(version)')
      .replaceAll(/\.sh: \|[\s\S]*?\n(?=\S)/g, '.sh: (script)\n');
    expect(text).toMatchSnapshot();
  });

  test('refers only to what is there', () => {
    expect(objects.length).toBeGreaterThan(0);
    const elsewhere = [namespaces.observability, given.definitions?.configMap];
    for (const { spec } of jobs(objects).map((job) => job.spec.template)) {
      const volumes = (spec.volumes ?? []).map((volume: Block) => volume.name);
      for (const { volumeMounts = [] } of containersOf(spec)) {
        for (const mount of volumeMounts) expect(volumes).toContain(mount.name);
      }
      for (const { configMap } of spec.volumes ?? [])
        expect([...named('ConfigMap'), ...elsewhere]).toContain(configMap.name);
      if (spec.serviceAccountName) expect(named('ServiceAccount')).toContain(spec.serviceAccountName);
    }
    for (const { roleRef, subjects } of objects.filter(({ kind }) => kind.endsWith('RoleBinding'))) {
      expect(named(roleRef.kind)).toContain(roleRef.name);
      for (const { kind, name, namespace } of subjects) {
        expect([named(kind), namespace]).toEqual([expect.arrayContaining([name]), 'observability']);
      }
    }
  });

  // Kubernetes refuses to change the pods of a job.
  test('gives a job that changes another name', () => {
    for (const path of pathsOf(chart.values)) {
      const [before, after] = [given, withValue(given, path, 'other')].map((values) => jobs(render(chart, values)));
      for (const [index, job] of (before ?? []).entries()) expectOtherName(job, after?.[index]);
    }
    for (const file of Object.keys(chart.files)) {
      const other: Chart = { ...chart, files: { ...chart.files, [file]: '# another script' } };
      const changed = jobs(render(other, given)).map(({ metadata }) => metadata.name);
      expect(changed).not.toEqual(jobs(objects).map(({ metadata }) => metadata.name));
    }
  });
});

function expectOtherName(before: Block, after: Block | undefined): void {
  // A hook is deleted before it is made again.
  if (before.metadata.annotations?.['helm.sh/hook-delete-policy']?.includes('before-hook-creation')) return;
  const isSame = JSON.stringify(before.spec) === JSON.stringify(after?.spec);
  if (!isSame) expect(after?.metadata.name).not.toBe(before.metadata.name);
}

const containersOf = ({ containers, initContainers = [] }: Block): Block[] => [...initContainers, ...containers];

/** Every value of a chart, such as `['images', 'kubectl']`. */
function pathsOf(values: Block): string[][] {
  return Object.entries(values).flatMap(([key, value]) =>
    typeof value === 'object' && value !== null ? pathsOf(value).map((path) => [key, ...path]) : [[key]],
  );
}

function withValue(values: Block, [key = '', ...rest]: readonly string[], value: string): Block {
  return { ...values, [key]: rest.length > 0 ? withValue(values[key] ?? {}, rest, value) : value };
}
