import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { paths } from 'contract';
import { eventually } from '../../../../test/support/eventually.ts';

/** A load balancer for several replicas. */
export interface ReverseProxy {
  readonly url: string;
  stop(): Promise<void>;
}

/** Milliseconds between the health checks of a replica. */
const interval = 50;

/** Milliseconds that a health check may take, as on the real load balancer. */
const patience = 5_000;

/**
 * Starts a reverse proxy that works like a load balancer: it checks the readiness of the replicas, distributes requests
 * round-robin to the ready ones, keeps connections to them open, and never retries a request.
 */
export async function startProxy(replicas: readonly string[]): Promise<ReverseProxy> {
  const agent = new Agent({ keepAlive: true });
  const ready = new Set<string>();
  let stopped = false;
  const watch = async (replica: string) => {
    while (!stopped) {
      const signal = AbortSignal.timeout(patience);
      const answer = await fetch(replica + paths.ready, { signal, headers: { connection: 'close' } }).catch(() => null);
      if (answer?.ok) ready.add(replica);
      else ready.delete(replica);
      await sleep(interval);
    }
  };
  const watching = Promise.all(replicas.map(watch));
  await eventually(async () => ready.size === replicas.length);

  const pass = (incoming: IncomingMessage, answer: ServerResponse) => {
    const [next] = ready;
    if (next === undefined) return answer.writeHead(502).end('No replica is ready');
    // Round-robin: move it to the end.
    ready.delete(next);
    ready.add(next);
    const { headers, method, url } = incoming;
    const outgoing = request(next + url, { agent, headers, method }, (found) => {
      const { connection, ...others } = found.headers;
      answer.writeHead(found.statusCode ?? 502, others);
      found.pipe(answer);
    });
    outgoing.on('error', (error) => answer.writeHead(502).end(String(error)));
    return incoming.pipe(outgoing);
  };
  const server = createServer(pass).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      stopped = true;
      await watching;
      server.close().closeAllConnections();
      agent.destroy();
    },
  };
}
