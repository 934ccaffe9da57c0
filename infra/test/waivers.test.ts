/** That a waiver excuses what checkov found, and nothing else: one that is too wide would hide the next mistake. */
import { expect, test } from '@jest/globals';
import { waivers } from '../checkov-waivers.ts';
import { covers, recordedFindings } from './support/checkov-findings.ts';
import { synthesise, synthesiseBootstrap } from './support/synthesised.ts';

const stacks = { bootstrap: synthesiseBootstrap(), dev: synthesise('dev'), prd: synthesise('prd') };
/** All resources and what is read, by place. */
const all = Object.entries(stacks).flatMap(([stack, { terraform }]) =>
  [terraform.resource, terraform.data].flatMap((kinds) =>
    Object.entries(kinds).flatMap(([type, blocks]) =>
      Object.keys(blocks).map((name) => ({ type, place: `${stack} ${name.replace(/_[0-9A-F]{8}$/, '')}` })),
    ),
  ),
);
const found = recordedFindings().map((line) => {
  const [id = '', ...place] = line.split(' ');
  return { id, place: place.join(' ') };
});

test('each finding has a waiver, and is about something in a stack', () => {
  expect(found.length).toBeGreaterThan(100);
  const places = new Set(all.map(({ place }) => place));
  expect(found.filter(({ place }) => !places.has(place))).toEqual([]);
  expect(found.filter(({ id, place }) => !waivers[id]?.where.some((where) => covers(where, place)))).toEqual([]);
});

test.each(Object.entries(waivers))('%s is waived only where it was found', (id, { where }) => {
  const places = found.filter((one) => one.id === id).map(({ place }) => place);
  const types = new Set(all.filter(({ place }) => places.includes(place)).map(({ type }) => type));
  // What only a choice brings about is nothing that prd may have.
  if (places.length === 0) return expect(where).toEqual(where.map((each) => each.replace(/^\S+/, 'dev')));
  for (const each of where) {
    const excused = all.filter(({ place, type }) => types.has(type) && covers(each, place)).map(({ place }) => place);
    expect([each, excused]).not.toEqual([each, []]);
    expect([each, excused.filter((place) => !places.includes(place))]).toEqual([each, []]);
  }
});
