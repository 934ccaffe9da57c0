import type { Application } from './application.ts';

/** Maximum length of a team's name, in characters. */
export const longestTeamName = 31;

/** A valid name of a team. SNS topics are named after it. */
export const teamPattern = new RegExp(`^[a-z][a-z0-9-]{0,${longestTeamName - 1}}$`);

/** The team for everything that belongs to no application. */
export const infrastructureTeam = 'infrastructure';

/** All teams of applications and `others`, without duplicates, infrastructure last. */
export function teamsOf(applications: readonly Pick<Application, 'team'>[], others: readonly string[]): string[] {
  const named = new Set([...applications.map(({ team }) => team), ...others]);
  named.delete(infrastructureTeam);
  return [...named, infrastructureTeam];
}
