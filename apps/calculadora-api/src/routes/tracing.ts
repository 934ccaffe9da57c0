import type { IncomingMessage } from 'node:http';
import { paths } from 'contract';
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest, FastifyServerOptions } from 'fastify';
import { RequestTrace } from '../telemetry/request-trace.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';

/** Requests of machines, every few seconds. Their failures are in the metrics and the logs. */
const untraced: readonly (string | undefined)[] = [paths.live, paths.ready, paths.metrics, paths.visits];

// A property of Node's request, because Fastify creates the request's logger before its own request object.
const key = Symbol('trace');
interface TracedMessage extends IncomingMessage {
  [key]?: RequestTrace;
}

/** The request's trace. Undefined if traces are off. */
export function traceOf({ raw }: Pick<FastifyRequest, 'raw'>): RequestTrace | undefined {
  return (raw as TracedMessage)[key];
}

/** Begins each request's trace, and puts its ids into the request's log lines, by OpenTelemetry's names for them. */
export const tracedLogger: NonNullable<FastifyServerOptions['childLoggerFactory']> = (
  logger,
  bindings,
  options,
  raw,
) => {
  const { traceparent } = raw.headers;
  const trace = new RequestTrace(typeof traceparent === 'string' ? traceparent : undefined);
  (raw as TracedMessage)[key] = trace;
  const ids = { trace_id: trace.traceId, span_id: trace.spanId };
  return logger.child({ ...bindings, ...ids }, options) as FastifyBaseLogger;
};

/** Hands each request's trace over when it has been answered. */
export function traceRequests(app: FastifyInstance, telemetry: Telemetry): void {
  app.addHook('onResponse', (request, reply, done) => {
    const trace = traceOf(request);
    const { method, routeOptions } = request;
    if (trace && !untraced.includes(routeOptions.url)) {
      telemetry.answered(trace, { method, route: routeOptions.url, status: reply.statusCode });
    }
    done();
  });
}
