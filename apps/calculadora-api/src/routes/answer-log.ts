import { slow } from 'contract';
import { type FastifyReply, type FastifyRequest, LogController } from 'fastify';

/**
 * Logs one line per request when it is answered, instead of Fastify's two. Fast, successful requests are not logged at
 * level info: metrics count them, the database stores the sums, and a line for each would cost time. CloudFront's
 * access logs can list every request.
 */
export class AnswerLog extends LogController {
  constructor() {
    super({ disableRequestLogging: true });
  }

  override requestCompleted(_error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const { log, statusCode, elapsedTime } = reply;
    const level = statusCode >= 400 || elapsedTime > slow ? 'info' : 'debug';
    // Checked first, because building the line is expensive: `routeOptions` creates a new object on each access.
    if (level === 'debug' && log.level !== 'debug' && log.level !== 'trace') return;
    // The route instead of the URL, and no client address: both may contain personal data.
    const { method, routeOptions } = request;
    log[level]({ method, route: routeOptions.url, statusCode, elapsedTime }, 'Request answered');
  }
}
