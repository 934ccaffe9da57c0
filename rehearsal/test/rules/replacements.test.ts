import { describe, expect, test } from '@jest/globals';
import { type Block, readSchemas } from '../../provider/schema.ts';
import { constraintOf } from '../../rules/registry/constraints.ts';
import { mappings } from '../../rules/registry/mapping.ts';
import { alsoReplacing, isCreateOnly, isListed, notReplacing, replacedBy } from '../../rules/registry/replacements.ts';

const schemas = [...readSchemas().values()].flatMap((each) => Object.entries(each.resource_schemas ?? {}));
const known = new Map(schemas);

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

/** The paths of all arguments, and of those within blocks. Firewalls have thousands below. */
const pathsOf = ({ attributes = {}, block_types = {} }: Block, depth = 1): string[] => [
  ...Object.keys(attributes),
  ...Object.entries(block_types).flatMap(([name, { block = {} }]) => [
    name,
    ...(depth === 0 ? [] : pathsOf(block, depth - 1)).map((path) => `${name}.${path}`),
  ]),
];

test('the arguments that a resource keeps for life, and those that have a constraint, are those in the snapshot', () => {
  const types = new Set([...Object.keys(mappings), ...alsoReplacing.map(({ type }) => type)]);
  const text = [...types].toSorted().flatMap((type) => {
    const paths = pathsOf(known.get(type)?.block ?? {}).toSorted();
    return [
      `${type} keeps ${paths.filter((path) => isCreateOnly(type, path)).join(' ')}`,
      `  constraints: ${paths.filter((path) => Object.keys(constraintOf(type, path) ?? {}).length > 0).join(' ')}`,
    ];
  });
  expect(text.join('\n')).toMatchSnapshot();
});
