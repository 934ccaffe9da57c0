import type { FastifyInstance } from 'fastify';
import { CompressedBody, MalformedJson } from './problems.ts';

// A number with a fraction or an exponent, or with more digits than any double has. It may also match text in a name,
// which only costs some microseconds.
const unusualNumber = /\d[.eE]|\d{309}/;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Accepts only JSON bodies in UTF-8, as RFC 8259 requires. */
export function acceptJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, ({ headers }, body: Buffer, done) => {
    const { 'content-encoding': encoding = 'identity' } = headers;
    if (encoding.toLowerCase() !== 'identity') return done(new CompressedBody(`The body's encoding is ${encoding}`));
    let value: unknown;
    try {
      value = parseJson(utf8.decode(body));
    } catch (cause) {
      return done(new MalformedJson('The body is not valid JSON', { cause }));
    }
    return done(null, value);
  });
}

/**
 * Like `JSON.parse`, but no number becomes an integer by rounding. `JSON.parse` reads `1.00000000000000000001` as 1 and
 * `1e400` as infinity. Here the first becomes NaN, which is not an integer, and the second the largest double, which is
 * out of range. `5.0`, `1e3` and `50e-1` are integers.
 *
 * @throws {SyntaxError} if the text is not JSON
 * @throws {RangeError} if arrays and objects are nested too deeply
 */
export function parseJson(text: string): unknown {
  if (!unusualNumber.test(text)) return JSON.parse(text);
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) => {
    if (typeof value !== 'number' || context?.source === undefined) return value;
    if (!isIntegerText(context.source)) return Number.isInteger(value) ? Number.NaN : value;
    return Math.min(Math.max(value, -Number.MAX_VALUE), Number.MAX_VALUE);
  });
}

/** Whether the text of a JSON number, in any notation, is an integer: all digits after the decimal point are 0. */
function isIntegerText(source: string): boolean {
  const [significand = '', exponent = '0'] = source.toLowerCase().split('e');
  const [whole = '', fraction = ''] = significand.split('.');
  const digits = whole + fraction;
  let zeros = 0;
  while (zeros < digits.length && digits.at(-1 - zeros) === '0') zeros++;
  const isZero = zeros === digits.length || (zeros === digits.length - 1 && digits.startsWith('-'));
  // A very long exponent becomes infinity, which compares correctly.
  return isZero || Number(exponent) + zeros >= fraction.length;
}
