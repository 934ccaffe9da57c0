import { expect, test } from '@jest/globals';
import { readSchemas, type Block as Schema } from '../../rehearsal/provider/schema.ts';
import { type Block, synthesise, synthesiseBootstrap } from './support/synthesised.ts';

const schemas = [...readSchemas().values()];
const schemaOf = (type: string): Schema => {
  const block = schemas.flatMap(({ resource_schemas }) => resource_schemas?.[type]?.block ?? [])[0];
  if (!block) throw new Error(`There is no schema of ${type}`);
  return block;
};

/** The attributes that the provider marks as sensitive and that end up in the state: those that are given, or computed. */
function sensitive({ attributes = {}, block_types = {} }: Schema, given: Block): string[] {
  const below = (name: string, schema: Schema) =>
    [given[name] ?? []].flat().flatMap((inner) => sensitive(schema, inner).map((path) => `${name}.${path}`));
  return [
    ...Object.entries(attributes).flatMap(([name, { computed, nested_type: nested, sensitive, write_only }]) =>
      sensitive && !write_only && (name in given || computed) ? [name] : nested ? below(name, nested) : [],
    ),
    ...Object.entries(block_types).flatMap(([name, { block = {} }]) => below(name, block)),
  ];
}

test.each([
  ['dev', () => synthesise('dev')],
  ['prd', () => synthesise('prd')],
  ['bootstrap', () => synthesiseBootstrap({ imageRegistry: 'ecr' })],
])('no resource of %s has a sensitive value, which the state would hold', (_, build) => {
  const stack = build();
  const resources = stack.types.flatMap((type) => stack.some(type).map((block) => ({ type, block })));
  expect(resources.length).toBeGreaterThan(10);
  const found = resources.flatMap(({ type, block }) =>
    sensitive(schemaOf(type), block).map((path) => `${block.address} ${path}`),
  );
  expect(found).toEqual([]);
});
