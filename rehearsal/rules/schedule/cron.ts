/** Validates cron expressions as AWS does. */

/** The range of a field's numbers. */
interface Field {
  readonly least: number;
  readonly most: number;
  readonly names?: readonly string[];
}

const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const days = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const minute: Field = { least: 0, most: 59 };
const hour: Field = { least: 0, most: 23 };
const dayOfMonth: Field = { least: 1, most: 31 };
const month: Field = { least: 1, most: 12, names: months };
/** In EventBridge, Sunday is 1. */
const awsDay: Field = { least: 1, most: 7, names: days };
/** In crontab, Sunday is 0 or 7. */
const crontabDay: Field = { least: 0, most: 7, names: days };
const year: Field = { least: 1970, most: 2199 };

/** Validates the six fields of EventBridge. Returns what is wrong, or undefined. */
export function wrongAwsCron(expression: string, thisYear: number): string | undefined {
  const fields = expression.trim().split(/\s+/);
  if (fields.length !== 6) return `has ${fields.length} fields instead of 6`;
  const [minutes = '', hours = '', date = '', monthText = '', weekday = '', yearText = ''] = fields;
  if ((date === '?') === (weekday === '?')) return 'needs a ? for the day of the month or of the week, and only one';
  const dates =
    date === '?' ? numbersUpTo(dayOfMonth) : (special(date, /^(L|LW|(\d{1,2})W)$/) ?? parse(date, dayOfMonth));
  const weekdays =
    weekday === '?'
      ? numbersUpTo(awsDay)
      : (special(weekday, /^(L|\w{1,3}L|\w{1,3}#[1-5])$/) ?? parse(weekday, awsDay));
  const parsed = [parse(minutes, minute), parse(hours, hour), dates, parse(monthText, month), weekdays];
  const years = parse(yearText, year);
  const wrong = [...parsed, years].indexOf(undefined);
  if (wrong >= 0) return `has a field that cannot be read: ${fields[wrong]}`;
  if (years?.every((one) => one < thisYear)) return `never fires: ${yearText} is past`;
  // Every month has special days, such as the last one.
  const isSpecial = date !== '?' && !/^[\d*,/-]+$/.test(date);
  return isSpecial || hasDate(dates ?? [], parse(monthText, month) ?? [], years ?? [])
    ? undefined
    : 'never fires: no month in it has that day';
}

/** Validates the five fields of Auto Scaling. Returns what is wrong, or undefined. */
export function wrongCrontab(expression: string): string | undefined {
  const fields = expression.trim().split(/\s+/);
  if (fields.length !== 5) return `has ${fields.length} fields instead of 5`;
  const kinds = [minute, hour, dayOfMonth, month, crontabDay];
  const parsed = fields.map((field, index) => parse(field, kinds[index] ?? minute));
  const wrong = parsed.indexOf(undefined);
  if (wrong >= 0) return `has a field that cannot be read: ${fields[wrong]}`;
  // With both days given, crontab fires on either.
  const hasWeekday = fields[4] !== '*';
  return hasWeekday || hasDate(parsed[2] ?? [], parsed[3] ?? [], numbersUpTo(year))
    ? undefined
    : 'never fires: no month in it has that day';
}

function hasDate(dates: readonly number[], monthsOf: readonly number[], years: readonly number[]): boolean {
  return years.some((oneYear) =>
    monthsOf.some((oneMonth) => {
      const length = new Date(Date.UTC(oneYear, oneMonth, 0)).getUTCDate();
      return dates.some((date) => date <= length);
    }),
  );
}

/** The numbers that a field matches, or undefined if it is invalid. */
function parse(text: string, field: Field): number[] | undefined {
  const parts = text.split(',').map((part) => parsePart(part, field));
  return parts.includes(undefined) ? undefined : parts.flatMap((numbers) => numbers ?? []);
}

function parsePart(text: string, field: Field): number[] | undefined {
  const [range = '', step, ...more] = text.split('/');
  const [from = '', to, ...rest] = range.split('-');
  if (more.length > 0 || rest.length > 0) return undefined;
  const first = from === '*' && to === undefined ? field.least : numberOf(from, field);
  const last = lastOf(from, to, step, field);
  const width = step === undefined ? 1 : Number(step);
  if (first === undefined || last === undefined || !/^\d+$/.test(step ?? '1') || width < 1) return undefined;
  return first > last ? undefined : numbersUpTo({ least: first, most: last }, width);
}

function lastOf(from: string, to: string | undefined, step: string | undefined, field: Field): number | undefined {
  if (to !== undefined) return numberOf(to, field);
  return from === '*' || step !== undefined ? field.most : numberOf(from, field);
}

function numberOf(text: string, { least, most, names }: Field): number | undefined {
  const named = names?.indexOf(text.toUpperCase()) ?? -1;
  // Names count from the field's minimum.
  const number = named >= 0 ? named + least : Number(text);
  return /^(\d+|[A-Za-z]{3})$/.test(text) && number >= least && number <= most ? number : undefined;
}

const special = (text: string, form: RegExp): number[] | undefined => (form.test(text) ? [1] : undefined);

function numbersUpTo({ least, most }: Field, width = 1): number[] {
  return Array.from({ length: Math.floor((most - least) / width) + 1 }, (_, index) => least + index * width);
}
