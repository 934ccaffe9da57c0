import { randomInt, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { idempotencyKeyHeader, limits, paths, problemMediaType, type SumRequest } from 'contract';

/** Milliseconds after which a request counts as one that hangs: the API's own limit and a margin for a busy machine. */
export const patience = limits.storageTimeout + 10_000;

/** Milliseconds: a client that is refused waits a little, and so leaves the processor to what it waits for. */
const pause = 20;

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: unknown;
}

/** One request of a load and what came of it: an answer, or the reason why there is none. Neither: it is under way. */
export interface Attempt {
  operation: SumRequest;
  answer?: Answer;
  failure?: string;
  /** How often it was sent again. */
  repeated?: number;
}

/**
 * Clients that send one operation after the other, each on a connection of its own that it keeps. A client whose request
 * gets no answer ends, and so all do when the API is gone.
 */
export interface Load {
  readonly attempts: readonly Attempt[];
  /**
   * Waits until this many more requests are answered with this status than were when it is called.
   *
   * @throws if the clients end before
   */
  answers(status: number, count: number): Promise<void>;
  /** Waits until every client has ended by itself; see `untilConnectionClose`. */
  ended(): Promise<void>;
  /** Waits for the answers under way and sends no more. */
  stop(): Promise<void>;
}

export interface LoadOptions {
  /** How many send at the same time. */
  clients: number;
  /** A client ends when an answer tells it `Connection: close`, instead of going on with a new connection. */
  untilConnectionClose?: boolean;
  /** Each operation has a key and is sent again under it until it is acknowledged, whatever happens to its connection. */
  untilAcknowledged?: boolean;
}

/** An operation that no other request sends: its name is unique. */
export function newOperation(): SumRequest {
  const operand = () => randomInt(-(2 ** 46), 2 ** 46);
  return { nome: randomUUID(), operador1: operand(), operador2: operand() };
}

/**
 * Asks for a sum, once: nothing is sent again when it fails.
 *
 * @throws if the connection breaks, or the whole answer is not there well after `limits.storageTimeout`
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

/** Starts to send operations, all different, as fast as they are answered. */
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

/** Sends an operation under a key of its own until it is answered with anything but a refusal. */
async function sendUntilAcknowledged(url: string, attempt: Attempt, agent: Agent): Promise<void> {
  for (;;) {
    try {
      attempt.answer = await post(url, attempt.operation, agent, attempt.operation.nome);
      if (!isRefusal(attempt.answer)) return;
    } catch {
      // A connection that broke, or was refused: nobody knows whether the operation was stored.
    }
    attempt.repeated = (attempt.repeated ?? 0) + 1;
    await sleep(pause);
  }
}

function countOf(attempts: readonly Attempt[], status: number): number {
  return attempts.filter(({ answer }) => answer?.status === status).length;
}

/**
 * What is wrong with the answers to a load, a line each: a request with none, a wrong sum, or an answer that is neither
 * the sum nor the refusal that is expected.
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

/** Whether an answer says, as the contract has it, that the operation was not stored and that trying again does not help. */
export function isFinalRefusal({ status, headers, body }: Answer): boolean {
  return (
    status === 500 &&
    headers['content-type']?.startsWith(problemMediaType) === true &&
    headers['retry-after'] === undefined &&
    (body as { code: string }).code === 'storage_refused'
  );
}

/** Whether an answer says, as the contract has it, that the database is away or busy, and when to try again. */
export function isRefusal({ status, headers, body }: Answer): boolean {
  return (
    status === 503 &&
    headers['content-type']?.startsWith(problemMediaType) === true &&
    Number(headers['retry-after']) > 0 &&
    ['storage_unavailable', 'overloaded'].includes((body as { code: string }).code)
  );
}

/**
 * What is wrong with the rows that a load left, a line each: an acknowledged operation that is not there, one that is
 * there twice or with other numbers, or one that nobody sent. A request that was refused may be there or not.
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
    if (stored.has(nome)) wrong.push(`${nome} is there twice`);
    stored.set(nome, row);
  }
  for (const { operation, answer } of attempts) {
    if (answer?.status === 200 && !stored.has(operation.nome)) wrong.push(`${operation.nome} is lost`);
  }
  return wrong;
}
