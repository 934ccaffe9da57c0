/**
 * Which file or program reaches AWS under which name. Elsewhere only hashes of them are seen. Here each bundle and each
 * file of notices has a content of its own.
 */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { AssetType, TerraformAsset, TerraformStack, Testing } from 'cdktf';
import { environmentNames, names } from 'platform';
import type { Bundle } from '../functions/bundle.ts';

const folder = mkdtempSync(join(tmpdir(), 'files-'));
const made = (name: string, content: string) => {
  mkdirSync(join(folder, name, '..'), { recursive: true });
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const files = ['index.mjs', 'index.html', 'page.js', 'page.css', 'page.svg'];
const bundle = (name: Bundle) => {
  for (const file of files) made(join(name, file), `${file} of ${name}`);
  return join(folder, name);
};
/** Files of notices that were checked before they are published. */
const checked: string[] = [];
jest.unstable_mockModule('../functions/bundle.ts', () => ({ bundle }));
jest.unstable_mockModule('../constructs/status/incidents.ts', () => ({
  incidentsFile: (name: string) => made(`${name}/incidents.json`, `notices of ${name}`),
  checkIncidents: (file: string) => checked.push(file),
}));
const { synthesise } = await import('./support/synthesised.ts');

const hashOf = (path: string, type: AssetType) =>
  new TerraformAsset(new TerraformStack(Testing.app(), 'alone'), 'asset', { path, type }).assetHash;
const hashOfFile = (path: string) => hashOf(path, AssetType.FILE);
const hashOfProgram = (name: Bundle) => hashOf(bundle(name), AssetType.ARCHIVE);
const hashOfChart = (name: string) => hashOf(join(import.meta.dirname, '../charts', name), AssetType.DIRECTORY);
const pageFile = (name: string) => hashOfFile(join(bundle('status/page'), name));

describe.each(environmentNames)('%s', (name) => {
  const stack = synthesise(name);
  const { prefix } = names(name);

  test('each function has its own program', () => {
    const programs = stack
      .some('aws_lambda_function')
      .map(({ function_name, source_code_hash }) => [function_name, source_code_hash]);
    expect(Object.fromEntries(programs)).toEqual({
      [`${prefix}-database-logins`]: hashOfProgram('database-logins'),
      [`${prefix}-status`]: hashOfProgram('status'),
    });
  });

  test('each release of a chart of ours has its own chart', () => {
    const ours = stack
      .some('helm_release')
      .flatMap(({ chart, name, repository }) => (repository ? [] : [[name, chart]]));
    expect(Object.fromEntries(ours)).toEqual({
      signoz: expect.stringContaining(hashOfChart('signoz')),
      'signoz-maintenance': expect.stringContaining(hashOfChart('signoz-maintenance')),
      'signoz-binding': expect.stringContaining(hashOfChart('target-group-binding')),
    });
  });

  test('the job of SigNoz has its own program', () => {
    const [program, ...others] = stack
      .some('kubernetes_config_map_v1')
      .flatMap(({ data }) => (data['index.mjs'] === undefined ? [] : [data['index.mjs']]));
    expect(others).toEqual([]);
    expect(program).toContain(`/${hashOfFile(join(bundle('signoz'), 'index.mjs'))}/`);
  });

  test('the status page has its own files, and the notices of this environment, which were checked', () => {
    expect(checked).toContain(join(folder, name, 'incidents.json'));
    const objects = stack
      .some('aws_s3_object')
      .flatMap(({ key, source_hash }) => (source_hash === undefined ? [] : [[key, source_hash]]));
    expect(Object.fromEntries(objects)).toEqual({
      status: pageFile('index.html'),
      'status/': pageFile('index.html'),
      'status/page.js': pageFile('page.js'),
      'status/page.css': pageFile('page.css'),
      'status/page.svg': pageFile('page.svg'),
      'status/incidents.json': hashOfFile(join(folder, name, 'incidents.json')),
    });
  });
});
