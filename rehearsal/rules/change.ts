/** The vocabulary of the rules: what Terraform wants to change, and why AWS would refuse it. */

/** Stands for a value that is not known yet. In a plan, most references to other resources are. */
export const unknown: unique symbol = Symbol('known after apply');

/** A value of Terraform. Nested blocks are lists of objects, sets are lists, and `null` is an argument not given. */
export type Value = string | number | boolean | null | typeof unknown | readonly Value[] | Values;
export interface Values {
  readonly [name: string]: Value | undefined;
}

/** A change that a plan or an apply wants to make to a resource. Names and values are Terraform's: `aws_lb`, `name`. */
export interface Change {
  readonly action: 'create' | 'update' | 'delete';
  /** In a plan, some values are not known yet. In an apply, only those that AWS itself chooses. */
  readonly phase: 'plan' | 'apply';
  readonly type: string;
  /** The resource's values before an update or a delete. */
  readonly before?: Values;
  /**
   * The values that are wanted, for a create or an update. What AWS will choose stays `unknown`: a rehearsal's
   * invented values are no wish of anybody, and no rule may judge them.
   */
  readonly after?: Values;
}

/** A resource of the account: created, and not deleted since. Every value is known; `id` tells it from others. */
export interface Resource {
  readonly type: string;
  readonly values: Values;
}

/** Why AWS would refuse a change, in AWS's own words where they are known. */
export interface Refusal {
  /** AWS's error code, such as `DuplicateLoadBalancerName`. */
  readonly code: string;
  readonly message: string;
  /** Terraform's path of the argument, with indexes: `scaling_config[0].min_size`. */
  readonly path?: string;
  /** URL or name of the document that says so. */
  readonly source: string;
}
