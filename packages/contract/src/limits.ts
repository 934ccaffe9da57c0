/** Limits that the API enforces and the site knows before it sends. */
export const limits = {
  /** Characters (Unicode code points) of a name, after trimming. 255 is what the column holds. */
  nome: { minimum: 3, maximum: 255 },
  /** Operands and their sum: the integers that JSON numbers carry exactly, ±(2^53 − 1). */
  integer: { minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER },
  /** Visible ASCII characters of a key by which a client may send an operation again. */
  idempotencyKey: { minimum: 1, maximum: 255 },
  /** Bytes of a request body. */
  bodyBytes: 16 * 1024,
  /** Milliseconds after which the API gives up on its database and answers 503. */
  storageTimeout: 5_000,
  /** Milliseconds after which the site stops waiting: longer than `storageTimeout`, so that the API's own answer arrives first. */
  clientTimeout: 10_000,
} as const;

// C0 and C1 control characters. Halves of surrogate pairs are refused too, but by the check: clients read this pattern
// in OpenAPI, and the patterns of most languages cannot name a surrogate.
const refused = '\\u0000-\\u001f\\u007f-\\u009f';
const inner = { minimum: limits.nome.minimum - 2, maximum: limits.nome.maximum - 2 };

/** A name as it arrives: blanks around it are allowed and not counted, so `minLength` and `maxLength` cannot say it. */
export const nomePattern = `^\\s*[^\\s${refused}][^${refused}]{${inner.minimum},${inner.maximum}}[^\\s${refused}]\\s*$`;
