import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, folderOf } from './build.ts';
import { startControlPlane } from './control-plane.ts';
import type { Kubernetes, Nodes } from './nodes.ts';
import { kubectl, Programs } from './programs.ts';
import { joinNode, type RealNode } from './real-node.ts';
import { createNodes, kwokOptions, stages } from './simulated-nodes.ts';

/** Starts a cluster of programs on this machine, which are built with Go on first use. */
export async function startLoopback(nodes: Nodes): Promise<Kubernetes> {
  await build('control-plane');
  if (nodes === 'real') await build('node');
  const folder = await mkdtemp(join(tmpdir(), 'kubernetes-'));
  const programs = new Programs(folder);
  let realNode: RealNode | undefined;
  const stop = async () => {
    await realNode?.leave();
    await programs.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const kubeconfig = await startControlPlane(programs, folder);
    if (nodes === 'real') {
      realNode = await joinNode(programs, folder, kubeconfig);
    } else {
      const options = [...kwokOptions, `--kubeconfig=${kubeconfig}`, `--config=${stages}`];
      programs.start('kwok', join(folderOf('control-plane'), 'kwok'), options);
      await createNodes(kubeconfig);
    }
    await programs.until('A node', async () => {
      const output = await kubectl(kubeconfig, ['wait', '--for=condition=Ready', 'node', '--all', '--timeout=1s']);
      return output.includes('condition met');
    });
    return {
      place: 'built with Go, on the loopback interface',
      env: { KUBECONFIG: kubeconfig, ...(realNode && { CLUSTER_CTR: realNode.ctr.join(' ') }) },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
