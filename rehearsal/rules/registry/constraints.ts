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

/** Identifiers of other resources. AWS makes them, and a rehearsal invents them in a form of its own. */
const identifiers = /_(arn|arns|id|ids)$/;

/**
 * The constraint of an argument, unless it only says how AWS makes identifiers.
 *
 * @param type Terraform's
 * @param path Terraform's, without indexes: `scaling_config.min_size`
 */
export function constraintOf(type: string, path: string): Constraint | undefined {
  const mapping = mappings[type];
  const key = identifiers.test(path) ? undefined : mapping && keyOf(mapping, path);
  return key === undefined ? undefined : constraints.get(mapping?.type ?? '')?.get(key);
}

/** Patterns are JSON Schema's: they match a part, unless anchored. Those with classes of characters need `u`. */
export const compile = (pattern: string): RegExp =>
  // Java and Python write the end of the text as \Z.
  new RegExp(
    pattern.replaceAll('\\Z', () => '$'),
    pattern.includes('\\p{') ? 'u' : '',
  );

function withoutExceptions(type: string, property: string, constraint: Constraint): Constraint {
  const left = exceptions.filter((exception) => exception.type === type && exception.property === property);
  const keywords = new Set<string>(left.map(({ keyword }) => keyword));
  return Object.fromEntries(Object.entries(constraint).filter(([keyword]) => !keywords.has(keyword)));
}
