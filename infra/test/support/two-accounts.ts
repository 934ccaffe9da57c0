import type { EnvironmentName } from 'platform';

export const accounts = { dev: '111122223333', prd: '444455556666' };
export const admins = {
  dev: `arn:aws:iam::${accounts.dev}:role/Developer`,
  prd: `arn:aws:iam::${accounts.prd}:role/Operator`,
};

/** Settings with an account for each environment. */
export const settings = {
  accounts,
  clusterAdmins: Object.values(admins),
  domain: { zone: 'example.com', createZone: true, subdomains: { dev: 'dev', prd: '@' } },
  github: { repository: 'owner/name', createProvider: true },
  imageRegistry: 'ecr' as const,
  stateBucket: 'own-state',
};

export const other = (name: EnvironmentName): EnvironmentName => (name === 'dev' ? 'prd' : 'dev');

/** Names of the delivery roles in an environment's account. */
export const rolesOf = (name: EnvironmentName) =>
  [
    ...['apply', 'deploy', 'drill', 'plan'].map((purpose) => `${name}-${purpose}`),
    ...(name === 'prd' ? ['images'] : []),
  ]
    .map((role) => `desafio-aws-${role}`)
    .toSorted();
