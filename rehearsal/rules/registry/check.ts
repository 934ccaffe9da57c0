import type { Value, Values } from '../change.ts';
import { parseBlock } from '../network/address.ts';
import { type Problem, type Rule, valueRule } from '../rule.ts';
import { isBlock, isScalar } from '../values.ts';
import type { Constraint } from './constraint.ts';
import { compile, constraintOf, registry } from './constraints.ts';

/**
 * Lengths, patterns, ranges and enumerations that AWS publishes. The wording is that of AWS's request validation; some
 * services word it differently.
 */
export const registryRule: Rule = valueRule({
  id: 'registry',
  types: '*',
  source: `${registry.source.about}, as of ${registry.source.schemas}`,
  check: (after, _, { type }) => [...problemsIn(type, after)],
});

/** Paths of all arguments of a resource that have a constraint, without indexes. */
export function constrained(type: string, values: Values): string[] {
  return [...new Set([...walk(values)].map(({ names }) => names.join('.')))].filter(
    (path) => constraintOf(type, path) !== undefined,
  );
}

interface Place {
  readonly names: readonly string[];
  readonly path: string;
  readonly value: Value;
}

function* problemsIn(type: string, values: Values): Iterable<Problem> {
  for (const place of walk(values)) {
    const constraint = constraintOf(type, place.names.join('.'));
    if (!constraint) continue;
    for (const wrong of violations(constraint, place.value)) {
      const shown = Array.isArray(place.value) ? `of ${place.value.length}` : `'${String(place.value)}'`;
      yield {
        code: 'ValidationException',
        message: `1 validation error detected: Value ${shown} at '${place.path}' failed to satisfy constraint: Member must ${wrong}`,
        path: place.path,
      };
    }
  }
}

/** Every list and every known scalar, with its path. Tags have their own rule. */
function* walk(values: Values, names: readonly string[] = [], path = ''): Iterable<Place> {
  for (const [name, value] of Object.entries(values)) {
    if (name === 'tags' || name === 'tags_all' || value === undefined) continue;
    yield* walkValue(value, [...names, name], path === '' ? name : `${path}.${name}`);
  }
}

function* walkValue(value: Value, names: readonly string[], path: string): Iterable<Place> {
  if (isScalar(value)) yield { names, path, value };
  else if (Array.isArray(value)) {
    yield { names, path, value };
    for (const [index, element] of value.entries()) yield* walkValue(element, names, `${path}[${index}]`);
  } else if (isBlock(value)) yield* walk(value, names, path);
}

function violations(constraint: Constraint, value: Value): string[] {
  const { maxItems = Infinity, minItems = 0 } = constraint;
  if (Array.isArray(value)) {
    if (value.length > maxItems) return [`have length less than or equal to ${maxItems}`];
    return value.length < minItems ? [`have length greater than or equal to ${minItems}`] : [];
  }
  if (typeof value !== 'string' && typeof value !== 'number') return [];
  return [...textViolations(constraint, String(value)), ...numberViolations(constraint, Number(value))];
}

function textViolations(constraint: Constraint, value: string): string[] {
  const { enumCaseInsensitive, format, maxLength = Infinity, minLength = 0, pattern } = constraint;
  // AWS counts code points, JavaScript's length counts UTF-16 units.
  const length = [...value].length;
  const values = constraint.enum?.map(String);
  const insensitive = enumCaseInsensitive?.map((one) => one.toLowerCase());
  return [
    length > maxLength && `have length less than or equal to ${maxLength}`,
    length < minLength && `have length greater than or equal to ${minLength}`,
    pattern !== undefined && !compile(pattern).test(value) && `satisfy regular expression pattern: ${pattern}`,
    values && !values.includes(value) && `satisfy enum value set: [${values.join(', ')}]`,
    insensitive && !insensitive.includes(value.toLowerCase()) && `satisfy enum value set: [${insensitive.join(', ')}]`,
    format === 'ipv4-network' && !parseBlock(value) && 'be a block of IPv4 addresses, such as 10.0.0.0/16',
  ].filter((wrong) => typeof wrong === 'string');
}

function numberViolations({ maximum = Infinity, minimum = -Infinity }: Constraint, value: number): string[] {
  if (value > maximum) return [`have value less than or equal to ${maximum}`];
  return value < minimum ? [`have value greater than or equal to ${minimum}`] : [];
}
