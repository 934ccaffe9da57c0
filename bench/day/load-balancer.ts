import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/**
 * A stand-in for the application load balancer, from its documentation
 * (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/). It is as awkward as the real one may be:
 *
 * - It goes on sending new requests to a deregistered target for `lag`, as its nodes learn of it one after the other.
 * - A target gets requests only after a health check, and answers 502 if its connection breaks: nothing is sent twice.
 * - If all targets are unhealthy, all of them get requests. Without any target it answers 503.
 */
export interface Group {
  /** The path and everything below it. */
  readonly path: string;
  readonly healthPath: string;
  /** All in milliseconds. */
  readonly check: {
    readonly interval: number;
    readonly timeout: number;
    readonly healthy: number;
    readonly unhealthy: number;
  };
  /** Milliseconds from the deregistration of a target until its connections are cut. */
  readonly deregistrationDelay: number;
}

export interface LoadBalancerSettings {
  readonly groups: readonly Group[];
  /** Milliseconds for which a deregistered target still gets new requests. */
  readonly lag: number;
  /** Milliseconds without data after which it answers 504, and closes unused connections to clients. */
  readonly idleTimeout: number;
}

export type Health = 'initial' | 'healthy' | 'unhealthy' | 'draining';

/** Milliseconds until a target must have accepted a connection. */
const connectTimeout = 10_000;

/** One address of a group. */
class Target {
  readonly address: string;
  readonly agent = new Agent({ keepAlive: true });
  health: Health = 'initial';
  /** Whether it still gets new requests after its deregistration. */
  lingers = false;
  /** Health checks in a row that ended otherwise than its state says. */
  #contrary = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(address: string) {
    this.address = address;
  }

  watch(group: Group): void {
    const { interval, timeout, healthy, unhealthy } = group.check;
    const check = async () => {
      const start = performance.now();
      const isWell = await isHealthy(this.address + group.healthPath, timeout);
      if (this.health === 'draining') return;
      this.#contrary = isWell === (this.health === 'healthy') ? 0 : this.#contrary + 1;
      // A new target needs one good check only.
      if (this.health === 'initial' && isWell) this.#become('healthy');
      else if (isWell && this.#contrary >= healthy) this.#become('healthy');
      else if (!isWell && this.#contrary >= unhealthy) this.#become('unhealthy');
      this.#timer = setTimeout(check, Math.max(0, interval - (performance.now() - start)));
    };
    void check();
  }

  drain(): void {
    this.lingers = this.health === 'healthy';
    this.#become('draining');
    clearTimeout(this.#timer);
  }

  #become(health: Health): void {
    this.health = health;
    this.#contrary = 0;
  }
}

function isHealthy(url: string, timeout: number): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request(url, { agent: false, signal: AbortSignal.timeout(timeout) }, (answer) => {
      answer.resume().on('error', () => resolve(false));
      answer.once('end', () => resolve(answer.statusCode === 200));
    });
    asked.on('error', () => resolve(false)).end();
  });
}

export class LoadBalancer {
  readonly #settings: LoadBalancerSettings;
  readonly #targets: ReadonlyMap<string, Target[]>;
  readonly #server: Server;
  readonly #timers = new Set<NodeJS.Timeout>();
  /** Why requests got no answer of a target, and how often. */
  readonly errors = new Map<string, number>();

