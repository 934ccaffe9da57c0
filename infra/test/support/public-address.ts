import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const page = '<script type="module">start()</script>';
const policy = `script-src 'sha256-${createHash('sha256').update('start()').digest('base64')}'`;

/** An environment's public address, which answers the smoke tests of all applications rightly, until sums have to fail. */
export class PublicAddress {
  readonly url: string;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** @param fails whether a sum gets the load balancer's answer without a target */
  static async open(fails: (sum: IncomingMessage) => boolean | Promise<boolean>): Promise<PublicAddress> {
    const server = createServer((request, response) => {
      request.resume().on('end', async () => {
        if (request.url === '/frontend/') return response.setHeader('content-security-policy', policy).end(page);
        if (request.url !== '/backend') return response.writeHead(404).end();
        if (request.method === 'GET') return response.end('API em execução!');
        return (await fails(request)) ? response.writeHead(503).end('no') : response.end('{"resultado":42}');
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new PublicAddress(server);
  }

  close(): void {
    this.#server.close().closeAllConnections();
  }
}
