import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findTool } from '../support/find-tool.ts';
import { isBuilt } from './build.ts';
import { hasKind, startKind } from './kind.ts';
import { startLoopback } from './loopback.ts';
import type { Kubernetes, Nodes } from './nodes.ts';
import { networkPlugins } from './real-node.ts';

const buildCommand = 'node test/kubernetes/build.ts';

/**
 * Starts a cluster: of programs that were built here, because they start within seconds, or else with kind, or else of
 * programs that are built now. A real node needs the programs, because the tests look at its processes.
 */
export async function startKubernetes(nodes: Nodes): Promise<Kubernetes> {
  if (nodes === 'simulated' && !isBuilt('control-plane') && hasKind()) return startKind();
  return startLoopback(nodes);
}

/** What this machine lacks for a test on a cluster, and how to get it. Undefined if nothing. */
export function missingFor(nodes: Nodes): string | undefined {
  if (findTool('kubectl') === undefined) return 'kubectl: https://kubernetes.io/docs/tasks/tools';
  if (nodes === 'simulated') {
    return isBuilt('control-plane') || hasKind()
      ? undefined
      : `kind with Docker, or Kubernetes built by Go: ${buildCommand}`;
  }
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'Linux, as root';
  if (!existsSync(join(networkPlugins, 'bridge'))) return 'apt-get install containernetworking-plugins';
  if (findTool('iptables') === undefined || findTool('ip') === undefined) return 'apt-get install iptables iproute2';
  return isBuilt('control-plane') && isBuilt('node') ? undefined : `Kubernetes built by Go: ${buildCommand}`;
}
