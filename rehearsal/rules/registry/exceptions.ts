import type { Constraint } from './constraint.ts';

/** A constraint of the registry that is not applied. */
export interface Exception {
  readonly type: string;
  readonly property: string;
  readonly keyword: keyof Constraint;
  readonly reason: string;
}

/** The constraints that AWS's own documentation contradicts, or that mean something else for Terraform's argument. */
export const exceptions: readonly Exception[] = [];
