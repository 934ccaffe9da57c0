import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, folderOf } from './build.ts';
import { startControlPlane } from './control-plane.ts';
import type { Kubernetes, Nodes } from './nodes.ts';
import { kubectl, Programs } from './programs.ts';
import { joinNodes, type RealNodes } from './real-node.ts';
import { createNodes, kwokOptions, stages } from './simulated-nodes.ts';

/** Starts a cluster of programs on this machine, which are built with Go on first use. */
export async function startLoopback(nodes: Nodes): Promise<Kubernetes> {
  await build('control-plane');
  if (nodes !== 'simulated') await build('node');
  const folder = await mkdtemp(join(tmpdir(), 'kubernetes-'));
  const programs = new Programs(folder);
  let real: RealNodes | undefined;
  const stop = async () => {
    await real?.leave();
    await programs.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const kubeconfig = await startControlPlane(programs, folder);
    if (nodes !== 'simulated') {
      real = await joinNodes(programs, folder, kubeconfig, nodes === 'two-real');
    } else {
      const options = [...kwokOptions, `--kubeconfig=${kubeconfig}`, `--config=${stages}`];
      programs.start('kwok', join(folderOf('control-plane'), 'kwok'), options);
      await createNodes(kubeconfig);
    }
    await programs.until('A node', async () => {
      const output = await kubectl(kubeconfig, ['wait', '--for=condition=Ready', 'node', '--all', '--timeout=1s']);
      return output.split('condition met').length > (nodes === 'two-real' ? 2 : 1);
    });
    return {
      place: 'built with Go, on the loopback interface',
      env: { KUBECONFIG: kubeconfig, ...(real && { CLUSTER_CTR: real.ctr.join(' ') }) },
      faults: {
        end: (program) => programs.end(program),
        async start(program) {
          programs.startAgain(program);
        },
        lose: async () => real?.lose(),
        join: async () => real?.join(),
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
