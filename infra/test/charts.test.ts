import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { synthesise } from './support/synthesised.ts';

const charts = resolve(import.meta.dirname, '../charts');
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
  const given = JSON.parse(synthesise('dev').one('helm_release', release).values[0]);
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
  expect(synthesise('dev').one('aws_lb_target_group', 'signoz').target_type).toBe('ip');
});

test("ClickHouse's password comes from the secret's key for it", () => {
  expect(templates('signoz')).toContain(
    [
      '- name: CLICKHOUSE_USER\n  value: signoz\n- name: CLICKHOUSE_PASSWORD\n  valueFrom:',
      '\n    secretKeyRef: { name: {{ .Values.global.secret }}, key: clickhouse-password }\n',
    ].join(''),
  );
});
