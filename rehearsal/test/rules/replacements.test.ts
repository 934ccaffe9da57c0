import { describe, expect, test } from '@jest/globals';
import { readSchemas } from '../../provider/schema.ts';
import { alsoReplacing, isListed, notReplacing, replacedBy } from '../../rules/registry/replacements.ts';

describe('A change of', () => {
  test.each([
    ['the block of a network', 'aws_vpc', { cidr_block: '10.0.0.0/16' }, { cidr_block: '10.1.0.0/16' }, ['cidr_block']],
    ['tags', 'aws_vpc', { tags: { Name: 'one' } }, { tags: { Name: 'two' } }, []],
    ['the prefix of a name', 'aws_security_group', { name_prefix: 'one-' }, { name_prefix: 'two-' }, ['name_prefix']],
    ['the port of a target group', 'aws_lb_target_group', { port: 80 }, { port: 81 }, ['port']],
    [
      "a node group's template",
      'aws_eks_node_group',
      { launch_template: [{ id: 'one', version: '1' }] },
      { launch_template: [{ id: 'two', version: '1' }] },
      ['launch_template'],
    ],
    [
      "the version of a node group's template",
      'aws_eks_node_group',
      { launch_template: [{ id: 'one', version: '1' }] },
      { launch_template: [{ id: 'one', version: '2' }] },
      [],
    ],
    [
      'the name of a namespace',
      'kubernetes_namespace_v1',
      { metadata: [{ name: 'one' }] },
      { metadata: [{ name: 'two' }] },
      ['metadata'],
    ],
    ['a port that a security group opens', 'aws_vpc_security_group_ingress_rule', { to_port: 1 }, { to_port: 2 }, []],
  ])('%s', (_, type, before, after, replaced) => {
    expect(replacedBy(type, before, after)).toEqual(replaced);
    expect(replacedBy(type, before, before)).toEqual([]);
  });
});

test('every difference from the registry is one, and about an argument that there is', () => {
  const schemas = [...readSchemas().values()].flatMap((each) => Object.entries(each.resource_schemas ?? {}));
  const known = new Map(schemas);
  const differences = [
    ...alsoReplacing.map((difference) => ({ ...difference, listed: false })),
    ...notReplacing.map((difference) => ({ ...difference, listed: true })),
  ];
  const wrong = differences.flatMap(({ listed, paths, type }) =>
    paths.filter((path) => {
      const [name = ''] = path.split('.');
      const block = known.get(type)?.block;
      const exists = name in (block?.attributes ?? {}) || name in (block?.block_types ?? {});
      return !exists || isListed(type, path) !== listed;
    }),
  );
  expect([differences.length > 20, wrong]).toEqual([true, []]);
});
