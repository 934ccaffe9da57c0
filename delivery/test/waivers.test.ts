import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { command } from '../commands/waivers.ts';
import { isExpired, readWaivers, type Waiver } from '../waivers.ts';
import { delivery } from './support/delivery.ts';

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

test('the scanner finds the repository’s own list: its settings are in the file that it reads by default', async () => {
  const own = readWaivers(await readFile(join(import.meta.dirname, '../scan-waivers.yaml'), 'utf8'));
  const before = process.cwd();
  process.chdir(folder);
  try {
    const expired = await command.run([]);
    const { ignore } = JSON.parse(await readFile('.grype.yaml', 'utf8'));
    const counts = own.filter(({ vulnerability }) => ignore.some((one: Waiver) => one.vulnerability === vulnerability));
    // People add lines, whose dates pass.
    expect([ignore.length, expired]).toEqual([counts.length, Number(counts.length < own.length)]);
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

test('each of several waivers whose dates have passed is told, and each of the others counts', async () => {
  const said = jest.spyOn(console, 'log').mockImplementation(() => undefined);
  try {
    const names = (year: number) =>
      Array.from({ length: 12 }, (_, month) => [`CVE-${year}-${month + 1}`, month] as const);
    const lines = [...names(2019), ...names(9998)].map(([name, month]) =>
      line(name, `${name.split('-')[1]}-${String(month + 1).padStart(2, '0')}-09`),
    );
    const { code, settings } = await scanSettings(`waivers:\n${lines.toReversed().join('')}`);
    const counts = settings.ignore.map(({ vulnerability }: Waiver) => vulnerability);
    const told = said.mock.calls.flatMap(([text]) => String(text).match(/CVE-\d+-\d+/) ?? []);
    const inOrder = (year: number) =>
      names(year)
        .map(([name]) => name)
        .toReversed();
    expect([code, counts, [...new Set(told)]]).toEqual([1, inOrder(9998), inOrder(2019)]);
  } finally {
    said.mockRestore();
  }
});

test('a waiver counts until the end of its last day', () => {
  const [waiver] = readWaivers(`waivers:\n${line('CVE-2026-1', '2026-12-31')}`);
  if (!waiver) throw new Error('There is no waiver');
  expect([isExpired(waiver, '2026-12-31'), isExpired(waiver, '2027-01-01')]).toEqual([false, true]);
});

/** Node's option for a clock that stands still. */
const clockAt = (now: string) => {
  const clock = `const Real = Date;
    globalThis.Date = class extends Real {
      constructor(...given) { super(...(given.length > 0 ? given : ['${now}'])); }
    };`;
  return `--import=data:text/javascript,${encodeURIComponent(clock)}`;
};

test.each([
  ['America/Sao_Paulo', '2027-01-01T00:30:00Z', 1],
  ['Pacific/Kiritimati', '2026-12-31T23:30:00Z', 0],
])('its last day is one of UTC, also in %s: at %s the exit code is %i', async (zone, now, code) => {
  const [file, out] = [join(folder, 'zone.yaml'), join(folder, 'zone.json')];
  await writeFile(file, `waivers:\n${line('CVE-2026-1', '2026-12-31')}`);
  const env = { TZ: zone, NODE_OPTIONS: clockAt(now) };
  expect(await delivery(['waivers', '--file', file, '--out', out], env)).toMatchObject({ code });
});

test.each([
  ['no list', '', 'waivers: []'],
  ['no date', 'waivers: [{ vulnerability: CVE-2026-1, reason: none }]', 'until (YYYY-MM-DD)'],
  ...['2026-02-30', '2026-01-32', '2026-13-01', '2026-00-10', '2026-1-31', '2026-12-31T00', 'soon'].map((until) => [
    `the impossible date ${until}`,
    `waivers:\n${line('CVE-2026-1', until)}`,
    'until (YYYY-MM-DD)',
  ]),
  ['no reason', 'waivers: [{ vulnerability: CVE-2026-1, until: 2026-12-31, reason: " " }]', 'reason'],
])('a list with %s is refused, and says what to write', (_, yaml = '', message) => {
  expect(() => readWaivers(yaml)).toThrow(message);
});
