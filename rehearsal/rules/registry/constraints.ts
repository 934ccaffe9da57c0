import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Constraint, Constraints } from './constraint.ts';
import { exceptions } from './exceptions.ts';
import { keyOf, mappings, registryKey } from './mapping.ts';

/** The registry's constraints, as extracted. */
export const registry: Constraints = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../constraints/aws.json'), 'utf8'),
);

const constraints = new Map(
  Object.entries(registry.types).map(([type, properties]) => {
    const byKey = new Map<string, Constraint>();
    for (const [property, constraint] of Object.entries(properties)) {
      const key = registryKey(property);
      byKey.set(key, { ...byKey.get(key), ...withoutExceptions(type, property, constraint) });
    }
    return [type, byKey];
  }),
);

/** References to other resources. A rehearsal invents these values in its own format. */
const identifiers = /_(arn|arns|id|ids)$/;

/**
 * The constraint of an argument, or undefined if it has none or refers to another resource.
 *
 * @param type Terraform's
 * @param path Terraform's, without indexes: `scaling_config.min_size`
 */
export function constraintOf(type: string, path: string): Constraint | undefined {
  const mapping = mappings[type];
  const key = identifiers.test(path) ? undefined : mapping && keyOf(mapping, path);
  return key === undefined ? undefined : constraints.get(mapping?.type ?? '')?.get(key);
}

/** Compiles a pattern of the registry. Unanchored patterns match a part, as in JSON Schema. */
export const compile = (pattern: string): RegExp =>
  // `\Z` is the end of the text in Java and Python. Unicode property classes need the flag `u`.
  new RegExp(
    pattern.replaceAll('\\Z', () => '$'),
    pattern.includes('\\p{') ? 'u' : '',
  );

function withoutExceptions(type: string, property: string, constraint: Constraint): Constraint {
  const left = exceptions.filter((exception) => exception.type === type && exception.property === property);
  const keywords = new Set<string>(left.map(({ keyword }) => keyword));
  return Object.fromEntries(Object.entries(constraint).filter(([keyword]) => !keywords.has(keyword)));
}
