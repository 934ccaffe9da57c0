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
  ['a missing environment', '{"dev": true}', 'prd is undefined, not true or false'],
  ['unknown environments', '{"dev": true, "prd": false, "prod": true, "x": 1}', 'unknown environment: prod, x'],
  ['one unknown environment', '{"dev": true, "prd": false, "prod": true}', 'unknown environment: prod'],
  ['a flag that is text', '{"dev": "true", "prd": false}', 'dev is "true", not true or false'],
  ['a flag that is a number', '{"dev": 1, "prd": 0}', 'dev is 1, not true or false'],
  ['a flag that is null', '{"dev": null, "prd": false}', 'dev is null, not true or false'],
  ['broken JSON', '{"dev": true, "prd": false', 'JSON'],
  ['an empty file', '', 'JSON'],
  ['a list', '[true, true]', 'not an object'],
  ['an empty list', '[]', 'not an object'],
  ['a word', 'true', 'not an object'],
  ['nothing', 'null', 'not an object'],
])('with %s nothing is done, and the reason is given', (_, text, reason) => {
  const found = flagOf(text);
  expect(found.action).toBe('nothing');
  const { reason: given } = found as { reason: string };
  expect(given.startsWith(`${join(folder, 'destroy_config.json')}: `)).toBe(true);
  expect(given).toContain(reason);
});

test('nothing is done if the file is missing or the environment unknown', () => {
  const absent = readDestroyFlag('dev', join(folder, 'absent.json'));
  expect(absent).toEqual({ action: 'nothing', reason: expect.stringContaining('no such file') });
  for (const environment of ['default', 'constructor']) {
    expect(flagOf('{"dev": true, "prd": true}', environment)).toEqual({
      action: 'nothing',
      reason: `${join(folder, 'destroy_config.json')}: unknown environment: ${environment}`,
    });
  }
});
