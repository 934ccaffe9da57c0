import {
  type FieldError,
  fieldMessages,
  type Problem,
  type ProblemCode,
  problemMediaType,
  problemMessages,
} from 'contract';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { KeyReused, Overloaded, StorageRefused, StorageUnavailable } from '../domain/operations.ts';
import { traceOf } from './tracing.ts';

// Importing node:http would also load Node's HTTP client: megabytes that the API does not need.
const { STATUS_CODES } = process.getBuiltinModule('node:http');

/** Seconds that a client should wait before it retries while the storage is unavailable. */
const retryAfter = 2;
const retryAfterHeader = {
  type: 'integer',
  minimum: 1,
  description: 'Segundos a esperar antes de tentar de novo / Seconds to wait before trying again',
};

/** The request has invalid fields. */
export class InvalidSumRequest extends Error {
  readonly errors: FieldError[];

  constructor(errors: FieldError[]) {
    super('Invalid request');
    this.errors = errors;
  }
}

/** The request body is not valid JSON. */
export class MalformedJson extends Error {}

/** The request body is compressed, for example with gzip. */
export class CompressedBody extends Error {}

/** The request's `Idempotency-Key` is invalid. */
export class InvalidIdempotencyKey extends Error {}

/** Responses for a route's schema: these statuses have a problem as their body. */
export function problemResponses(...statuses: number[]) {
  const response = (status: number) => ({
    description: STATUS_CODES[status],
    content: { [problemMediaType]: { schema: { $ref: 'Problem#' } } },
    ...(status === 503 && { headers: { 'Retry-After': retryAfterHeader } }),
  });
  return Object.fromEntries(statuses.map((status) => [status, response(status)]));
}

/** Turns every error response into a problem of the contract. */
export function answerProblems(app: FastifyInstance): void {
  const answerNotFound = (request: FastifyRequest, reply: FastifyReply) => {
    const allowed = allowedMethods(app, request);
    // If the method is allowed, the route itself called the not-found handler.
    if (allowed.length === 0 || allowed.includes(request.method)) return refuse(reply, 404, 'not_found');
    return refuse(reply.header('allow', allowed.join(', ')), 405, 'method_not_allowed');
  };
  app.setNotFoundHandler(answerNotFound);

  app.setErrorHandler<FastifyError>((error, request, reply) => {
    // Fastify reads the body even if there is no route. Errors in the body do not matter then.
    if (request.is404) return answerNotFound(request, reply);
    const problem = toProblem(error);
    // Overload is only counted: logging a stack trace for each refusal would add to the load.
    if (problem.status >= 500 && problem.code !== 'overloaded') request.log.error({ err: error }, problem.title);
    if (problem.status === 503) reply.header('retry-after', retryAfter);
    if (error instanceof CompressedBody) reply.header('accept-encoding', 'identity');
    return send(reply, problem);
  });
}

/** Maps an error to a problem, without internal details. */
function toProblem(error: Error & Partial<Pick<FastifyError, 'statusCode'>>): Problem {
  if (error instanceof InvalidSumRequest) return invalidFields(error.errors);
  if (error instanceof MalformedJson) return problemOf(400, 'malformed_json');
  if (error instanceof CompressedBody) return problemOf(415, 'compressed_body');
  if (error instanceof InvalidIdempotencyKey) return problemOf(400, 'invalid_idempotency_key');
  if (error instanceof KeyReused) return problemOf(422, 'idempotency_key_reused');
  if (error instanceof Overloaded) return problemOf(503, 'overloaded');
  if (error instanceof StorageRefused) return problemOf(500, 'storage_refused');
  if (error instanceof StorageUnavailable) return problemOf(503, 'storage_unavailable');
  if (error.statusCode === 413) return problemOf(413, 'payload_too_large');
  if (error.statusCode === 415) return problemOf(415, 'unsupported_media_type');
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
    return problemOf(400, 'bad_request');
  }
  return problemOf(500, 'internal_error');
}

function invalidFields(errors: FieldError[]): Problem {
  const details = errors.map(({ field, code }) => ({
    pointer: field === undefined ? '#' : `#/${field}`,
    code,
    detail: fieldMessages[code].pt,
  }));
  return {
    ...problemOf(400, 'bad_request'),
    detail: [...new Set(details.map(({ detail }) => detail))].join('; '),
    errors: details,
  };
}

/** A problem without details beyond its code. */
export function problemOf(status: number, code: ProblemCode): Problem {
  return {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    code,
    detail: problemMessages[code].pt,
  };
}

/** Responds with {@link problemOf}. */
export function refuse(reply: FastifyReply, status: number, code: ProblemCode): FastifyReply {
  return send(reply, problemOf(status, code));
}

function send(reply: FastifyReply, problem: Problem): FastifyReply {
  const trace = traceOf(reply.request);
  if (trace) {
    trace.problem = problem.code;
    problem.traceId = trace.traceId;
  }
  return reply.code(problem.status).type(problemMediaType).serializer(JSON.stringify).send(problem);
}

function allowedMethods(app: FastifyInstance, request: FastifyRequest): string[] {
  const [url = '/'] = request.url.split('?');
  return app.supportedMethods.filter((method) => app.findRoute({ url, method }) !== null);
}
