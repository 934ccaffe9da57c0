/** When AWS would create or delete each resource, in the order in which Terraform would. */
import { type Action, durationOf } from './durations.ts';

/** A resource and those that must exist before it, by address. */
export interface Node {
  readonly address: string;
  readonly type: string;
  readonly dependsOn: readonly string[];
}

/** Times are in seconds since the beginning. */
export interface Step {
  readonly node: Node;
  readonly start: number;
  readonly end: number;
  /** Whether its duration is a documented maximum. */
  readonly isMaximum: boolean;
}

export interface Timeline {
  /** In order of their start. */
  readonly steps: readonly Step[];
  readonly seconds: number;
  /** The chain of resources that ends last: each waits for the one before. */
  readonly criticalPath: readonly Step[];
  /** Types whose duration is not known, with their number of resources. They count as 0 s. */
  readonly unknownTypes: Readonly<Record<string, number>>;
}

/**
 * Simulates Terraform's walk: whatever has nothing to wait for starts, unless too many resources change already.
 *
 * @param parallelism how many resources change at a time at most. Terraform's default is 10
 */
export function simulate(nodes: readonly Node[], action: Action, parallelism = 10): Timeline {
  const waitsFor = action === 'create' ? dependencies(nodes) : reversed(dependencies(nodes));
  const done = new Map<string, Step>();
  const waiting = [...nodes].sort((one, other) => (one.address < other.address ? -1 : 1));
  let running: Step[] = [];
  for (let now = 0; waiting.length > 0 || running.length > 0; ) {
    for (let index = 0; index < waiting.length && running.length < parallelism; ) {
      const node = waiting[index];
      if (node && [...(waitsFor.get(node.address) ?? [])].every((address) => done.has(address))) {
        const { seconds, isMaximum } = durationOf(node.type, action) ?? { seconds: 0, isMaximum: false };
        running.push({ node, start: now, end: now + seconds, isMaximum });
        waiting.splice(index, 1);
      } else {
        index += 1;
      }
    }
    if (running.length === 0) throw new Error(`These wait for each other: ${waiting.map(({ address }) => address)}`);
    now = Math.min(...running.map(({ end }) => end));
    for (const step of running.filter(({ end }) => end <= now)) done.set(step.node.address, step);
    running = running.filter(({ end }) => end > now);
  }
  const steps = nodes
    .flatMap(({ address }) => done.get(address) ?? [])
    .sort((one, other) => one.start - other.start || (one.node.address < other.node.address ? -1 : 1));
  return {
    steps,
    seconds: Math.max(0, ...steps.map(({ end }) => end)),
    criticalPath: criticalPath(done, waitsFor),
    unknownTypes: unknownTypes(nodes, action),
  };
}

type Edges = ReadonlyMap<string, ReadonlySet<string>>;

function dependencies(nodes: readonly Node[]): Edges {
  const known = new Set(nodes.map(({ address }) => address));
  return new Map(
    nodes.map(({ address, dependsOn }) => [address, new Set(dependsOn.filter((other) => known.has(other)))]),
  );
}

function reversed(edges: Edges): Edges {
  const result = new Map([...edges.keys()].map((address) => [address, new Set<string>()]));
  for (const [address, others] of edges) for (const other of others) result.get(other)?.add(address);
  return result;
}

function criticalPath(done: ReadonlyMap<string, Step>, waitsFor: Edges): Step[] {
  const latest = (steps: Iterable<Step>) =>
    [...steps].reduce<Step | undefined>((last, step) => (last && last.end >= step.end ? last : step), undefined);
  const path: Step[] = [];
  for (let step = latest(done.values()); step; ) {
    path.unshift(step);
    step = latest([...(waitsFor.get(step.node.address) ?? [])].flatMap((address) => done.get(address) ?? []));
  }
  return path;
}

function unknownTypes(nodes: readonly Node[], action: Action): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { type } of nodes) {
    if (durationOf(type, action) === undefined) counts[type] = (counts[type] ?? 0) + 1;
  }
  return counts;
}
