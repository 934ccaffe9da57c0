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

// As an import, this module would bring Node's own HTTP client, megabytes that nobody here needs.
const { STATUS_CODES } = process.getBuiltinModule('node:http');

/** Seconds after which a client may try again when the storage is away. */
const retryAfter = 2;
const retryAfterHeader = {
  type: 'integer',
  minimum: 1,
  description: 'Segundos até que valha tentar de novo / Seconds after which to try again',
};

/** The request does not say which two integers to add, and for whom. */
export class InvalidSumRequest extends Error {
  readonly errors: FieldError[];

  constructor(errors: FieldError[]) {
    super('Invalid request');
    this.errors = errors;
  }
}

/** The request's body is no JSON text. */
export class MalformedJson extends Error {}

/** The request's body is encoded, say by gzip. */
export class CompressedBody extends Error {}

/** The request's `Idempotency-Key` is none. */
export class InvalidIdempotencyKey extends Error {}

/** For a route's schema: these statuses are answered with a problem. */
export function problemResponses(...statuses: number[]) {
  const response = (status: number) => ({
    description: STATUS_CODES[status],
    content: { [problemMediaType]: { schema: { $ref: 'Problem#' } } },
    ...(status === 503 && { headers: { 'Retry-After': retryAfterHeader } }),
  });
  return Object.fromEntries(statuses.map((status) => [status, response(status)]));
}

/** Makes every answer that is an error a problem of the contract, wherever the error arose. */
export function answerProblems(app: FastifyInstance): void {
  const answerNotFound = (request: FastifyRequest, reply: FastifyReply) => {
    const allowed = allowedMethods(app, request);
    // A route that takes the method, and is called here all the same, has not found what it was asked for.
    if (allowed.length === 0 || allowed.includes(request.method)) return refuse(reply, 404, 'not_found');
    return refuse(reply.header('allow', allowed.join(', ')), 405, 'method_not_allowed');
  };
  app.setNotFoundHandler(answerNotFound);

  app.setErrorHandler<FastifyError>((error, request, reply) => {
    // Fastify reads the body first, but what is wrong with it does not matter where nothing would take it.
    if (request.is404) return answerNotFound(request, reply);
    const problem = toProblem(error);
    // What is refused under overload is counted, not described: a stack trace each would be more load.
    if (problem.status >= 500 && problem.code !== 'overloaded') request.log.error({ err: error }, problem.title);
    if (problem.status === 503) reply.header('retry-after', retryAfter);
    if (error instanceof CompressedBody) reply.header('accept-encoding', 'identity');
    return send(reply, problem);
  });
}

/** The problem that tells a client of an error as much as it may know. */
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

/** A problem that is known by its code alone. */
export function problemOf(status: number, code: ProblemCode): Problem {
  return {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    code,
    detail: problemMessages[code].pt,
  };
}

/** Answers with a problem that is known by its code alone. */
export function refuse(reply: FastifyReply, status: number, code: ProblemCode): FastifyReply {
  return send(reply, problemOf(status, code));
}

function send(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply.code(problem.status).type(problemMediaType).serializer(JSON.stringify).send(problem);
}

function allowedMethods(app: FastifyInstance, request: FastifyRequest): string[] {
  const [url = '/'] = request.url.split('?');
  return app.supportedMethods.filter((method) => app.findRoute({ url, method }) !== null);
}
