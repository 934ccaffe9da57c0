import { randomInt, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { idempotencyKeyHeader, limits, paths, problemMediaType, type SumRequest } from 'contract';

/** Milliseconds after which a request counts as hanging: the API's own limit, and a margin for a busy machine. */
export const patience = limits.storageTimeout + 10_000;

/** Milliseconds that a refused client waits before its next request, to leave CPU time to the processes under test. */
const pause = 20;

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: unknown;
}

/** One request of a load, with its response, or the reason why there is none. With neither, it is in flight. */
export interface Attempt {
  operation: SumRequest;
  answer?: Answer;
  failure?: string;
  /** Number of retries. */
  repeated?: number;
}

/**
 * Clients that send one operation after another, each on its own keep-alive connection. A client stops if a request
 * gets no response, so all stop when the API is gone.
 */
export interface Load {
  readonly attempts: readonly Attempt[];
  /**
   * Waits until this many further requests are answered with this status.
   *
   * @throws if all clients stop first
   */
  answers(status: number, count: number): Promise<void>;
  /** Waits until every client has stopped by itself. See `untilConnectionClose`. */
  ended(): Promise<void>;
  /** Stops sending, and waits for the requests in flight. */
  stop(): Promise<void>;
}

export interface LoadOptions {
  /** Number of concurrent clients. */
  clients: number;
  /** A client stops after a response with `Connection: close`, instead of opening a new connection. */
  untilConnectionClose?: boolean;
  /** Each operation has a key, and is retried with it until it is acknowledged, even after connection errors. */
  untilAcknowledged?: boolean;
}

/** An operation with a unique name. */
export function newOperation(): SumRequest {
  const operand = () => randomInt(-(2 ** 46), 2 ** 46);
  return { nome: randomUUID(), operador1: operand(), operador2: operand() };
}

/**
 * Sends an operation once, without a retry.
 *
 * @throws if the connection breaks, or there is no complete response within `patience`
 */
export async function post(url: string, operation: SumRequest, agent = new Agent(), key?: string): Promise<Answer> {
  const outgoing = request(new URL(paths.sum, url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key !== undefined && { [idempotencyKeyHeader]: key }) },
    agent,
    signal: AbortSignal.timeout(patience),
  });
  outgoing.end(JSON.stringify(operation));
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 0, headers: response.headers, body: await json(response) };
}

/** Starts to send operations, each different, as fast as they are answered. */
export function startLoad(url: string, options: LoadOptions): Load {
  const { clients, untilConnectionClose = false, untilAcknowledged = false } = options;
  const attempts: Attempt[] = [];
  let stopping = false;
  let running = clients;

  const client = async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (!stopping) {
      const attempt: Attempt = { operation: newOperation() };
      attempts.push(attempt);
      if (untilAcknowledged) {
        await sendUntilAcknowledged(url, attempt, agent);
        continue;
      }
      try {
        attempt.answer = await post(url, attempt.operation, agent);
      } catch (error) {
        attempt.failure = String(error);
        break;
      }
      if (untilConnectionClose && attempt.answer.headers.connection === 'close') break;
      if (attempt.answer.status !== 200) await sleep(pause);
    }
    agent.destroy();
    running--;
  };
  const ended = Promise.all(Array.from({ length: clients }, client));

  return {
    attempts,
    async answers(status, count) {
      for (const goal = countOf(attempts, status) + count; countOf(attempts, status) < goal; await sleep(5)) {
        if (running === 0) throw new Error(`All clients ended: ${wrongAnswers(attempts).join('; ')}`);
      }
    },
    async ended() {
      await ended;
    },
    async stop() {
      stopping = true;
      await ended;
    },
  };
}

/** Sends an operation with its own key until the response is not a refusal. */
async function sendUntilAcknowledged(url: string, attempt: Attempt, agent: Agent): Promise<void> {
  for (;;) {
    try {
      attempt.answer = await post(url, attempt.operation, agent, attempt.operation.nome);
      if (!isRefusal(attempt.answer)) return;
    } catch {
      // The connection broke or was refused, so it is unknown whether the operation was stored.
    }
    attempt.repeated = (attempt.repeated ?? 0) + 1;
    await sleep(pause);
  }
}

function countOf(attempts: readonly Attempt[], status: number): number {
  return attempts.filter(({ answer }) => answer?.status === status).length;
}

/**
 * Returns the errors in the responses to a load, one line each: no response, a wrong sum, or a response that is neither
 * the sum nor an expected refusal.
 */
export function wrongAnswers(attempts: readonly Attempt[], isExpected = isRefusal): string[] {
  return attempts.flatMap(({ operation, answer, failure }) => {
    if (answer === undefined) return [failure ?? 'no answer'];
    const isSum =
      answer.status === 200 &&
      JSON.stringify(answer.body) === JSON.stringify({ resultado: operation.operador1 + operation.operador2 });
    return isSum || isExpected(answer) ? [] : [`${answer.status} ${JSON.stringify(answer.body)}`];
  });
}

/** Whether it is the contract's response for an operation that was not stored, and for which a retry does not help. */
export function isFinalRefusal({ status, headers, body }: Answer): boolean {
  return (
    status === 500 &&
    headers['content-type']?.startsWith(problemMediaType) === true &&
    headers['retry-after'] === undefined &&
    (body as { code: string }).code === 'storage_refused'
  );
}

/** Whether it is the contract's response for an unavailable or busy database, with Retry-After. */
export function isRefusal({ status, headers, body }: Answer): boolean {
  return (
    status === 503 &&
    headers['content-type']?.startsWith(problemMediaType) === true &&
    Number(headers['retry-after']) > 0 &&
    ['storage_unavailable', 'overloaded'].includes((body as { code: string }).code)
  );
}

/**
 * Returns the errors in the rows stored by a load, one line each: an acknowledged operation that is missing, a row that
 * is stored twice or with other numbers, or one that nobody sent. A refused request may or may not be stored.
 */
export function wrongRows(attempts: readonly Attempt[], rows: readonly SumRequest[]): string[] {
  const sent = new Map(attempts.map((attempt) => [attempt.operation.nome, attempt.operation]));
  const stored = new Map<string, SumRequest>();
  const wrong: string[] = [];
  for (const row of rows) {
    const { nome, operador1, operador2 } = row;
    const operation = sent.get(nome);
    if (operation === undefined) wrong.push(`nobody sent ${nome}`);
    else if (operation.operador1 !== operador1 || operation.operador2 !== operador2) wrong.push(`${nome} was altered`);
    if (stored.has(nome)) wrong.push(`${nome} was stored twice`);
    stored.set(nome, row);
  }
  for (const { operation, answer } of attempts) {
    if (answer?.status === 200 && !stored.has(operation.nome)) wrong.push(`${operation.nome} is lost`);
  }
  return wrong;
}
