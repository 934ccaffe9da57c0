import { paths } from 'contract';
import type { FastifyInstance } from 'fastify';
import type { StorageMonitor } from '../domain/operations.ts';

/** What the platform asks: `live` whether to restart the process, `ready` whether to send it requests. */
export function healthRoutes(app: FastifyInstance, storage: StorageMonitor, isDraining: () => boolean): void {
  // Asked every few seconds for ever: only a failure is worth a line in the log.
  const options = { logLevel: 'error' } as const;

  app.get(paths.live, options, async () => ({ status: 'ok' }));

  app.get(paths.ready, options, async (_request, reply) => {
    const isReady = !isDraining() && (await storage.isReady());
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ok' : 'unavailable' });
  });
}
