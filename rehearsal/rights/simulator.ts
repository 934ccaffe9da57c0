import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';

/** A policy by its name, with the document as IAM has it. */
export interface Policy {
  readonly name: string;
  readonly policy: object;
}

/** Requests and the policies that decide on them. */
export interface Simulation {
  readonly identityPolicies: readonly Policy[];
  readonly permissionBoundaryPolicies?: readonly Policy[];
  readonly requests: readonly {
    readonly principal: string;
    readonly action: string;
    readonly resource: { readonly resource: string; readonly accountId: string };
    readonly contextVariables: Readonly<Record<string, string | readonly string[]>>;
    /** The policy of the resource, or of a role that is assumed. */
    readonly resourcePolicy?: object;
  }[];
}

/** What denies a request: a statement, by its index, or a boundary that does not allow it. Empty if nothing allows it. */
export interface Denial {
  readonly policy: string;
  readonly statement?: number;
}

export type Answer = { readonly isAllowed: boolean; readonly by: readonly Denial[] } | { readonly error: string };

const program = [join(import.meta.dirname, 'simulate.ts')];

/** Asks all at once. @returns the answers to the requests of each simulation. @throws Error with the program's output */
export function decide(simulations: readonly Simulation[]): Answer[][] {
  const { status, stderr, stdout } = spawnSync(process.execPath, program, {
    input: simulations.map((simulation) => `${JSON.stringify(simulation)}\n`).join(''),
    encoding: 'utf8',
    maxBuffer: 64 * 1024 ** 2,
  });
  if (status !== 0) throw new Error(stderr);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** IAM's rules, as `@cloud-copilot/iam-simulate` implements them, in a process of their own until `stop`. */
export class Simulator {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;
  readonly #closed: Promise<unknown>;
  #last: Promise<unknown> = Promise.resolve();
  #errors = '';

  constructor() {
    const child = spawn(process.execPath, program, { stdio: ['pipe', 'pipe', 'pipe'] });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      this.#errors += text;
    });
    this.#closed = once(child, 'close');
    // Writing after its end fails here, and the missing answer says why.
    child.stdin.on('error', () => undefined);
    this.#process = child;
    this.#reader = createInterface({ input: child.stdout });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  /** @returns the answer to each request. @throws Error with the program's output if it has ended */
  ask(simulation: Simulation): Promise<Answer[]> {
    const answer = this.#last.then(async () => {
      this.#process.stdin?.write(`${JSON.stringify(simulation)}\n`);
      const { done, value } = await this.#lines.next();
      if (done) {
        // Its output may end before its errors have been read.
        await this.#closed;
        throw new Error(`The simulator of permissions has ended:\n${this.#errors}`);
      }
      return JSON.parse(value) as Answer[];
    });
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    this.#process.stdin?.end();
    await this.#closed;
  }
}
