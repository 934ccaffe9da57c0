import { isVisitReport, paths, problemMessages, slow, visitLimits } from 'contract';
import type { FastifyInstance } from 'fastify';
import { Counter, Histogram, type Registry } from 'prom-client';
import { RateLimit } from '../telemetry/rate-limit.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { refuse } from './problems.ts';

/** Reports in a second. Anybody can send them, so they must not cost more than this. */
const reportsPerSecond = 50;

/** Outcomes that the site has besides the API's problems. A fixed list, because each is a permanent time series. */
const outcomes = new Set([
  'ok',
  'refused',
  'offline',
  'timeout',
  'unavailable',
  'unexpected',
  ...Object.keys(problemMessages),
]);

/** Receives the site's reports of how visitors experience it, as metrics and spans. Only for the site. */
export function visitRoutes(app: FastifyInstance, register: Registry, telemetry: Telemetry | undefined): void {
  const registers = [register];
  const buckets = [0.1, 0.25, 0.5, 0.75, 1, 1.5, 2.5, 5, 7.5, 10, 30];
  const load = new Histogram({
    name: 'calculadora_site_load_seconds',
    help: 'Page loads as visitors had them, from a sample of one in ten',
    buckets,
    registers,
  });
  const sums = new Histogram({
    name: 'calculadora_site_sum_seconds',
    help: 'Sums as visitors had them, by outcome. Those with the outcome ok are a sample of one in ten, the others all',
    labelNames: ['outcome'],
    buckets,
    registers,
  });
  const dropped = new Counter({
    name: 'calculadora_site_reports_dropped_total',
    help: 'Reports of visits beyond the limit, which were not read',
    registers,
  });
  const limit = new RateLimit(reportsPerSecond);

  app.post(
    paths.visits,
    { bodyLimit: visitLimits.bodyBytes, logLevel: 'error', schema: { hide: true } },
    async ({ body }, reply) => {
      if (!isVisitReport(body)) return refuse(reply, 400, 'bad_request');
      if (!limit.take()) {
        dropped.inc();
        return reply.code(204).send();
      }
      if (body.load !== undefined) load.observe(body.load / 1_000);
      for (const report of body.sums) {
        const sum = { ...report, outcome: outcomes.has(report.outcome) ? report.outcome : 'other' };
        const outcome = sum.outcome === 'ok' && sum.duration > slow ? 'slow' : sum.outcome;
        sums.observe({ outcome }, sum.duration / 1_000);
        telemetry?.reported(sum, body.time - sum.start);
      }
      return reply.code(204).send();
    },
  );
}
