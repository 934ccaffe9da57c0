/** Whole stacks as snapshots show them. */
import { resolve } from 'node:path';
import { stringify } from 'yaml';
import type { Synthesised } from './synthesised.ts';

const root = resolve(import.meta.dirname, '../../..');

/** A serialiser for jest: as YAML, as people read it, instead of jest's own form. */
export const asYaml = {
  test: () => true,
  serialize: (value: unknown): string => stringify(value, { lineWidth: 0, sortMapEntries: true }),
};

/**
 * What `after` has and `before` has not. Of lists of equal length only elements that differ are shown. Others are shown
 * whole, with the old position of long elements that are still there.
 */
export function difference(before: unknown, after: unknown): unknown {
  if (!isNested(before) || !isNested(after)) return after;
  if (Array.isArray(before) !== Array.isArray(after)) return after;
  if (Array.isArray(before) && Array.isArray(after) && before.length !== after.length) {
    const old = before.map((element) => JSON.stringify(element));
    return after.map((element) => {
      const position = JSON.stringify(element).length > 80 ? old.indexOf(JSON.stringify(element)) : -1;
      return position < 0 ? element : `(as ${position} before)`;
    });
  }
  const [old, now] = [before, after] as Record<string, unknown>[];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return Object.fromEntries(
    keys
      .filter((key) => JSON.stringify(old?.[key]) !== JSON.stringify(now?.[key]))
      .map((key) => [key, now && key in now ? difference(old?.[key], now[key]) : '(gone)']),
  );
}

const isNested = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Of the dashboards only the titles of their panels, which say whom to call: the rest would be most of the snapshot. */
function titlesIn(dashboards: string): object {
  const all: { title: string; widgets: { title: string }[] }[] = JSON.parse(dashboards);
  return Object.fromEntries(all.map(({ title, widgets }) => [title, widgets.map((panel) => panel.title)]));
}

/** The files are for `files-of-constructs`: a notice on the status page must not need another snapshot. */
const shown: Readonly<Record<string, (value: string) => unknown>> = {
  source_code_hash: () => '(hash)',
  source_hash: () => '(hash)',
  'dashboards.json': titlesIn,
};

/**
 * A stack, with JSON within strings as values, without what differs between machines and builds. Versions of charts and
 * providers are left out, too: Renovate raises them, and cannot write the snapshot.
 */
export function readable({ terraform }: Synthesised): object {
  return plain(terraform) as object;
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, below]) => [key, shown[key] ? shown[key](below) : plain(below)]),
    );
  }
  if (typeof value !== 'string') return value;
  // A Go template or a query begins like JSON.
  if (/^(\[|\{"[\w.-]+":|\{\}$)/.test(value)) return plain(JSON.parse(value));
  return value
    .replaceAll(root, '.')
    .replaceAll(/\/[0-9A-F]{32}(?=\/|$)/g, '/(hash)')
    .replace(/(^|:v)\d+\.\d+\.\d+$/, '$1(version)');
}
