import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { idempotencyKeyHeader, limits, paths } from '../../packages/contract/src/index.ts';

/**
 * A user of the API or of the site.
 *
 * - `plain`: a script that sends each sum once, without a key. Whatever is not answered with 200 has failed.
 * - `keyed`: a script that does what the README offers: it sends a key, and after a 503 or without an answer sends the
 *   sum again. A sum has failed if it is not answered within `keyedPatience`.
 * - `visitor`: opens the page of the site.
 */
export type Kind = 'plain' | 'keyed' | 'visitor';

/** Milliseconds in which a sum with a key must be acknowledged. */
const keyedPatience = 120_000;

/**
 * What happened to the requests that were answered, or failed, during one period, such as an event of the day. Times are
 * milliseconds.
 */
export interface PeriodFigures {
  readonly name: string;
  readonly seconds: number;
  readonly requests: number;
  readonly acknowledged: number;
  readonly failed: Readonly<Record<Kind, number>>;
  readonly repeated: number;
  readonly median: number;
  readonly p99: number;
  readonly longest: number;
  readonly longestSum: number;
  readonly answers: Readonly<Record<string, number>>;
}

export class Period {
  readonly name: string;
  readonly start = performance.now();
  seconds = 0;
  /** Requests by their answer: a status, or why there was none. */
  readonly answers = new Map<string, number>();
  /** Sums of users without a key, and pages, that failed. */
  readonly failed: Record<Kind, number> = { plain: 0, keyed: 0, visitor: 0 };
  acknowledged = 0;
  /** Requests with a key that were sent again. */
  repeated = 0;
  /** Milliseconds: the longest a user waited for one answer, and for a sum with all its requests. */
  longest = 0;
  longestSum = 0;
  readonly #times: number[] = [];

  constructor(name: string) {
    this.name = name;
  }

  note(answer: string, time: number): void {
    this.answers.set(answer, (this.answers.get(answer) ?? 0) + 1);
    this.longest = Math.max(this.longest, time);
    this.#times.push(time);
  }

  get figures(): PeriodFigures {
    const { acknowledged, failed, longest, longestSum, name, repeated, seconds } = this;
    const times = this.#times.toSorted((one, other) => one - other);
    return {
      ...{ name, seconds, requests: times.length, acknowledged, failed, repeated },
      ...{ median: times[times.length >> 1] ?? 0, p99: times[Math.floor(times.length * 0.99)] ?? 0 },
      ...{ longest, longestSum, answers: Object.fromEntries(this.answers) },
    };
  }
}

/** A sum by its number: each is another one, so that its row can be found. */
export const operationOf = (number: number) => ({
  nome: `Dia ${number}`,
  operador1: number,
  operador2: (number * 7) % 1_000_003,
});

interface Answered {
  /** A status, or why there was none. */
  readonly answer: string;
  readonly body: string;
  /** Milliseconds. */
  readonly retryAfter: number;
}

/** Users that send requests at a steady rate, each on its own connection. */
export class Users {
  readonly #address: string;
  readonly #running: Promise<unknown>;
  readonly #rate: number;
  readonly #start = performance.now();
  readonly periods: Period[] = [];
  #sent = 0;
  #turns = 0;
  #acknowledged = 0;
  #isOver = false;
  /** By the number of the sum: 1 if it was answered with its result. */
  readonly #isAcknowledged: boolean[] = [];

  /**
   * @param users number of users of each kind
   * @param rate requests a second of all users together, as far as the answers arrive in time
   */
  constructor(address: string, users: Readonly<Record<Kind, number>>, rate: number) {
    this.#address = address;
    this.#rate = rate;
    this.begin('before the first event');
    const all = Object.entries(users).flatMap(([kind, count]) => Array.from({ length: count }, () => kind as Kind));
    this.#running = Promise.all(all.map((kind) => this.#live(kind)));
  }

  /** Sums that were answered with their result. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Sums that were sent, however they were answered. Their numbers are below. */
  get sent(): number {
    return this.#sent;
  }

