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
