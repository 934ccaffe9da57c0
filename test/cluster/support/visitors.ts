import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

/** What visitors ask, again and again. */
export interface Question {
  readonly url: string;
  /** Sent by POST, as JSON. */
  readonly body?: object;
  /** What a right answer's body is. */
  readonly answer: RegExp;
}

/** A request that was not answered as it should be. */
export interface Failure {
  /** Milliseconds since the visitors came. */
  readonly at: number;
  readonly reason: string;
}

export interface Visit {
  readonly answered: number;
  readonly failures: readonly Failure[];
}

/** Milliseconds between a visitor's requests: some hardly pause, some leave their connection idle for a while. */
const pauses = [0, 5, 20, 100, 300, 700, 1_500, 3_000];
/** Milliseconds: of a request, and until a visitor whose request failed tries again. */
const patience = 10_000;
const recovery = 100;

/**
 * Sixteen visitors, each with a connection that it keeps as a load balancer or a browser does. Nothing is asked twice: a
 * request on a connection that the server closed under its hands is a failure.
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
      // Each pause meets each of two questions.
      question: questions[(index + Math.floor(index / pauses.length)) % questions.length] as Question,
    }));
    this.#running = Promise.all(visitors.map(({ pause, question }) => this.#visit(question, pause)));
  }

  /** How it went until now. */
  get visit(): Visit {
    return { answered: this.#answered, failures: [...this.#failures] };
  }

  /** Waits for the answers under way; nobody asks any more. */
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
        await sleep(recovery);
      }
    }
    agent.destroy();
  }
}

/** Asks once. @throws if the connection breaks, nothing comes in time, or it is not the right answer */
export async function ask({ url, body, answer }: Question, agent = new Agent()): Promise<void> {
  const outgoing = request(url, {
    method: body ? 'POST' : 'GET',
    headers: body ? { 'content-type': 'application/json' } : {},
    agent,
    signal: AbortSignal.timeout(patience),
  });
  outgoing.end(body && JSON.stringify(body));
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  const found = await text(response);
  if (response.statusCode !== 200 || !answer.test(found)) {
    throw new Error(`${response.statusCode} ${found.slice(0, 200)}`);
  }
}
