/** GiB of memory by size of the burstable (t) and general purpose (m) classes. */
const memory: Readonly<Record<string, number>> = {
  micro: 1,
  small: 2,
  medium: 4,
  large: 8,
  xlarge: 16,
  '2xlarge': 32,
  '4xlarge': 64,
};

/** RDS for MySQL allows one connection for this many bytes of memory (default of `max_connections`). */
const bytesOfConnection = 12_582_880;

/**
 * Connections above which people are told: six tenths of what the memory allows, because RDS takes its own part of the
 * memory first, and a small instance keeps little more than two thirds.
 * @throws Error for a class whose memory is not known here.
 */
export function connectionsAlarm(instanceClass: string): number {
  const [, family = '', size = ''] = /^db\.([tm])\w+\.(\w+)$/.exec(instanceClass) ?? [];
  const gibibytes = family && memory[size];
  if (!gibibytes)
    throw new Error(`The memory of ${instanceClass} is not known: add it to constructs/database-limits.ts`);
  return Math.floor((0.6 * gibibytes * 1024 ** 3) / bytesOfConnection);
}
