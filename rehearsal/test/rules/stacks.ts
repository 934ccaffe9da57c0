import { x86 } from '../../../infra/costs/switches.ts';
import { dev } from '../../../infra/environments/dev.ts';
import type { Environment } from '../../../infra/environments/environment.ts';
import { prd } from '../../../infra/environments/prd.ts';
import type { Settings } from '../../../infra/settings.ts';
import { github } from '../../../infra/test/support/choices.ts';
import { type Synthesised, synthesise, synthesiseBootstrap } from '../../../infra/test/support/synthesised.ts';
import { type Change, unknown, type Value, type Values } from '../../rules/change.ts';

const settings: Partial<Settings> = {
  domain: { zone: 'example.com', createZone: true, subdomains: { dev: 'dev', prd: 'app' } },
  alerts: { api: ['api@example.com'], site: ['site@example.com'], infrastructure: ['infrastructure@example.com'] },
  clusterAdmins: ['arn:aws:iam::123456789012:role/Administrator'],
  clusterApiCidrs: { dev: ['203.0.113.7/32'], prd: ['203.0.113.7/32'] },
  runbooks: 'https://example.com/runbooks',
  imageRegistry: 'ecr',
};

/** Choices that neither dev nor prd makes, so that every resource type occurs. */
const otherChoices: Partial<Environment> = {
  network: { ...dev.network, nat: 'single', flowLogs: true },
  cluster: { ...dev.cluster, ...x86(dev), logTypes: ['audit'] },
  edge: { ...prd.edge, accessLogs: true, waf: true },
  runner: true,
};

/** The three stacks of a deployment: with all settings, without settings, and with other choices. */
export const stacks: readonly (readonly [string, () => Synthesised])[] = [
  ['bootstrap', () => synthesiseBootstrap(settings)],
  ['dev', () => synthesise('dev', { settings })],
  ['prd', () => synthesise('prd', { settings })],
  ['bootstrap without settings', () => synthesiseBootstrap()],
  ['dev without settings', () => synthesise('dev')],
  ['prd without settings', () => synthesise('prd')],
  ['dev in another region', () => synthesise('dev', { settings: { ...settings, region: 'sa-east-1' } })],
  ['dev with other choices', () => synthesise('dev', { settings: { ...settings, github }, environment: otherChoices })],
];

/** Terraform's own fields, which no provider sees. */
const terraformFields = new Set(['//', 'address', 'depends_on', 'lifecycle', 'provider', 'provisioner', 'timeouts']);
/** Arguments that are maps. Other objects are blocks, which a provider sees in lists. */
const maps = new Set(['dimensions', 'input_paths', 'labels', 'tags', 'variables']);

/** The first plan of a stack. References to other resources are unknown. */
export const creations = (stack: Synthesised): Change[] =>
  stack.types.flatMap((type) =>
    stack.all(type).map((block): Change => {
      const after = { ...valuesOf(block), tags_all: { ...defaultTags(stack), ...block.tags } };
      return { action: 'create', phase: 'plan', type, after };
    }),
  );

/** The tags that the provider adds to every resource. */
const defaultTags = (stack: Synthesised): Values => stack.terraform.provider.aws?.[0]?.default_tags?.[0]?.tags ?? {};

/** The arguments of a resource, as its provider sees them. References are unknown. */
export function valuesOf(block: object): Values {
  return known(Object.fromEntries(Object.entries(block).filter(([name]) => !terraformFields.has(name))));
}

const known = (object: object): Values =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [name, planned(name, value)]));

function planned(name: string, value: unknown): Value {
  if (Array.isArray(value)) return value.map((element) => (isObject(element) ? known(element) : scalar(element)));
  if (!isObject(value)) return scalar(value);
  return maps.has(name) ? known(value) : [known(value)];
}

const scalar = (value: unknown): Value =>
  typeof value === 'string' && value.includes('${') ? unknown : (value as string | number | boolean | null);

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
