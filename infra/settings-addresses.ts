/** All addresses of the internet. */
export const everywhere = '0.0.0.0/0';

/**
 * Blocks that do not exist on the internet, so that EKS refuses them for its public endpoint:
 * https://docs.aws.amazon.com/eks/latest/userguide/config-cluster-endpoint.html. The list is IANA's, without the
 * blocks for documentation: AWS's own example is in one.
 */
const reserved = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '224.0.0.0/3',
].flatMap((text) => parse(text) ?? []);

interface Block {
  readonly first: number;
  readonly size: number;
}

/** Whether the text is a block of public IPv4 addresses that begins with its network address, or {@link everywhere}. */
export function isPublicBlock(text: string): boolean {
  if (text === everywhere) return true;
  const block = parse(text);
  return block !== undefined && block.first % block.size === 0 && !reserved.some((other) => overlap(block, other));
}

/** Whether an IPv4 address belongs to the block. */
export function isIn(address: string, block: string): boolean {
  const [one, other] = [parse(`${address}/32`), parse(block)];
  return one !== undefined && other !== undefined && overlap(one, other);
}

function parse(text: string): Block | undefined {
  const [, address = '', length = ''] = /^(\d{1,3}(?:\.\d{1,3}){3})\/(\d{1,2})$/.exec(text) ?? [];
  // Terraform refuses a number with a zero before it, which some programs read as octal.
  if (/\b0\d/.test(text)) return undefined;
  const octets = address.split('.').map(Number);
  if (length === '' || Number(length) > 32 || octets.some((octet) => octet > 255)) return undefined;
  return { first: octets.reduce((sum, octet) => sum * 256 + octet, 0), size: 2 ** (32 - Number(length)) };
}

function overlap(one: Block, other: Block): boolean {
  return one.first < other.first + other.size && other.first < one.first + one.size;
}
