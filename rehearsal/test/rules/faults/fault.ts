import type { Change, Resource, Values } from '../../../rules/change.ts';

/** A change that AWS refuses, and its neighbour that AWS makes. */
export interface Fault {
  /** The rule that sees it. */
  readonly rule: string;
  /** What is wrong, to complete "refuses …". */
  readonly wrong: string;
  readonly change: Change;
  readonly world: readonly Resource[];
  readonly right: { readonly change: Change; readonly world: readonly Resource[] };
}

/** Values that are wrong in a new resource. */
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

/** A new resource for which the account has no room, and an account that has. */
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

/** A change of values, from one state to the next. */
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

/** A deletion that the account does not allow, and an account that does. */
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
