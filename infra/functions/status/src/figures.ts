/** The figures of the status page. The function writes them every minute, and the page reads them. */
import type { Text } from 'command-line';

export type Language = keyof Text;

/** Worst last. `unknown`: the check itself gave no answer. */
export const states = ['works', 'disturbed', 'unknown', 'out'] as const;
export type State = (typeof states)[number];

/** What was measured of one part of the system, such as the site or the database. */
export interface Measurement {
  readonly state: State;
  /** When the checks changed to this state, if they say so. ISO 8601, in UTC, as all times here. */
  readonly changedAt?: string;
  /** Names of the alarms that fire. */
  readonly alarms: readonly string[];
}

export interface PartFigures {
  readonly state: State;
  readonly since: string;
  readonly alarms: readonly string[];
}

/** Minutes in each state. What is missing to a whole day was not measured. */
export type Minutes = Readonly<Partial<Record<State, number>>>;

export interface Day {
  /** Such as `2026-11-28`, in the time zone of the page. */
  readonly day: string;
  readonly parts: Readonly<Record<string, Minutes>>;
}

export interface Figures {
  readonly measuredAt: string;
  readonly parts: Readonly<Record<string, PartFigures>>;
  /** Oldest first. Days without a measurement are missing. */
  readonly days: readonly Day[];
}

/** What a deployment knows of the page. */
export interface Content {
  readonly environment: string;
  readonly timeZone: string;
  readonly parts: readonly PartContent[];
}

export interface PartContent {
  readonly id: string;
  readonly title: Text;
  /** Display name of the team to call. */
  readonly team: Text;
  /** What people notice, by the name of the alarm. */
  readonly notices: Readonly<Record<string, Text>>;
}

/** Written by hand, in `infra/environments/<environment>/incidents.json`. */
export interface Incident {
  readonly since: string;
  /** Left out while it lasts. */
  readonly until?: string;
  readonly title: Text;
  readonly text: Text;
}

/** Days that the page shows, today included. */
export const daysKept = 90;

/**
 * Adds a measurement to the figures. Each minute counts once, however often it is measured, and a minute without a
 * measurement counts nowhere.
 */
export function addMeasurement(
  previous: Figures | undefined,
  measured: Readonly<Record<string, Measurement>>,
  now: Date,
  timeZone: string,
): Figures {
  const measuredAt = now.toISOString();
  const isNewMinute = previous === undefined || minuteOf(previous.measuredAt) !== minuteOf(measuredAt);
  const ids = Object.keys(measured);
  const today = dayOf(now, timeZone);
  const known = previous?.days.find(({ day }) => day === today)?.parts ?? {};
  const counted = ids.map((id) => [id, isNewMinute ? withMinute(known[id], measured[id]) : (known[id] ?? {})]);
  const first = dayBefore(today, daysKept - 1);
  const parts = Object.fromEntries(
    Object.entries(measured).map(([id, { alarms, changedAt, state }]) => {
      const before = previous?.parts[id];
      if (before?.state === state) return [id, { state, since: before.since, alarms }];
      // Alarms do not see a database that was stopped, and may say that all is well since last month.
      const isTooEarly = before && previous && changedAt !== undefined && changedAt < previous.measuredAt;
      return [id, { state, since: isTooEarly ? previous.measuredAt : (changedAt ?? measuredAt), alarms }];
    }),
  );
  return {
    measuredAt,
    parts,
    days: [
      ...(previous?.days ?? []).filter(({ day }) => day >= first && day < today),
      { day: today, parts: Object.fromEntries(counted) },
    ],
  };
}

/** The calendar day in the time zone, such as `2026-11-28`. */
export function dayOf(time: Date, timeZone: string): string {
  // Sweden writes dates as ISO 8601 does.
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(time);
}

export function dayBefore(day: string, count: number): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() - count);
  return date.toISOString().slice(0, 10);
}

const minuteOf = (time: string): number => Math.floor(Date.parse(time) / 60_000);

function withMinute(minutes: Minutes = {}, measurement?: Measurement): Minutes {
  if (!measurement) return minutes;
  return { ...minutes, [measurement.state]: (minutes[measurement.state] ?? 0) + 1 };
}
