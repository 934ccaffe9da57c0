import { expect, test } from '@jest/globals';
import type { Language } from 'contract';
import { readInteger, visible } from '../src/integer.ts';
import { formatInteger } from '../src/language.ts';

const languages = ['pt', 'en'] as const satisfies Language[];
const inBothLanguages = (typed: string) => languages.map((language) => readInteger(typed, language));
const nnbsp = '\u202f';

test.each([0, 7, -7, 999, 1000, -1234, 12345, 1234478, -9007199254740982, 9007199254740991])(
  '%s is read back as the site prints it',
  (value) => {
    for (const language of languages) {
      const printed = formatInteger(value, language);
      expect(readInteger(printed, language)).toBe(value);
      if (value < 0) expect(readInteger(`(${printed})`, language)).toBe(value);
    }
  },
);

test.each<[number, pt: string, en: string]>([
  [1234478, '1.234.478', '1,234,478'],
  [-1234, '−1.234', '−1,234'],
  [999, '999', '999'],
])('%d is printed as %s in Portuguese and %s in English', (value, ...printed) => {
  expect(languages.map((language) => formatInteger(value, language))).toEqual(printed);
});

test.each<[string, number]>([
  ['5', 5],
  [' +5', 5],
  ['−10 ', -10],
  ['–10', -10],
  ['007', 7],
  ['-0', 0],
  ['1.234.478', 1234478],
  ['1,234,478', 1234478],
  ['−9.007.199.254.740.982', -9007199254740982],
  ['-9,007,199,254,740,982', -9007199254740982],
  ['1 234', 1234],
  ['1 234 478', 1234478],
  ['1\u00a0234\u00a0478', 1234478],
  [`+1${nnbsp}234${nnbsp}478`, 1234478],
  ['1\u2009234\u00a0478', 1234478],
  ['１２３', 123],
  ['＋5', 5],
  ['－１．２３４．４７８', -1234478],
  ['\u200e5\u200e', 5],
  ['\u200e−\u200e5', -5],
  ['\u200b5\ufeff', 5],
  ['\u2066−5\u2069', -5],
  [' \ufeff 5 \u200b', 5],
])('%j is %d in both languages', (typed, value) => {
  expect(inBothLanguages(typed)).toEqual([value, value]);
});

test.each<[string, number | undefined, number | undefined]>([
  // Only the language's own separator: the other one could be a decimal separator.
  ['1.234', 1234, undefined],
  ['1,234', undefined, 1234],
  ['-1.234', -1234, undefined],
])('%j alone is %j in Portuguese and %j in English', (typed, pt, en) => {
  expect(inBothLanguages(typed)).toEqual([pt, en]);
});

test.each([
  ...[
    '',
    ' ',
    '\u200b',
    '-',
    '+',
    '1,5',
    '1.5',
    '1e3',
    '1E3',
    '0x10',
    '12.34.567',
    '1.23',
    '1.2345',
    '1234.567',
    '1234,567',
  ],
  ...[
    '0.123',
    '0,123',
    '0 123',
    '00.123',
    '012.345.678',
    '.123',
    '123.',
    '1..234',
    '1.234,567',
    '1,234.567',
    '1.234 567',
  ],
  ...[
    '1,234,56',
    '1 23',
    '5 5',
    '1  234',
    '1.234.478,00',
    '--5',
    '+-5',
    '- 5',
    '(5)',
    '(-5',
    '-(5)',
    '5-',
    '5-10',
    '5²',
    '½',
  ],
  ...['٥', '\u202e12', 'dez', 'NaN', 'Infinity', '1_000', "1'234", '5 %', 'R$ 5', '10n'],
])('%j is not an integer in either language', (typed) => {
  expect(inBothLanguages(typed)).toEqual([undefined, undefined]);
});

test('a number of any length is read as an integer, too large for the contract', () => {
  for (const [typed, sign] of [
    ['9'.repeat(400), 1],
    [`-${'9'.repeat(400)}`, -1],
  ] as const) {
    const [value = 0] = inBothLanguages(typed);
    expect(Number.isInteger(value)).toBe(true);
    expect(value * sign).toBeGreaterThan(Number.MAX_SAFE_INTEGER);
  }
});

test('minus zero is zero', () => {
  expect(Object.is(readInteger('-0', 'pt'), 0)).toBe(true);
});

test('the visible text has no invisible characters and no surrounding blanks', () => {
  expect(visible('\u200e a\u200bb \ufeff')).toBe('ab');
  expect(visible('\u2066\u200b \u2069')).toBe('');
});
