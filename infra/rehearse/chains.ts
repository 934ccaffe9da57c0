import { durationOf, type Node, type Timeline } from 'rehearsal';

/** Resources of which each cannot begin before the one above exists. A first deployment cannot be faster. */
interface Chain {
  readonly types: readonly string[];
  /** The type that the chain ends with, wherever it occurs. */
  readonly end: string;
}

export const chains: Readonly<Record<'cluster' | 'page', Chain>> = {
  cluster: {
    types: [
      // Of the cluster's secrets.
      'aws_kms_key',
      'aws_eks_cluster',
      // vpc-cni: nodes become ready only with it, and EKS reads its configuration for their maximum number of pods.
      'aws_eks_addon',
      'aws_eks_node_group',
      // coredns: it needs nodes, and pods need DNS.
      'aws_eks_addon',
      'helm_release',
    ],
    end: 'helm_release',
  },
  page: {
    types: ['aws_vpc', 'aws_subnet', 'aws_lb', 'aws_cloudfront_vpc_origin', 'aws_cloudfront_distribution'],
    end: 'aws_cloudfront_distribution',
  },
};

/** Seconds that a chain takes. */
export function secondsOf({ types }: Chain): number {
  return types.reduce((total, type) => total + (durationOf(type, 'create')?.seconds ?? 0), 0);
}

export const longestChain = (): Chain =>
  Object.values(chains).reduce((longest, chain) => (secondsOf(chain) > secondsOf(longest) ? chain : longest));

/** The resources of a type, and all that they directly or indirectly depend on. */
export function neededBy(type: string, nodes: readonly Node[]): Node[] {
  const byAddress = new Map(nodes.map((node) => [node.address, node]));
  const needed = new Set<Node>();
  const visit = (node: Node | undefined): void => {
    if (node === undefined || needed.has(node)) return;
    needed.add(node);
    for (const address of node.dependsOn) visit(byAddress.get(address));
  };
  for (const node of nodes) if (node.type === type) visit(node);
  return [...needed];
}

/**
 * What makes a deployment more than a tenth slower than a chain: the steps of its critical path that are not in the
 * chain. Empty if it is fast enough.
 */
export function inTheWay({ criticalPath, seconds }: Timeline, chain: Chain): string[] {
  if (seconds <= 1.1 * secondsOf(chain)) return [];
  const expected = [...chain.types];
  return criticalPath
    .filter(({ node: { type } }) => {
      const index = expected.indexOf(type);
      if (index !== -1) expected.splice(index, 1);
      return index === -1;
    })
    .map(({ node: { address }, start, end }) => `${address}: ${end - start} s`);
}
