/**
 * Runs a cluster for the process that forked this one: sends it the cluster's environment variables, and stops the
 * cluster when it disconnects, even if it was killed.
 */
import { once } from 'node:events';
import type { Nodes } from './nodes.ts';
import { startKubernetes } from './start.ts';

const parentLeft = once(process, 'disconnect');
// Ctrl+C in a terminal reaches this process too. The parent then exits, which disconnects it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);

const kubernetes = await startKubernetes(process.argv[2] as Nodes);
console.error(`Kubernetes: ${kubernetes.place}.`);
if (process.connected) {
  process.send?.(kubernetes.env);
  await parentLeft;
}
await kubernetes.stop();
