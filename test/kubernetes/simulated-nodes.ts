import { join } from 'node:path';
import { kubectl } from './programs.ts';

/** What kwok does with nodes and pods. */
export const stages = join(import.meta.dirname, 'stages.yaml');

const annotation = 'kwok.x-k8s.io/node';

/** Options of kwok, which simulates the nodes. */
export const kwokOptions: readonly string[] = [
  `--manage-nodes-with-annotation-selector=${annotation}=fake`,
  '--node-lease-duration-seconds=40',
];

/** A node that kwok makes ready. */
export interface SimulatedNode {
  readonly name: string;
  /** Letter of its zone in us-east-1. */
  readonly zone: string;
  readonly capacityType: 'ON_DEMAND' | 'SPOT';
  /** What pods may use. */
  readonly size: { readonly cpu: string; readonly memory: string; readonly pods: string };
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly { readonly key: string; readonly value: string; readonly effect: string }[];
}

/** The node as a Kubernetes object, for `kubectl create`. */
export const simulatedNode = ({ name, zone, capacityType, size, labels, taints }: SimulatedNode): object => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name,
    annotations: { [annotation]: 'fake' },
    labels: {
      'eks.amazonaws.com/capacityType': capacityType,
      'kubernetes.io/hostname': name,
      'topology.kubernetes.io/region': 'us-east-1',
      'topology.kubernetes.io/zone': `us-east-1${zone}`,
      ...labels,
    },
  },
  ...(taints && { spec: { taints } }),
  status: { allocatable: size, capacity: size },
});

/** Creates three nodes, each in a zone of its own, as in prd: two on demand and one on spot. kwok makes them ready. */
export async function createNodes(kubeconfig: string): Promise<void> {
  const size = { cpu: '2', memory: '8Gi', pods: '35' };
  const items = (['a', 'b', 'c'] as const).map((zone) =>
    simulatedNode({ name: `node-${zone}`, zone, capacityType: zone === 'c' ? 'SPOT' : 'ON_DEMAND', size }),
  );
  await kubectl(kubeconfig, ['apply', '--filename=-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
}
