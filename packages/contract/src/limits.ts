/** Limits that the API enforces and the site knows before it sends. */
export const limits = {
  /** Characters (Unicode code points) of a name, after trimming. 255 is what the column holds. */
  nome: { minimum: 3, maximum: 255 },
  /** Operands and their sum: the integers that JSON numbers carry exactly, ±(2^53 − 1). */
  integer: { minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER },
  /** Visible ASCII characters, at least one, of a key by which a client may send an operation again. */
  idempotencyKey: { maximum: 255 },
  /** Bytes of a request body. */
  bodyBytes: 16 * 1024,
  /** Milliseconds after which the API gives up on its database and answers 503. */
  storageTimeout: 5_000,
  /** Milliseconds after which the site stops waiting: longer than `storageTimeout`, so that the API's own answer arrives first. */
  clientTimeout: 10_000,
} as const;

// What a name may not hold anywhere: C0 and C1 control characters, line and paragraph separators, and what turns the direction
// of the text around it. Written so that JavaScript, Python and Rust read the same: nothing looks ahead, and blanks are listed,
// because `\s` is another set in each. Halves of surrogate pairs are left to the check: most languages cannot name them.
const refused = '\\u0000-\\u001f\\u007f-\\u009f\\u2028-\\u202e\\u2066-\\u206f';
const blank = ' \\t-\\r\\u00a0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000\\ufeff';
// Nothing is seen of these: Unicode's characters to be ignored, annotation marks, and the empty cell of Braille. The check knows
// those beyond U+FFFF, too, which the patterns of most languages write each in its own way.
const invisible =
  '\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u2060-\\u2065\\u2800\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufffb';
const inner = { minimum: limits.nome.minimum - 2, maximum: limits.nome.maximum - 2 };

/** A name as it arrives: blanks around it are allowed and not counted, so `minLength` and `maxLength` cannot say it. */
export const nomePattern = `^[${blank}]*[^${blank}${refused}][^${refused}]{${inner.minimum},${inner.maximum}}[^${blank}${refused}][${blank}]*$`;

/** A name of which enough can be seen: the invisible characters in it are allowed, as in emoji or Persian, and not counted. */
export const visiblePattern = `[^${blank}${invisible}][${invisible}]*[^${invisible}][\\s\\S]*[^${blank}${invisible}]`;
