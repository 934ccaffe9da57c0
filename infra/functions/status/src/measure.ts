import type { Measurement } from './figures.ts';

/** The checks of one part of the system. */
export interface PartChecks {
  /** Alarms that mean that nobody is served. */
  readonly outage: readonly string[];
  /** Alarms that mean that some people are not served well. */
  readonly warnings: readonly string[];
  /** Identifier of a database on RDS. */
  readonly database?: string;
}

export type Checks = Readonly<Record<string, PartChecks>>;

/** What CloudWatch says of an alarm. */
export interface AlarmState {
  readonly state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  readonly changedAt: string;
}

/**
 * States in which nobody can reach a database. In the others, such as `backing-up` or `modifying`, it answers.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html
 */
const databaseOut = new Set([
  ...['creating', 'deleting', 'failed', 'inaccessible-encryption-credentials', 'incompatible-network'],
  ...['inaccessible-encryption-credentials-recoverable', 'incompatible-parameters', 'incompatible-restore'],
  ...['insufficient-capacity', 'maintenance', 'rebooting', 'restore-error', 'starting', 'stopped', 'stopping'],
  ...['storage-full', 'upgrading'],
]);

/**
 * The state of one part. What is seen from outside decides between served and not served: an alarm that has no data yet,
 * or is gone, proves nothing.
 *
 * @param alarms by name
 * @param databases states on RDS by identifier
 */
export function measure(
  { database, outage, warnings }: PartChecks,
  alarms: ReadonlyMap<string, AlarmState>,
  databases: ReadonlyMap<string, string>,
): Measurement {
  const firing = (names: readonly string[]) => names.filter((name) => alarms.get(name)?.state === 'ALARM');
  const [outages, troubles] = [firing(outage), firing(warnings)];
  const all = [...outages, ...troubles];
  const times = (names: readonly string[]) => names.flatMap((name) => alarms.get(name)?.changedAt ?? []).toSorted();
  const since = (changedAt: string | undefined) => (changedAt === undefined ? {} : { changedAt });

  const databaseState = database === undefined ? 'available' : databases.get(database);
  if (databaseState === undefined || databaseOut.has(databaseState)) return { state: 'out', alarms: all };
  if (outages.length > 0) return { state: 'out', ...since(times(outages)[0]), alarms: all };
  if (outage.some((name) => alarms.get(name)?.state !== 'OK')) return { state: 'unknown', alarms: all };
  if (troubles.length > 0) return { state: 'disturbed', ...since(times(troubles)[0]), alarms: all };
  return { state: 'works', ...since(times([...outage, ...warnings]).at(-1)), alarms: [] };
}
