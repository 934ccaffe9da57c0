import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { findTool } from './tools.ts';

const program = join(import.meta.dirname, '../../../shared/cluster/with');

/** Held while a real node runs: its pods' network and its port are the machine's, which has one of each. */
const realNodeLock = join(tmpdir(), 'kubernetes-real-node.lock');

/** What a cluster of one's own lacks here: kubectl, or the program beside the repository that starts one. */
export const clusterTools = existsSync(program) ? findTool('kubectl') : undefined;

/** The load balancer controller's own kind of object, for `kubectl apply --filename`: a cluster starts without it. */
export const bindingDefinition = join(dirname(program), 'crds.yaml');

export interface Outcome {
  readonly code: number;
  readonly output: string;
}

/** A real Kubernetes control plane on this machine, for one test. */
export class Cluster {
  /** What kubectl and programs that use it need in their environment. */
  readonly env: NodeJS.ProcessEnv;
  readonly #keeper: ChildProcess;

  private constructor(env: NodeJS.ProcessEnv, keeper: ChildProcess) {
    this.env = env;
    this.#keeper = keeper;
  }

  /**
   * Starts a cluster that lives until `stop`: a program inside it tells the variables that lead there.
   *
   * @param nodes `played` are three whose pods are ready at once and run nothing; `real` is one that runs images, as root,
   *   and waits until no other does
   * @param env beside this process's own, such as `CLUSTER_IMAGES`
   */
  static async start(nodes: 'played' | 'real', env: NodeJS.ProcessEnv = {}): Promise<Cluster> {
    const tell = 'console.log(JSON.stringify(process.env)); process.stdin.resume()';
    const command = [program, ...(nodes === 'real' ? ['--real'] : []), process.execPath, '--eval', tell];
    const [starter = program, ...args] = nodes === 'real' ? ['flock', '--close', realNodeLock, ...command] : command;
    const keeper = spawn(starter, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = once(keeper, 'exit').then(([code]) => {
      throw new Error(`The cluster ended with ${code}`);
    });
    const [told] = (await Promise.race([once(createInterface(keeper.stdout), 'line'), ended])) as [string];
    // From here on its end is what `stop` waits for.
    ended.catch(() => undefined);
    return new Cluster(JSON.parse(told), keeper);
  }

  async stop(): Promise<void> {
    const exited = once(this.#keeper, 'exit');
    this.#keeper.stdin?.end();
    await exited;
  }

  /** Runs kubectl to its end, whatever that is. `input` is its standard input, for `--filename=-`. */
  async kubectl(args: readonly string[], input = ''): Promise<Outcome> {
    const running = promisify(execFile)('kubectl', [...args], { env: this.env, maxBuffer: 64 * 1024 ** 2 });
    running.child.stdin?.end(input);
    try {
      const { stdout, stderr } = await running;
      return { code: 0, output: stdout + stderr };
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
      return { code, output: stdout + stderr };
    }
  }

  /** Stores objects, or changes them to what is given, with unknown and doubled fields refused. @throws if it is refused */
  async apply(objects: readonly object[]): Promise<void> {
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
    const args = ['apply', '--server-side', '--force-conflicts', '--validate=strict', '--filename=-'];
    const { code, output } = await this.kubectl(args, list);
    if (code !== 0) throw new Error(output);
  }

  /** One object, or a list of them, as the API server has it. @throws if there is none */
  async get<T>(...args: string[]): Promise<T> {
    const { code, output } = await this.kubectl(['get', '--output=json', ...args]);
    if (code !== 0) throw new Error(output);
    return JSON.parse(output);
  }
}
