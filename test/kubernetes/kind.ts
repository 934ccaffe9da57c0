import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { usableDocker } from '../support/docker.ts';
import { findTool } from '../support/find-tool.ts';
import { moduleVersion } from './build.ts';
import type { Kubernetes } from './nodes.ts';
import { execute, kubectl } from './programs.ts';
import { createNodes, kwokOptions, stages } from './simulated-nodes.ts';

/** Whether this machine has kind and a Docker engine. */
export function hasKind(): boolean {
  return findTool('kind') !== undefined && usableDocker() !== undefined;
}

/** Starts a cluster with kind, https://kind.sigs.k8s.io, with simulated nodes in place of its own. */
export async function startKind(): Promise<Kubernetes> {
  const name = `test-${randomBytes(4).toString('hex')}`;
  const folder = await mkdtemp(join(tmpdir(), 'kubernetes-'));
  const kubeconfig = join(folder, 'kubeconfig');
  const stop = async () => {
    await execute('docker', ['rm', '--force', `${name}-kwok`]);
    await execute('kind', ['delete', 'cluster', `--name=${name}`, `--kubeconfig=${kubeconfig}`]);
    await rm(folder, { recursive: true });
  };
  try {
    await execute('kind', ['create', 'cluster', `--name=${name}`, `--kubeconfig=${kubeconfig}`, '--wait=2m']);
    // The control plane keeps running: kubelet does not take it from the API server, and registers only when it starts.
    await kubectl(kubeconfig, ['delete', 'node', `${name}-control-plane`]);
    const internal = join(folder, 'internal');
    await writeFile(internal, await execute('kind', ['get', 'kubeconfig', '--internal', `--name=${name}`]));
    await execute('docker', [
      ...['run', '--detach', `--name=${name}-kwok`, '--network=kind'],
      ...[`--volume=${internal}:/kubeconfig:ro`, `--volume=${stages}:/stages.yaml:ro`],
      `registry.k8s.io/kwok/kwok:${moduleVersion('sigs.k8s.io/kwok')}`,
      ...[...kwokOptions, '--kubeconfig=/kubeconfig', '--config=/stages.yaml'],
    ]);
    await createNodes(kubeconfig);
    await kubectl(kubeconfig, ['wait', '--for=condition=Ready', 'node', '--all', '--timeout=60s']);
    return { place: 'kind', env: { KUBECONFIG: kubeconfig }, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
