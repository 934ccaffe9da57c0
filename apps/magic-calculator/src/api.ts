import {
  type Field,
  idempotencyKeyHeader,
  limits,
  paths,
  problemMediaType,
  type SumRequest,
  type SumResponse,
} from 'contract';
import { isMistake, isOptionalText, isRecord, parseJson } from './checks.ts';
import { fields, type Mistake, type Mistakes } from './form.ts';
import { beginSum } from './visit-report.ts';

/**
 * Why there is no sum: the problem that the API reported, or a code of the site's own: `offline`, `timeout`,
 * `unavailable` (a proxy responded instead of the API) or `unexpected`.
 */
export interface Failure {
  readonly code: string;
  readonly detail?: string | undefined;
  /** Id by which the site's team finds the request in its logs. */
  readonly requestId?: string | undefined;
}

export type Outcome = SumResponse | { mistakes: Mistakes } | { failure: Failure };

/** Set by the API, CloudFront and the load balancer. A script may read all response headers of its own origin. */
const requestIdHeaders = ['x-request-id', 'x-amz-cf-id', 'x-amzn-trace-id'];

/**
 * Requests a sum from the API, which also stores the operation. Never rejects: every failure is an outcome. Times out
 * after `limits.clientTimeout` milliseconds. It is then unknown whether the operation was stored; a retry with the same
 * key is idempotent.
 */
export async function requestSum(request: SumRequest, key: string): Promise<Outcome> {
  const sum = beginSum();
  const outcome = await fetchSum(request, { [idempotencyKeyHeader]: key, traceparent: sum.traceparent });
  sum.end('failure' in outcome ? outcome.failure.code : 'mistakes' in outcome ? 'refused' : 'ok');
  return outcome;
}

async function fetchSum(request: SumRequest, headers: Record<string, string>): Promise<Outcome> {
  const signal = AbortSignal.timeout(limits.clientTimeout);
  let response: Response;
  let text: string;
  try {
    response = await fetch(paths.sum, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(request),
      signal,
    });
    text = await response.text();
  } catch {
    // The signal decides, because the error's name is AbortError in Chrome before 124.
    return { failure: { code: signal.aborted ? 'timeout' : 'offline' } };
  }
  return readResponse(response, parseJson(text), request.operador1 + request.operador2);
}

/** The response may come from any proxy in front of the API. A sum other than the `expected` one is a failure. */
function readResponse({ ok, status, headers }: Response, body: unknown, expected: number): Outcome {
  if (ok && isRecord(body) && body.resultado === expected) return { resultado: expected };

  const type = headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  const problem = type === problemMediaType ? readProblem(body) : undefined;
  if (problem && 'mistakes' in problem) return problem;

  const isGateway = (status >= 502 && status <= 504) || type === 'text/html';
  const requestId = requestIdHeaders.map((name) => headers.get(name)).find(Boolean) ?? undefined;
  return { failure: { ...(problem?.failure ?? { code: isGateway ? 'unavailable' : 'unexpected' }), requestId } };
}

/**
 * The problem that the body describes, if any. An API newer than this page may refuse values that the page accepts. Its
 * messages are then shown beside the fields.
 */
function readProblem(body: unknown): { mistakes: Mistakes } | { failure: Failure } | undefined {
  if (!isRecord(body) || typeof body.code !== 'string') return undefined;
  const { code, detail, errors } = body;
  const mistakes: Partial<Record<Field, Mistake>> = {};
  for (const { pointer, ...error } of Array.isArray(errors) ? errors.filter(isRecord) : []) {
    const field = fields.find((name) => pointer === `#/${name}`);
    if (field && isMistake(error)) mistakes[field] ??= { code: error.code, detail: error.detail };
  }
  if (Object.keys(mistakes).length > 0) return { mistakes };
  return { failure: { code, detail: isOptionalText(detail) ? detail : undefined } };
}
