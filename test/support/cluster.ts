import { type ChildProcess, execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { FaultAnswer, FaultRequest } from '../kubernetes/keeper.ts';
import type { Faults, Nodes } from '../kubernetes/nodes.ts';
import { type Outcome, outcomeOf } from './outcome.ts';

const folder = join(import.meta.dirname, '../kubernetes');

/** The load balancer controller's custom resource, for `kubectl apply --filename`. A new cluster lacks it. */
export const bindingDefinition = join(folder, 'target-group-binding.yaml');

/** A Kubernetes cluster on this machine, for one test. */
export class Cluster {
  /** Environment variables for kubectl and for programs that use it. */
  readonly env: NodeJS.ProcessEnv;
  readonly #keeper: ChildProcess;
  #requests = 0;

  private constructor(env: NodeJS.ProcessEnv, keeper: ChildProcess) {
    this.env = env;
    this.#keeper = keeper;
  }

  /**
   * Starts a cluster that runs until `stop` or until this process ends.
   *
   * @param nodes `real` needs root, and first waits until no other real node runs
   */
  static async start(nodes: Nodes): Promise<Cluster> {
    const keeper = fork(join(folder, 'keeper.ts'), [nodes], { execArgv: [] });
    const ended = once(keeper, 'exit').then(([code]) => {
      throw new Error(`The cluster exited with ${code}`);
    });
    const [env] = (await Promise.race([once(keeper, 'message'), ended])) as [NodeJS.ProcessEnv];
    // From here on, `stop` expects it to exit.
    ended.catch(() => undefined);
    return new Cluster({ ...process.env, ...env }, keeper);
  }

  /** Faults of this cluster. They fail on a cluster of kind. */
  readonly faults: Faults = {
    end: (program) => this.#ask('end', program),
    start: (program) => this.#ask('start', program),
    lose: () => this.#ask('lose'),
    join: () => this.#ask('join'),
  };

  #ask(fault: keyof Faults, program = ''): Promise<void> {
    const request: FaultRequest = { id: ++this.#requests, fault, program };
    return new Promise((resolve, reject) => {
      const listen = ({ id, error }: FaultAnswer) => {
        if (id !== request.id) return;
        this.#keeper.off('message', listen);
        if (error === undefined) resolve();
        else reject(new Error(error));
      };
      this.#keeper.on('message', listen).send(request);
    });
  }

  async stop(): Promise<void> {
    const exited = once(this.#keeper, 'exit');
    this.#keeper.disconnect();
    await exited;
  }

  /** Runs kubectl. Failures are returned, not thrown. `input` is its standard input, for `--filename=-`. */
  async kubectl(args: readonly string[], input = ''): Promise<Outcome> {
    const running = promisify(execFile)('kubectl', [...args], { env: this.env, maxBuffer: 64 * 1024 ** 2 });
    running.child.stdin?.end(input);
    return outcomeOf(running);
  }

  /** Applies objects, with strict validation: unknown and duplicate fields are errors. @throws if one is rejected */
  async apply(objects: readonly object[]): Promise<void> {
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
    const args = ['apply', '--server-side', '--force-conflicts', '--validate=strict', '--filename=-'];
    const { code, output } = await this.kubectl(args, list);
    if (code !== 0) throw new Error(output);
  }

  /** Reads one object, or a list, from the API server. @throws if there is none */
  async get<T>(...args: string[]): Promise<T> {
    const { code, output } = await this.kubectl(['get', '--output=json', ...args]);
    if (code !== 0) throw new Error(output);
    return JSON.parse(output);
  }
}
