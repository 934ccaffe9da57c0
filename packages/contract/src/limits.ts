/** Limits that the API enforces and the site checks before sending. */
export const limits = {
  /** Characters (Unicode code points) of a name, after trimming. The database column holds 255. */
  nome: { minimum: 3, maximum: 255 },
  /** Operands and their sum: the integers that JSON numbers represent exactly, ±(2^53 − 1). */
  integer: { minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER },
  /** Visible ASCII characters, at least one, of a client's idempotency key. */
  idempotencyKey: { maximum: 255 },
  /** Bytes of a request body. */
  bodyBytes: 16 * 1024,
  /** Milliseconds that the API waits for its database before it answers 503. */
  storageTimeout: 5_000,
  /** Milliseconds that the site waits for a response. Longer than `storageTimeout`, so the API's error arrives first. */
  clientTimeout: 10_000,
} as const;

// Characters that a name must not contain: C0 and C1 controls, line and paragraph separators, and characters that
// change the direction of the surrounding text. The patterns mean the same in JavaScript, Python and Rust: they have no
// lookahead, and list whitespace, because `\s` differs between these languages. Most languages cannot express half of a
// surrogate pair, so `checkSumRequest` checks that.
const refused = '\\u0000-\\u001f\\u007f-\\u009f\\u2028-\\u202e\\u2066-\\u206f';
const blank = ' \\t-\\r\\u00a0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000\\ufeff';
// Invisible characters: Unicode's default ignorable code points, annotation marks, and the blank Braille cell.
// Languages write characters beyond U+FFFF differently in patterns, so only `checkSumRequest` covers those.
const invisible =
  '\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u2060-\\u2065\\u2800\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufffb';
const inner = { minimum: limits.nome.minimum - 2, maximum: limits.nome.maximum - 2 };

/** A name before trimming. `minLength` and `maxLength` cannot express this: surrounding whitespace is not counted. */
export const nomePattern = `^[${blank}]*[^${blank}${refused}][^${refused}]{${inner.minimum},${inner.maximum}}[^${blank}${refused}][${blank}]*$`;

/** A name with enough visible characters. Invisible ones are allowed, as in emoji or Persian, but not counted. */
export const visiblePattern = `[^${blank}${invisible}][${invisible}]*[^${invisible}][\\s\\S]*[^${blank}${invisible}]`;
