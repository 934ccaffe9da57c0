import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Application } from 'platform';
import { applications } from 'platform/applications';

/** Serves all applications at one address and routes by path, like the load balancer. */
export interface Balancer {
  /** Without a trailing slash. */
  readonly address: string;
  stop(): Promise<void>;
}

/** @param addressOf returns the address of an application */
export async function startBalancer(addressOf: (application: Application) => Promise<string>): Promise<Balancer> {
  const targets = await Promise.all(
    applications.map(async (application) => ({ path: application.path, address: await addressOf(application) })),
  );
  const pass = (incoming: IncomingMessage, answer: ServerResponse) => {
    const path = String(incoming.url).replace(/\?.*$/, '');
    const target = targets.find((some) => path === some.path || path.startsWith(`${some.path}/`));
    if (target === undefined) return answer.writeHead(404).end();
    const { headers, method } = incoming;
    const outgoing = request(target.address + incoming.url, { headers, method }, (found) => {
      answer.writeHead(found.statusCode ?? 502, found.headers);
      found.pipe(answer);
    });
    outgoing.on('error', () => answer.writeHead(502).end());
    return incoming.pipe(outgoing);
  };
  const server = createServer(pass).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.close().closeAllConnections();
    },
  };
}
