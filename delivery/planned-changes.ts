import { createHash } from 'node:crypto';

/** Terraform's JSON form of a plan: https://developer.hashicorp.com/terraform/internals/json-format */
export interface Plan {
  readonly resource_changes?: readonly ResourceChange[];
  readonly output_changes?: Readonly<Record<string, Change>>;
}

interface ResourceChange {
  readonly address: string;
  readonly type: string;
  readonly change: Change;
}

interface Change {
  readonly actions: readonly string[];
  readonly before?: unknown;
  readonly after?: unknown;
  readonly after_unknown?: unknown;
  readonly before_sensitive?: unknown;
  readonly after_sensitive?: unknown;
}

export const kinds = ['create', 'update', 'replace', 'delete', 'forget'] as const;
export type Kind = (typeof kinds)[number];

/** One resource that a plan changes. */
export interface Planned {
  readonly kind: Kind;
  readonly address: string;
  readonly type: string;
}

/** The resources that a plan changes, without those that it only reads or leaves as they are. */
export function changesOf({ resource_changes = [] }: Plan): Planned[] {
  return resource_changes.flatMap(({ address, type, change }) => {
    const kind = kindOf(change.actions);
    return kind ? [{ kind, address, type }] : [];
  });
}

/** Whether there is anything to apply. A changed output is enough. */
export function changesAnything(plan: Plan): boolean {
  return changesOf(plan).length > 0 || Object.values(plan.output_changes ?? {}).some(({ actions }) => kindOf(actions));
}

function kindOf(actions: readonly string[]): Kind | undefined {
  if (actions.length === 2) return 'replace';
  return kinds.find((kind) => kind === actions[0]);
}

/**
 * Identifies a plan: a SHA-256 hash, in hexadecimal, of the changes and their values. Sensitive values are left out,
 * because a short secret could be guessed from its hash.
 */
export function fingerprint({ resource_changes = [], output_changes = {} }: Plan): string {
  const resources = resource_changes
    .filter(({ change }) => kindOf(change.actions))
    .map(({ address, change }) => [address, comparable(change)] as const)
    .toSorted(([one], [other]) => (one < other ? -1 : 1));
  const outputs = Object.entries(output_changes)
    .filter(([, change]) => kindOf(change.actions))
    .map(([name, change]) => [name, comparable(change)] as const);
  return createHash('sha256').update(JSON.stringify({ resources, outputs })).digest('hex');
}

function comparable(change: Change): unknown {
  const { actions, after, after_sensitive, after_unknown, before, before_sensitive } = change;
  return { actions, before: mask(before, before_sensitive), after: mask(after, after_sensitive), after_unknown };
}

/** The value without its sensitive parts. Terraform marks them in a structure parallel to the value. */
function mask(value: unknown, sensitive: unknown): unknown {
  if (sensitive === true) return '(sensitive)';
  if (typeof value !== 'object' || value === null || typeof sensitive !== 'object' || sensitive === null) return value;
  const marks = sensitive as Readonly<Record<string, unknown>>;
  if (Array.isArray(value)) return value.map((item, index) => mask(item, marks[index]));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mask(item, marks[key])]));
}
