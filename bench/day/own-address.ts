import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Address } from '../../apps/calculadora-api/test/support/address.ts';

/** Where new connections lead. */
export interface Place {
  readonly host: string;
  readonly port: number;
}

/** An address as in `startAddress`, on a thread of its own: the database must not wait for the load balancer. */
export async function startOwnAddress(server: Place, host: string): Promise<Address> {
  const first: Place = { host: server.host, port: server.port };
  const thread = new Worker(new URL('./own-address-thread.ts', import.meta.url), { workerData: { first, host } });
  const [port] = (await once(thread, 'message')) as [number];
  return {
    host,
    port,
    routeTo: ({ host, port }) => thread.postMessage({ host, port }),
    stop: () => void thread.terminate(),
  };
}
