import type { Application } from './application.ts';

/** The team for everything that belongs to no application. */
export const infrastructureTeam = 'infrastructure';

/** All teams of applications and `others`, without duplicates, infrastructure last. */
export function teamsOf(applications: readonly Pick<Application, 'team'>[], others: readonly string[]): string[] {
  const named = new Set([...applications.map(({ team }) => team), ...others]);
  named.delete(infrastructureTeam);
  return [...named, infrastructureTeam];
}
