import { expect, test } from '@jest/globals';
import { type Block, readSchemas } from '../../provider/schema.ts';
import type { Value, Values } from '../../rules/change.ts';
import { registryRule } from '../../rules/registry/check.ts';
import type { Constraint } from '../../rules/registry/constraint.ts';
import { compile, constraintOf, registry } from '../../rules/registry/constraints.ts';
import { exceptions } from '../../rules/registry/exceptions.ts';
import { keyOf, mappings, registryTypes } from '../../rules/registry/mapping.ts';
import { create } from './faults/fault.ts';

const schemas = [...readSchemas().values()].flatMap((each) => Object.entries(each.resource_schemas ?? {}));
const patterns = Object.values(registry.types).flatMap((properties) =>
  Object.values(properties).flatMap(({ pattern }) => pattern ?? []),
);

test('has constraints of every mapped type, with package and dates', () => {
  expect(Object.keys(registry.types)).toEqual(registryTypes());
  expect(registry.source.package).toMatch(/^cfn-lint \d+\.\d+\.\d+ \(PyPI\)$/);
  expect([registry.source.schemas, registry.source.extracted]).toEqual([
    expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
    expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
  ]);
  const count = Object.values(registry.types).reduce((sum, properties) => sum + Object.keys(properties).length, 0);
  expect(count).toBeGreaterThan(800);
});

test('compiles every pattern', () => {
  expect(patterns.length).toBeGreaterThan(100);
  const wrong = patterns.filter((pattern) => {
    // JavaScript silently reads the escapes of other languages as plain letters.
    if (/\\[AzhGQEKR]|\(\?[a-z]|[*+?}]\+/.test(pattern)) return true;
    try {
      compile(pattern);
      return false;
    } catch {
      return true;
    }
  });
  expect(wrong).toEqual([]);
});

test('reads \\Z as the end of the text', () => {
  expect(compile('^a\\Z').test('a')).toBe(true);
  expect(compile('^a\\Z').test('aZ')).toBe(false);
});

/** A value of a constraint that may be given, and one that may not, with what it is refused for. */
type Ends = readonly [right: Value, wrong: Value, says: string];
const list = (length: number) => Array.from({ length }, () => 'a');
const endsOf = (constraint: Constraint): readonly Ends[] => {
  const { enum: all, maximum, maxItems, maxLength, minimum, minItems, minLength } = constraint;
  return [
    ...(minItems ? [[list(minItems), list(minItems - 1), 'have length greater than'] as const] : []),
    ...(maxItems === undefined ? [] : [[list(maxItems), list(maxItems + 1), 'have length less than'] as const]),
    ...(minLength ? [['a'.repeat(minLength), 'a'.repeat(minLength - 1), 'have length greater than'] as const] : []),
    // Letters outside the first 65,536 count as one.
    ...(maxLength === undefined || maxLength > 100_000
      ? []
      : [['😀'.repeat(maxLength), 'a'.repeat(maxLength + 1), 'have length less than'] as const]),
    ...(minimum === undefined ? [] : [[minimum, minimum - 1, 'have value greater than'] as const]),
    ...(maximum === undefined ? [] : [[maximum, maximum + 1, 'have value less than'] as const]),
    ...(all ?? []).map((one) => [one, `${one}x`, 'satisfy enum value set'] as const),
  ];
};

test('each argument with a constraint is accepted at its ends, and refused beyond them', () => {
  const counts: Record<string, number> = {};
  for (const [type, { block }] of schemas.filter(([type]) => type in mappings)) {
    for (const path of block ? pathsOf(block) : []) {
      const constraint = constraintOf(type, path);
      for (const [right, wrong, says] of constraint ? endsOf(constraint) : []) {
        const refusals = (value: Value) =>
          registryRule
            .check(create(type, within(path.split('.'), value)), [])
            .filter((one) => one.path?.replaceAll('[0]', '') === path && one.message.includes(`Member must ${says}`));
        expect([type, path, says, refusals(right).length, refusals(wrong).length]).toEqual([type, path, says, 0, 1]);
        counts[says] = (counts[says] ?? 0) + 1;
      }
    }
  }
  expect(Object.keys(counts)).toHaveLength(5);
  for (const count of Object.values(counts)) expect(count).toBeGreaterThan(10);
});

/** Each argument, with those in blocks. */
function pathsOf({ attributes = {}, block_types = {} }: Block): string[] {
  return [
    ...Object.keys(attributes),
    ...Object.entries(block_types).flatMap(([name, { block }]) => [
      name,
      ...(block ? pathsOf(block) : []).map((path) => `${name}.${path}`),
    ]),
  ];
}

function within([first = '', ...rest]: readonly string[], value: Value): Values {
  return { [first]: rest.length === 0 ? value : [within(rest, value)] };
}

test('exceptions exist in the registry and have a reason', () => {
  for (const { keyword, property, reason, type } of exceptions) {
    expect(registry.types[type]?.[property]).toHaveProperty(keyword);
    expect(reason).not.toBe('');
  }
});

test('finds arguments in the registry by name and by exception', () => {
  const key = (type: string, path: string) => {
    const mapping = mappings[type];
    return mapping && keyOf(mapping, path);
  };
  expect(key('aws_db_instance', 'db_subnet_group_name')).toBe('dbsubnetgroupname');
  expect(key('aws_eks_cluster', 'vpc_config.subnet_ids')).toBe('resourcesvpcconfig/subnetids');
  expect(key('aws_launch_template', 'metadata_options.http_tokens')).toBe(
    'launchtemplatedata/metadataoptions/httptokens',
  );
  expect(key('aws_launch_template', 'name')).toBe('launchtemplatename');
  expect(key('aws_cloudwatch_event_target', 'input_transformer.input_paths')).toBeUndefined();
});
