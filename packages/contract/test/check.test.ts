import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Value } from 'typebox/value';
import { checkSumRequest, SumRequest } from '../src/index.ts';

const request = { nome: 'Wander', operador1: 5, operador2: 10 };
const codes = (change: object) => checkSumRequest({ ...request, ...change }).map(({ code }) => code);

test('the example of the seed is right, with unknown fields too', () => {
  expect(codes({})).toEqual([]);
  expect(codes({ outro: true })).toEqual([]);
});

test.each([
  ['three letters', 'Ana'],
  ['blanks around it, not counted', '  Ana  '],
  ['Chinese', '李小龍'],
  ['emoji', '👩‍🚀🚀🌕'],
  ['255 letters with accents', 'é'.repeat(255)],
  ['255 emoji', '🙂'.repeat(255)],
  ['255 letters and blanks around them', ` ${'x'.repeat(255)} `],
])('a name is accepted: %s', (_, nome) => {
  expect(codes({ nome })).toEqual([]);
});

test.each([
  ['two letters', 'Al', 'name_too_short'],
  ['nothing', '', 'name_too_short'],
  ['two letters and blanks', '   Al   ', 'name_too_short'],
  ['two emoji', '🙂🙂', 'name_too_short'],
  ['256 letters', 'x'.repeat(256), 'name_too_long'],
  ['256 emoji', '🙂'.repeat(256), 'name_too_long'],
  ['a line break inside', 'Ana\nMaria', 'name_characters'],
  ['a NUL', 'Ana\u0000', 'name_characters'],
  ['half a surrogate pair', 'Ana \ud800', 'name_characters'],
  ['null', null, 'name_not_text'],
  ['no name at all', undefined, 'name_not_text'],
  ['a number', 12345, 'name_not_text'],
])('a name is refused: %s', (_, nome, code) => {
  expect(codes({ nome })).toEqual([code]);
});

test.each([['5'], [1.5], [null], [true], [undefined], [[5]], [Number.NaN], [Number.POSITIVE_INFINITY]])(
  'the operand %j is no integer',
  (operador1) => {
    expect(codes({ operador1 })).toEqual(['not_integer']);
  },
);

test('operands and the sum stay within the integers that JSON carries exactly', () => {
  const { MAX_SAFE_INTEGER: max, MIN_SAFE_INTEGER: min } = Number;
  expect(codes({ operador1: max, operador2: 0 })).toEqual([]);
  expect(codes({ operador1: min, operador2: max })).toEqual([]);
  expect(codes({ operador1: max + 1 })).toEqual(['out_of_range']);
  expect(codes({ operador1: max, operador2: 1 })).toEqual(['sum_out_of_range', 'sum_out_of_range']);
  expect(codes({ operador1: min, operador2: -1 })).toEqual(['sum_out_of_range', 'sum_out_of_range']);
});

test('every wrong field is named', () => {
  expect(checkSumRequest({})).toEqual([
    { field: 'nome', code: 'name_not_text' },
    { field: 'operador1', code: 'not_integer' },
    { field: 'operador2', code: 'not_integer' },
  ]);
  for (const body of [null, [], 'text', 5]) expect(checkSumRequest(body)).toEqual([{ code: 'not_object' }]);
});

test('the check and the schema decide alike, whatever is sent', () => {
  const operand = fc.oneof(fc.maxSafeInteger(), fc.double(), fc.jsonValue());
  const nome = fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.jsonValue());
  fc.assert(
    fc.property(fc.record({ nome, operador1: operand, operador2: operand }, { requiredKeys: [] }), (body) => {
      const byCheck = checkSumRequest(body).every(({ code }) => code === 'sum_out_of_range');
      expect(byCheck).toBe(Value.Check(SumRequest, body));
    }),
    { numRuns: 2_000 },
  );
});
