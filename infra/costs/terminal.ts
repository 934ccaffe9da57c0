/** The estimate of a region, and what Cost Explorer says beside it, as tables for the terminal. */
import type { Text } from 'command-line';
import { databasePurposes, type EnvironmentName, infrastructureTeam, teamsOf } from 'platform';
import { applications } from 'platform/applications';
import { texts } from '../command-texts.ts';
import { environments } from '../environments/all.ts';
import { costTags, type Month, machines, partOf, teamOf } from './actual.ts';
import { type Estimate, estimateIn, unknownIn } from './estimate.ts';
import { type Part, partNames, total } from './parts.ts';
import { type PriceList, pricesOf } from './price.ts';

const text = texts.costs;

/** Both environments at the prices of a region, what is not known there, and what could not be verified. */
export function regionTable(list: PriceList): string {
  const names = Object.keys(environments) as EnvironmentName[];
  const estimates = names.map((name) => estimateIn(list, environments[name]));
  return [
    text.listPrices(list.region, list.readOn),
    '',
    row('', names),
    ...partsIn(estimates).map((part) =>
      row(
        partNames[part],
        estimates.map((estimate) => known(estimate, part)),
      ),
    ),
    row(text.total, estimates.map(knownTotal)),
    ...incomplete(list, estimates),
    ...notVerified(list),
  ].join('\n');
}

/** What an environment cost beside what it should cost, by part and by team. */
export function actualTable(
  environment: EnvironmentName,
  list: PriceList,
  byPart: readonly Month[],
  byTeam: readonly Month[],
): string {
  const estimate = estimateIn(list, environments[environment]);
  const columns = [text.actual.estimate, ...byPart.map(({ end, isFinal, start }) => span(start, end, isFinal))];
  const parts = sums(byPart, ([service = '', name = '']) => partOf(service, name, environment) ?? other(service, name));
  const billedTeams = sums(
    byTeam,
    ([application = '']) => teamOf(application) ?? text.actual.otherApplication(application),
  );
  const others = [...parts.keys()].filter((part) => !Object.hasOwn(partNames, part));
  const isPreliminary = byPart.some(({ isFinal }) => !isFinal);
  const isDivided = !machines.some((service) => parts.has(other(service, '')));
  return [
    text.actual.title(environment, list.region, list.readOn),
    '',
    row(text.actual.byPart, columns),
    ...partsIn([estimate], parts).map((part) =>
      row(partNames[part], [known(estimate, part), ...figures(parts.get(part), byPart.length)]),
    ),
    ...others.map((name) => row(name, [nothing, ...figures(parts.get(name), byPart.length)])),
    row(text.total, [knownTotal(estimate), ...totals(parts, byPart.length)]),
    '',
    row(text.actual.byTeam, columns),
    ...[...new Set([...teams, ...billedTeams.keys()])].map((team) =>
      row(withoutTag(team), [teamEstimate(estimate, list, team), ...figures(billedTeams.get(team), byTeam.length)]),
    ),
    row(text.total, [knownTotal(estimate), ...totals(billedTeams, byTeam.length)]),
    '',
    ...(isPreliminary ? [text.actual.preliminary] : []),
    ...(isDivided ? [] : [text.actual.undivided]),
    text.actual.shared(costTags.application, infrastructureTeam),
    text.actual.leftOut(costTags.environment),
    ...incomplete(list, [estimate]),
  ].join('\n');
}

/** Whether Cost Explorer has any figure. */
export const hasFigures = (months: readonly Month[]): boolean => months.some(({ charges }) => charges.length > 0);

const nothing = '—';

/** A charge of no known part, by what AWS calls it. */
const other = (service: string, name: string): string =>
  machines.includes(service) ? `${service}: ${name || text.actual.noTag(costTags.name)}` : service;

