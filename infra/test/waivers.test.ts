/** That a waiver excuses what checkov found, and nothing else: one that is too wide would hide the next mistake. */
import { expect, test } from '@jest/globals';
import { waivers } from '../checkov-waivers.ts';
import { covers, recordedResults } from './support/checkov-results.ts';

const results = recordedResults().map((line) => {
  const [id = '', result = '', ...place] = line.split(' ');
  return { id, isFinding: result === 'failed', place: place.join(' ') };
});

test('each finding has a waiver', () => {
  const findings = results.filter(({ isFinding }) => isFinding);
  expect(findings.length).toBeGreaterThan(100);
  expect(findings.filter(({ id, place }) => !waivers[id]?.where.some((where) => covers(where, place)))).toEqual([]);
});

test.each(Object.entries(waivers))('%s is waived only where it was found', (id, { where }) => {
  const placesOf = (wanted: boolean) =>
    results.filter((one) => one.id === id && one.isFinding === wanted).map(({ place }) => place);
  const [found, good] = [placesOf(true), placesOf(false)];
  // What only a choice brings about is nothing that prd may have.
  if (found.length === 0) return expect(where).toEqual(where.map((each) => each.replace(/^\S+/, 'dev')));
  for (const each of where) {
    expect([each, found.filter((place) => covers(each, place))]).not.toEqual([each, []]);
    expect([each, good.filter((place) => covers(each, place))]).toEqual([each, []]);
  }
});
