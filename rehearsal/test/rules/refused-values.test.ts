import { expect, test } from '@jest/globals';
import type { Settings } from '../../../infra/settings.ts';
import { type RefusedValue, refusedValues } from '../../../infra/test/support/refused-values.ts';
import { synthesise, synthesiseBootstrap } from '../../../infra/test/support/synthesised.ts';
import { refusalsOf } from '../../rules/index.ts';
import { refusedInLife } from './life.ts';
import { creations } from './stacks.ts';

/** The infrastructure checks its values with its own limits. The rules check the resources that result from them. */
const known = refusedValues.filter(({ stricter }) => stricter === undefined);

test.each(known)('the rules, too, refuse $name and accept its neighbour', ({ accepted, refused }: RefusedValue) => {
  expect(refusedInLife(synthesise('dev', refused))).not.toEqual([]);
  expect(refusedInLife(synthesise('dev', accepted))).toEqual([]);
});

test('the rules accept every neighbour of a value for which the infrastructure is stricter, and the value itself', () => {
  const stricter = refusedValues.filter((value) => value.stricter !== undefined);
  expect(stricter.length).toBeGreaterThan(3);
  for (const { accepted, refused } of stricter) {
    for (const values of [accepted, refused]) expect(refusedInLife(synthesise('dev', values))).toEqual([]);
  }
});

const opened = (...dev: string[]) => ({ clusterApiCidrs: { dev, prd: [] } });
const inZone = (zone: string) => ({ domain: { zone, createZone: true, subdomains: { dev: 'dev', prd: 'app' } } });

test.each<[string, Partial<Settings>, Partial<Settings>]>([
  ['an owner with an ampersand', { owner: 'R&D' }, { owner: 'Produção 1 _.:/=+-@' }],
  ['an owner of 257 characters', { owner: 'a'.repeat(257) }, { owner: 'a'.repeat(256) }],
  ['a bucket with two dots in a row', { stateBucket: 'my..state' }, { stateBucket: 'my.state' }],
  ['a bucket with a reserved suffix', { stateBucket: 'state-s3alias' }, { stateBucket: 's3alias-state' }],
  ['an address as a bucket', { stateBucket: '192.168.5.4' }, { stateBucket: '192.168.5' }],
  ['a private block', opened('10.1.0.0/16'), opened('11.1.0.0/16')],
  ['41 blocks', opened(...blocks(41)), opened(...blocks(40))],
  ['a label of 64 characters', inZone(`${'a'.repeat(64)}.com`), inZone('a.com')],
])('the rules, too, refuse %s in the settings and accept its neighbour', (_, refused, accepted) => {
  const refusals = (settings: Partial<Settings>) =>
    [synthesiseBootstrap(settings), synthesise('dev', { settings })].flatMap((stack) => [
      // The first plan has the provider's tags.
      ...creations(stack).flatMap((change) => refusalsOf(change, [])),
      ...refusedInLife(stack),
    ]);
  expect(refusals(refused)).not.toEqual([]);
  expect(refusals(accepted)).toEqual([]);
});

function blocks(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `203.0.113.${index}/32`);
}
