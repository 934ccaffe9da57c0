/**
 * The boundary between the stand-in providers and the rules of what AWS refuses. There are no rules yet, so nothing is
 * refused.
 */

/** A value that is not known yet. In a plan, most references to other resources are. */
export const unknown: unique symbol = Symbol('known after apply');

/** A value of Terraform. Nested blocks are lists of objects, sets are lists, and `null` is an argument not given. */
export type Value = string | number | boolean | null | typeof unknown | readonly Value[] | Values;

export interface Values {
  readonly [name: string]: Value | undefined;
}

/** A change that a plan or an apply wants to make to a resource. */
export interface Change {
  readonly action: 'create' | 'update' | 'delete';
  readonly phase: 'plan' | 'apply';
  /** Terraform's type, such as `aws_lb`. */
  readonly type: string;
  /** The resource's values before an update or a delete. */
  readonly before?: Values;
  /** The wanted values, for a create or an update. Values that AWS chooses are `unknown`, also in an apply. */
  readonly after?: Values;
}

/** A resource of the rehearsed account: created, and not deleted since. */
export interface Resource {
  readonly type: string;
  readonly values: Values;
}

/** Why AWS would refuse a change. */
export interface Refusal {
  /** AWS's error code. */
  readonly code: string;
  readonly message: string;
  /** Terraform's path of the argument, such as `scaling_config[0].min_size`. */
  readonly path?: string;
  /** URL or name of the document that says so. */
  readonly source: string;
}

/** What AWS would refuse about a change to an account with these resources. */
export function refusalsOf(_change: Change, _world: readonly Resource[]): Refusal[] {
  return [];
}
