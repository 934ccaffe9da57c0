import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { type Outcome, outcomeOf } from './outcome.ts';
import { findTool } from './tools.ts';

const program = join(import.meta.dirname, '../../../shared/cluster/with');

/** Locked while a real node runs: its pod network and its port exist only once on a machine. */
const realNodeLock = join(tmpdir(), 'kubernetes-real-node.lock');

/** Undefined if kubectl, or the program beside the repository that starts a cluster, is missing. */
export const clusterTools = existsSync(program) ? findTool('kubectl') : undefined;

/** The load balancer controller's custom resource, for `kubectl apply --filename`. A new cluster lacks it. */
export const bindingDefinition = join(dirname(program), 'crds.yaml');

/** A real Kubernetes control plane on this machine, for one test. */
export class Cluster {
  /** Environment variables for kubectl and for programs that use it. */
  readonly env: NodeJS.ProcessEnv;
  readonly #keeper: ChildProcess;

  private constructor(env: NodeJS.ProcessEnv, keeper: ChildProcess) {
    this.env = env;
    this.#keeper = keeper;
  }

  /**
   * Starts a cluster that runs until `stop`. A child process in it reports the environment variables of the cluster.
   *
   * @param nodes `played`: three simulated nodes, whose pods are ready at once and run nothing. `real`: one node that
   *   runs images and needs root; it first waits until no other real node runs.
   * @param env added to this process's environment, such as `CLUSTER_IMAGES`
   */
  static async start(nodes: 'played' | 'real', env: NodeJS.ProcessEnv = {}): Promise<Cluster> {
    const report = 'console.log(JSON.stringify(process.env)); process.stdin.resume()';
    const command = [program, ...(nodes === 'real' ? ['--real'] : []), process.execPath, '--eval', report];
    const [starter = program, ...args] = nodes === 'real' ? ['flock', '--close', realNodeLock, ...command] : command;
    const keeper = spawn(starter, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = once(keeper, 'exit').then(([code]) => {
      throw new Error(`The cluster exited with ${code}`);
    });
    const [line] = (await Promise.race([once(createInterface(keeper.stdout), 'line'), ended])) as [string];
    // From here on, `stop` expects it to exit.
    ended.catch(() => undefined);
    return new Cluster(JSON.parse(line), keeper);
  }

  async stop(): Promise<void> {
    const exited = once(this.#keeper, 'exit');
    this.#keeper.stdin?.end();
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
