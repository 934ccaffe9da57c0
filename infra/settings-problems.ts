import type { Text } from 'command-line';
import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { texts } from './command-texts.ts';

/** The parts of a schema that a message needs. `is` says what the value has to be. */
interface Schema {
  readonly is?: Text;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly [keyword: string]: unknown;
}

type Found = ReturnType<typeof Value.Errors>[number];

/**
 * Finds what is wrong with invalid settings: one sentence for each value. TypeBox stops after eight errors.
 *
 * @param variableOf the environment variable that gave a setting, if one did
 */
export function findProblems(
  schema: TSchema,
  settings: unknown,
  variableOf: (setting: string) => string | undefined,
): Text[] {
  const problems = Value.Errors(schema, settings).flatMap((error) =>
    describe(error, schema as Schema, settings, variableOf),
  );
  // A value that fits none of several forms is reported once for each.
  return [...new Map(problems.map((problem) => [problem.en, problem])).values()];
}

function describe(
  { instancePath, keyword, params, schemaPath }: Found,
  root: Schema,
  settings: unknown,
  variableOf: (setting: string) => string | undefined,
): Text[] {
  const path = instancePath
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  const schemas = schemasAt(root, schemaPath);
  const name = (...more: string[]) => nameOf([...path, ...more], variableOf);
  switch (keyword) {
    // Each wrong key is an error of its own, and then one of the object.
    case 'additionalProperties':
    case 'propertyNames':
      return [];
    // The schema of unknown keys is `false`.
    case 'boolean': {
      const known = Object.keys(schemas.at(-2)?.properties ?? {});
      const [parent, key] = [path.slice(0, -1), path.at(-1) ?? ''];
      return [texts.settings.unknown(name(), nameOf([...parent, closest(key, known)]))];
    }
    case 'required':
      return ((params as { requiredProperties?: string[] }).requiredProperties ?? []).map((key) =>
        texts.settings.missing(name(key), expectedBy([schemas.at(-1)?.properties?.[key]], schemaPath)),
      );
    default: {
      const expected = expectedBy(schemas, schemaPath);
      // Of a key there is no value: what is wrong is its name.
      const isKey = schemaPath.endsWith('/propertyNames');
      return isKey
        ? [texts.settings.isNot(nameOf(path.slice(0, -1), variableOf), JSON.stringify(path.at(-1)), expected)]
        : [texts.settings.isNot(name(), JSON.stringify(at(settings, path)), expected)];
    }
  }
}

/** The schemas from the root to a path such as `#/properties/alerts/patternProperties/^.*$`. */
function schemasAt(root: Schema, path: string): Schema[] {
  const schemas = [root];
  for (const key of path.split('/').slice(1)) schemas.push(schemas.at(-1)?.[key] as Schema);
  return schemas;
}

/** What the innermost of the schemas that says so expects. @throws Error if none does: a wrong value must not pass */
function expectedBy(schemas: readonly (Schema | undefined)[], path: string): Text {
  const expected = schemas.findLast((schema) => schema?.is !== undefined)?.is;
  if (!expected) throw new Error(`The schema ${path} does not say what the setting is`);
  return expected;
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce((inner: unknown, key) => (inner as Readonly<Record<string, unknown>> | undefined)?.[key], value);
}

/** The name of a setting as people write it: `"alerts.api[0]"`, or that of the variable: `INFRA_ALERTS.api[0]`. */
function nameOf([setting = '', ...inner]: readonly string[], variableOf?: (setting: string) => string | undefined) {
  const rest = inner.map((key) => (/^\d+$/.test(key) ? `[${key}]` : `.${key}`)).join('');
  const variable = variableOf?.(setting);
  return variable ? `${variable}${rest}` : `"${setting}${rest}"`;
}

function closest(name: string, known: readonly string[]): string {
  return known.toSorted((one, other) => distance(name, one) - distance(name, other))[0] ?? '';
}

/** Levenshtein's distance: the least number of letters to add, remove or change. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...one].entries()) {
    const next = [index + 1];
    for (const [column, otherLetter] of [...other].entries()) {
      const changed = (row[column] ?? 0) + Number(letter !== otherLetter);
      next.push(Math.min(changed, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