  private constructor(settings: LoadBalancerSettings) {
    this.#settings = settings;
    this.#targets = new Map(settings.groups.map(({ path }) => [path, []]));
    this.#server = createServer({ keepAliveTimeout: settings.idleTimeout }, (incoming, answer) =>
      this.#pass(incoming, answer),
    );
  }

  static async start(settings: LoadBalancerSettings): Promise<LoadBalancer> {
    const balancer = new LoadBalancer(settings);
    await once(balancer.#server.listen(0, '127.0.0.1'), 'listening');
    return balancer;
  }

  /** Without a trailing slash. */
  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Addresses of a group's targets, such as `http://10.0.0.1:80`, with their health. */
  healthOf(path: string): ReadonlyMap<string, Health> {
    return new Map(this.#group(path).targets.map(({ address, health }) => [address, health]));
  }

  /** Without effect if it is registered. */
  register(path: string, address: string): void {
    const { group, targets } = this.#group(path);
    const known = targets.findIndex((target) => target.address === address);
    if (known >= 0 && targets[known]?.health !== 'draining') return;
    if (known >= 0) targets.splice(known, 1);
    const target = new Target(address);
    targets.push(target);
    target.watch(group);
  }

  deregister(path: string, address: string): void {
    const { group, targets } = this.#group(path);
    const target = targets.find((some) => some.address === address && some.health !== 'draining');
    if (target === undefined) return;
    target.drain();
    this.#later(this.#settings.lag, () => {
      target.lingers = false;
    });
    this.#later(group.deregistrationDelay, () => {
      target.agent.destroy();
      const index = targets.indexOf(target);
      if (index >= 0) targets.splice(index, 1);
    });
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    for (const target of [...this.#targets.values()].flat()) {
      target.drain();
      target.agent.destroy();
    }
    const closed = once(this.#server, 'close');
    this.#server.close().closeAllConnections();
    await closed;
  }

  #group(path: string): { group: Group; targets: Target[] } {
    const group = this.#settings.groups.find((some) => some.path === path);
    const targets = this.#targets.get(path);
    if (group === undefined || targets === undefined) throw new Error(`No group has the path ${path}`);
    return { group, targets };
  }

  #later(delay: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work();
    }, delay);
    this.#timers.add(timer);
  }

  /** The target whose turn it is. */
  #choose(targets: Target[]): Target | undefined {
    const fit = (wanted: (target: Target) => boolean) => {
      const index = targets.findIndex(wanted);
      if (index < 0) return undefined;
      const [target] = targets.splice(index, 1);
      if (target) targets.push(target);
      return target;
    };
    return fit(({ health, lingers }) => health === 'healthy' || lingers) ?? fit(({ health }) => health === 'unhealthy');
  }

  #pass(incoming: IncomingMessage, answer: ServerResponse): void {
    const [path = ''] = (incoming.url ?? '').split('?');
    const group = this.#settings.groups.find((some) => path === some.path || path.startsWith(`${some.path}/`));
    const target = group && this.#choose(this.#targets.get(group.path) ?? []);
    if (group === undefined) this.#refuse(answer, 401, 'no rule for the path');
    else if (target === undefined) this.#refuse(answer, 503, `${group.path}, no target`);
    else this.#passTo(target, group, incoming, answer);
  }

  #passTo(target: Target, group: Group, incoming: IncomingMessage, answer: ServerResponse): void {
    const { connection: _, ...headers } = incoming.headers;
    const outgoing = request(
      target.address + incoming.url,
      { agent: target.agent, headers, method: incoming.method ?? 'GET' },
      (found) => {
        const { connection: _, 'keep-alive': __, ...others } = found.headers;
        answer.writeHead(found.statusCode ?? 502, others);
        found.pipe(answer);
        // Half an answer is worth nothing: the client has to notice.
        found.once('error', () => answer.destroy());
      },
    );
    const state = () => `${group.path}, ${target.health} target`;
    let isLate = false;
    const giveUp = () => {
      isLate = true;
      outgoing.destroy();
    };
    outgoing.setTimeout(this.#settings.idleTimeout, giveUp);
    outgoing.once('socket', (socket: Socket) => {
      if (!socket.connecting) return;
      const timer = setTimeout(giveUp, connectTimeout);
      for (const event of ['connect', 'close'] as const) socket.once(event, () => clearTimeout(timer));
    });
    outgoing.once('error', (error: NodeJS.ErrnoException) => {
      if (answer.destroyed) return;
      if (answer.headersSent) answer.destroy();
      else
        this.#refuse(answer, isLate ? 504 : 502, `${isLate ? 'time-out' : (error.code ?? error.message)}, ${state()}`);
    });
    answer.once('close', () => {
      if (!answer.writableFinished) outgoing.destroy();
    });
    incoming.pipe(outgoing);
  }

  #refuse(answer: ServerResponse, status: number, reason: string): void {
    const name = `${status}: ${reason}`;
    this.errors.set(name, (this.errors.get(name) ?? 0) + 1);
    answer.writeHead(status, { 'content-type': 'text/html' }).end(`<h1>${status}</h1>`);
  }
}
