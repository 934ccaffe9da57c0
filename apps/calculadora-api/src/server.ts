import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import { limits } from 'contract';
import fastify, {
  type FastifyHttpOptions,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import type { Operations, StorageMonitor } from './domain/operations.ts';
import { AnswerLog } from './routes/answer-log.ts';
import { docsRoutes } from './routes/docs.ts';
import { healthRoutes } from './routes/health.ts';
import { acceptJson } from './routes/json.ts';
import { metricsRoute } from './routes/metrics.ts';
import { answerProblems, refuse } from './routes/problems.ts';
import { enforceProtocol, protocolOptions } from './routes/protocol.ts';
import { Refusals } from './routes/refusals.ts';
import { sumRoutes } from './routes/sum-routes.ts';
import { tracedLogger, traceRequests } from './routes/tracing.ts';
import { visitRoutes } from './routes/visits.ts';
import type { Telemetry } from './telemetry/telemetry.ts';

/** The server's dependencies. */
export interface ServerParts {
  operations: Operations;
  storage: StorageMonitor;
  logger: NonNullable<FastifyHttpOptions<Server>['logger']>;
  /** True once the process is shutting down: it still serves requests, but asks clients to close their connections. */
  isDraining: () => boolean;
  /** Receives the traces of requests. Without it there are none. */
  telemetry?: Telemetry | undefined;
}

/** Milliseconds. */
export const timeLimits = {
  // For receiving a whole request. One of at most 16 KiB takes longer only from a slow client that blocks a connection.
  requestTimeout: 10_000,
  // For an inactive socket. Longer than the database timeout, during which a waiting client's socket is inactive.
  connectionTimeout: 15_000,
  // Longer than the 60 s for which the load balancer keeps idle connections. Otherwise it would sometimes send a
  // request on a connection that is just being closed, and answer 502.
  keepAliveTimeout: 75_000,
  http: {
    // Headers fit in one or two packets.
    headersTimeout: 5_000,
    // How often Node checks headersTimeout and requestTimeout. With its default, a request could exceed them by 30 s.
    connectionsCheckingInterval: 1_000,
  },
} satisfies FastifyHttpOptions<Server>;

/**
 * Security headers that a response needs on any host. CloudFront sets those for the whole site, such as HSTS. There are
 * only two, and they are constant, because Node validates and writes each header of each response: Helmet's full set
 * took four tenths of the throughput.
 */
const securityHeaders = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
};

/** Builds the server with all its routes. It does not listen yet. */
export async function buildServer(parts: ServerParts): Promise<FastifyInstance> {
  const { operations, storage, logger, isDraining, telemetry } = parts;
  const refusals = new Refusals();
  const app: FastifyInstance = fastify({
    ...timeLimits,
    http: { ...timeLimits.http, ...protocolOptions },
    bodyLimit: limits.bodyBytes,
    logger,
    logController: new AnswerLog(),
    genReqId: requestId,
    ...(telemetry && { childLoggerFactory: tracedLogger }),
    // For a URL that cannot be decoded. Fastify calls no hooks for it.
    frameworkErrors: (_error, request, reply) => {
      refusals.count('address', request.log);
      refuse(addCommonHeaders(request, reply), 400, 'bad_request');
    },
    clientErrorHandler: (error, socket) => refusals.answerClientError(error, socket, app.log),
    // Requests that arrive while the server closes are handled like all others.
    return503OnClosing: false,
  });

  app.server.on('connect', (_request, socket) => refusals.answer('method', socket, app.log));
  app.addHook('onRequest', (request, reply, done) => {
    addCommonHeaders(request, reply);
    done();
  });
  if (telemetry) traceRequests(app, telemetry);
  enforceProtocol(app);
  // Checked when responding, not on arrival, so that requests in flight at the signal get the header, too.
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (isDraining()) reply.header('connection', 'close');
    done(null, payload);
  });

  await docsRoutes(app);
  acceptJson(app);
  answerProblems(app);
  const register = metricsRoute(app, { storage, refusals, telemetry });
  healthRoutes(app, storage, isDraining);
  sumRoutes(app, operations);
  visitRoutes(app, register, telemetry);
  return app;
}

/** Adds the headers of every response. */
function addCommonHeaders({ id }: FastifyRequest, reply: FastifyReply): FastifyReply {
  return reply.headers(securityHeaders).header('x-request-id', id);
}

/** The client's request id, so that the logs of both sides can be correlated, or a new one. */
function requestId({ headers }: IncomingMessage): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID();
}
