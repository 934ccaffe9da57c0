import * as fs from 'node:fs';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, jest, test } from '@jest/globals';

/** The place at which people write their settings. */
const place = resolve(import.meta.dirname, '../settings.json');
/** What is there in this test: the repository's own file is neither read nor written. */
const file = join(mkdtempSync(join(tmpdir(), 'settings-file-')), 'ours.json');
const atPlace = (path: fs.PathLike) => (path === place ? file : path);
jest.unstable_mockModule('node:fs', () => ({
  ...fs,
  existsSync: (path: fs.PathLike) => fs.existsSync(atPlace(path)),
  readFileSync: (path: fs.PathLike, ...rest: []) => fs.readFileSync(atPlace(path), ...rest),
}));
const { readSettings } = await import('../settings.ts');
const { checkSettings } = await import('../doctor/settings.ts');

const ours = {
  accountId: '777788889999',
  stateBucket: 'our-own-state',
  github: { repository: 'us/ours', createProvider: true },
};
writeFileSync(file, JSON.stringify(ours));

test('settings are read from infra/settings.json, from wherever a command is run', () => {
  const before = process.cwd();
  process.chdir(tmpdir());
  try {
    expect(readSettings(undefined, {})).toMatchObject(ours);
  } finally {
    process.chdir(before);
  }
});

test('what is in infra/settings.json is no default, of which a deployment would be warned', () => {
  expect(checkSettings(readSettings(undefined, {}))).toEqual([]);
});
