/** When an environment with `sleepsAtNight` sleeps and wakes: Monday to Friday, in this time zone. */
export const timeZone = 'America/Sao_Paulo';

/**
 * In an order that avoids false alarms and failed requests. DNS runs on the applications' nodes, so SigNoz's node is awake
 * only while they are.
 */
export const evening = { silence: '19:50', storageNodes: '20:00', nodes: '20:10', database: '20:20' } as const;
/** SigNoz needs some minutes to start, and pods that were refused while all nodes slept are tried again by then. */
export const morning = { database: '07:00', nodes: '07:20', storageNodes: '07:30', alarms: '08:00' } as const;

/** Minutes from midnight. */
export function minutesOf(time: string): number {
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  return 60 * hour + minute;
}

/** Hours in a week in which the nodes run. */
export const awakeHoursPerWeek = (5 * (minutesOf(evening.nodes) - minutesOf(morning.nodes))) / 60;
