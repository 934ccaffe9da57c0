/** The input and output of the rules. */

/** A value that is not known yet, such as a reference to another resource in a plan. */
export const unknown: unique symbol = Symbol('known after apply');

/** A Terraform value. Nested blocks are lists of objects, sets are lists, and `null` is an unset argument. */
export type Value = string | number | boolean | null | typeof unknown | readonly Value[] | Values;
export interface Values {
  readonly [name: string]: Value | undefined;
}

/** A change of a resource by a plan or an apply. Names and values are Terraform's: `aws_lb`, `name`. */
export interface Change {
  readonly action: 'create' | 'update' | 'delete';
  /** In a plan, references can be unknown. In an apply, only values that AWS chooses are. */
  readonly phase: 'plan' | 'apply';
  readonly type: string;
  /** The resource's values before an update or a delete. */
  readonly before?: Values;
  /**
   * The wanted values, of a create or update. Values that AWS chooses stay `unknown`, also in an apply: those that a
   * rehearsal invents must not be checked.
   */
  readonly after?: Values;
}

/**
 * A live resource: created and not deleted. All its values are known, `id` identifies it, and `region` is that of its
 * provider, unless the service is global.
 */
export interface Resource {
  readonly type: string;
  readonly values: Values;
}

/** Why AWS would refuse a change, in AWS's words where they are known. */
export interface Refusal {
  /** AWS's error code, such as `DuplicateLoadBalancerName`. */
  readonly code: string;
  readonly message: string;
  /** Terraform's path of the argument, with indexes: `scaling_config[0].min_size`. */
  readonly path?: string;
  /** URL or name of the document that says so. */
  readonly source: string;
}
