import type { Change, Resource, Values } from '../../../rules/change.ts';

/** A change that AWS refuses, and a similar one that AWS accepts. */
export interface Fault {
  /** Identifier of the rule that catches it. */
  readonly rule: string;
  /** What is wrong, as the subject of "… is refused". */
  readonly wrong: string;
  readonly change: Change;
  readonly world: readonly Resource[];
  readonly right: { readonly change: Change; readonly world: readonly Resource[] };
}

/** A new resource with invalid values, and one with valid values. */
export function value(
  rule: string,
  wrong: string,
  type: string,
  values: Values,
  right: Values,
  world: readonly Resource[] = [],
): Fault {
  return { rule, wrong, change: create(type, values), world, right: { change: create(type, right), world } };
}

/** A new resource that conflicts with the live resources, and live resources without the conflict. */
export function creation(
  rule: string,
  wrong: string,
  type: string,
  values: Values,
  world: readonly Resource[],
  right: readonly Resource[] = [],
): Fault {
  const change = create(type, values);
  return { rule, wrong, change, world, right: { change, world: right } };
}

/** An update that is refused, and one from the same values that is accepted. */
export function update(
  rule: string,
  wrong: string,
  type: string,
  before: Values,
  after: Values,
  right: Values,
  world: readonly Resource[] = [],
): Fault {
  const to = (values: Values): Change => ({ action: 'update', phase: 'apply', type, before, after: values });
  return { rule, wrong, change: to(after), world, right: { change: to(right), world } };
}

/** A deletion that the live resources prevent, and live resources that allow it. */
export function deletion(
  rule: string,
  wrong: string,
  type: string,
  before: Values,
  world: readonly Resource[],
  right: readonly Resource[] = [],
): Fault {
  const change: Change = { action: 'delete', phase: 'apply', type, before };
  return { rule, wrong, change, world, right: { change, world: right } };
}

/** A live resource. */
export const live = (type: string, values: Values): Resource => ({ type, values });

export const create = (type: string, after: Values): Change => ({ action: 'create', phase: 'apply', type, after });
