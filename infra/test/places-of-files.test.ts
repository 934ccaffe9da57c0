import * as fs from 'node:fs';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';

const infra = resolve(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'places-'));
/** The files that people write. In this test there are others in their places. */
const written = [join(infra, 'settings.json'), join(infra, 'destroy_config.json')];
const inFolder = (path: fs.PathLike) => (written.includes(String(path)) ? String(path).replace(infra, folder) : path);
jest.unstable_mockModule('node:fs', () => ({
  ...fs,
  existsSync: (path: fs.PathLike) => fs.existsSync(inFolder(path)),
  readFileSync: (path: fs.PathLike, ...rest: []) => fs.readFileSync(inFolder(path), ...rest),
}));
const { readSettings } = await import('../settings.ts');
const { readDestroyFlag } = await import('../destroy-flag.ts');
const { checkSettings } = await import('../doctor/settings.ts');
const { costs } = await import('../commands/costs.ts');

const ours = {
  accountId: '777788889999',
  stateBucket: 'our-own-state',
  github: { repository: 'us/ours', createProvider: true },
};
writeFileSync(join(folder, 'settings.json'), JSON.stringify(ours));
writeFileSync(join(folder, 'destroy_config.json'), JSON.stringify({ dev: true, prd: false }));

// A command may be run from anywhere.
const before = process.cwd();
beforeAll(() => process.chdir(tmpdir()));
afterAll(() => process.chdir(before));

test('settings are read from infra/settings.json', () => {
  expect(readSettings(undefined, {})).toMatchObject(ours);
});

test('what is in infra/settings.json is no default, of which a deployment would be warned', () => {
  expect(checkSettings(readSettings(undefined, {}))).toEqual([]);
});

test('what is to be destroyed is read from infra/destroy_config.json', () => {
  expect(['dev', 'prd'].map((name) => readDestroyFlag(name))).toEqual([{ action: 'destroy' }, { action: 'deploy' }]);
});

test('the page of costs that is checked is the one in the documentation', () => {
  jest.spyOn(console, 'log').mockReturnValue();
  expect(costs({ check: true })).toBe(0);
});
