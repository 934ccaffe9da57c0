import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { paths } from '../../packages/contract/src/index.ts';
import { eventually } from '../../test/support/eventually.ts';
import { Crowd } from '../day/crowd.ts';
import { type Group, LoadBalancer } from '../day/load-balancer.ts';
import { countRows, type Row } from '../day/rows.ts';
import { operationOf, Users } from '../day/users.ts';

/** A pod: its name is its answer. */
interface Pod {
  readonly address: string;
  /** Requests so far, without those of the health check, which are counted apart. */
  requests: number;
  checks: number;
  isHealthy: boolean;
  answer: RequestListener;
  readonly server: Server;
}

const group: Group = {
  path: paths.sum,
  healthPath: paths.ready,
  check: { interval: 20, timeout: 1_000, healthy: 2, unhealthy: 2 },
  deregistrationDelay: 60_000,
};

const pods: Pod[] = [];
let balancer: LoadBalancer;

async function startPod(name: string): Promise<Pod> {
  const server = createServer((request, answer) => {
    if (request.url === group.healthPath) {
      pod.checks++;
      answer.writeHead(pod.isHealthy ? 200 : 503).end();
      return;
    }
    pod.requests++;
    pod.answer(request, answer);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const pod: Pod = {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: 0,
    checks: 0,
    isHealthy: true,
    answer: (_, answer) => answer.end(name),
    server,
  };
  pods.push(pod);
  return pod;
}

const ask = async (init?: RequestInit) => {
  const answer = await fetch(balancer.address + paths.sum, init);
  return `${answer.status} ${await answer.text()}`;
};
const health = (pod: Pod) => balancer.healthOf(group.path).get(pod.address);
const registered = async (pod: Pod) => {
  balancer.register(group.path, pod.address);
  await eventually(async () => health(pod) === 'healthy');
};

beforeEach(async () => {
  balancer = await LoadBalancer.start({ groups: [group], lag: 1_000, idleTimeout: 500 });
});
afterEach(async () => {
  await balancer.stop();
  for (const { server } of pods.splice(0)) server.close().closeAllConnections();
});

describe('The stand-in for the load balancer', () => {
  test('answers 503 without a target, and gives a new one requests only once it is healthy', async () => {
    const pod = await startPod('one');
    pod.isHealthy = false;
    expect(await ask()).toMatch(/^503/);
    balancer.register(group.path, pod.address);
    await eventually(async () => pod.checks > 3);
    expect(health(pod)).toBe('initial');
    expect(await ask()).toMatch(/^503/);
    pod.isHealthy = true;
    await eventually(async () => health(pod) === 'healthy');
    expect(await ask()).toBe('200 one');
  });

  test('gives each target its turn', async () => {
    const [one, two] = [await startPod('one'), await startPod('two')];
    await registered(one);
    await registered(two);
    const answers = [await ask(), await ask(), await ask(), await ask()];
    expect(answers.toSorted()).toEqual(['200 one', '200 one', '200 two', '200 two']);
  });

  test('goes on sending new requests to a deregistered target, and then no more', async () => {
    const [one, two] = [await startPod('one'), await startPod('two')];
    await registered(one);
    await registered(two);
    balancer.deregister(group.path, one.address);
    await ask();
    await ask();
    expect(one.requests).toBe(1);
    await eventually(async () => {
      const before = one.requests;
      await ask();
      await ask();
      return one.requests === before;
    });
    expect(health(one)).toBe('draining');
  });

  test('forgets a deregistered target after the delay, and cuts what it has not answered', async () => {
    const hasty = { ...group, deregistrationDelay: 100 };
    const other = await LoadBalancer.start({ groups: [hasty], lag: 0, idleTimeout: 60_000 });
    try {
      const pod = await startPod('one');
      let isAsked = false;
      pod.answer = () => {
        isAsked = true;
      };
      other.register(group.path, pod.address);
      await eventually(async () => other.healthOf(group.path).get(pod.address) === 'healthy');
      const answer = fetch(other.address + paths.sum);
      await eventually(async () => isAsked);
      other.deregister(group.path, pod.address);
      expect((await answer).status).toBe(502);
      expect(other.healthOf(group.path).size).toBe(0);
    } finally {
      await other.stop();
    }
  });

  test('lets a deregistered target finish its request', async () => {
    const pod = await startPod('one');
    await registered(pod);
    let finish: (() => void) | undefined;
    pod.answer = (_, answer) => {
      finish = () => answer.end('late');
    };
    const answer = ask({ signal: AbortSignal.timeout(10_000) });
    await eventually(async () => finish !== undefined);
    balancer.deregister(group.path, pod.address);
    finish?.();
    expect(await answer).toBe('200 late');
  });

  test('answers 502 if the connection breaks, and sends nothing a second time', async () => {
    const [one, two] = [await startPod('one'), await startPod('two')];
    await registered(one);
    await registered(two);
    for (const pod of [one, two]) pod.answer = (request) => request.socket.destroy();
    expect(await ask({ method: 'POST', body: '{}' })).toMatch(/^502/);
    expect(one.requests + two.requests).toBe(1);
    expect([...balancer.errors.keys()]).toEqual([`502: ECONNRESET, ${paths.sum}, healthy target`]);
  });

  test('answers 504 to a target that stays silent', async () => {
    const pod = await startPod('one');
    await registered(pod);
    pod.answer = () => undefined;
    expect(await ask()).toMatch(/^504/);
  });

  test('asks an unhealthy target only if there is no healthy one', async () => {
    const [one, two] = [await startPod('one'), await startPod('two')];
    await registered(one);
    await registered(two);
    one.isHealthy = false;
    await eventually(async () => health(one) === 'unhealthy');
    expect([await ask(), await ask()]).toEqual(['200 two', '200 two']);
    two.isHealthy = false;
    await eventually(async () => health(two) === 'unhealthy');
    expect([await ask(), await ask()].toSorted()).toEqual(['200 one', '200 two']);
    two.isHealthy = true;
    await eventually(async () => health(two) === 'healthy');
    expect([await ask(), await ask()]).toEqual(['200 two', '200 two']);
  });
});

describe('The users of a day', () => {
  const nobody = { plain: 0, keyed: 0, visitor: 0 };
  /** An API that answers what it is told, and else the sum. */
  const startApi = async (answers: (number: number, key: string | undefined) => number | 'break' | undefined) => {
    const pod = await startPod('api');
    pod.answer = async (request, answer) => {
      if (request.method === 'GET') return answer.end('<html>');
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const { operador1, operador2 } = JSON.parse(Buffer.concat(chunks).toString());
      const told = answers(operador1, request.headers['idempotency-key'] as string | undefined);
      if (told === 'break') return request.socket.destroy();
      answer.writeHead(told ?? 200, { 'retry-after': '0.01' });
      return answer.end(JSON.stringify({ resultado: operador1 + operador2 }));
    };
    return pod;
  };

  test('count each sum that is answered with its result, and remember which', async () => {
    const pod = await startApi((number) => (number === 3 ? 503 : undefined));
    const users = new Users(pod.address, { ...nobody, plain: 2 }, 1_000);
    await eventually(async () => users.acknowledged > 20);
    await users.leave();
    const [period] = users.periods;
    expect(period?.failed.plain).toBe(1);
    expect(period?.figures.answers).toEqual({ 200: users.acknowledged, 503: 1 });
    expect(period?.acknowledged).toBe(users.acknowledged);
    expect(users.sent).toBe(users.acknowledged + 1);
    expect([2, 3, 4].map((number) => users.isAcknowledged(number))).toEqual([true, false, true]);
  });

  test.each([503, 'break'] as const)('with a key send a sum again after %s, with the same key', async (fault) => {
    const seen: (string | undefined)[] = [];
    const pod = await startApi((number, key) => {
      if (number === 2) seen.push(key);
      return number === 2 && seen.length < 3 ? fault : undefined;
    });
    const users = new Users(pod.address, { ...nobody, keyed: 1 }, 1_000);
    await eventually(async () => users.acknowledged > 5);
    await users.leave();
    expect(seen).toEqual(['day-2', 'day-2', 'day-2']);
    expect(users.periods[0]).toMatchObject({ repeated: 2, failed: { keyed: 0 } });
    expect(users.isAcknowledged(2)).toBe(true);
  });

  test('do not take a wrong result for an answer', async () => {
    const pod = await startApi(() => undefined);
    pod.answer = (_, answer) => answer.end('{"resultado":-1}');
    const users = new Users(pod.address, { plain: 1, keyed: 1, visitor: 0 }, 1_000);
    await eventually(async () => users.sent > 10);
    await users.leave();
    expect(users.acknowledged).toBe(0);
    expect(users.periods[0]?.failed.keyed).toBeGreaterThan(0);
    expect(users.periods[0]?.failed.plain).toBeGreaterThan(0);
    // To send it again would not help.
    expect(users.periods[0]?.repeated).toBe(0);
  });

  test('on a thread of their own tell the same at the end', async () => {
    const pod = await startApi((number) => (number === 3 ? 503 : undefined));
    const crowd = new Crowd({ address: pod.address, users: { ...nobody, plain: 2 }, rate: 1_000 });
    await eventually(async () => crowd.acknowledged > 5 && crowd.now.failed.plain === 1);
    crowd.begin('an event');
    await eventually(async () => crowd.now.failed.plain === 0);
    const result = await crowd.leave();
    expect(result.periods.map(({ name, failed }) => [name, failed.plain])).toEqual([
      ['before the first event', 1],
      ['an event', 0],
    ]);
    expect(result.sent).toBe(result.acknowledged + 1);
    expect([2, 3, 4].map(result.isAcknowledged)).toEqual([true, false, true]);
  });

  test('count a request for the period in which it is answered, because an event hits those in flight', async () => {
    const pod = await startApi(() => undefined);
    let isStuck = false;
    const stuck: (() => void)[] = [];
    const { answer } = pod;
    pod.answer = (request, response) => {
      if (isStuck) stuck.push(() => response.writeHead(503).end());
      else answer(request, response);
    };
    const users = new Users(pod.address, { ...nobody, plain: 1, visitor: 1 }, 1_000);
    await eventually(async () => users.acknowledged > 5);
    isStuck = true;
    await eventually(async () => stuck.length === 2);
    users.begin('an event');
    isStuck = false;
    for (const finish of stuck) finish();
    await eventually(async () => (users.periods[1]?.acknowledged ?? 0) > 5);
    await users.leave();
    expect(users.periods.map(({ name, failed }) => ({ name, failed }))).toEqual([
      { name: 'before the first event', failed: nobody },
      { name: 'an event', failed: { plain: 1, keyed: 0, visitor: 1 } },
    ]);
    expect(users.periods.reduce((sum, { acknowledged }) => sum + acknowledged, 0)).toBe(users.acknowledged);
  });
});

describe('The rows of a day', () => {
  const sums = { sent: 4, isAcknowledged: (number: number) => number !== 2 };
  async function* rowsOf(...rows: readonly Row[]) {
    yield* rows;
  }

  test('are right if each acknowledged sum has one', async () => {
    expect(await countRows(sums, rowsOf(operationOf(0), operationOf(1), operationOf(3)))).toEqual({
      rows: 3,
      lost: 0,
      twice: 0,
      wrong: 0,
      unacknowledged: 0,
    });
  });

  test('are wrong if one is lost, twice there, altered or from nobody', async () => {
    const found = rowsOf(
      operationOf(0),
      operationOf(0),
      { ...operationOf(1), operador2: 0 },
      operationOf(2),
      operationOf(4),
    );
    expect(await countRows(sums, found)).toEqual({ rows: 5, lost: 2, twice: 1, wrong: 2, unacknowledged: 1 });
  });
});
