import type { Nodes } from '../kubernetes/nodes.ts';
import { missingFor } from '../kubernetes/start.ts';
import { describeWith } from './tools.ts';

/** A group of tests that needs a cluster. Where the machine lacks something for it, `describeWith` reports what. */
export function describeWithCluster(nodes: Nodes, name: string, tests: () => void): void {
  const missing = missingFor(nodes);
  describeWith(missing ?? 'a cluster', missing === undefined ? nodes : undefined, name, tests);
}
