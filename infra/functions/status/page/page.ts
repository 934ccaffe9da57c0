/**
 * The status page. It shows the figures for as long as they are recent. After that it says since when nothing was
 * measured, and never the last good state.
 */
import {
  type Content,
  type Day,
  dayBefore,
  dayOf,
  daysKept,
  type Figures,
  type Incident,
  type Language,
  type Minutes,
  type PartContent,
  type State,
  states,
} from '../src/figures.ts';
import { texts } from './texts.ts';

/** Milliseconds. The function writes every minute: four failures in a row are no accident. */
const oldAfter = 5 * 60_000;
const refreshEvery = 30_000;
/** A wall screen is never reloaded by a person, and would otherwise keep the page of its first day. */
const reloadAfter = 60 * 60_000;

const icons = { works: '✓', disturbed: '!', unknown: '?', out: '✕' } satisfies Record<State, string>;

const language = readLanguage();
const text = texts[language];
const opened = Date.now();

let content: Content | undefined;
let figures: Figures | undefined;
let incidents: readonly Incident[] = [];
/** Milliseconds by which this machine's clock is behind the server's. */
let clockDifference = 0;
let drawn = '';

document.documentElement.lang = text.locale;
for (const link of document.querySelectorAll('nav a')) {
  if (link.getAttribute('href') === `?lang=${language}`) link.setAttribute('aria-current', 'true');
}
void refresh();
setInterval(() => void refresh(), refreshEvery);

async function refresh(): Promise<void> {
  try {
    [figures, content, incidents] = await Promise.all([
      load<Figures>('figures'),
      load<Content>('content'),
      load<Incident[]>('incidents'),
    ]);
    // Only while the server answers: otherwise the browser's error page would take the place of this one.
    if (Date.now() - opened > reloadAfter) location.reload();
  } catch (error) {
    // What is shown grows old.
    console.error(error);
  }
  draw();
}

async function load<T>(name: string): Promise<T> {
  const response = await fetch(`/status/${name}.json`, { cache: 'no-store', signal: AbortSignal.timeout(10_000) });
  if (!response.ok) throw new Error(`${name}: ${response.status}`);
  const sentAt = Date.parse(response.headers.get('date') ?? '');
  const age = Number(response.headers.get('age') ?? 0) * 1000;
  if (!Number.isNaN(sentAt)) clockDifference = sentAt + age - Date.now();
  return (await response.json()) as T;
}

function draw(): void {
  const now = Date.now() + clockDifference;
  const isOld = figures === undefined || now - Date.parse(figures.measuredAt) > oldAfter;
  // Only a change is drawn, so that opened details stay open, and screen readers are not interrupted.
  const state = JSON.stringify([content, figures, incidents, isOld, dayOf(new Date(now), zone())]);
  if (state === drawn) return;
  drawn = state;

  const parts = content?.parts ?? [];
  const stateOf = ({ id }: PartContent): State => (isOld ? 'unknown' : (figures?.parts[id]?.state ?? 'unknown'));
  const worst = isOld || parts.length === 0 ? 'unknown' : worstOf(parts.map(stateOf));
  const headline = find('headline');
  // Screen readers announce a live text that is set again, even if it is the same.
  if (headline.className !== worst || headline.childElementCount === 0) {
    headline.className = worst;
    headline.replaceChildren(icon(worst), text.headline[worst]);
  }
  document.title = `${text.headline[worst]} · Status${content ? ` · ${content.environment}` : ''}`;

  const measured = find('measured');
  const measuredAt = figures && formatTime(figures.measuredAt, now);
  if (measuredAt === undefined) measured.textContent = text.never;
  else measured.textContent = isOld ? text.notMeasuredSince(measuredAt) : text.measuredAt(measuredAt);
  if (isOld) measured.append(element('strong', { class: 'call' }, text.callForMeasurement));

  const wasOpen = new Set([...document.querySelectorAll('details[open]')].map(({ id }) => id));
  find('parts').replaceChildren(...parts.map((part) => drawPart(part, stateOf(part), isOld, now)));
  for (const id of wasOpen) document.getElementById(id)?.setAttribute('open', '');
  drawIncidents(now);
  fit();
}

/** Makes the texts of a wall screen, which nobody scrolls, smaller until all of them are on it. */
function fit(): void {
  const root = document.documentElement;
  const smallest = matchMedia('(min-width: 1600px)').matches ? 70 : 100;
  for (let percent = 100; percent >= smallest; percent -= 2) {
    root.style.setProperty('--fit', String(percent / 100));
    if (root.scrollHeight <= root.clientHeight) return;
  }
}

function drawPart(part: PartContent, state: State, isOld: boolean, now: number): HTMLElement {
  const known = isOld ? undefined : figures?.parts[part.id];
  const notices = (known?.alarms ?? []).flatMap((alarm) => part.notices[alarm]?.[language] ?? []);
  return element(
    'li',
    { class: state },
    element('h2', {}, part.title[language]),
    element('p', { class: 'state' }, icon(state), text.state[state]),
    ...(known ? [element('p', { class: 'since' }, text.since(formatTime(known.since, now)))] : []),
    ...[...new Set(notices)].map((notice) => element('p', { class: 'notice' }, notice)),
    ...(known && state !== 'works' ? [element('p', { class: 'call' }, text.call(part.team[language]))] : []),
    ...drawHistory(part.id, now),
  );
}