  isAcknowledged(number: number): boolean {
    return this.#isAcknowledged[number] === true;
  }

  /** From now on, requests count for a new period. */
  begin(name: string): void {
    this.#end();
    this.periods.push(new Period(name));
  }

  /** Stops sending, and waits for the requests in flight. */
  async leave(): Promise<void> {
    this.#isOver = true;
    await this.#running;
    this.#end();
  }

  #end(): void {
    const last = this.periods.at(-1);
    if (last) last.seconds = (performance.now() - last.start) / 1000;
  }

  /** The current one. */
  get period(): Period {
    return this.periods.at(-1) as Period;
  }

  async #live(kind: Kind): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (;;) {
      await this.#turn();
      if (this.#isOver) break;
      if (kind === 'visitor') await this.#visit(agent);
      else await this.#add(agent, kind);
    }
    agent.destroy();
  }

  /** Waits until it is somebody's turn: turns come at the steady rate. Turns that nobody was free for are lost. */
  async #turn(): Promise<void> {
    const due = Math.max(
      this.#turns,
      Math.floor(((performance.now() - this.#start) * this.#rate) / 1000) - this.#rate / 10,
    );
    this.#turns = due + 1;
    const wait = this.#start + (due * 1000) / this.#rate - performance.now();
    if (wait > 0) await sleep(wait);
  }

  async #visit(agent: Agent): Promise<void> {
    const { answer } = await this.#ask(agent, `${paths.site}/`);
    if (answer !== '200') this.period.failed.visitor++;
  }

  async #add(agent: Agent, kind: 'plain' | 'keyed'): Promise<void> {
    const number = this.#sent++;
    const operation = operationOf(number);
    const key = kind === 'keyed' ? `day-${number}` : undefined;
    const start = performance.now();
    for (;;) {
      const { answer, body, retryAfter } = await this.#ask(agent, paths.sum, JSON.stringify(operation), key);
      const isRight =
        answer === '200' && body === JSON.stringify({ resultado: operation.operador1 + operation.operador2 });
      if (isRight) {
        this.#isAcknowledged[number] = true;
        this.#acknowledged++;
        this.period.acknowledged++;
        break;
      }
      if (key === undefined || answer === '200' || performance.now() - start > keyedPatience) {
        this.period.failed[kind]++;
        break;
      }
      this.period.repeated++;
      await sleep(retryAfter);
    }
    this.period.longestSum = Math.max(this.period.longestSum, performance.now() - start);
  }

  async #ask(agent: Agent, path: string, body?: string, key?: string): Promise<Answered> {
    const start = performance.now();
    const found = await send(this.#address + path, agent, body, key);
    this.period.note(found.answer, performance.now() - start);
    return found;
  }
}

/** Milliseconds that a client waits before it sends a sum again, unless the API says for how long. */
const pause = 1_000;

/** Sends a request once, as a browser or a script does. */
function send(url: string, agent: Agent, body: string | undefined, key: string | undefined): Promise<Answered> {
  return new Promise((resolve) => {
    const none = (reason: string) => resolve({ answer: reason, body: '', retryAfter: pause });
    const outgoing = request(
      url,
      {
        agent,
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          ...(body !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
          ...(key !== undefined && { [idempotencyKeyHeader]: key }),
        },
      },
      (answer: IncomingMessage) => {
        const retryAfter = Number(answer.headers['retry-after'] ?? Number.NaN) * 1000 || pause;
        text(answer).then(
          (found) => resolve({ answer: String(answer.statusCode), body: found, retryAfter }),
          () => none('broken off'),
        );
      },
    );
    const timer = setTimeout(() => {
      none('time-out');
      outgoing.destroy();
    }, limits.clientTimeout);
    outgoing.once('error', (error: NodeJS.ErrnoException) => none(error.code ?? error.message));
    outgoing.once('close', () => clearTimeout(timer));
    outgoing.end(body);
  });
}
