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

/** Creates three nodes, each in a zone of its own. kwok makes them ready. */
export async function createNodes(kubeconfig: string): Promise<void> {
  const size = { cpu: '2', memory: '8Gi', pods: '35' };
  const items = ['a', 'b', 'c'].map((zone) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: `node-${zone}`,
      annotations: { [annotation]: 'fake' },
      labels: {
        'kubernetes.io/hostname': `node-${zone}`,
        'topology.kubernetes.io/region': 'us-east-1',
        'topology.kubernetes.io/zone': `us-east-1${zone}`,
      },
    },
    status: { allocatable: size, capacity: size },
  }));
  await kubectl(kubeconfig, ['apply', '--filename=-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
}
