import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Value } from 'typebox/value';
import { checkSumRequest, limits, SumRequest } from '../src/index.ts';

const request = { nome: 'Wander', operador1: 5, operador2: 10 };
const codes = (change: object) => checkSumRequest({ ...request, ...change }).map(({ code }) => code);

test("accepts the seed's example, also with unknown fields", () => {
  expect(codes({})).toEqual([]);
  expect(codes({ outro: true })).toEqual([]);
});

test.each([
  ['three letters', 'Ana'],
  ['surrounding whitespace, not counted', '  Ana  '],
  ['Chinese', '李小龍'],
  ['emoji', '👩‍🚀🚀🌕'],
  ['255 letters with accents', 'é'.repeat(255)],
  ['255 emoji', '🙂'.repeat(255)],
  ['255 letters and surrounding whitespace', ` ${'x'.repeat(255)} `],
  ['a joined emoji', 'Ana 👨‍👩‍👧‍👦'],
  ['emoji with invisible variation selectors', '❤️❤️❤️'],
  [
    'the flag of Scotland, which is mostly invisible, and two letters',
    '🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}MC',
  ],
  ['Persian with a zero-width non-joiner', 'می\u200cخواهم'],
  ['Hebrew with a direction mark', '\u200fשרה כהן'],
  ['a combining accent', 'Jose\u0301'],
  ['a space inside', 'A B'],
])('accepts a name: %s', (_, nome) => {
  expect(codes({ nome })).toEqual([]);
});

test.each([
  ['two letters', 'Al', 'name_too_short'],
  ['nothing', '', 'name_too_short'],
  ['two letters and surrounding whitespace', '   Al   ', 'name_too_short'],
  ['two emoji', '🙂🙂', 'name_too_short'],
  ['256 letters', 'x'.repeat(256), 'name_too_long'],
  ['256 emoji', '🙂'.repeat(256), 'name_too_long'],
  ['a line break inside', 'Ana\nMaria', 'name_characters'],
  ['a NUL', 'Ana\u0000', 'name_characters'],
  ['a line separator', 'Ana\u2028Maria', 'name_characters'],
  ['a paragraph separator at the end', 'Ana Maria\u2029', 'name_characters'],
  ['two letters among invisible characters', '\u200bA\u200b\u2060l\u200d', 'name_too_short'],
  ['spaces among invisible characters', '\u200b \u200b \u200b', 'name_too_short'],
  ['invisible characters beyond U+FFFF', '\u{e0041}\u{e0042}\u{e0043}', 'name_too_short'],
  ['half a surrogate pair', 'Ana \ud800', 'name_characters'],
  ['null', null, 'name_not_text'],
  ['no name', undefined, 'name_not_text'],
  ['a number', 12345, 'name_not_text'],
])('refuses a name: %s', (_, nome, code) => {
  expect(codes({ nome })).toEqual([code]);
});

const everyCharacter = Array.from({ length: 0x110000 }, (_, code) => String.fromCodePoint(code));
const charactersOf = (form: RegExp) => everyCharacter.filter((character) => form.test(character));

test('a name of only invisible characters is too short, for each such character', () => {
  const invisible = charactersOf(/[\p{Default_Ignorable_Code_Point}\u2800]/u);
  expect(invisible).toEqual(expect.arrayContaining(['\u200b', '\u3164', '\u2800', '\u115f', '\uffa0', '\u{e0020}']));
  const accepted = invisible.filter((character) => codes({ nome: character.repeat(20) }).join() !== 'name_too_short');
  expect(accepted).toEqual([]);
});

test('refuses every control character, line separator and direction override in a name', () => {
  const refused = charactersOf(/[\p{Control}\u2028-\u202e\u2066-\u2069]/u);
  expect(refused).toHaveLength(65 + 7 + 4);
  for (const character of refused) {
    expect(codes({ nome: `Ana${character}Maria` })).toEqual(['name_characters']);
    // Tabs and line breaks at the ends count as surrounding whitespace, so this skips what `trim` removes.
    if (character.trim()) expect(codes({ nome: `${character}Maria` })).toEqual(['name_characters']);
  }
});

test('does not count surrounding whitespace of any kind', () => {
  const blanks = charactersOf(/[^\S\u2028\u2029]/u);
  expect(blanks).toEqual(expect.arrayContaining([' ', '\t', '\n', '\u00a0', '\u3000', '\ufeff']));
  for (const blank of blanks) expect(codes({ nome: `${blank}${'x'.repeat(255)}${blank}` })).toEqual([]);
});

