import { createHash } from 'node:crypto';
import { type Difference, differencesOf, type Values } from './differences.ts';

/** Terraform's JSON form of a plan: https://developer.hashicorp.com/terraform/internals/json-format */
export interface Plan {
  readonly resource_changes?: readonly ResourceChange[];
  readonly output_changes?: Readonly<Record<string, Change>>;
}

interface ResourceChange {
  readonly address: string;
  /** Where the state has the resource, if a `moved` block gives it another address. */
  readonly previous_address?: string;
  /** The key of a replaced object that is still to be deleted. */
  readonly deposed?: string;
  readonly type: string;
  readonly action_reason?: string;
  readonly change: Change;
}

interface Change extends Values {
  readonly actions: readonly string[];
  /** Paths of the arguments that force a replacement. */
  readonly replace_paths?: readonly (readonly (string | number)[])[];
  /** A resource that Terraform takes over. */
  readonly importing?: { readonly id?: string };
}

export const kinds = ['create', 'update', 'replace', 'delete', 'move', 'import', 'forget'] as const;
export type Kind = (typeof kinds)[number];

/** Whether the resource that was there before is gone afterwards. */
export const isGone = (kind: Kind): boolean => kind === 'delete' || kind === 'replace';

/** One resource that a plan changes. */
export interface Planned {
  readonly kind: Kind;
  readonly address: string;
  readonly previousAddress?: string;
  readonly type: string;
  /** All attributes before and after. They may be secret. */
  readonly before: unknown;
  readonly after: unknown;
  readonly differences: readonly Difference[];
  /** Arguments that force a replacement. */
  readonly replacedFor: readonly string[];
  /** Terraform's reason, such as `replace_because_tainted`. */
  readonly reason?: string;
}

/** The resources that a plan changes, without those that it only reads or leaves as they are. */
export function changesOf({ resource_changes = [] }: Plan): Planned[] {
  return resource_changes.flatMap((resource) => {
    const { action_reason, address, change, previous_address, type } = resource;
    const kind = kindOf(resource);
    if (!kind) return [];
    return {
      kind,
      address,
      type,
      before: change.before,
      after: change.after,
      differences: differencesOf(change),
      replacedFor: (change.replace_paths ?? []).map((path) => path.join('.')),
      ...(previous_address && { previousAddress: previous_address }),
      ...(action_reason && { reason: action_reason }),
    };
  });
}

/** Whether there is anything to apply. A changed output is enough. */
export function changesAnything({ resource_changes = [], output_changes = {} }: Plan): boolean {
  return (
    resource_changes.some((resource) => kindOf(resource)) ||
    Object.values(output_changes).some(({ actions }) => kindOfActions(actions))
  );
}

function kindOf({ change, previous_address }: ResourceChange): Kind | undefined {
  return kindOfActions(change.actions) ?? (change.importing ? 'import' : previous_address ? 'move' : undefined);
}

function kindOfActions(actions: readonly string[]): Kind | undefined {
  if (actions.length === 2) return 'replace';
  return (['create', 'update', 'delete', 'forget'] as const).find((kind) => kind === actions[0]);
}

/**
 * Identifies a plan: a SHA-256 hash, in hexadecimal, of what it changes. Attributes that it does not change are left
 * out, because AWS moves some of them by itself, such as a database's `latest_restorable_time`. Sensitive values are
 * left out, too, because a short secret could be guessed from its hash.
 */
export function fingerprint({ resource_changes = [], output_changes = {} }: Plan): string {
  const resources = resource_changes
    .filter((resource) => kindOf(resource))
    .map(({ address, change, deposed, previous_address }) => ({
      address,
      previous_address,
      deposed,
      importing: change.importing,
      replace_paths: change.replace_paths,
      ...comparable(change),
    }))
    .toSorted((one, other) => (key(one) < key(other) ? -1 : 1));
  const outputs = Object.entries(output_changes)
    .filter(([, { actions }]) => kindOfActions(actions))
    .map(([name, change]) => ({ name, ...comparable(change) }));
  return createHash('sha256').update(JSON.stringify({ resources, outputs })).digest('hex');
}

function key({ address, deposed = '' }: { readonly address: string; readonly deposed: string | undefined }): string {
  return `${address} ${deposed}`;
}

function comparable(change: Change): object {
  const { actions } = change;
  const goes = actions.every((action) => action === 'delete' || action === 'forget');
  return { actions, differences: goes ? [] : differencesOf(change) };
}
