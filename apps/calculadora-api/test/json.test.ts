import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseJson } from '../src/routes/json.ts';

/** The exact integer that the text represents, or undefined for any other number. Only for small exponents. */
function exactInteger(text: string): bigint | undefined {
  const { sign, whole, fraction, exponent } =
    /^(?<sign>-?)(?<whole>\d+)(?:\.(?<fraction>\d+))?(?:[eE](?<exponent>[+-]?\d+))?$/.exec(text)?.groups ?? {};
  const scale = Number(exponent ?? 0) - (fraction ?? '').length;
  const digits = BigInt(`${whole}${fraction ?? ''}`) * (sign === '-' ? -1n : 1n);
  if (scale >= 0) return digits * 10n ** BigInt(scale);
  const divisor = 10n ** BigInt(-scale);
  return digits % divisor === 0n ? digits / divisor : undefined;
}

const digits = (maxLength: number) => fc.stringMatching(new RegExp(`^[0-9]{1,${maxLength}}$`));
const numberText = fc
  .record({
    sign: fc.constantFrom('', '-'),
    whole: fc.oneof(digits(25), fc.constantFrom('0', '9007199254740991', '9007199254740992')).map(withoutLeadingZeros),
    fraction: fc.option(fc.oneof(digits(25), fc.constantFrom('0', '00', '00000000000000000000001')), {
      nil: undefined,
    }),
    exponent: fc.option(fc.integer({ min: -30, max: 400 }), { nil: undefined }),
    letter: fc.constantFrom('e', 'E'),
  })
  .map(({ sign, whole, fraction, exponent, letter }) => {
    return `${sign}${whole}${fraction === undefined ? '' : `.${fraction}`}${exponent === undefined ? '' : letter + exponent}`;
  });

describe('A number in JSON', () => {
  test('is a safe integer exactly if its text is one, however JSON.parse would round it', () => {
    fc.assert(
      fc.property(numberText, (text) => {
        const exact = exactInteger(text);
        const isSafe = exact !== undefined && exact >= -(2n ** 53n - 1n) && exact <= 2n ** 53n - 1n;
        const [value] = parseJson(`[${text}]`) as [number];
        expect(Number.isSafeInteger(value)).toBe(isSafe);
        if (isSafe) expect(BigInt(value)).toBe(exact);
        // An integer out of range stays an integer, so that its error is "out of range", not "not an integer".
        else expect(Number.isInteger(value)).toBe(exact !== undefined);
      }),
      { numRuns: 5_000 },
    );
  });

  test.each([
    ['5.0', 5],
    ['1e3', 1000],
    ['50e-1', 5],
    ['-0.0', -0],
    ['0e99999999999999999999', 0],
    ['9007199254740991.0', 9007199254740991],
    ['1.00000000000000000001', Number.NaN],
    ['9007199254740991.4', Number.NaN],
    ['1e-400', Number.NaN],
    ['1e400', Number.MAX_VALUE],
    ['-1e99999999999999999999', -Number.MAX_VALUE],
    ['1.5', 1.5],
    // The largest double has 309 digits. More digits, or larger ones, would become infinity.
    [`1${'0'.repeat(308)}`, 1e308],
    ['9'.repeat(309), Number.MAX_VALUE],
    [`1${'0'.repeat(309)}`, Number.MAX_VALUE],
    [`-1${'0'.repeat(309)}`, -Number.MAX_VALUE],
  ])('%s is read as %d', (text, value) => {
    expect(parseJson(text)).toBe(value);
  });

  test('with very many digits is read without computing it', () => {
    const text = `[${'9'.repeat(8_000)}, 1.${'0'.repeat(8_000)}1, 1e${'9'.repeat(8_000)}]`;
    // Computing 10 to that power would never end. It runs in its own context, because Jest cannot stop a busy test.
    const value = runInNewContext('parseJson(text)', { parseJson, text }, { timeout: 10_000 });
    expect(value).toEqual([Number.MAX_VALUE, Number.NaN, Number.MAX_VALUE]);
  });
});

describe('Any JSON', () => {
  test('is read as JSON.parse reads it', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parseJson(`[1.5,${text}]`)).toEqual(JSON.parse(`[1.5,${text}]`));
      }),
    );
  });

  test('uses the last of two fields with the same name', () => {
    expect(parseJson('{"a":1.0,"a":2.0}')).toEqual({ a: 2 });
  });

  test('cannot pollute prototypes', () => {
    const value = parseJson('{"a":1.0,"__proto__":{"polluted":1.0}}') as object;
    expect(Object.keys(value)).toEqual(['a', '__proto__']);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

function withoutLeadingZeros(text: string): string {
  return text.replace(/^0+(?=\d)/, '');
}
