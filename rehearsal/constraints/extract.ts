/**
 * Renews aws.json: the constraints that AWS publishes for the resource types that this repository uses.
 *
 *     pip install --target /tmp/cfn-lint cfn-lint
 *     node rehearsal/constraints/extract.ts /tmp/cfn-lint
 *
 * The Python package cfn-lint ships the schemas of the CloudFormation registry, completed from the service models of
 * AWS's SDKs. Only facts are taken over: lengths, patterns, ranges and enumerations, by type and property, and the
 * properties whose change replaces the resource.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Constraint, Constraints } from '../rules/registry/constraint.ts';
import { registryTypes } from '../rules/registry/mapping.ts';

interface Schema extends Constraint {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: unknown;
}

interface Resource extends Schema {
  readonly definitions?: Readonly<Record<string, Schema>>;
  readonly readOnlyProperties?: readonly string[];
  readonly createOnlyProperties?: readonly string[];
}

const kept = [
  'minLength',
  'maxLength',
  'pattern',
  'format',
  'enum',
  'enumCaseInsensitive',
  'minimum',
  'maximum',
  'minItems',
  'maxItems',
] as const satisfies readonly (keyof Constraint)[];

/** WAF statements nest without end. Ours are not nested. */
const recursive = ['AndStatement', 'OrStatement', 'NotStatement', 'ScopeDownStatement'];
/** Tags have a rule of their own: Terraform has a map where AWS has a list of pairs. */
const leftOut = [...recursive, 'Tags', 'TagsList'];
/** Formats of identifiers, such as `AWS::EC2::VPC.Id`, are left out: a rehearsal invents these values. */
const formats = ['ipv4-network'];

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('Usage: node rehearsal/constraints/extract.ts FOLDER_WITH_CFN_LINT');
const schemas = join(folder, 'cfnlint/data/schemas');
const hashes: Record<string, string> = readJson(join(schemas, 'providers/us-east-1.json'));
const { schema_date: published } = readJson<{ schema_date: string }>(join(schemas, 'version.json'));

const types: Record<string, Record<string, Constraint>> = {};
const createOnly: Record<string, string[]> = {};
for (const type of registryTypes()) {
  const hash = hashes[type];
  if (hash === undefined) throw new Error(`The registry has no type ${type}`);
  const resource = readJson<Resource>(join(schemas, 'resources', `${hash}.json`));
  types[type] = constraintsOf(resource);
  createOnly[type] = (resource.createOnlyProperties ?? []).map(propertyPath).sort();
}
const constraints: Constraints = {
  source: {
    package: `cfn-lint ${packageVersion(folder)} (PyPI)`,
    schemas: published.slice(0, 10),
    extracted: new Date().toISOString().slice(0, 10),
    about:
      'CloudFormation registry, us-east-1: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-template-resource-type-ref.html',
  },
  types,
  createOnly,
};
writeFileSync(join(import.meta.dirname, 'aws.json'), formatted(constraints));

/** The constraints by property path: `ScalingConfig/MaxSize`, `Subnets` for the list, `Subnets/*` for its elements. */
function constraintsOf(resource: Resource): Record<string, Constraint> {
  const all: Record<string, Constraint> = {};
  const readOnly = new Set(resource.readOnlyProperties?.map(propertyPath));
  const walk = (path: string, schema: Schema, above: readonly string[]): void => {
    if (readOnly.has(path)) return;
    const name = schema.$ref?.split('/').at(-1);
    const referred = name === undefined ? undefined : resource.definitions?.[name];
    if (name !== undefined && referred && !above.includes(name)) walk(path, referred, [...above, name]);
    const found = Object.fromEntries(kept.flatMap((key) => (isKept(key, schema) ? [[key, schema[key]]] : [])));
    if (path !== '' && Object.keys(found).length > 0) all[path] = { ...all[path], ...found };
    for (const [property, inner] of Object.entries(schema.properties ?? {})) {
      if (!leftOut.includes(property)) walk(path === '' ? property : `${path}/${property}`, inner, above);
    }
    if (schema.items) walk(`${path}/*`, schema.items, above);
  };
  walk('', resource, []);
  return all;
}

/** The path of a JSON pointer such as `/properties/ScalingConfig`. */
function propertyPath(pointer: string): string {
  return pointer.replace('/properties/', '');
}

/** A minimum length or size of 0 constrains nothing. */
function isKept(key: (typeof kept)[number], schema: Schema): boolean {
  const value = schema[key];
  if (key === 'format') return formats.includes(String(value));
  return value !== undefined && !((key === 'minLength' || key === 'minItems') && value === 0);
}

/** One line per property, so that the diff of a renewal is readable. */
function formatted({ createOnly, source, types }: Constraints): string {
  const line = ([name, value]: [string, unknown]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`;
  const block = (lines: string[], indent: string) =>
    `{\n${lines.map((text) => `${indent}  ${text}`).join(',\n')}\n${indent}}`;
  const each = Object.entries(types).map(
    ([type, properties]) => `${JSON.stringify(type)}: ${block(Object.entries(properties).map(line), '    ')}`,
  );
  const parts = [
    `"source": ${block(Object.entries(source).map(line), '  ')}`,
    `"types": ${block(each, '  ')}`,
    `"createOnly": ${block(Object.entries(createOnly).map(line), '  ')}`,
  ];
  return `${block(parts, '')}\n`;
}

function packageVersion(path: string): string {
  const info = readdirSync(path).find((name) => /^cfn_lint-.*\.dist-info$/.test(name));
  if (info === undefined) throw new Error(`${path} has no cfn-lint`);
  return info.replace('cfn_lint-', '').replace('.dist-info', '');
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8'));
}
