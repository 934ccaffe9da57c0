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
import { holdToProtocol, protocolOptions } from './routes/protocol.ts';
import { Refusals } from './routes/refusals.ts';
import { sumRoutes } from './routes/sum.ts';

/** What the server is built from. */
export interface ServerParts {
  operations: Operations;
  storage: StorageMonitor;
  logger: NonNullable<FastifyHttpOptions<Server>['logger']>;
  /** True once the process was told to end: it still answers, and asks clients to connect elsewhere. */
  isDraining: () => boolean;
}

/** Milliseconds. */
export const timeLimits = {
  // A request of 16 KiB that takes longer to arrive is a slow client that would hold a connection for nothing.
  requestTimeout: 10_000,
  // A socket on which nothing happens; longer than the database's time limit, which a client waits for in silence.
  connectionTimeout: 15_000,
  // The load balancer keeps idle connections for 60 s. If this were shorter, it would now and then send a request on a
  // connection that is just being closed, and answer 502.
  keepAliveTimeout: 75_000,
  http: {
    // Headers alone come in one packet or two.
    headersTimeout: 5_000,
    // How often Node looks for requests beyond the two limits above; its own 30 s would make them six times as long.
    connectionsCheckingInterval: 1_000,
  },
} satisfies FastifyHttpOptions<Server>;

/**
 * How an answer is to be read, wherever it is read. What is said of the site as a whole, such as HTTPS alone, is CloudFront's
 * to say. A constant and no more than this, because Node checks and writes each header of each answer: all that Helmet sets
 * took four tenths of the throughput.
 */
const securityHeaders = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
};

/** Builds the server with all its routes; it listens to nothing yet. */
export async function buildServer({ operations, storage, logger, isDraining }: ServerParts): Promise<FastifyInstance> {
  const refusals = new Refusals();
  const app: FastifyInstance = fastify({
    ...timeLimits,
    http: { ...timeLimits.http, ...protocolOptions },
    bodyLimit: limits.bodyBytes,
    logger,
    logController: new AnswerLog(),
    genReqId: requestId,
    // An address that cannot be decoded: no hook is called for it.
    frameworkErrors: (_error, request, reply) => {
      refusals.count('address', request.log);
      refuse(begin(request, reply), 400, 'bad_request');
    },
    clientErrorHandler: (error, socket) => refusals.answerClientError(error, socket, app.log),
    // Requests that arrive while the server closes are answered like all others.
    return503OnClosing: false,
  });

  app.server.on('connect', (_request, socket) => refusals.answer('method', socket, app.log));
  app.addHook('onRequest', (request, reply, done) => {
    begin(request, reply);
    done();
  });
  holdToProtocol(app);
  // When it is answered, and not when it comes: a request that waited through the signal has to be told, too.
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (isDraining()) reply.header('connection', 'close');
    done(null, payload);
  });

  await docsRoutes(app);
  acceptJson(app);
  answerProblems(app);
  metricsRoute(app, storage, refusals);
  healthRoutes(app, storage, isDraining);
  sumRoutes(app, operations);
  return app;
}

/** What every answer says. */
function begin({ id }: FastifyRequest, reply: FastifyReply): FastifyReply {
  return reply.headers(securityHeaders).header('x-request-id', id);
}

/** The caller's own id for the request, so that both sides' logs can be compared, or a new one. */
function requestId({ headers }: IncomingMessage): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID();
}
