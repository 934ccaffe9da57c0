import type { Change, Refusal, Resource, Values } from './change.ts';

/** A refusal by a rule. The source is the rule's. */
export type Problem = Omit<Refusal, 'source'>;

/** A check for one reason why AWS refuses changes. */
export interface Rule {
  /** Unique, such as `load-balancer-name`. */
  readonly id: string;
  /** Resource types that it applies to, or `*`. */
  readonly types: readonly string[] | '*';
  /** URL or name of the document that says so. */
  readonly source: string;
  /** Returns nothing for valid or unknown values. */
  readonly check: (change: Change, world: readonly Resource[]) => readonly Problem[];
}

/** A rule about the values of a created or updated resource. */
export function valueRule(
  rule: Omit<Rule, 'check'> & {
    readonly check: (after: Values, world: readonly Resource[], change: Change) => Problem[];
  },
): Rule {
  const { check, ...rest } = rule;
  return {
    ...rest,
    check: (change, world) => (change.action === 'delete' || !change.after ? [] : check(change.after, world, change)),
  };
}

/** A rule about deletions. It applies in an apply only: a plan can delete what is in the way first. */
export function deleteRule(
  rule: Omit<Rule, 'check'> & {
    readonly check: (before: Values, world: readonly Resource[], change: Change) => Problem[];
  },
): Rule {
  const { check, ...rest } = rule;
  return {
    ...rest,
    check: (change, world) =>
      change.action === 'delete' && change.phase === 'apply' && change.before
        ? check(change.before, world, change)
        : [],
  };
}

/** Whether a rule applies to a resource type. */
export const applies = (rule: Rule, type: string): boolean => rule.types === '*' || rule.types.includes(type);
