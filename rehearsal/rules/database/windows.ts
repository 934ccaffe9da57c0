/** A time window of RDS, in minutes from Monday 00:00 UTC. */
export interface Window {
  readonly from: number;
  readonly minutes: number;
}

const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const day = 24 * 60;

/** `06:00-06:30`, on Monday; the end may be on the next day. Undefined if the text has another form. */
export function parseDaily(text: string): Window | undefined {
  const [, from, to] = /^(\d\d:\d\d)-(\d\d:\d\d)$/.exec(text) ?? [];
  const [start, end] = [minutesOf(from), minutesOf(to)];
  return start === undefined || end === undefined ? undefined : { from: start, minutes: (end - start + day) % day };
}

/** `sun:07:00-sun:08:00`. Undefined if the text has another form. */
export function parseWeekly(text: string): Window | undefined {
  const [, fromDay = '', from, toDay = '', to] =
    /^([a-z]{3}):(\d\d:\d\d)-([a-z]{3}):(\d\d:\d\d)$/.exec(text.toLowerCase()) ?? [];
  const [start, end] = [minutesOf(from), minutesOf(to)];
  const [first, last] = [days.indexOf(fromDay), days.indexOf(toDay)];
  if (start === undefined || end === undefined || first < 0 || last < 0) return undefined;
  const begin = first * day + start;
  return { from: begin, minutes: (last * day + end - begin + 7 * day) % (7 * day) };
}

/** A daily window on each day of the week. */
export const week = (daily: Window): Window[] => days.map((_, index) => ({ ...daily, from: index * day + daily.from }));

/** Whether two windows overlap, also across the end of the week. */
export const overlapInWeek = (one: Window, other: Window): boolean =>
  [-7 * day, 0, 7 * day].some(
    (shift) => one.from + shift < other.from + other.minutes && other.from < one.from + shift + one.minutes,
  );

function minutesOf(time: string | undefined): number | undefined {
  const [hour, minute] = (time ?? '').split(':').map(Number);
  return hour === undefined || minute === undefined || hour > 23 || minute > 59 ? undefined : hour * 60 + minute;
}
