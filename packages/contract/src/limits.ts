/** Limits that the API enforces and the site knows before it sends. */
export const limits = {
  /** Characters (Unicode code points) of a name, after trimming. 255 is what the column holds. */
  nome: { minimum: 3, maximum: 255 },
  /** Operands and their sum: the integers that JSON numbers carry exactly, ±(2^53 − 1). */
  integer: { minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER },
  /** Bytes of a request body. */
  bodyBytes: 16 * 1024,
  /** Milliseconds after which the API gives up on its database and answers 503. */
  storageTimeout: 5_000,
  /** Milliseconds after which the site stops waiting: longer than `storageTimeout`, so that the API's own answer arrives first. */
  clientTimeout: 10_000,
} as const;
