import {
  idempotencyKeyHeader,
  limits,
  type Problem,
  paths,
  problemMediaType,
  type SumRequest,
  type SumResponse,
} from 'contract';
import { fields, type Mistakes } from './form.ts';

/** Why there is no sum: what the API said, or what kept it from saying anything. */
export type Failure = Pick<Problem, 'code' | 'detail'> | { code: 'offline' | 'timeout' | 'unexpected' };

export type Outcome = SumResponse | { mistakes: Mistakes } | { failure: Failure };

/**
 * Asks the API for a sum, which stores the operation. Never throws: whatever goes wrong is an outcome.
 * Gives up after `limits.clientTimeout` milliseconds; whether the operation was stored is then unknown, and it may be asked
 * for again with the same key: it is stored once.
 */
export async function requestSum(request: SumRequest, key?: string): Promise<Outcome> {
  try {
    const response = await fetch(paths.sum, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(key && { [idempotencyKeyHeader]: key }) },
      body: JSON.stringify(request),
      signal: AbortSignal.timeout(limits.clientTimeout),
    });
    const body: unknown = await response.json();
    if (response.ok && isSumResponse(body)) return body;
    return response.headers.get('content-type')?.startsWith(problemMediaType)
      ? explain(body as Problem)
      : { failure: { code: 'unexpected' } };
  } catch (error) {
    if (error instanceof SyntaxError) return { failure: { code: 'unexpected' } };
    const isTimeout = error instanceof DOMException && error.name === 'TimeoutError';
    return { failure: { code: isTimeout ? 'timeout' : 'offline' } };
  }
}

function isSumResponse(body: unknown): body is SumResponse {
  return typeof body === 'object' && body !== null && 'resultado' in body && Number.isSafeInteger(body.resultado);
}

/** An API newer than this page may know better which fields are wrong: its words are then shown beside them. */
function explain({ code, detail, errors = [] }: Problem): Outcome {
  const mistakes: Mistakes = {};
  for (const field of fields) {
    const error = errors.find(({ pointer }) => pointer === `#/${field}`);
    if (error) mistakes[field] = { code: error.code, detail: error.detail };
  }
  return Object.keys(mistakes).length > 0 ? { mistakes } : { failure: { code, detail } };
}
