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
  // By position, an item that was added at the front would make all others differ.
  if (Array.isArray(before) && Array.isArray(after) && before.length !== after.length && !hasMarks) {
    return [
      ...without(before, after).map((item): Difference => ({ path, kind: 'value', before: item })),
      ...without(after, before).map((item): Difference => ({ path, kind: 'value', after: item })),
    ];
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

function without(items: readonly unknown[], others: readonly unknown[]): unknown[] {
  const known = new Set(others.map((item) => JSON.stringify(item)));
  return items.filter((item) => !known.has(JSON.stringify(item)));
}

function parsed(value: unknown): unknown {
  if (typeof value !== 'string' || !/^[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
