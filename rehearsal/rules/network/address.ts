/** A block of IPv4 addresses. */
export interface Block {
  /** First and last address, as numbers. */
  readonly first: number;
  readonly last: number;
  /** Length of the prefix: 16 in 10.0.0.0/16. */
  readonly prefix: number;
}

/** Returns undefined if the text is not a CIDR. */
export function parseBlock(text: string): Block | undefined {
  const [, address = '', length = ''] = /^(\d{1,3}(?:\.\d{1,3}){3})\/(\d{1,2})$/.exec(text) ?? [];
  const octets = address.split('.').map(Number);
  const prefix = Number(length);
  if (length === '' || prefix > 32 || octets.some((octet) => octet > 255)) return undefined;
  const given = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  const size = 2 ** (32 - prefix);
  const first = Math.floor(given / size) * size;
  return { first, last: first + size - 1, prefix };
}

export const contains = (outer: Block, inner: Block): boolean => outer.first <= inner.first && inner.last <= outer.last;

export const overlap = (one: Block, other: Block): boolean => one.first <= other.last && other.first <= one.last;
