/**
 * Renews actions.json: the actions that AWS says each change needs, and the kinds of resources that each action is about.
 *
 *     pip install --target /tmp/cfn-lint cfn-lint
 *     node rehearsal/rights/extract.ts /tmp/cfn-lint
 *
 * The Python package cfn-lint ships the schemas of the CloudFormation registry, with the permissions of their handlers,
 * and an extract of AWS's service authorization reference.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mappings } from '../rules/registry/mapping.ts';
import type { Actions, Handlers } from './actions.ts';
import { askedAsTheCaller } from './as-the-caller.ts';
import { calls, dataCalls } from './calls.ts';

interface Schema {
  readonly handlers?: Readonly<Record<string, { readonly permissions: readonly string[] }>>;
}

type Reference = Readonly<
  Record<
    string,
    {
      readonly Actions: Readonly<Record<string, { readonly Resources?: readonly string[] }>>;
      readonly Resources: Readonly<Record<string, { readonly ARNFormats: readonly string[] }>>;
    }
  >
>;

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('Usage: node rehearsal/rights/extract.ts FOLDER_WITH_CFN_LINT');
const data = join(folder, 'cfnlint/data');
const hashes = readJson<Record<string, string>>('schemas/providers/us-east-1.json');
const reference = readJson<Reference>('AdditionalSpecs/Policies.json');
const { schema_date: published } = readJson<{ schema_date: string }>('schemas/version.json');

const types = Object.entries(mappings).flatMap(([type, mapping]) => (type in calls ? [] : [mapping.type]));
const unknown = new Set<string>();
const handlers = Object.fromEntries([...new Set(types)].sort().map((type) => [type, handlersOf(type)]));

const byHand = [...Object.values(calls), ...Object.values(dataCalls)].flatMap((one) => [
  ...('create' in one ? (one.create ?? []) : []),
  ...(one.read ?? []),
  ...('update' in one ? (one.update ?? []) : []),
  ...('delete' in one ? (one.delete ?? []) : []),
]);
const services = Object.values(askedAsTheCaller)
  .flat()
  .flatMap(({ ofPassedRole = [], serviceLinkedRole }) => [...ofPassedRole, ...(serviceLinkedRole?.actions ?? [])]);
const used = new Set([...Object.values(handlers).flatMap((one) => Object.values(one).flat()), ...byHand, ...services]);
for (const action of used) {
  if (resourcesOf(action) === undefined) throw new Error(`The authorization reference has no ${action}`);
}
const resources = Object.fromEntries([...used].sort().map((action) => [action, resourcesOf(action) ?? []]));
const kinds = [...new Set(Object.values(resources).flat())].sort();

const actions: Actions = {
  source: {
    package: `cfn-lint ${packageVersion(folder)} (PyPI)`,
    schemas: published.slice(0, 10),
    extracted: new Date().toISOString().slice(0, 10),
    about:
      'https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html and https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html',
  },
  unknown: [...unknown].sort(),
  handlers,
  resources,
  formats: Object.fromEntries(kinds.map((kind) => [kind, formatOf(kind)])),
};
writeFileSync(join(import.meta.dirname, 'actions.json'), formatted(actions));

function handlersOf(type: string): Handlers {
  const hash = hashes[type];
  if (hash === undefined) throw new Error(`The registry has no type ${type}`);
  const schema = readJson<Schema>(`schemas/resources/${hash}.json`);
  const known = (name: keyof Handlers) =>
    (schema.handlers?.[name]?.permissions ?? []).filter((action) => {
      const isKnown = resourcesOf(action) !== undefined;
      if (!isKnown) unknown.add(action);
      return isKnown;
    });
  return { create: known('create'), read: known('read'), update: known('update'), delete: known('delete') };
}

/** The kinds of resources that an action is about, such as `ec2:vpc`. Undefined if there is no such action. */
function resourcesOf(action: string): readonly string[] | undefined {
  const [service = '', name = ''] = action.split(':');
  const found = reference[service]?.Actions[name.toLowerCase()];
  return found && (found.Resources ?? []).map((resource) => `${service}:${resource}`);
}

function formatOf(kind: string): string {
  const [service = '', ...name] = kind.split(':');
  const [format] = reference[service]?.Resources[name.join(':').toLowerCase()]?.ARNFormats ?? [];
  if (format === undefined) throw new Error(`The authorization reference has no ARN of ${kind}`);
  return format;
}

/** One line for each entry, so that the diff of a renewal is readable. */
function formatted({ source, unknown, ...rest }: Actions): string {
  const block = (entries: object, indent: string) =>
    `{\n${Object.entries(entries)
      .map(([name, value]) => `${indent}  ${JSON.stringify(name)}: ${JSON.stringify(value)}`)
      .join(',\n')}\n${indent}}`;
  const handlers = Object.entries(rest.handlers).map(([type, one]) => `    "${type}": ${block(one, '    ')}`);
  return [
    '{',
    `  "source": ${block(source, '  ')},`,
    `  "unknown": ${JSON.stringify(unknown)},`,
    `  "handlers": {\n${handlers.join(',\n')}\n  },`,
    `  "resources": ${block(rest.resources, '  ')},`,
    `  "formats": ${block(rest.formats, '  ')}`,
    '}\n',
  ].join('\n');
}

function packageVersion(path: string): string {
  const info = readdirSync(path).find((name) => /^cfn_lint-.*\.dist-info$/.test(name));
  if (info === undefined) throw new Error(`${path} has no cfn-lint`);
  return info.replace('cfn_lint-', '').replace('.dist-info', '');
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(join(data, path), 'utf8'));
}
