import { paths } from 'contract';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { StorageMonitor } from '../domain/operations.ts';
import { problemResponses } from './problems.ts';

const Health = (status: string, description: string) => Type.Object({ status: Type.Literal(status) }, { description });
const healthy = Health('ok', 'Sim / Yes');
const unhealthy = Health('unavailable', 'Não / No');

// Asked every few seconds for ever: only a failure is worth a line in the log.
const logLevel = 'error';

/** What the platform asks: `live` whether to restart the process, `ready` whether to send it requests. */
export function healthRoutes(app: FastifyInstance, storage: StorageMonitor, isDraining: () => boolean): void {
  app.get(
    paths.live,
    {
      logLevel,
      schema: {
        operationId: 'isLive',
        summary: 'O processo responde? / Does the process answer?',
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
        summary: 'O banco de dados responde? / Does the database answer?',
        response: { 200: healthy, ...problemResponses(400), 503: unhealthy },
      },
    },
    async (_request, reply) => {
      // Asked last: the signal may come while the storage answers.
      const isReady = (await storage.isReady()) && !isDraining();
      return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ok' : 'unavailable' });
    },
  );
}
