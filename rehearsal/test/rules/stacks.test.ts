import { describe, expect, test } from '@jest/globals';
import { refusalsOf } from '../../rules/index.ts';
import { constrained } from '../../rules/registry/check.ts';
import { mappings, unmapped } from '../../rules/registry/mapping.ts';
import { refusedInLife } from './life.ts';
import { creations, stacks } from './stacks.ts';

const synthesised = stacks.map(([name, stackOf]) => {
  const stack = stackOf();
  return { name, stack, changes: creations(stack) };
});
const all = synthesised.flatMap(({ changes }) => changes);

describe.each(synthesised)('$name', ({ changes, stack }) => {
  test('has a first plan without refusals', () => {
    expect(changes.length).toBeGreaterThan(10);
    const refused = changes.flatMap((change) =>
      refusalsOf(change, []).map(({ code, message }) => `${change.type}: ${code}: ${message}`),
    );
    expect(refused).toEqual([]);
  });

  test('is created and destroyed without refusals', () => {
    expect(refusedInLife(stack)).toEqual([]);
  });
});

test('every type of AWS in use is mapped to the registry, or has a reason why not', () => {
  const types = new Set(all.map(({ type }) => type).filter((type) => type.startsWith('aws_')));
  expect(types.size).toBeGreaterThan(65);
  expect([...types].filter((type) => !(type in mappings) && !(type in unmapped))).toEqual([]);
  expect([...Object.keys(mappings), ...Object.keys(unmapped)].filter((type) => !types.has(type))).toEqual([]);
  expect(Object.keys(unmapped)).toEqual([
    'aws_acm_certificate_validation',
    'aws_autoscaling_group_tag',
    'aws_default_security_group',
    'aws_ec2_tag',
    'aws_s3_object',
  ]);
});

test('many arguments of the stacks have constraints', () => {
  const judged = all.flatMap(({ after, type }) => constrained(type, after ?? {}).map((path) => `${type}.${path}`));
  expect(new Set(judged).size).toBeGreaterThan(150);
});
