import { randomUUID } from 'node:crypto';
import fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import type { Operations, StorageMonitor } from './domain/operations.ts';
import { healthRoutes } from './routes/health.ts';
import { acceptJson } from './routes/json.ts';
import { answerFrameworkError, answerProblems } from './routes/problems.ts';
import { sumRoutes } from './routes/sum.ts';

export interface ServerParts {
  operations: Operations;
  storage: StorageMonitor;
  logger: FastifyServerOptions['logger'];
  isDraining: () => boolean;
}

export async function buildServer({ operations, storage, logger, isDraining }: ServerParts): Promise<FastifyInstance> {
  const app = fastify({
    logger: logger ?? false,
    genReqId: () => randomUUID(),
    frameworkErrors: answerFrameworkError,
    return503OnClosing: false,
  });
  acceptJson(app);
  answerProblems(app);
  sumRoutes(app, operations);
  healthRoutes(app, storage, isDraining);
  return app;
}
