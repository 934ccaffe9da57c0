/**
 * Runs a cluster for the process that forked this one: sends it the cluster's environment variables, and stops the
 * cluster when it disconnects, even if it was killed.
 */
import { once } from 'node:events';
import type { Faults, Nodes } from './nodes.ts';
import { startKubernetes } from './start.ts';

/** Asks for a fault. The answer has the same id, and `error` if the fault failed. */
export interface FaultRequest {
  readonly id: number;
  readonly fault: keyof Faults;
  readonly program: string;
}

export interface FaultAnswer {
  readonly id: number;
  readonly error?: string;
}

const parentLeft = once(process, 'disconnect');
// Ctrl+C in a terminal reaches this process too. The parent then exits, which disconnects it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);

const kubernetes = await startKubernetes(process.argv[2] as Nodes);
console.error(`Kubernetes: ${kubernetes.place}.`);
process.on('message', async ({ id, fault, program }: FaultRequest) => {
  const answer = (more: object) => process.connected && process.send?.({ id, ...more } satisfies FaultAnswer);
  if (!kubernetes.faults) return answer({ error: `No faults can be caused in a cluster ${kubernetes.place}` });
  await kubernetes.faults[fault](program).then(
    () => answer({}),
    (error: Error) => answer({ error: error.message }),
  );
});
if (process.connected) {
  process.send?.(kubernetes.env);
  await parentLeft;
}
await kubernetes.stop();
