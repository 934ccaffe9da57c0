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

/**
 * Why there is no sum: what the API said, or a code of this site for what kept it from saying anything: `offline`, `timeout`,
 * `unavailable` (what stands before the API answered in its place) or `unexpected`.
 */
export interface Failure {
  readonly code: string;
  readonly detail?: string | undefined;
  /** By which the site's team finds the request in its logs. */
  readonly requestId?: string | undefined;
}

export type Outcome = SumResponse | { mistakes: Mistakes } | { failure: Failure };

/** Where the API and CloudFront say it. A script may read every header of its own origin. */
const requestIdHeaders = ['x-request-id', 'x-amz-cf-id', 'x-amzn-trace-id'];

/**
 * Asks the API for a sum, which stores the operation. Never rejects: whatever goes wrong is an outcome.
 * Gives up after `limits.clientTimeout` milliseconds; whether the operation was stored is then unknown, and it may be asked
 * for again with the same key: it is stored once.
 */
export async function requestSum(request: SumRequest, key: string): Promise<Outcome> {
  const signal = AbortSignal.timeout(limits.clientTimeout);
  let response: Response;
  let text: string;
  try {
    response = await fetch(paths.sum, {
      method: 'POST',
      headers: { 'content-type': 'application/json', [idempotencyKeyHeader]: key },
      body: JSON.stringify(request),
      signal,
    });
    text = await response.text();
  } catch {
    // Not by the error's name, which is AbortError in Chrome before 124.
    return { failure: { code: signal.aborted ? 'timeout' : 'offline' } };
  }
  return readAnswer(response, parseJson(text), request.operador1 + request.operador2);
}

/** What an answer says, which may come from anything between here and the API. A sum that is not the `expected` one is none. */
function readAnswer({ ok, status, headers }: Response, body: unknown, expected: number): Outcome {
  if (ok && isRecord(body) && body.resultado === expected) return { resultado: expected };

  const type = headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  const problem = type === problemMediaType ? readProblem(body) : undefined;
  if (problem && 'mistakes' in problem) return problem;

  const isGateway = (status >= 502 && status <= 504) || type === 'text/html';
  const requestId = requestIdHeaders.map((name) => headers.get(name)).find(Boolean) ?? undefined;
  return { failure: { ...(problem?.failure ?? { code: isGateway ? 'unavailable' : 'unexpected' }), requestId } };
}

/**
 * The problem that a body describes, if it does. An API newer than this page may know better which fields are wrong: its words
 * are then shown beside them.
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
