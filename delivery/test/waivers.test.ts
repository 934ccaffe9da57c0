import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { command } from '../commands/waivers.ts';
import { isExpired, readWaivers } from '../waivers.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'waivers-'));
});
afterAll(() => rm(folder, { recursive: true }));

const line = (vulnerability: string, until: string) =>
  `  - { vulnerability: ${vulnerability}, until: ${until}, reason: no fix yet }\n`;

/** Runs the command in this process. */
async function scanSettings(yaml: string) {
  const [file, out] = [join(folder, 'waivers.yaml'), join(folder, 'grype.yaml')];
  await writeFile(file, yaml);
  const code = await command.run(['--file', file, '--out', out]);
  return { code, settings: JSON.parse(await readFile(out, 'utf8')) };
}

test('a waived vulnerability is left out of the scan', async () => {
  expect(await scanSettings(`waivers:\n${line('CVE-2026-1', '9999-12-31')}`)).toEqual({
    code: 0,
    settings: { ignore: [{ vulnerability: 'CVE-2026-1', reason: 'no fix yet' }] },
  });
});

test('the scanner finds the list: its settings are in the file that it reads by default', async () => {
  const before = process.cwd();
  process.chdir(folder);
  try {
    expect(await command.run([])).toBe(0);
    expect(JSON.parse(await readFile('.grype.yaml', 'utf8'))).toHaveProperty('ignore');
  } finally {
    process.chdir(before);
  }
});

test('a waiver whose date has passed fails the delivery, and is not passed on', async () => {
  const yaml = `waivers:\n${line('CVE-2026-1', '2026-01-31')}${line('CVE-2026-2', '9999-12-31')}`;
  const { code, settings } = await scanSettings(yaml);
  expect(code).toBe(1);
  expect(settings.ignore).toMatchObject([{ vulnerability: 'CVE-2026-2' }]);
});

test('a waiver counts until the end of its last day', () => {
  const [waiver] = readWaivers(`waivers:\n${line('CVE-2026-1', '2026-12-31')}`);
  if (!waiver) throw new Error('There is no waiver');
  expect([isExpired(waiver, '2026-12-31'), isExpired(waiver, '2027-01-01')]).toEqual([false, true]);
});

test.each([
  ['no list', '', 'waivers: []'],
  ['no date', 'waivers: [{ vulnerability: CVE-2026-1, reason: none }]', 'until (YYYY-MM-DD)'],
  ['an impossible date', `waivers:\n${line('CVE-2026-1', '2026-02-30')}`, 'until (YYYY-MM-DD)'],
  ['no reason', 'waivers: [{ vulnerability: CVE-2026-1, until: 2026-12-31, reason: " " }]', 'reason'],
])('a list with %s is refused, and says what to write', (_, yaml, message) => {
  expect(() => readWaivers(yaml)).toThrow(message);
});

test('the repository’s own list can be read', async () => {
  expect(readWaivers(await readFile(join(import.meta.dirname, '../scan-waivers.yaml'), 'utf8'))).toEqual([]);
});
