/**
 * Each stack as Terraform gets it, whole: the diff of a pull request shows what a change does to both environments,
 * without an account. After a change that is meant, `pnpm test whole-stacks -u` writes the snapshot again: read its diff
 * like the code's. That the values are right is for the other tests.
 */
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { readSettings } from '../settings.ts';
import { type Synthesised, synthesise, synthesiseBootstrap } from './support/synthesised.ts';

const root = resolve(import.meta.dirname, '../..');
const settings = readSettings(`${root}/infra/settings.example.json`, {});
// As YAML, as people read it, instead of jest's own form.
expect.addSnapshotSerializer({
  test: () => true,
  serialize: (value) => stringify(value, { lineWidth: 0, sortMapEntries: true }),
});
const connections = {
  prd: 'arn:aws:codeconnections:sa-east-1:111122223333:connection/1b2c3d4e-1111-2222-3333-444455556666',
};

test.each<[string, () => Synthesised]>([
  ['dev, with the default settings', () => synthesise('dev')],
  [
    'prd, outside us-east-1 and with a runner',
    () =>
      synthesise('prd', {
        environment: { runner: true },
        settings: { ...settings, region: 'sa-east-1', github: { ...settings.github, connections } },
      }),
  ],
  ['the bootstrap', () => synthesiseBootstrap(settings)],
])('the whole stack of %s is the one in the snapshot', (_, stack) => {
  expect(readable(stack().terraform)).toMatchSnapshot();
});

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
