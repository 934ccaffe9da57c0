import { paths } from 'contract';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { StorageMonitor } from '../domain/operations.ts';
import { problemResponses } from './problems.ts';

const Health = (status: string, description: string) => Type.Object({ status: Type.Literal(status) }, { description });
const healthy = Health('ok', 'Sim / Yes');
const unhealthy = Health('unavailable', 'Não / No');

// Probes arrive every few seconds, so only errors are logged.
const logLevel = 'error';

/** Kubernetes probes: `live` decides whether to restart the process, `ready` whether to send it requests. */
export function healthRoutes(app: FastifyInstance, storage: StorageMonitor, isDraining: () => boolean): void {
  app.get(
    paths.live,
    {
      logLevel,
      schema: {
        operationId: 'isLive',
        summary: 'O processo está respondendo? / Is the process responding?',
        response: { 200: healthy, ...problemResponses(400) },
      },
    },
    async () => ({ status: 'ok' }),
  );

  app.get(
    paths.ready,
    {
      logLevel,
      schema: {
        operationId: 'isReady',
        summary: 'O banco de dados está respondendo? / Is the database responding?',
        response: { 200: healthy, ...problemResponses(400), 503: unhealthy },
      },
    },
    async (_request, reply) => {
      // Checked last, because the signal may arrive while the storage responds.
      const isReady = (await storage.isReady()) && !isDraining();
      return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ok' : 'unavailable' });
    },
  );
}
