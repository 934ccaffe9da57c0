import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

/** A request that visitors repeat, with its expected answer. */
export interface Question {
  readonly url: string;
  /** Sent as JSON by POST. Without it, the request is a GET. */
  readonly body?: object;
  /** Matches the body of a right answer. */
  readonly answer: RegExp;
}

/** A request that got no answer, or a wrong one. */
export interface Failure {
  /** Milliseconds since the visitors started. */
  readonly at: number;
  readonly reason: string;
}

export interface Visit {
  readonly answered: number;
  readonly failures: readonly Failure[];
}

/** Milliseconds between a visitor's requests: some hardly pause, some leave their connection idle for a while. */
const pauses = [0, 5, 20, 100, 300, 700, 1_500, 3_000];
/** Milliseconds: limit of a request, and pause of a visitor after a failed request. */
const requestTimeout = 10_000;
const pauseAfterFailure = 100;

/**
 * Sixteen visitors, each with a keep-alive connection, as a load balancer or a browser has. Requests are not retried: a
 * request on a connection that the server closes at that moment is a failure.
 */
export class Visitors {
  readonly #start = performance.now();
  readonly #failures: Failure[] = [];
  readonly #running: Promise<unknown>;
  #answered = 0;
  #isOver = false;

  constructor(...questions: readonly Question[]) {
    const visitors = [...pauses, ...pauses].map((pause, index) => ({
      pause,
      // Of two questions, each is asked with every pause.
      question: questions[(index + Math.floor(index / pauses.length)) % questions.length] as Question,
    }));
    this.#running = Promise.all(visitors.map(({ pause, question }) => this.#visit(question, pause)));
  }

  /** The results so far. */
  get visit(): Visit {
    return { answered: this.#answered, failures: [...this.#failures] };
  }

  /** Stops the visitors and waits for in-flight requests. */
  async leave(): Promise<Visit> {
    this.#isOver = true;
    await this.#running;
    return this.visit;
  }

  async #visit(question: Question, pause: number): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (!this.#isOver) {
      const at = Math.round(performance.now() - this.#start);
      try {
        await ask(question, agent);
        this.#answered += 1;
        await sleep(pause * (0.5 + Math.random()));
      } catch (error) {
        this.#failures.push({ at, reason: `${new URL(question.url).pathname}: ${(error as Error).message}` });
        await sleep(pauseAfterFailure);
      }
    }
    agent.destroy();
  }
}

/** Sends one request. @throws if the connection breaks, the request times out, or the answer is wrong */
export async function ask({ url, body, answer }: Question, agent = new Agent()): Promise<void> {
  const outgoing = request(url, {
    method: body ? 'POST' : 'GET',
    headers: body ? { 'content-type': 'application/json' } : {},
    agent,
    signal: AbortSignal.timeout(requestTimeout),
  });
  outgoing.end(body && JSON.stringify(body));
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  const found = await text(response);
  if (response.statusCode !== 200 || !answer.test(found)) {
    throw new Error(`${response.statusCode} ${found.slice(0, 200)}`);
  }
}
