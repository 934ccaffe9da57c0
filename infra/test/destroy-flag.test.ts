import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { readDestroyFlag } from '../destroy-flag.ts';

const folder = mkdtempSync(join(tmpdir(), 'flags-'));
function flagOf(text: string, environment = 'dev') {
  const path = join(folder, 'destroy_config.json');
  writeFileSync(path, text);
  return readDestroyFlag(environment, path);
}

test("the repository's own file destroys nothing", () => {
  expect(readDestroyFlag('dev')).toEqual({ action: 'deploy' });
  expect(readDestroyFlag('prd')).toEqual({ action: 'deploy' });
});

test('true destroys only that environment', () => {
  expect(flagOf('{"dev": true, "prd": false}', 'dev')).toEqual({ action: 'destroy' });
  expect(flagOf('{"dev": true, "prd": false}', 'prd')).toEqual({ action: 'deploy' });
});

test.each([
  ['a missing environment', '{"dev": true}'],
  ['an unknown environment', '{"dev": true, "prd": false, "prod": true}'],
  ['a flag that is text', '{"dev": "true", "prd": false}'],
  ['a flag that is a number', '{"dev": 1, "prd": 0}'],
  ['a flag that is null', '{"dev": null, "prd": false}'],
  ['broken JSON', '{"dev": true, "prd": false'],
  ['an empty file', ''],
  ['a list', '[true, true]'],
  ['a word', 'true'],
])('with %s nothing is done, and the reason is given', (_, text) => {
  expect(flagOf(text)).toEqual({ action: 'nothing', reason: expect.stringContaining('destroy_config.json: ') });
});

test('nothing is done if the file is missing or the environment unknown', () => {
  expect(readDestroyFlag('dev', join(folder, 'absent.json')).action).toBe('nothing');
  expect(flagOf('{"dev": true, "prd": true}', 'default').action).toBe('nothing');
  expect(flagOf('{"dev": true, "prd": true}', 'constructor').action).toBe('nothing');
});
