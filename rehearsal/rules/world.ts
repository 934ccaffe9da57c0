import type { Change, Resource, Values } from './change.ts';
import { texts } from './values.ts';

/** The live resources of a type, without the one that changes. */
export function others(world: readonly Resource[], type: string, change: Change): readonly Values[] {
  const own = change.type === type ? change.before : undefined;
  return world
    .filter((resource) => resource.type === type && resource.values !== own && !isSame(resource.values, own))
    .map(({ values }) => values);
}

/** The live resource of a type with the given value of an argument. */
export const find = (world: readonly Resource[], type: string, argument: string, value: string): Values | undefined =>
  world.find((resource) => resource.type === type && resource.values[argument] === value)?.values;

/** The live subnets behind the known identifiers at a path. */
export const subnets = (world: readonly Resource[], values: Values, path: string): readonly Values[] =>
  texts(values, path)
    .map(({ value }) => find(world, 'aws_subnet', 'id', value))
    .filter((subnet) => subnet !== undefined);

function isSame(one: Values, other: Values | undefined): boolean {
  return other !== undefined && one.id !== undefined && one.id === other.id;
}
