import type { Change, Refusal, Resource } from './change.ts';

/** What a rule found. Its source is the rule's. */
export type Problem = Omit<Refusal, 'source'>;

/** One thing that AWS refuses. */
export interface Rule {
  /** Short and unique, for tests and counts: `load-balancer-name`. */
  readonly id: string;
  /** Types of resource whose changes it judges, or `*`. */
  readonly types: readonly string[] | '*';
  /** URL or name of the document that says so. */
  readonly source: string;
  /** Returns nothing for what AWS takes, and for what is not known yet. */
  readonly check: (change: Change, world: readonly Resource[]) => readonly Problem[];
}

/** A rule about the wanted values, whether they are of a new resource or of one that changes. */
export function valueRule(
  rule: Omit<Rule, 'check'> & {
    readonly check: (after: NonNullable<Change['after']>, world: readonly Resource[], change: Change) => Problem[];
  },
): Rule {
  const { check, ...rest } = rule;
  return {
    ...rest,
    check: (change, world) => (change.action === 'delete' || !change.after ? [] : check(change.after, world, change)),
  };
}

/** A rule about deletions, at the moment when they are made: in a plan, what is in the way may be deleted too. */
export function deleteRule(
  rule: Omit<Rule, 'check'> & {
    readonly check: (before: NonNullable<Change['before']>, world: readonly Resource[], change: Change) => Problem[];
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

/** Rules for the types of one service. */
export const applies = (rule: Rule, type: string): boolean => rule.types === '*' || rule.types.includes(type);
