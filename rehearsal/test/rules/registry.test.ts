import { expect, test } from '@jest/globals';
import { compile, registry } from '../../rules/registry/constraints.ts';
import { exceptions } from '../../rules/registry/exceptions.ts';
import { keyOf, mappings, registryTypes } from '../../rules/registry/mapping.ts';

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
