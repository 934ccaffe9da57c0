/** The attributes of a resource before and after a change. Marks have the shape of the values. */
export interface Values {
  readonly before?: unknown;
  readonly after?: unknown;
  /** `true` for what is known only after the change. */
  readonly after_unknown?: unknown;
  /** `true` for what must not be shown. */
  readonly before_sensitive?: unknown;
  readonly after_sensitive?: unknown;
}

/** One attribute that changes. A value that is absent before or after is undefined. */
export type Difference =
  | { readonly path: string; readonly kind: 'value'; readonly before?: unknown; readonly after?: unknown }
  | { readonly path: string; readonly kind: 'unknown' }
  | { readonly path: string; readonly kind: 'secret' };

/**
 * The attributes that a change gives another value, by path, such as `ingress.0.cidr_blocks`. Documents in JSON, such as
 * IAM policies, are compared by their fields.
 */
export function differencesOf(values: Values): Difference[] {
  return compare('', {
    before: values.before,
    after: values.after,
    unknown: values.after_unknown,
    secret: [values.before_sensitive, values.after_sensitive],
  });
}

interface Pair {
  readonly before: unknown;
  readonly after: unknown;
  readonly unknown: unknown;
  readonly secret: readonly [before: unknown, after: unknown];
}

function compare(path: string, pair: Pair): Difference[] {
  const { secret, unknown } = pair;
  if (unknown === true) return [{ path, kind: 'unknown' }];
  const before = parsed(pair.before);
  const after = parsed(pair.after);
  if (secret.includes(true)) return isSame(before, after) ? [] : [{ path, kind: 'secret' }];
  const hasMarks = [unknown, ...secret].some(isMarked);
  if (Array.isArray(before) && Array.isArray(after) && before.length !== after.length && !hasMarks) {
    const [stayed, gone] = split(before, after);
    const [stay, added] = split(after, before);
    // By position, an item that was added at the front would make all others differ. Where the others change places, all
    // positions count: of some lists, such as rules, the first item that matches decides.
    if (isSame(stayed, stay)) {
      return [
        ...gone.map((item): Difference => ({ path, kind: 'value', before: item })),
        ...added.map((item): Difference => ({ path, kind: 'value', after: item })),
      ];
    }
  }
  if ((isComposite(before) || isAbsent(before)) && (isComposite(after) || isAbsent(after))) {
    const keys = [before, after, unknown].flatMap((value) => (isComposite(value) ? Object.keys(value) : []));
    return [...new Set(keys)].flatMap((key) =>
      compare(path ? `${path}.${key}` : key, {
        before: child(before, key),
        after: child(after, key),
        unknown: child(unknown, key),
        secret: [child(secret[0], key), child(secret[1], key)],
      }),
    );
  }
  if (isSame(before, after)) return [];
  if (hasMarks) return [{ path, kind: 'secret' }];
  return [{ path, kind: 'value', ...(isAbsent(before) ? {} : { before }), ...(isAbsent(after) ? {} : { after }) }];
}

function isComposite(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Terraform writes null for an absent value, or leaves it out. */
function isAbsent(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

function isMarked(marks: unknown): boolean {
  return marks === true || (isComposite(marks) && Object.values(marks).some(isMarked));
}

function child(value: unknown, key: string): unknown {
  return isComposite(value) ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one ?? null) === JSON.stringify(other ?? null);
}

/** The items that are among the others, as often as they are there, and the rest. */
function split(items: readonly unknown[], others: readonly unknown[]): [common: unknown[], rest: unknown[]] {
  const counts = new Map<string, number>();
  for (const other of others.map((item) => JSON.stringify(item))) counts.set(other, (counts.get(other) ?? 0) + 1);
  const [common, rest]: [unknown[], unknown[]] = [[], []];
  for (const item of items) {
    const count = counts.get(JSON.stringify(item)) ?? 0;
    counts.set(JSON.stringify(item), count - 1);
    (count > 0 ? common : rest).push(item);
  }
  return [common, rest];
}

function parsed(value: unknown): unknown {
  if (typeof value !== 'string' || !/^[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