/** USD of each month by what a charge belongs to. */
function sums(
  months: readonly Month[],
  nameOf: (keys: readonly string[]) => string,
): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>();
  months.forEach(({ charges }, index) => {
    for (const { keys, usd } of charges) {
      const name = nameOf(keys);
      const row = found.get(name) ?? months.map(() => 0);
      row[index] = (row[index] ?? 0) + usd;
      found.set(name, row);
    }
  });
  return found;
}

const totals = (rows: ReadonlyMap<string, readonly number[]>, months: number): string[] =>
  Array.from({ length: months }, (_, month) =>
    [...rows.values()].reduce((sum, row) => sum + (row[month] ?? 0), 0).toFixed(2),
  );

const figures = (row: readonly number[] | undefined, months: number): string[] =>
  row === undefined ? Array.from({ length: months }, () => nothing) : row.map((usd) => usd.toFixed(2));

/** The parts that an estimate or AWS's bill has, in their usual order. */
const partsIn = (estimates: readonly Estimate[], billed: ReadonlyMap<string, unknown> = new Map()): Part[] =>
  (Object.keys(partNames) as Part[]).filter(
    (part) => billed.has(part) || estimates.some((estimate) => known(estimate, part) !== nothing),
  );

function known({ bill, unknown }: Estimate, part: Part): string {
  const usd = bill[part] ?? 0;
  if (unknown[part] !== undefined) return usd === 0 ? '?' : `> ${usd.toFixed(2)}`;
  return usd === 0 ? nothing : usd.toFixed(2);
}

const knownTotal = ({ bill, unknown }: Estimate): string => atLeast(total(bill), unknown);

const atLeast = (usd: number, unknown: Estimate['unknown']): string =>
  `${Object.keys(unknown).length > 0 ? '> ' : ''}${usd.toFixed(2)}`;

const teams = teamsOf(applications, []);

/** Secrets with the database logins of a team's applications: all that is not shared. */
const secretsOf = (team: string): number =>
  applications.filter((application) => application.team === team && application.database).length *
  databasePurposes.length;

/** What has no tag counts as the infrastructure's, and the row says so. */
const withoutTag = (team: string): string =>
  team === infrastructureTeam ? `${team}, ${text.actual.noTag(costTags.application)}` : team;

function teamEstimate({ bill, unknown }: Estimate, { prices: { secret } }: PriceList, team: string): string {
  if (team === infrastructureTeam) {
    const others = teams.filter((name) => name !== infrastructureTeam).map(secretsOf);
    return atLeast(total(bill) - others.reduce((sum, count) => sum + count, 0) * (secret?.usd ?? 0), unknown);
  }
  if (secretsOf(team) === 0) return nothing;
  return secret ? (secretsOf(team) * secret.usd).toFixed(2) : '?';
}

function incomplete({ file, region }: PriceList, estimates: readonly Estimate[]): string[] {
  const missing = [...new Set(estimates.flatMap(({ unknown }) => unknownIn(unknown)))];
  return missing.length === 0 ? [] : ['', text.notKnown(region, file), ...missing.map((what) => `  ${what}`)];
}

function notVerified(list: PriceList): string[] {
  const open = pricesOf(list).filter(({ verified }) => !verified);
  return open.length === 0
    ? []
    : [
        '',
        text.notVerified(open.length, pricesOf(list).length),
        ...open.map(({ source, what }) => `  ${what}: ${source}`),
      ];
}

/** Such as `2026-11-01/28*`, with a star if AWS still changes it. */
const span = (start: string, end: string, isFinal: boolean): string => `${start}/${end.slice(-2)}${isFinal ? '' : '*'}`;

const row = (label: Text | string, cells: readonly string[]): string =>
  (inOneLine(label).padEnd(66) + cells.map((cell) => cell.padStart(16)).join('')).trimEnd();

const inOneLine = (label: Text | string): string =>
  typeof label === 'string' ? label : label.pt === label.en ? label.pt : `${label.pt} / ${label.en}`;
