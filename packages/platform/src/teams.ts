import type { Application } from './application.ts';

/** The team that is called for whatever belongs to no application. */
export const infrastructureTeam = 'infrastructure';

/** Every team that an application or somebody's address names, the infrastructure's last. */
export function teamsOf(applications: readonly Pick<Application, 'team'>[], others: readonly string[]): string[] {
  const named = new Set([...applications.map(({ team }) => team), ...others]);
  named.delete(infrastructureTeam);
  return [...named, infrastructureTeam];
}
