/** The parts of the system that the status page shows, with their checks and texts. */
import type { Text } from 'command-line';
import { type Application, infrastructureTeam } from 'platform';
import type { PartContent } from '../../functions/status/src/figures.ts';
import type { PartChecks } from '../../functions/status/src/measure.ts';
import { type AlarmKind, teamName } from '../alerting/alarm-texts.ts';
import type { Alarm } from '../alerting/alarms.ts';

const titles: Readonly<Record<string, Text>> = {
  'magic-calculator': { pt: 'Site', en: 'Site' },
  'calculadora-api': { pt: 'Soma', en: 'Sum' },
};
const databaseTitle: Text = { pt: 'Banco de dados', en: 'Database' };

export interface Part {
  readonly content: PartContent;
  readonly checks: PartChecks;
}

/**
 * One part for each application, the home page first, and the database. A check from outside decides whether an
 * application is out. Alarms about what nobody notices yet, such as a disk that fills up, are on the dashboard alone.
 */
export function partsOf(applications: readonly Application[], database: string, alarms: readonly Alarm[]): Part[] {
  const select = (kinds: readonly AlarmKind[], subject?: string) =>
    alarms.filter((alarm) => kinds.includes(alarm.kind) && (subject === undefined || alarm.subject === subject));
  const part = (
    id: string,
    title: Text,
    team: string,
    outage: readonly Alarm[],
    warnings: readonly Alarm[],
    instance?: string,
  ): Part => ({
    content: {
      id,
      title,
      team: teamName(team),
      notices: Object.fromEntries([...outage, ...warnings].map(({ name, text }) => [name, text.notice])),
    },
    checks: {
      outage: outage.map(({ name }) => name),
      warnings: warnings.map(({ name }) => name),
      ...(instance && { database: instance }),
    },
  });
  const entrance = select(['edge-errors', 'load-balancer-errors']);
  return [
    ...applications
      .toSorted((one, other) => Number(other.homePage !== undefined) - Number(one.homePage !== undefined))
      .map(({ name, team }) =>
        part(name, titles[name] ?? { pt: name, en: name }, team, select(['application-unreachable'], name), [
          ...select(['application-down', 'application-errors', 'application-slow'], name),
          ...entrance,
        ]),
      ),
    part('database', databaseTitle, infrastructureTeam, [], select(['database-cpu']), database),
  ];
}
