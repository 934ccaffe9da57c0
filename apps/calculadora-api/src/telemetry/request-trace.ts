import { randomFillSync } from 'node:crypto';

/** Ids of a span in hexadecimal, as in W3C Trace Context. */
export interface SpanIds {
  readonly traceId: string;
  readonly spanId: string;
}

/** A statement that serves one or more requests. Times are those of `performance.now()`. */
export interface Statement {
  readonly operation: 'INSERT' | 'SELECT';
  readonly start: number;
  readonly traces: readonly RequestTrace[];
  end?: number;
  /** Why it failed: the database's error code, if it has one. */
  error?: string;
  /** Its span, once the trace of one of its requests has been sent. The other traces link to it. */
  span?: SpanIds;
}

/** `00-<trace id>-<parent's span id>-<flags>`; ids of zeros only are invalid. Later versions may append fields. */
const traceparentForm = /^(?!ff)([\da-f]{2})-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})(?=-|$)(.*)$/;

/**
 * What happened to one request, and when. It is only a note: spans are made from it after the answer, if at all. Holds
 * nothing that the client sent, except ids.
 */
export class RequestTrace implements SpanIds {
  readonly traceId: string;
  readonly spanId: string = randomHex(8);
  /** The client's span. */
  readonly parentId: string | undefined;
  /** False if the client does not want the trace. */
  readonly isSampled: boolean;
  readonly start: number = performance.now();
  /** From the queue of operations until the operation is stored or refused. */
  wait: { readonly start: number; end?: number } | undefined;
  readonly statements: Statement[] = [];
  /** Code of the problem that was answered. */
  problem: string | undefined;

  /** @param traceparent the client's header. An invalid one is ignored. */
  constructor(traceparent?: string) {
    const [, version, traceId, parentId, flags = '01', rest] = traceparentForm.exec(traceparent ?? '') ?? [];
    const isValid = traceId !== undefined && (version !== '00' || rest === '');
    this.traceId = isValid ? traceId : randomHex(16);
    this.parentId = isValid ? parentId : undefined;
    this.isSampled = !isValid || (Number.parseInt(flags, 16) & 1) === 1;
  }

  /** Notes how long the operation waits to be stored. */
  async noteWait(store: () => Promise<void>): Promise<void> {
    const wait: NonNullable<RequestTrace['wait']> = { start: performance.now() };
    this.wait = wait;
    try {
      await store();
    } finally {
      wait.end = performance.now();
    }
  }
}

/** Runs a statement, and notes it for each traced request that it serves. */
export async function noteStatement<Result>(
  operation: Statement['operation'],
  entries: readonly { readonly trace?: RequestTrace | undefined }[],
  run: () => Promise<Result>,
): Promise<Result> {
  const traces = entries.flatMap(({ trace }) => trace ?? []);
  if (traces.length === 0) return run();
  const statement: Statement = { operation, start: performance.now(), traces };
  for (const { statements } of traces) statements.push(statement);
  try {
    return await run();
  } catch (error) {
    statement.error = errorCode((error as Error).cause ?? error);
    throw error;
  } finally {
    statement.end = performance.now();
  }
}

function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return 'unavailable';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

// Random bytes for 128 ids at a time, because a call for each is slow.
const pool = Buffer.alloc(16 * 128);
let used = pool.length;

function randomHex(bytes: number): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  return pool.toString('hex', used - bytes, used);
}