test('refuses half of a surrogate pair exactly when `isWellFormed` does', () => {
  const half = fc.constantFrom('\ud800', '\udbff', '\udc00', '\udfff', '😀', 'a');
  fc.assert(
    fc.property(fc.array(half, { minLength: 3, maxLength: 20 }), (halves) => {
      const nome = `Ana${halves.join('')}`;
      expect(codes({ nome })).toEqual(nome.isWellFormed() ? [] : ['name_characters']);
    }),
  );
});

test.each([['5'], [1.5], [null], [true], [undefined], [[5]], [Number.NaN], [Number.POSITIVE_INFINITY]])(
  'refuses the operand %j, which is not an integer',
  (operador1) => {
    expect(codes({ operador1 })).toEqual(['not_integer']);
  },
);

test('limits the operands and the sum to integers that JSON represents exactly', () => {
  const { MAX_SAFE_INTEGER: max, MIN_SAFE_INTEGER: min } = Number;
  expect(codes({ operador1: max, operador2: 0 })).toEqual([]);
  expect(codes({ operador1: min, operador2: max })).toEqual([]);
  expect(codes({ operador1: max + 1 })).toEqual(['out_of_range']);
  expect(codes({ operador1: max, operador2: 1 })).toEqual(['sum_out_of_range', 'sum_out_of_range']);
  expect(codes({ operador1: min, operador2: -1 })).toEqual(['sum_out_of_range', 'sum_out_of_range']);
});

test('names every invalid field', () => {
  expect(checkSumRequest({})).toEqual([
    { field: 'nome', code: 'name_not_text' },
    { field: 'operador1', code: 'not_integer' },
    { field: 'operador2', code: 'not_integer' },
  ]);
  for (const body of [null, [], 'text', 5]) expect(checkSumRequest(body)).toEqual([{ code: 'not_object' }]);
});

test('the check and the schema agree on every character up to U+FFFF, at any position', () => {
  const { pattern, allOf } = SumRequest.properties.nome as unknown as { pattern: string; allOf: [{ pattern: string }] };
  const patterns = [pattern, allOf[0].pattern].map((source) => new RegExp(source, 'u'));
  const different = charactersOf(/[\0-\uffff]/u)
    .filter((character) => !/\p{Surrogate}/u.test(character))
    .flatMap((character) => [character.repeat(4), `A${character}B`, `${character}Ana${character}`])
    .filter((nome) => patterns.every((form) => form.test(nome)) !== (codes({ nome }).length === 0));
  expect(different).toEqual([]);
});

test('the check and the schema agree on any request', () => {
  const operand = fc.oneof(fc.maxSafeInteger(), fc.double(), fc.jsonValue());
  const special = fc.constantFrom(
    ...' \t\n\u0085\u00a0\u3000\ufeffaé😀\u200b\u200d\u2028\u202e\u2067\u2800\u3164\ufe0f',
  );
  const character = fc.oneof(special, fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }));
  const text = (maxLength: number) => fc.array(character, { maxLength }).map((characters) => characters.join(''));
  // Leaves out names with invisible characters beyond U+FFFF, which only the check covers.
  const nome = fc.oneof(
    fc
      .oneof(
        text(6),
        text(300),
        fc.nat(limits.nome.maximum + 2).map((length) => 'é'.repeat(length)),
      )
      .filter((name) => !/[\u{10000}-\u{10ffff}]/u.test(name.replace(/[^\p{DI}]/gu, ''))),
    fc.jsonValue(),
  );
  fc.assert(
    fc.property(fc.record({ nome, operador1: operand, operador2: operand }, { requiredKeys: [] }), (body) => {
      const byCheck = checkSumRequest(body).every(({ code }) => code === 'sum_out_of_range');
      expect(byCheck).toBe(Value.Check(SumRequest, body));
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ['combining accents', 'e\u0301'],
  ['Korean letters that are not combined into syllables', '\u1112\u1161\u11ab'],
])('the length of a name is measured without Unicode normalization: %s', (_, character) => {
  const most = character.repeat(Math.floor(limits.nome.maximum / character.length));
  expect(codes({ nome: most })).toEqual([]);
  const more = character.repeat(Math.ceil((limits.nome.maximum + 1) / character.length));
  expect(more.normalize().length).toBeLessThan(limits.nome.maximum);
  expect(codes({ nome: more })).toEqual(['name_too_long']);
});
