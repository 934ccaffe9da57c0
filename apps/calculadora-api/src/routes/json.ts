import type { FastifyInstance } from 'fastify';
import { CompressedBody, MalformedJson } from './problems.ts';

// A number with a fraction or an exponent, or with more digits than any double has. Text that only looks like one, in a
// name, costs some microseconds and nothing else.
const unusualNumber = /\d[.eE]|\d{309}/;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** JSON is the only type of body, in UTF-8, as RFC 8259 has it. */
export function acceptJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, ({ headers }, body: Buffer, done) => {
    const { 'content-encoding': encoding = 'identity' } = headers;
    if (encoding.toLowerCase() !== 'identity') return done(new CompressedBody(`The body's encoding is ${encoding}`));
    let value: unknown;
    try {
      value = parseJson(utf8.decode(body));
    } catch (cause) {
      return done(new MalformedJson('The body is no JSON text', { cause }));
    }
    return done(null, value);
  });
}

/**
 * `JSON.parse`, except that no number becomes an integer by rounding: `JSON.parse` reads `1.00000000000000000001` as 1
 * and `1e400` as infinite. Here the first is NaN, which is no integer, and the second the largest double, which is out
 * of any range. `5.0`, `1e3` and `50e-1` are integers.
 *
 * @throws {SyntaxError} if the text is not JSON
 * @throws {RangeError} if its arrays and objects lie too deep in each other
 */
export function parseJson(text: string): unknown {
  if (!unusualNumber.test(text)) return JSON.parse(text);
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) => {
    if (typeof value !== 'number' || context?.source === undefined) return value;
    if (!isIntegerText(context.source)) return Number.isInteger(value) ? Number.NaN : value;
    return Math.min(Math.max(value, -Number.MAX_VALUE), Number.MAX_VALUE);
  });
}

/** Whether a JSON number is an integer by its text, however it is written: its last digit that is not 0 is no fraction. */
function isIntegerText(source: string): boolean {
  const [significand = '', exponent = '0'] = source.toLowerCase().split('e');
  const [whole = '', fraction = ''] = significand.split('.');
  const digits = whole + fraction;
  let zeros = 0;
  while (zeros < digits.length && digits.at(-1 - zeros) === '0') zeros++;
  const isZero = zeros === digits.length || (zeros === digits.length - 1 && digits.startsWith('-'));
  // An exponent of any length is a number, if an infinite one, and compares rightly.
  return isZero || Number(exponent) + zeros >= fraction.length;
}
