import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { environmentNames } from 'platform';
import { checkIncidents, incidentsFile } from '../constructs/status/incidents.ts';

const text = { pt: 'A soma está fora do ar.', en: 'Sums are down.' };
const incident = { since: '2026-11-28T14:50-03:00', title: text, text };

function check(incidents: unknown): void {
  const file = join(mkdtempSync(join(tmpdir(), 'incidents-')), 'incidents.json');
  writeFileSync(file, JSON.stringify(incidents));
  checkIncidents(file);
}

test.each(environmentNames)('the notices of %s are its own, and valid', (name) => {
  expect(incidentsFile(name)).toMatch(new RegExp(`/environments/${name}/incidents\\.json$`));
  checkIncidents(incidentsFile(name));
});

test('a notice that lasts and one that is over are accepted', () => {
  check([incident, { ...incident, until: '2026-11-28T18:10:30Z' }, { ...incident, since: '2026-11-28T20:50+03:00' }]);
  // In another zone, an end may look earlier. A notice may also end when it begins.
  check([{ ...incident, until: '2026-11-28T11:50-06:00' }]);
  check([]);
});

// Whose deployment checks them must make no difference, and this machine has one time zone only.
test.each(['America/Sao_Paulo', 'Pacific/Auckland'])('times are checked in the same way on a machine in %s', (TZ) => {
  const file = join(mkdtempSync(join(tmpdir(), 'incidents-')), 'incidents.json');
  const early = { ...incident, since: '2026-11-01T00:10Z', until: '2026-11-30T23:50Z' };
  writeFileSync(file, JSON.stringify([early, { ...early, until: '2026-11-31T10:00Z' }]));
  const module = join(import.meta.dirname, '../constructs/status/incidents.ts');
  const program = `import(${JSON.stringify(module)}).then(({ checkIncidents }) => checkIncidents(${JSON.stringify(file)}))`;
  const { status, stderr } = spawnSync(process.execPath, ['--eval', program], {
    encoding: 'utf8',
    env: { ...process.env, TZ },
  });
  expect([status, /incidents\.json\/\d\/\w+/.exec(stderr)?.[0]]).toEqual([1, 'incidents.json/1/until']);
});

test('a mistake in the last notice is found, too', () => {
  expect(() => check([incident, incident, { ...incident, until: 'soon' }])).toThrow('incidents.json/2/until');
  expect(() => check([incident, { ...incident, until: '2026-11-31T10:00Z' }])).toThrow('incidents.json/1/until');
});

test('what is no list of notices is refused', () => {
  expect(() => check(incident)).toThrow(/incidents\.json não é um aviso/);
});

test('the example in the message is accepted', () => {
  const examples: string[] = [];
  try {
    check([{}]);
  } catch (error) {
    for (const [, example = ''] of (error as Error).message.matchAll(/(?:como|such as) (\{.*?\}\}): /g))
      examples.push(example);
  }
  expect(examples).toHaveLength(2);
  check(examples.map((example) => JSON.parse(example)));
});

test.each([
  ['a time without a zone', '2026-11-28T14:50'],
  ['a time that cannot be read', 'soon'],
  ['a time with more behind it', '2026-11-28T14:50-03:00, or so'],
  ['a time with more before it', 'about 2026-11-28T14:50-03:00'],
  ['a time of another form', '28/11/2026 14:50'],
  // Some browsers read neither, and would show nothing at all.
  ['a time with a space', '2026-11-28 14:50-03:00'],
  ['a zone without a colon', '2026-11-28T14:50-0300'],
])('%s is no beginning and no end', (_, time) => {
  for (const key of ['since', 'until'])
    expect(() => check([{ ...incident, [key]: time }])).toThrow(`incidents.json/0/${key} is not a notice`);
});

test.each([
  ['a month that no year has', { ...incident, since: '2026-13-28T14:50-03:00' }, '/0/since'],
  ['a day that its month has not', { ...incident, since: '2026-02-31T14:50-03:00' }, '/0/since'],
  ['an hour that no day has', { ...incident, until: '2026-11-28T25:10-03:00' }, '/0/until'],
  ['an end before the beginning', { ...incident, until: '2026-11-28T17:49Z' }, '/0/until'],
  ['a notice without a beginning', { title: text, text }, '/0'],
  ['a third language', { ...incident, text: { ...text, es: 'No hay sumas.' } }, '/0/text/es'],
  ['a missing translation', { ...incident, title: { pt: 'Fora do ar' } }, '/0/title'],
  ['an empty translation', { ...incident, title: { pt: '', en: 'Sums are down.' } }, '/0/title/pt'],
  ['an empty translation', { ...incident, text: { pt: 'Fora do ar.', en: '' } }, '/0/text/en'],
  ['a misspelt key', { ...incident, untill: '2026-11-28T16:10-03:00' }, '/0/untill'],
])('%s is refused, with its place and an example, in both languages', (_, wrong, place) => {
  expect(() => check([wrong])).toThrow(new RegExp(`incidents\\.json${place} não é um aviso .*\\n.*is not a notice`));
});
