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

/** RDS for MySQL's default `max_connections` is the memory divided by this. */
const bytesPerConnection = 12_582_880;

/**
 * Number of connections that triggers the alarm: 60 % of what the nominal memory allows. RDS reserves part of the
 * memory first, which leaves a small instance little more than two thirds.
 * @throws Error if the memory of the class is not listed here
 */
export function connectionsAlarm(instanceClass: string): number {
  const [, size = ''] = /^db\.[tm]\w+\.(\w+)$/.exec(instanceClass) ?? [];
  const gibibytes = memory[size];
  if (gibibytes === undefined) {
    throw new Error(`The memory of ${instanceClass} is not known: add it to infra/constructs/data/database-limits.ts`);
  }
  return Math.floor((0.6 * gibibytes * 1024 ** 3) / bytesPerConnection);
}
