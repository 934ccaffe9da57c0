import { type FastifyReply, type FastifyRequest, LogController } from 'fastify';

/** Milliseconds: an answer that took longer is worth a line in the log. */
const slow = 1_000;

/**
 * One line for a request, when it was answered, instead of Fastify's two. What went well is counted by the metrics, and a sum
 * is a row: a line for each would say it once more, and costs time. CloudFront's access logs can list every request.
 */
export class AnswerLog extends LogController {
  constructor() {
    super({ disableRequestLogging: true });
  }

  override requestCompleted(_error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const { log, statusCode, elapsedTime } = reply;
    const level = statusCode >= 400 || elapsedTime > slow ? 'info' : 'debug';
    // Asked before the line is put together, which takes longer than it looks: the route's options are made anew.
    if (level === 'debug' && log.level !== 'debug' && log.level !== 'trace') return;
    // The route and not the URL, and not where it came from: both may be personal.
    const { method, routeOptions } = request;
    log[level]({ method, route: routeOptions.url, statusCode, elapsedTime }, 'Request answered');
  }
}
