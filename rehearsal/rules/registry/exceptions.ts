import type { Constraint } from './constraint.ts';

/** A constraint of the registry that is not applied. */
export interface Exception {
  readonly type: string;
  readonly property: string;
  readonly keyword: keyof Constraint;
  readonly reason: string;
}

/** Constraints that AWS's documentation contradicts, or that do not apply to Terraform's argument. */
export const exceptions: readonly Exception[] = [];
