import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readYaml } from './published-charts.ts';
import type { Block } from './synthesised.ts';

/** Maps in which a chart takes any key: it passes them on to Kubernetes or to its program. */
const free = new Set(['annotations', 'config', 'env', 'extraArgs', 'files', 'labels', 'nodeSelector', 'resources']);

/** Every value of the chart in a folder, its dependencies' included, with its default. */
export async function defaultsOf(folder: string): Promise<Block> {
  const own = await readYaml(join(folder, 'values.yaml'));
  const { dependencies = [] } = await readYaml(join(folder, 'Chart.yaml'));
  for (const { alias, name } of dependencies) {
    const inside = join(folder, 'charts', name);
    // A chart may be published without a dependency that it switches off.
    const nested = existsSync(inside) ? await defaultsOf(inside) : {};
    own[alias ?? name] = union(nested, own[alias ?? name]);
    own.global = union(nested.global, own.global);
  }
  return own;
}

/** The keys of both, with the defaults of the second where both have one. */
function union(first: unknown, second: unknown): unknown {
  if (!isMap(first) || !isMap(second)) return second ?? first;
  const keys = new Set([...Object.keys(first), ...Object.keys(second)]);
  return Object.fromEntries([...keys].map((key) => [key, union(first[key], second[key])]));
}

/** What a chart would silently ignore or misread of the values that it is given, as sentences. */
export function misunderstood(given: Block, defaults: Block, path: readonly string[] = []): string[] {
  return Object.entries(given).flatMap(([key, value]) => {
    const here = [...path, key];
    if (!(key in defaults)) return [`The chart knows no value ${here.join('.')}`];
    const known = defaults[key];
    const [is, was] = [shapeOf(value), shapeOf(known)];
    if (is !== 'nothing' && was !== 'nothing' && is !== was) {
      return [`${here.join('.')} is a ${is}, and the chart's default is a ${was}`];
    }
    // An empty default says nothing about the keys that it takes.
    if (!isMap(value) || !isMap(known) || Object.keys(known).length === 0 || free.has(key)) return [];
    return misunderstood(value, known, here);
  });
}

const isMap = (value: unknown): value is Block => shapeOf(value) === 'map';

function shapeOf(value: unknown): 'nothing' | 'map' | 'list' | 'single value' {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'list';
  return typeof value === 'object' ? 'map' : 'single value';
}
