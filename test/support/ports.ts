import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below the ports that systems give to outgoing connections (from 32768 on Linux): a client's connection must not take
 * the port of a server that is about to start, or to start again. Also below Kubernetes' node ports.
 */
const range = [15_000, 30_000] as const;

/** A random port of the loopback interface that was free a moment ago. */
export async function freePort(): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const port = randomInt(...range);
    const server = createServer().listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
    } catch (error) {
      if (attempt === 100) throw error;
      continue;
    }
    server.close();
    await once(server, 'close');
    return port;
  }
}
