import { x86 } from '../../costs/switches.ts';
import { dev } from '../../environments/dev.ts';
import type { Environment } from '../../environments/environment.ts';
import { prd } from '../../environments/prd.ts';
import type { Settings } from '../../settings.ts';
import type { synthesise } from './synthesised.ts';

type Name = 'dev' | 'prd';
type Changes = NonNullable<Parameters<typeof synthesise>[1]>;
export type Choice = readonly [title: string, name: Name, changes: Changes];

/** What an environment with a runner needs in the settings. */
export const github = {
  repository: 'owner/name',
  createProvider: true,
  connections: {
    dev: 'arn:aws:codeconnections:us-east-1:123456789012:connection/11111111-2222-3333-4444-555555555555',
  },
};
export const domain = { zone: 'example.com', createZone: false, subdomains: { dev: 'dev', prd: 'app' } };

/** Every value of `network.nat`, for the compiler to notice one that is missing. */
const nats: Readonly<Record<Environment['network']['nat'], string>> = {
  instance: 'with a NAT instance',
  'instance-per-zone': 'with a NAT instance per zone',
  single: 'with one NAT gateway',
  'per-zone': 'with a NAT gateway per zone',
};

const network = (title: string, { name, network }: Environment, changes: Partial<Environment['network']>): Choice => [
  `${name} ${title}`,
  name,
  { environment: { network: { ...network, ...changes } } },
];
const cluster = (title: string, { name, cluster }: Environment, changes: Partial<Environment['cluster']>): Choice => [
  `${name} ${title}`,
  name,
  { environment: { cluster: { ...cluster, ...changes } } },
];
const database = (
  title: string,
  { name, database }: Environment,
  changes: Partial<Environment['database']>,
): Choice => [`${name} ${title}`, name, { environment: { database: { ...database, ...changes } } }];
const edge = (title: string, { name, edge }: Environment, changes: Partial<Environment['edge']>): Choice => [
  `${name} ${title}`,
  name,
  { environment: { edge: { ...edge, ...changes } } },
];

/** Copies of the backups, and the second region that they need in the settings. */
function copying(
  { database }: Environment,
  secondRegion: Settings['region'],
  region: Settings['region'] = 'us-east-1',
): Changes {
  return { environment: { database: { ...database, copiesBackups: true } }, settings: { region, secondRegion } };
}

/** The environments as they are, and in another region and with a domain. */
export const settingsChoices: readonly Choice[] = [
  ['dev', 'dev', {}],
  ['prd', 'prd', {}],
  ['dev with a custom domain', 'dev', { settings: { domain } }],
  ['prd with a custom domain', 'prd', { settings: { domain } }],
  ['dev with a new public zone', 'dev', { settings: { domain: { ...domain, createZone: true } } }],
  ['dev in another region', 'dev', { settings: { region: 'sa-east-1' } }],
  ['prd with a custom domain in another region', 'prd', { settings: { domain, region: 'sa-east-1' } }],
];

/** Each choice that an environment file offers, taken once. */
export const environmentChoices: readonly Choice[] = [
  ...Object.entries(nats).flatMap(([nat, title]) => {
    const changes = { nat: nat as Environment['network']['nat'] };
    return [dev, prd].filter(({ network }) => network.nat !== nat).map((each) => network(title, each, changes));
  }),
  network('with flow logs', dev, { flowLogs: true }),
  network('without flow logs', prd, { flowLogs: false }),
  cluster('on x86', dev, x86(dev)),
  cluster('on x86', prd, x86(prd)),
  cluster('that never sleeps', dev, { sleepsAtNight: false }),
  cluster('with SigNoz on an on-demand node', dev, { storageCapacity: 'on-demand' }),
  cluster('with SigNoz on a spot node', prd, { storageCapacity: 'spot' }),
  cluster('with all logs of the control plane', dev, {
    logTypes: ['api', 'audit', 'authenticator', 'controllerManager', 'scheduler'],
  }),
  cluster('without logs of the control plane', prd, { logTypes: [] }),
  database('with a standby of the database', dev, { multiZone: true }),
  database('without a standby of the database', prd, { multiZone: false }),
  database('without backups', dev, { backupDays: 0 }),
  ['dev with copies of its backups', 'dev', copying(dev, 'us-west-2')],
  // Its alarms have a provider of that region already.
  ['dev in São Paulo with copies of its backups in us-east-1', 'dev', copying(dev, 'us-east-1', 'sa-east-1')],
  database('with a final snapshot', dev, { finalSnapshot: true }),
  database('without a final snapshot', prd, { finalSnapshot: false }),
  edge('with a firewall', dev, { waf: true }),
  edge('without a firewall', prd, { waf: false }),
  edge('with access logs', dev, { accessLogs: true }),
  edge('without access logs', prd, { accessLogs: false }),
  ['dev with a runner', 'dev', { environment: { runner: true }, settings: { github } }],
  edge('without the status page', dev, { statusPage: false }),
  edge('without the status page', prd, { statusPage: false }),
  ['dev, protected', 'dev', { environment: { protected: true } }],
  ['prd, unprotected, without a runner', 'prd', { environment: { protected: false, runner: false } }],
];

/** All choices of one environment taken together, as far as they do not exclude each other: the first of these wins. */
export const combinedChoices: readonly Choice[] = [dev, prd].map((base): Choice => {
  const environment: Record<string, unknown> = { ...base };
  for (const [, name, changes] of environmentChoices) {
    if (name !== base.name) continue;
    for (const [section, value] of Object.entries(changes.environment ?? {})) {
      const before = base[section as keyof Environment];
      environment[section] =
        typeof value === 'object' && typeof before === 'object'
          ? { ...value, ...changed(before, environment[section] as object) }
          : value;
    }
  }
  return [
    `${base.name} with every other choice`,
    base.name,
    { environment, settings: { github, secondRegion: 'us-west-2' } },
  ];
});

function changed(before: object, after: object): object {
  return Object.fromEntries(Object.entries(after).filter(([key, value]) => before[key as keyof object] !== value));
}
