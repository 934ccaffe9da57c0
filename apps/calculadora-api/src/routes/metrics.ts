import { paths } from 'contract';
import type { FastifyInstance } from 'fastify';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { StorageMonitor } from '../domain/operations.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Refusals } from './refusals.ts';

export interface Measured {
  readonly storage: StorageMonitor;
  readonly refusals: Refusals;
  readonly telemetry: Telemetry | undefined;
}

/**
 * Metrics for Prometheus. Names follow OpenTelemetry's semantic conventions, in Prometheus notation. Returns the
 * registry, for metrics of other routes.
 */
export function metricsRoute(app: FastifyInstance, { storage, refusals, telemetry }: Measured): Registry {
  const register = new Registry();
  const registers = [register];
  collectDefaultMetrics({ register });

  const duration = new Histogram({
    name: 'http_server_request_duration_seconds',
    help: 'Duration of HTTP server requests',
    labelNames: ['http_request_method', 'http_route', 'http_response_status_code'],
    // The buckets that OpenTelemetry recommends for this metric.
    buckets: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
    registers,
  });
  app.addHook('onResponse', (request, reply, done) => {
    const labels = {
      http_request_method: request.method,
      // The route pattern, not the URL: clients could invent URLs, and each would create a permanent time series.
      http_route: request.routeOptions.url ?? 'unmatched',
      http_response_status_code: reply.statusCode,
    };
    duration.observe(labels, reply.elapsedTime / 1_000);
    done();
  });

  new Counter({
    name: 'calculadora_requests_refused_total',
    help: 'Requests refused before reaching a route, by reason. Not included in the request duration',
    labelNames: ['reason'],
    registers,
    collect() {
      this.reset();
      for (const [reason, total] of refusals.totals()) this.inc({ reason }, total);
    },
  });
  new Counter({
    name: 'calculadora_operations_stored_total',
    help: 'Operations stored since the process started',
    registers,
    collect() {
      this.reset();
      this.inc(storage.operationsStored());
    },
  });
  new Gauge({
    name: 'calculadora_operations_waiting',
    help: 'Operations waiting to be stored',
    registers,
    collect() {
      this.set(storage.waiting());
    },
  });
  new Gauge({
    name: 'db_client_connection_count',
    help: 'Database connections, by state',
    labelNames: ['db_client_connection_state'],
    registers,
    collect() {
      const { used, idle } = storage.connections();
      this.set({ db_client_connection_state: 'used' }, used);
      this.set({ db_client_connection_state: 'idle' }, idle);
    },
  });
  new Gauge({
    name: 'db_client_connection_pending_requests',
    help: 'Requests waiting for a database connection',
    registers,
    collect() {
      this.set(storage.connections().waiting);
    },
  });
  new Gauge({
    name: 'db_client_connection_max',
    help: 'Maximum number of database connections',
    registers,
    collect() {
      this.set(storage.connections().maximum);
    },
  });

  app.get(paths.metrics, { logLevel: 'error', schema: { hide: true } }, async (_request, reply) => {
    return reply.type(register.contentType).send(await register.metrics());
  });
  if (telemetry) traceMetrics(telemetry, registers);
  return register;
}

/** What is missing from the traces. */
function traceMetrics(telemetry: Telemetry, registers: Registry[]): void {
  new Counter({
    name: 'calculadora_spans_dropped_total',
    help: 'Spans that the collector did not get, by reason',
    labelNames: ['reason'],
    registers,
    collect() {
      this.reset();
      for (const [reason, total] of telemetry.dropped()) this.inc({ reason }, total);
    },
  });
  new Counter({
    name: 'calculadora_traces_limited_total',
    help: 'Traces left out because there were too many in a second',
    registers,
    collect() {
      this.reset();
      this.inc(telemetry.limited());
    },
  });
}