function drawHistory(id: string, now: number): HTMLElement[] {
  const today = dayOf(new Date(now), zone());
  const byDay = new Map((figures?.days ?? []).map(({ day, parts }: Day) => [day, parts[id] ?? {}]));
  const days = Array.from({ length: daysKept }, (_, index) => dayBefore(today, daysKept - 1 - index));
  const minutes = days.map((day): [string, Minutes] => [day, byDay.get(day) ?? {}]);
  const outage = minutes.reduce((sum, [, { out = 0 }]) => sum + out, 0);
  const outageDays = minutes.filter(([, { out = 0 }]) => out > 0).length;
  const bad = minutes.filter(([, { disturbed = 0, out = 0, unknown = 0 }]) => disturbed + out + unknown > 0);
  const summary = text.history(daysKept, text.duration(outage), outageDays);
  const bars = minutes.map(([day, each]) =>
    element('span', { class: worstOfDay(each), title: `${formatDay(day)}: ${describeDay(each)}` }),
  );
  return [
    element('div', { class: 'days', role: 'img', 'aria-label': summary }, ...bars),
    element(
      'p',
      { class: 'scale', 'aria-hidden': 'true' },
      element('span', {}, text.daysAgo(daysKept - 1)),
      element('span', {}, text.today),
    ),
    bad.length === 0
      ? element('p', { class: 'summary' }, summary)
      : element(
          'details',
          { id: `days-${id}` },
          element('summary', { class: 'summary' }, summary),
          element(
            'ul',
            {},
            ...[...bad].reverse().map(([day, each]) => element('li', {}, `${formatDay(day)}: ${describeDay(each)}`)),
          ),
        ),
  ];
}

function drawIncidents(now: number): void {
  const oldest = now - daysKept * 24 * 60 * 60_000;
  const shown = incidents
    .filter(({ since, until }) => Date.parse(until ?? since) > oldest || until === undefined)
    .sort((one, other) => Date.parse(other.since) - Date.parse(one.since))
    .sort((one, other) => Number(other.until === undefined) - Number(one.until === undefined));
  const section = find('incidents');
  section.hidden = shown.length === 0;
  section.replaceChildren(
    element('h2', {}, text.incidents),
    ...shown.map(({ since, text: body, title, until }) =>
      element(
        'article',
        { class: until === undefined ? 'ongoing' : 'over' },
        element('h3', {}, title[language]),
        element(
          'p',
          { class: 'since' },
          until === undefined
            ? `${text.since(formatTime(since, now))}, ${text.ongoing}`
            : text.period(formatTime(since, now), formatTime(until, now)),
        ),
        element('p', {}, body[language]),
      ),
    ),
  );
}

const worstOf = (found: readonly State[]): State =>
  found.reduce((worst, state) => (states.indexOf(state) > states.indexOf(worst) ? state : worst), 'works');

/** The look of a day: a minute of an outage counts more than hours that were not measured. */
function worstOfDay({ disturbed = 0, out = 0, works = 0 }: Minutes): State {
  if (out > 0) return 'out';
  if (disturbed > 0) return 'disturbed';
  return works > 0 ? 'works' : 'unknown';
}

function describeDay(minutes: Minutes): string {
  const troubles = states.filter((state) => state !== 'works' && minutes[state]);
  if (troubles.length > 0) {
    return troubles
      .map((state) => `${text.state[state].toLowerCase()} ${text.duration(minutes[state] ?? 0)}`)
      .join(', ');
  }
  return minutes.works ? text.state.works.toLowerCase() : text.noData;
}

/** The time of day, and the date if it is not today. */
function formatTime(time: string, now: number): string {
  const date = new Date(time);
  const isToday = dayOf(date, zone()) === dayOf(new Date(now), zone());
  return new Intl.DateTimeFormat(text.locale, {
    timeZone: zone(),
    hour: '2-digit',
    minute: '2-digit',
    ...(!isToday && { day: '2-digit', month: 'short' }),
  }).format(date);
}

const formatDay = (day: string): string =>
  new Intl.DateTimeFormat(text.locale, { timeZone: 'UTC', day: '2-digit', month: 'short' }).format(new Date(day));

function zone(): string {
  return content?.timeZone ?? 'UTC';
}

function readLanguage(): Language {
  const chosen = new URLSearchParams(location.search).get('lang') ?? navigator.language;
  return chosen.toLowerCase().startsWith('pt') ? 'pt' : 'en';
}

function find(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page has no ${id}`);
  return found;
}

/** A sign for people who do not tell the colours apart. */
const icon = (state: State): HTMLElement => element('span', { class: 'icon', 'aria-hidden': 'true' }, icons[state]);

function element(
  name: string,
  attributes: Readonly<Record<string, string>>,
  ...children: (Node | string)[]
): HTMLElement {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}
