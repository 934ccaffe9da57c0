/** The faults of `pnpm infra drill`, on a stand-in for dev, with a real server as its public address. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { applications } from 'platform/applications';
import type { FaultDrillProps, FaultName, FaultReport } from '../drill/faults/fault-drill.ts';
import type { Kubectl } from '../drill/kubectl.ts';
import { type Aws, CallFailed } from '../drill/programs.ts';
import { dev } from '../environments/dev.ts';
import { ownAcl, Refusal, standardAcl, World } from './support/fault-world.ts';
import { PublicAddress } from './support/public-address.ts';

/** Milliseconds that were meant, without short pauses such as that between two requests. */
let slept = 0;
/** Milliseconds that were meant between two looks at whether a fault has begun. */
let looked = 0;
/** The longest pause of a second or less: that between two equal requests, and between two looks at their answers. */
let shortPause = 0;
/** Milliseconds that were meant, by the signal that ends the pause. */
const meant = new WeakMap<AbortSignal, number>();
/** Each pause, in milliseconds that were meant. */
const pauses: number[] = [];
/** Pauses that nothing can end. */
let endless = 0;
// It waits a ten-thousandth of the time that it means to wait.
const timers = await import('node:timers/promises');
const wait = timers.setTimeout;
jest.unstable_mockModule('node:timers/promises', () => ({
  ...timers,
  setTimeout: (milliseconds = 0, ...rest: [unknown?, { signal?: AbortSignal }?]) => {
    // It takes no time to wait for what was stopped already.
    const signal = rest[1]?.signal;
    if (signal?.aborted) return wait(milliseconds, ...rest);
    if (signal) meant.set(signal, (meant.get(signal) ?? 0) + milliseconds);
    else endless++;
    pauses.push(milliseconds);
    if (milliseconds >= 10_000) slept += milliseconds;
    else if (milliseconds > 1_000) looked += milliseconds;
    if (milliseconds <= 1_000) shortPause = Math.max(shortPause, milliseconds);
    return wait(milliseconds / 10_000, ...rest);
  },
}));
const { faultDrill, faultNames, undoAll } = await import('../drill/faults/fault-drill.ts');
const { summaryOf, tableOf } = await import('../drill/faults/fault-report.ts');
const { Probe, summarise } = await import('../drill/faults/probe.ts');
const { missingIn } = await import('../drill/faults/state.ts');

let world: World;
/** How many sums are still refused. */
let toFail: number;
let fails: () => boolean | Promise<boolean>;
let address: PublicAddress;
const keys = new Set<string>();

beforeAll(async () => {
  address = await PublicAddress.open((sum) => {
    keys.add(String(sum.headers['idempotency-key']));
    return fails();
  });
});
afterAll(() => address.close());

beforeEach(() => {
  world = new World();
  world.address = `${address.url}/`;
  toFail = 0;
  fails = () => toFail-- > 0;
  onCall = () => undefined;
  keys.clear();
  jest
    .spyOn(console, 'log')
    .mockClear()
    .mockImplementation(() => undefined);
});

/** Called before each question and change. */
let onCall: (call: string) => void = () => undefined;
const called = async (program: string, args: readonly string[], signal?: AbortSignal): Promise<string> => {
  onCall([program, ...args].join(' '));
  try {
    return await world.run(program, args, signal);
  } catch (error) {
    throw error instanceof Refusal ? new CallFailed(`${program}: ${error.message}`) : error;
  }
};
const aws: Aws = async (...args) => {
  const answer = await called('aws', args);
  return answer === '' ? undefined : JSON.parse(answer);
};
/** Milliseconds that a drain may take. */
let drainLimit: number | undefined;
const kubectl: Kubectl = (args, { namespace = 'calculator', signal, timeout } = {}) => {
  if (args[0] === 'drain') drainLimit = timeout;
  return called('kubectl', [`--namespace=${namespace}`, ...args], signal);
};
const { nodes, storageNodes } = dev.cluster;
const environment = {
  ...dev,
  // Only the minimum must be there: the autoscaler sets the number above it.
  cluster: {
    ...dev.cluster,
    nodes: { ...nodes, minimum: 2, desired: 3, maximum: 4 },
    storageNodes: { ...storageNodes, minimum: 1, desired: 2, maximum: 3 },
  },
};
const place = () => ({ environment, aws, kubectl, owner: 'somebody' });

const drill = (fault: FaultName, changes: Partial<FaultDrillProps> = {}): Promise<FaultReport> =>
  faultDrill({ ...place(), fault, confirm: async () => true, signal: new AbortController().signal, ...changes });
const message = (outcome: Promise<unknown>): Promise<string> =>
  outcome.then(
    () => 'nothing was thrown',
    (error: Error) => `${error.name}: ${error.message}`,
  );

const unavailable = 'An error occurred (Unavailable) when calling';
/** Whatever the second, each part was back. */
const second = expect.any(Number);
const all = { nodes: second, replicas: second, targets: second, database: second, answers: second };
const end = /drill-end=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/;
/** A change of the environment, with what differs each time as `…`. */
const changes = () =>
  world.changes.map((call) => call.replace(end, 'drill-end=…').replace(/Value":"2[^"]+/, 'Value":"…'));
const system = 'kubectl --namespace=kube-system';
const calculator = 'kubectl --namespace=calculator';
const controller = 'aws-load-balancer-controller';

describe('Each fault passes where nobody notices it, and leaves nothing behind:', () => {
  const passed = async (fault: FaultName, changed: Partial<FaultDrillProps> = {}) => {
    const start = new Date().toISOString();
    const report = await drill(fault, changed);
    expect(report).toMatchObject({ fault, environment: 'dev' });
    expect(start <= report.startedAt && report.startedAt <= new Date().toISOString()).toBe(true);
    const undoes = { spot: true, zone: true, controller: true, failover: false }[fault];
    const steps = ['look', 'answers', 'play', ...(undoes ? ['undo'] : []), 'recover'];
    expect(report.steps).toEqual(steps.map((name) => ({ name, isDone: true, seconds: expect.any(Number) })));
    expect([report.problem, report.passed]).toEqual([undefined, true]);
    expect(report.back).toEqual(all);
    expect(report.requests.map(({ application, request }) => `${application}: ${request}`)).toEqual([
      ...['calculadora-api: GET /backend', 'calculadora-api: POST /backend', 'magic-calculator: GET /frontend/'],
    ]);
    for (const { failed, sent } of report.requests) expect([failed, sent > 1]).toEqual([0, true]);
    expect(summaryOf(report)).toContain(`The drill ${fault} of dev passed: none of the`);
    // It has not ended before the fault had.
    expect(world.database).not.toHaveProperty('back');
    return report;
  };

  test('a spot node is emptied as after the notice of two minutes, and then ended', async () => {
    world.pods = world.pods.map((pod) => ({ ...pod, node: 'node-2' }));
    const { notes, target } = await passed('spot');
    // kubectl ends by itself after two minutes, with the reason.
    expect(drainLimit).toBeGreaterThan(121_000);
    expect(drainLimit).toBeLessThanOrEqual(300_000);
    const [, mark = ''] = /drill-end=(\S+)/.exec(world.changes[0] ?? '') ?? [];
    // In an hour another drill may undo what this one left.
    const minutes = (Date.parse(mark) - Date.now()) / 60_000;
    expect([minutes > 55, minutes <= 60]).toEqual([true, true]);
    expect([target, notes]).toEqual(['node-2 (i-2, us-east-1b)', []]);
    expect(changes()).toEqual([
      `${calculator} annotate node node-2 drill-end=… --overwrite`,
      `${calculator} drain node-2 --ignore-daemonsets --delete-emptydir-data --force --timeout=120s`,
      'aws ec2 terminate-instances --instance-ids i-2',
      `${calculator} annotate node node-2 drill-end-`,
    ]);
    expect(world.nodes.map(({ name }) => name)).toEqual(['storage-1', 'node-1', 'node-2-new']);
  });

  test('a zone loses its network, not that with the database and SigNoz, and gets it back', async () => {
    const before = world.state;
    const { target } = await passed('zone');
    expect(target).toBe('us-east-1b');
    const subnets = ['private', 'public', 'database'].map((tier) => `subnet-${tier}-us-east-1b`);
    const replaced = (from: string, to: string) =>
      subnets.map(
        (subnet) =>
          `aws ec2 replace-network-acl-association --association-id aclassoc/${from}/${subnet} --network-acl-id ${to}`,
      );
    const tags = {
      ...{ project: 'desafio-aws', environment: 'dev', owner: 'somebody', 'managed-by': 'cdktf' },
      ...{ drill: 'zone', 'drill-end': '…' },
      ...Object.fromEntries(subnets.map((subnet) => [subnet, standardAcl])),
    };
    const specification = [
      { ResourceType: 'network-acl', Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) },
    ];
    expect(changes()).toEqual([
      `aws ec2 create-network-acl --vpc-id vpc-1 --tag-specifications ${JSON.stringify(specification)}`,
      ...replaced(standardAcl, 'acl-1'),
      ...replaced('acl-1', standardAcl),
      'aws ec2 delete-network-acl --network-acl-id acl-1',
    ]);
    expect(world.state).toEqual(before);
  });

  test('the load balancer controller goes, a pod is restarted meanwhile, and it gets its replicas back', async () => {
    const before = world.state;
    const { notes, target } = await passed('controller');
    expect(target).toBe(`${controller} (2), calculadora-api-0`);
    expect(changes()).toEqual([
      `${system} annotate deployment ${controller} drill-replicas=2 drill-end=… --overwrite`,
      `${system} scale deployment ${controller} --replicas=0`,
      `${calculator} delete pod calculadora-api-0 --wait=false`,
      `${system} scale deployment ${controller} --replicas=2`,
      `${system} annotate deployment ${controller} drill-replicas- drill-end-`,
    ]);
    expect(notes.map(({ en }) => en)).toEqual([expect.stringContaining('calculadora-api-0 was restarted without')]);
    expect(world.state).toEqual(before);
    // The pod is only restarted once no pod of the controller can answer.
    const asked = world.calls.indexOf(
      `${system} get pods --selector=app.kubernetes.io/name=${controller} --output=json`,
    );
    expect(asked).toBeGreaterThan(0);
    expect(world.calls.filter((call) => call.includes('--selector')).length).toBeGreaterThan(1);
    // Then, for three minutes, somebody looks every ten seconds at what appears.
    const [from, to] = ['delete pod', '--replicas=2'].map((words) =>
      world.calls.findIndex((call) => call.includes(words)),
    );
    const looks = world.calls.slice(from, to).filter((call) => call === `${calculator} get pods --output=json`);
    expect(looks).toHaveLength(18);
  });

  test('the controller, with applications of which each has as many pods as its own deployment wants', async () => {
    Object.assign(world.replicas, { 'calculadora-api': 3, 'magic-calculator': 1, [controller]: 1 });
    world.pods = world.pods.filter(({ name }) => name !== 'magic-calculator-1');
    expect((await passed('controller')).target).toBe(`${controller} (1), calculadora-api-0`);
    expect(changes()).toContain(`${system} scale deployment ${controller} --replicas=1`);
    expect(Map.groupBy(world.pods, ({ application }) => application).get('magic-calculator')).toHaveLength(1);
    // And of which each that lacks one is told.
    Object.assign(world, { isFull: true }).pods.pop();
    expect(await message(drill('controller'))).toContain('calculadora-api; tg-calculadora-api-dev: 2/3.');
  });

  test('a database changes to its standby', async () => {
    Object.assign(world.database ?? {}, { hasStandby: true });
    const { notes, target } = await passed('failover');
    expect(target).toBe('desafio-aws-dev-mysql (us-east-1a)');
    // Which is what the person was asked about.
    expect(jest.mocked(console.log).mock.calls.flat().join('\n')).not.toContain('has no standby');
    expect([changes(), notes]).toEqual([
      ['aws rds reboot-db-instance --db-instance-identifier desafio-aws-dev-mysql --force-failover'],
      [],
    ]);
  });

  test('a database without a standby only restarts, and the report says so', async () => {
    const { notes } = await passed('failover');
    expect(changes()).toEqual(['aws rds reboot-db-instance --db-instance-identifier desafio-aws-dev-mysql']);
    expect(notes.map(({ en }) => en)).toEqual([expect.stringContaining('was only restarted: it has no standby')]);
  });

  test('a database that has restarted before anybody saw it', async () => {
    world.restartsAtOnce = true;
    looked = 0;
    await passed('failover');
    // RDS says within a minute that it has begun, or it is over.
    expect(looked).toBe(60_000);
  });

  test('a spot node, and not one of the on-demand base on which more pods run', async () => {
    const baseNodes = { ...nodes, minimum: 1, desired: 2, maximum: 3 };
    const withBase = { ...environment, cluster: { ...environment.cluster, baseNodes } };
    world.nodes.push({ name: 'base-1', group: 'base', zone: 'us-east-1c', instance: 'i-3', annotations: {} });
    world.pods = world.pods.map((pod) => ({ ...pod, node: 'base-1' }));
    expect((await passed('spot', { environment: withBase })).target).toBe('node-1 (i-1, us-east-1a)');
    world.nodes = world.nodes.filter(({ group }) => group !== 'base');
    world.pods = world.pods.map((pod) => ({ ...pod, node: 'node-2' }));
    expect(await message(drill('spot', { environment: withBase }))).toContain('base: 0/1');
  });

  test.each([
    ['of which nothing is known', {}],
    // As a group of a cluster with a name that ends like ours would be called, and one of ours that no file knows.
    ['of another group', { otherGroup: 'my-desafio-aws-dev-spot-1' }],
    ['of another kind', { otherGroup: 'desafio-aws-dev-spots-1' }],
  ])('a spot node, and not one of somebody else, %s', async (_, own) => {
    const other = { name: 'other', group: undefined, zone: '', instance: '', annotations: {}, ...own };
    world.nodes.unshift(other);
    world.pods = world.pods.map((pod) => ({ ...pod, node: 'other' }));
    expect((await passed('spot')).target).toBe('node-1 (i-1, us-east-1a)');
    Object.assign(other, { isBroken: true });
    expect(await message(drill('spot'))).toContain('Missing: other; ');
  });

  test('a spot node that Kubernetes forgets at once', async () => {
    world.forgetsAtOnce = true;
    await passed('spot');
    expect(world.nodes.map(({ name }) => name)).toContain('node-1-new');
  });

  test.each([
    ['a', 'b', 'c', 'b', 'without SigNoz'],
    ['a', 'c', 'a', 'c', 'in which nodes are'],
    ['c', 'b', 'b', 'c', 'without the database'],
    ['b', 'b', 'b', 'b', 'with applications, and not one with SigNoz alone'],
    ['a', 'a', 'b', 'a', 'with all applications, although SigNoz is there, too'],
    ['c', 'b', 'a', 'b', 'that is the first of equal ones'],
  ])('with nodes in %s and %s and the database in %s, it is zone %s that is lost, one %s', async (...given) => {
    const [first, second, database, lost] = given.map((letter) => `us-east-1${letter}`);
    Object.assign(world.nodes[1] ?? {}, { zone: first });
    Object.assign(world.nodes[2] ?? {}, { zone: second });
    Object.assign(world.database ?? {}, { zone: database });
    const confirm = async () => false;
    await message(drill('zone', { confirm }));
    expect(jest.mocked(console.log).mock.calls.flat().join('\n')).toContain(`The zone ${lost} will have no network`);
  });

  test.each<[FaultName, number, string, string]>([
    ['zone', 10, 'aws ec2 create-network-acl', 'aws ec2 delete-network-acl'],
    ['controller', 3, `${calculator} delete pod`, `${system} scale deployment ${controller} --replicas=2`],
  ])('%s, which lasts for %i minutes', async (fault, minutes, from, to) => {
    const at: Record<string, number> = {};
    world.onChange = (call) => {
      for (const one of [from, to]) if (call.startsWith(one)) at[one] = slept;
    };
    await passed(fault);
    const lasted = (at[to] ?? 0) - (at[from] ?? 0);
    expect(lasted / 60_000).toBe(minutes);
  });

  test('a zone in which a subnet has an access list of its own gets that back, too', async () => {
    world.subnets['subnet-public-us-east-1b'] = ownAcl;
    const before = world.state;
    await passed('zone');
    expect(world.changes.some((call) => call.endsWith(`/subnet-public-us-east-1b --network-acl-id acl-1`))).toBe(true);
    expect(world.state).toEqual(before);
  });

  test('a given zone is lost, whatever is in it', async () => {
    const { target } = await passed('zone', { zone: 'us-east-1a' });
    expect(target).toBe('us-east-1a');
  });
});

test('each request is sent about once a second, and is right only if its newest answer is', async () => {
  shortPause = 0;
  endless = 0;
  const probe = new Probe(applications, address.url);
  const names = ['GET /backend', 'POST /backend', 'GET /frontend/'];
  expect(probe.wrongSince(0)).toEqual(names);
  probe.start();
  while (probe.wrongSince(0).length > 0) await wait(1);
  expect(probe.wrongSince(Date.now() + 60_000)).toEqual(names);
  toFail = Number.POSITIVE_INFINITY;
  while (probe.wrongSince(0).length === 0) await wait(1);
  expect(probe.wrongSince(0)).toEqual(['POST /backend: 503 "no"']);
  await probe.stop();
  expect(shortPause).toBeGreaterThan(800);
  expect(shortPause).toBeLessThanOrEqual(1_000);
  // The end of a drill ends them.
  expect(endless).toBe(0);
});

test('the time that an answer takes is part of the second between two requests', async () => {
  let now = Date.now();
  jest.spyOn(Date, 'now').mockImplementation(() => now);
  const durations = [400, 999, 1_000, 1_700];
  let answered = 0;
  const done = Promise.withResolvers<void>();
  const slow = createServer((_, answer) => {
    now += durations[answered++] ?? 0;
    if (answered > durations.length) done.resolve();
    answer.end();
  }).listen(0, '127.0.0.1');
  try {
    await once(slow, 'listening');
    const { port } = slow.address() as AddressInfo;
    const site = applications.filter(({ name }) => name === 'magic-calculator');
    const probe = new Probe(site, `http://127.0.0.1:${port}`);
    pauses.length = 0;
    probe.start();
    await done.promise;
    await probe.stop();
    expect(pauses.slice(0, durations.length)).toEqual([600, 1, 0, 0]);
  } finally {
    jest.mocked(Date.now).mockRestore();
    slow.close().closeAllConnections();
  }
});

test('a drill starts once the person has agreed, and all its sums are one to the API, which stores a single row', async () => {
  let agreed = '';
  const confirm = async () => {
    agreed = new Date().toISOString();
    await timers.setTimeout(5);
    return true;
  };
  expect((await drill('failover', { confirm })).startedAt > agreed).toBe(true);
  expect([...keys]).toEqual([expect.stringMatching(/^drill-[\da-f-]{36}$/)]);
});

test('a request that still has no answer when a drill ends is waited for, and counts', async () => {
  const slow = createServer().listen(0, '127.0.0.1');
  await once(slow, 'listening');
  const { port } = slow.address() as AddressInfo;
  const site = applications.filter(({ name }) => name === 'magic-calculator');
  const probe = new Probe(site, `http://127.0.0.1:${port}`);
  const arrived = once(slow, 'request') as Promise<[unknown, ServerResponse]>;
  probe.start();
  const [, answer] = await arrived;
  const stopped = probe.stop();
  answer.writeHead(504).end();
  expect(await stopped).toEqual([expect.objectContaining({ request: 'GET /frontend/', sent: 1, failed: 1 })]);
  slow.close().closeAllConnections();
});

test('a drill in which requests fail did not pass, and tells how many, when and with what answer', async () => {
  world.onChange = () => (toFail = 3);
  const report = await drill('failover');
  const { failed, failures, first, last } = report.requests.find(({ request }) => request === 'POST /backend') ?? {};
  expect([report.passed, report.problem, failed]).toEqual([false, undefined, 3]);
  expect(failures).toEqual([first, expect.any(String), last].map((at) => ({ at, status: 503, found: '503 "no"' })));
  expect(report.back).toEqual(all);
  expect(summaryOf(report)).toMatch(/did not pass: 3 of \d+ requests failed\. All is back\./);
  expect(tableOf(report)).toMatch(
    /^POST \/backend {2,}\d+ {2,}3 {2,}\d\d:\d\d:\d\dZ {2,}\d\d:\d\d:\d\dZ {2,}\d+ s {2,}503: 3$/m,
  );
  expect(tableOf(report)).toMatch(/^GET \/backend {2,}\d+ {2,}0 {2,}– {2,}– {2,}– {2,}–$/m);
});

test('a drill after which something is missing gives up after a while, and names it', async () => {
  world.hasNoCapacity = true;
  const report = await drill('spot');
  expect([report.passed, report.problem]).toEqual([
    false,
    expect.stringContaining('Still missing after 20 minutes: spot: 1/2'),
  ]);
  expect(report.back).not.toHaveProperty('nodes');
  expect(report.back).toHaveProperty('database');
  expect(tableOf(report)).toMatch(/ \/ nodes ready +não voltou \/ not back$/m);
  expect(summaryOf(report)).toContain('The drill spot of dev did not pass; see above.');
});

test('a drill after which answers stay wrong gives up, too', async () => {
  world.onChange = () => (toFail = Number.POSITIVE_INFINITY);
  const { back, problem } = await drill('failover');
  expect(problem).toContain('Still missing after 20 minutes: POST /backend: 503 "no"');
  expect(back).not.toHaveProperty('answers');
});

test('a part counts as back only if it stays so', async () => {
  world.hasNoCapacity = true;
  // Right answers after the fault, and then wrong ones again.
  let right = Number.POSITIVE_INFINITY;
  world.onChange = (call) => {
    if (call.includes('terminate-instances')) right = 10;
  };
  fails = () => right-- <= 0;
  const { back, problem } = await drill('spot');
  expect(problem).toContain('spot: 1/2; ');
  expect(back).not.toHaveProperty('answers');
});

test.each<[string, () => unknown, readonly string[]]>([
  ['nodes', () => Object.assign(world.nodes[1] ?? {}, { isClosed: true }), ['node-1']],
  ['replicas', () => (world.replicas[controller] = 0), [controller]],
  ['targets', () => (world.unregistered = 1), ['tg-calculadora-api-dev: 1/2', 'tg-magic-calculator-dev: 1/2']],
  [
    'database',
    () => Object.assign(world.database ?? {}, { status: 'backing-up' }),
    ['desafio-aws-dev-mysql: backing-up'],
  ],
])('what is missing is told of its part: %s', async (part, change, whats) => {
  expect(await missingIn(place())).toEqual([]);
  change();
  expect(await missingIn(place())).toEqual(whats.map((what) => ({ part, what })));
});

test('a question that fails while a drill waits is asked again', async () => {
  world.onChange = () => (world.refused['aws elbv2'] = 3);
  expect(await drill('failover')).toMatchObject({ passed: true, back: all });
});

test('a question that fails until the end is told once, and then no part counts as back', async () => {
  world.onChange = () => (world.refused['aws elbv2'] = Number.POSITIVE_INFINITY);
  const { back, problem = '' } = await drill('failover');
  expect(back).toEqual({});
  expect(problem).toMatch(/^Depois .*: [^;]*Unavailable[^;]*\.\n+Still missing [^;]*Unavailable[^;]*$/);
});

test('each part counts as back since the second in which it was', async () => {
  const clock = Date.now;
  jest.spyOn(Date, 'now').mockImplementation(() => clock() + slept);
  try {
    world.restartsAtOnce = true;
    let questions = 0;
    const status = { get: () => (questions++ < 4 ? 'modifying' : 'available') };
    world.onChange = () => Object.defineProperty(world.database ?? {}, 'status', status);
    const { back, passed } = await drill('failover');
    expect([passed, Object.keys(back).toSorted()]).toEqual([true, Object.keys(all).toSorted()]);
    for (const part of ['nodes', 'replicas', 'targets'] as const) expect(back[part]).toBeLessThan(5);
    // Three questions of ten seconds later. The first one is asked while the fault is played.
    expect(back.database).toBeGreaterThanOrEqual(30);
    expect(back.database).toBeLessThan(35);
  } finally {
    jest.mocked(Date.now).mockRestore();
  }
});

test('only an answer to what was sent after the fault shows that answers are right again', async () => {
  const clock = Date.now;
  jest.spyOn(Date, 'now').mockImplementation(() => clock() + slept);
  try {
    // What is sent from then on hangs for half a minute after the fault.
    world.onChange = () => {
      const until = slept + 30_000;
      fails = async () => {
        for (let looks = 0; slept < until && looks < 1_000; looks++) await wait(1);
        return false;
      };
    };
    const { back } = await drill('failover');
    expect(back.answers).toBeGreaterThanOrEqual(30);
  } finally {
    jest.mocked(Date.now).mockRestore();
  }
});

test('before the fault, a drill waits half a minute for right answers', async () => {
  toFail = Number.POSITIVE_INFINITY;
  const asked = jest.spyOn(Probe.prototype, 'wrongSince');
  const { signal } = new AbortController();
  try {
    expect(await message(drill('spot', { signal }))).toContain('POST /backend: 503 "no"');
    expect(meant.get(signal)).toBe(30_000);
    // Once a second, and then for what it tells.
    expect(asked).toHaveBeenCalledTimes(30 + 1);
  } finally {
    asked.mockRestore();
  }
});

test('of several problems the first is told: it may have caused the others', async () => {
  world.refused['aws ec2 terminate-instances'] = 1;
  world.onChange = (call) => {
    if (call.includes(' drain ')) toFail = Number.POSITIVE_INFINITY;
  };
  const { back, passed, problem } = await drill('spot');
  expect([passed, problem]).toEqual([false, expect.stringMatching(/^aws: .*Unavailable/)]);
  expect(back).not.toHaveProperty('answers');
});

test('a node that ends, but whose mark stays, is no drill that passed: a later one would open it again', async () => {
  world.refused[`${calculator} annotate node node-1 drill-end-`] = 1;
  const { passed, problem } = await drill('spot');
  expect([passed, problem]).toEqual([false, expect.stringMatching(/^kubectl: .*Unavailable/)]);
  expect(world.nodes.every(({ annotations }) => Object.keys(annotations).length === 0)).toBe(true);
});

test('a second drill does not begin while the first one plays', async () => {
  let second = Promise.resolve('');
  world.onChange = (call) => {
    if (call.includes('--replicas=0')) second = message(drill('failover'));
  };
  expect((await drill('controller')).passed).toBe(true);
  expect(await second).toMatch(/^Refused: .*Another drill is running or was interrupted recently/s);
});

test('a node that is not empty in time is ended all the same, and the report says why it was not', async () => {
  world.refused[`${calculator} drain`] = 1;
  const { notes, passed } = await drill('spot');
  expect(passed).toBe(true);
  expect(notes.map(({ en }) => en)).toEqual([expect.stringMatching(/node-1 was not empty in time.*Unavailable/)]);
  expect(changes()).toContain('aws ec2 terminate-instances --instance-ids i-1');
});

test.each<[FaultName, 'controllerHangs' | 'hidesAcls', number, string]>([
  ['controller', 'controllerHangs', 5, 'no pod is restarted while a pod of the controller may still answer'],
  ['zone', 'hidesAcls', 2, 'no subnet gets a list that could not be found again'],
])('%s is given up if AWS or Kubernetes is too slow (%s, %i minutes): %s', async (fault, slow, minutes) => {
  const before = world.state;
  world[slow] = true;
  const { passed, problem } = await drill(fault);
  expect([passed, problem]).toEqual([
    false,
    expect.stringContaining(`"cause the fault" took longer than ${minutes} minutes`),
  ]);
  expect(world.calls.filter((call) => /delete pod|replace-network/.test(call))).toEqual([]);
  expect(world.state).toEqual(before);
});

test('a pod that appears while the controller is away, without its gate, ends the drill', async () => {
  world.isLax = true;
  const { passed, problem } = await drill('controller');
  expect([passed, problem]).toEqual([false, expect.stringMatching(/calculadora-api-new-\d+ appeared without the con/)]);
  expect([world.replicas[controller], world.controllerMarks]).toEqual([2, {}]);
});

test('a pod that appears while the controller is away, with its gate, does not end the drill', async () => {
  world.onChange = (call) => {
    const pod = { application: 'calculadora-api', node: 'node-1', hasGate: true };
    if (call.startsWith(`${calculator} delete pod`)) world.pods.push({ ...pod, name: 'calculadora-api-with-gate' });
  };
  // Nor does one that was there before, and never had it.
  Object.assign(world.pods.at(-1) ?? {}, { hasGate: false });
  expect(await drill('controller')).toMatchObject({ passed: true, back: all });
});

describe('Whatever ends a drill, what it changed is changed back:', () => {
  test.each<[FaultName, string, notes: number]>([
    ['spot', `${calculator} drain`, 0],
    ['zone', 'aws ec2 create-network-acl', 0],
    ['zone', 'aws ec2 replace-network-acl-association', 0],
    ['controller', `${system} annotate`, 0],
    ['controller', `${system} scale`, 0],
    ['controller', `${calculator} delete pod`, 1],
    ['failover', 'aws rds reboot-db-instance', 1],
  ])('%s, stopped at %s', async (fault, at, notes) => {
    const before = world.state;
    world.drainHangs = true;
    const stop = new AbortController();
    world.onChange = (call) => call.startsWith(at) && stop.abort(new Error('stopped'));
    const report = await drill(fault, { signal: stop.signal });
    expect(report).toMatchObject({ passed: false, problem: expect.stringContaining('The drill was interrupted.') });
    expect([report.back, tableOf(report)]).toEqual([{}, expect.not.stringContaining('not back')]);
    // That the node was not emptied is no news to the person who stopped it.
    expect(report.notes).toHaveLength(notes);
    expect(world.state).toEqual(before);
    expect(changes()).not.toContain('aws ec2 terminate-instances --instance-ids i-1');
  });

  // A wait, the call that begins it or is asked in it, and what makes it long.
  test.each<[string, FaultName, string, Partial<World>]>([
    ['until EC2 finds the list', 'zone', 'aws ec2 create-network-acl', { hidesAcls: true }],
    ['without the zone', 'zone', 'aws ec2 replace-network-acl-association', {}],
    ["until the controller's pods are gone", 'controller', `${system} scale`, { controllerHangs: true }],
    ['without the controller', 'controller', `${calculator} delete pod`, {}],
    ['until the restart has begun', 'failover', 'aws rds reboot-db-instance', { restartsAtOnce: true }],
    ['until all is back', 'spot', 'aws elbv2 describe-target-health', { hasNoCapacity: true }],
  ])('at once, also while it waits %s (%s)', async (_, fault, at, slow) => {
    Object.assign(world, slow);
    const stop = new AbortController();
    let waited = 0;
    let asked = 0;
    onCall = (call) => {
      if (!call.startsWith(at) || stop.signal.aborted) return;
      // The same question is asked before the fault. In the wait, it is stopped between two of them.
      if (at.includes('describe') && (world.changes.length === 0 || ++asked < 5)) return;
      waited = slept + looked;
      stop.abort(new Error('stopped'));
    };
    const { problem } = await drill(fault, { signal: stop.signal });
    expect([stop.signal.aborted, problem]).toEqual([true, expect.stringContaining('The drill was interrupted.')]);
    expect(slept + looked).toBe(waited);
    // A zone that was whole until then stays so.
    if ('hidesAcls' in slow) expect(changes().join()).not.toContain('replace-network-acl-association');
  });

  test('a node that was just emptied is not ended', async () => {
    const before = world.state;
    const stop = new AbortController();
    world.onChange = (call) => call.includes(' drain ') && stop.abort(new Error('stopped'));
    expect((await drill('spot', { signal: stop.signal })).problem).toContain('The drill was interrupted.');
    expect(world.state).toEqual(before);
    expect(world.calls.join()).not.toContain('terminate');
  });

  test.each<[FaultName, string]>([
    ['zone', 'aws ec2 create-network-acl'],
    ['zone', 'aws ec2 replace-network-acl-association'],
    ['controller', `${system} annotate`],
    ['controller', `${system} scale`],
    ['controller', `${calculator} delete pod`],
    ['spot', `${calculator} annotate`],
    ['spot', 'aws ec2 terminate-instances'],
    ['failover', 'aws rds reboot-db-instance'],
  ])('%s, in which AWS or Kubernetes refuses %s', async (fault, refused) => {
    const before = world.state;
    world.refused[refused] = 1;
    const report = await drill(fault);
    expect(report).toMatchObject({ passed: false, problem: expect.stringContaining('Unavailable'), back: all });
    // What did not happen is not told.
    expect([world.state, report.notes]).toEqual([before, []]);
  });

  test.each<[FaultName, string]>([
    ['zone', 'aws ec2 delete-network-acl'],
    ['controller', `${system} scale deployment ${controller} --replicas=2`],
  ])('%s, although %s is refused for nearly five minutes', async (fault, refused) => {
    const before = world.state;
    world.refused[refused] = 29;
    expect((await drill(fault)).passed).toBe(true);
    expect(world.state).toEqual(before);
  });

  test.each<[string, number, (stop: AbortController) => unknown]>([
    ['went well', 3, () => undefined],
    [
      'was stopped',
      0,
      (stop) => (world.onChange = (call) => call.includes('--replicas=0') && stop.abort(new Error('stopped'))),
    ],
    ['failed', 0, () => (world.refused[`${calculator} delete pod`] = 1)],
  ])('and if that fails for long, the report of a drill that %s says what to run', async (_, minutes, happens) => {
    const before = world.state;
    world.refused[`${system} scale deployment ${controller} --replicas=2`] = 30;
    const start = slept;
    const stop = new AbortController();
    happens(stop);
    const { passed, problem } = await drill('controller', { signal: stop.signal });
    // Those without the controller, and five in which it is tried again.
    expect((slept - start) / 60_000).toBe(minutes + 5);
    expect([passed, problem]).toEqual([false, expect.stringMatching(/Unavailable.*drill controller dev --clean/s)]);
    expect(await undoAll(place())).toEqual([controller]);
    expect(world.state).toEqual(before);
  });
});

describe('What a killed drill left', () => {
  const leave = (mark: string) => {
    const [node] = world.nodes.filter(({ group }) => group === 'spot');
    Object.assign(node ?? {}, { isClosed: true, annotations: { 'drill-end': mark } });
    world.replicas[controller] = 0;
    world.controllerMarks = { 'drill-replicas': '2', 'drill-end': mark };
    const tags = {
      ...{ project: 'desafio-aws', environment: 'dev', drill: 'zone', 'drill-end': mark },
      'subnet-private-us-east-1b': standardAcl,
    };
    world.acls = [{ id: 'acl-1', tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) }];
    world.subnets['subnet-private-us-east-1b'] = 'acl-1';
  };
  const old = '2026-01-01T00:00:00.000Z';
  const fresh = '2100-01-01T00:00:00.000Z';

  test('is undone by --clean, however new it is, and nothing else is changed', async () => {
    const before = world.state;
    leave(fresh);
    Object.assign(world.nodes.at(-1) ?? {}, { isClosed: true, annotations: { 'drill-end': fresh } });
    // Of two drills, the second of which lost another zone.
    const [first] = world.acls;
    const subnets = ['subnet-private-us-east-1a', 'subnet-public-us-east-1a'];
    const originals = subnets.map((Key) => ({ Key, Value: standardAcl }));
    world.acls.push({ id: 'acl-2', tags: [...(first?.tags ?? []), ...originals] });
    for (const subnet of subnets) world.subnets[subnet] = 'acl-2';
    expect((await undoAll(place())).toSorted()).toEqual(['acl-1', 'acl-2', controller, 'node-1', 'node-2']);
    expect(world.state).toEqual(before);
    expect(await undoAll(place())).toEqual([]);
  });

  test('is undone as far as it can be, where the cluster does not answer', async () => {
    leave(old);
    world.refused.kubectl = 2;
    expect(await message(undoAll(place()))).toMatch(/^Error: .*Unavailable.*\n.*Unavailable/);
    expect([world.acls, world.subnets['subnet-private-us-east-1b']]).toEqual([[], standardAcl]);
  });

  test.each([`${calculator} uncordon`, 'aws ec2 delete-network-acl', `${system} scale`])(
    'is undone but for what %s would undo, if that is refused, and then --clean fails',
    async (refused) => {
      leave(old);
      world.refused[refused] = 1;
      expect(await message(undoAll(place()))).toBe(`Error: ${refused.split(' ')[0]}: ${unavailable} ${refused}`);
      expect(await undoAll(place())).toHaveLength(1);
    },
  );

  test.each([
    ['that is old', old],
    ['that nobody can read', 'tomorrow'],
  ])('with a mark %s, is undone by the next drill, of whatever fault, before it begins', async (_, mark) => {
    const before = world.state;
    leave(mark);
    const { passed, steps } = await drill('failover');
    expect(passed).toBe(true);
    expect(steps.map(({ name }) => name)).toEqual(['look', 'undoOld', 'answers', 'play', 'recover']);
    expect(world.state).toEqual(before);
  });

  test.each(['node-1', 'acl-1', controller])('is undone by the next drill also if it is only %s', async (only) => {
    const before = world.state;
    leave(old);
    const [node] = world.nodes.filter(({ group }) => group === 'spot');
    if (only !== 'node-1') Object.assign(node ?? {}, { isClosed: false, annotations: {} });
    if (only !== 'acl-1') world.subnets['subnet-private-us-east-1b'] = standardAcl;
    if (only !== 'acl-1') world.acls = [];
    if (only !== controller) Object.assign(world, { controllerMarks: {} }).replicas[controller] = 2;
    const { passed, steps } = await drill('failover');
    expect([passed, steps.map(({ name }) => name)]).toEqual([true, expect.arrayContaining(['undoOld'])]);
    expect(world.state).toEqual(before);
  });

  test('is left alone while its drill may be running, and the next one says so', async () => {
    leave(fresh);
    const before = world.state;
    expect(await message(drill('spot'))).toMatch(
      /^Refused: .*recently \(node-1\)\. If none is running.*pnpm infra drill spot dev --clean/s,
    );
    expect(world.state).toEqual(before);
  });

  test.each(['node-1', 'acl-1', controller])('is left alone if %s may be of a drill that runs', async (only) => {
    leave(old);
    const [node] = world.nodes.filter(({ group }) => group === 'spot');
    if (only === 'node-1') Object.assign(node?.annotations ?? {}, { 'drill-end': fresh });
    if (only === controller) world.controllerMarks['drill-end'] = fresh;
    const mark = world.acls[0]?.tags.find(({ Key }) => Key === 'drill-end');
    if (only === 'acl-1') Object.assign(mark ?? {}, { Value: fresh });
    const before = world.state;
    const refusal = await message(drill('failover'));
    expect(refusal).toMatch(/^Refused: /);
    expect(refusal).toContain(`recently (${only}).`);
    expect([world.state, world.changes]).toEqual([before, []]);
  });

  test('is undone, and who stops the drill meanwhile is not told that something is missing', async () => {
    leave(old);
    const stop = new AbortController();
    onCall = () => world.acls.length === 0 && stop.abort(new Error('stopped'));
    expect(await message(drill('failover', { signal: stop.signal }))).toBe('Error: stopped');
  });
});

describe('A drill does not begin', () => {
  const setDatabase = (status: string) => Object.assign(world.database ?? {}, { status });
  const setNode = (change: object) => Object.assign(world.nodes[1] ?? {}, change);

  test.each<[string, () => void, string]>([
    [
      'where there is no database',
      () => (world.database = undefined),
      'The database of dev, desafio-aws-dev-mysql, does not exist',
    ],
    ['with a database that sleeps', () => setDatabase('stopped'), 'dev is asleep'],
    ['with a database that falls asleep', () => setDatabase('stopping'), 'pnpm infra wake dev'],
    ['with no nodes, at night', () => (world.nodes = []), 'dev is asleep'],
    ['without a public address', () => (world.address = ''), 'The cluster of dev does not name the public address'],
    ['with a database that is being changed', () => setDatabase('modifying'), 'desafio-aws-dev-mysql: modifying'],
    ['with a database that is full', () => setDatabase('storage-full'), 'desafio-aws-dev-mysql: storage-full'],
    [
      'with a node that nobody hears of',
      () => (world.subnets['subnet-private-us-east-1b'] = ownAcl),
      'node-2; spot: 1/2',
    ],
    ['with a node that is closed', () => setNode({ isClosed: true }), 'Missing: node-1'],
    ['with a node that does not answer', () => setNode({ isBroken: true }), 'node-1; spot: 1/2'],
    ['with a node that has told nothing yet', () => setNode({ isUnknown: true }), 'node-1; spot: 1/2'],
    ['without the node of SigNoz', () => world.nodes.shift(), 'storage: 0/1'],
    [
      'with a pod too few',
      () => Object.assign(world, { isFull: true }).pods.pop(),
      'Missing: magic-calculator; tg-magic-calculator-dev: 1/2.',
    ],
    [
      'without any pod',
      () => Object.assign(world, { isFull: true, pods: [] }),
      'Missing: calculadora-api; magic-calculator; tg-calculadora-api-dev: 0/2; tg-magic-calculator-dev: 0/2.',
    ],
    ['with deployments that are being changed', () => (world.isBehind = true), 'coredns; aws-load-balancer-controller'],
    ['without the controller', () => (world.replicas[controller] = 0), `Missing: ${controller}.`],
    ['without an application', () => (world.replicas['magic-calculator'] = 0), 'Missing: magic-calculator.'],
    ['while answers are wrong', () => (toFail = Number.POSITIVE_INFINITY), 'First repair: POST /backend: 503 "no"'],
  ])('%s', async (_, change, told) => {
    change();
    const refusal = await message(drill('spot'));
    expect(refusal).toContain(told);
    expect([refusal.startsWith('Refused: '), world.changes]).toEqual([true, []]);
  });

  test('without a person who agrees, and tells what it would do before it asks', async () => {
    const said = jest.mocked(console.log).mock.calls;
    const tells = {
      spot: /node-1 \(i-1, us-east-1a; pods of the applications: 2\) .* for up to 2 minutes/,
      zone: /us-east-1b will have no network for 10 minutes \(subnets: 3; nodes: 1; database: no\)/,
      controller: /0 of 2 replicas for 3 minutes, and the pod calculadora-api-0/,
      failover: /desafio-aws-dev-mysql has no standby/,
    };
    expect(faultNames).toEqual(Object.keys(tells));
    for (const fault of faultNames) {
      said.length = 0;
      let told = '';
      const confirm = async () => {
        told = said.flat().join('\n');
        return false;
      };
      expect(await message(drill(fault, { confirm }))).toMatch(/^Refused: .*Nothing was done\.$/s);
      expect(told).toMatch(tells[fault]);
    }
    expect(world.changes).toEqual([]);
  });

  test('in a zone that the environment has not', async () => {
    const told = 'No zone us-east-1f with subnets and nodes of the environment. There are: us-east-1a, us-east-1b';
    const refusal = await message(drill('zone', { zone: 'us-east-1f' }));
    expect(refusal).toContain(told);
    expect([refusal.startsWith('Refused: '), world.changes]).toEqual([true, []]);
  });

  test('once it was stopped', async () => {
    const stop = new AbortController();
    const confirm = async () => {
      stop.abort(new Error('stopped'));
      return true;
    };
    expect(await message(drill('controller', { confirm, signal: stop.signal }))).toContain('stopped');
    expect(world.changes).toEqual([]);
  });
});

test('the table has each kind of request with its times and answers, and each part that came back', () => {
  const failure = (at: string, status?: number) => ({ at, status, found: 'no' });
  const requests = { application: 'one', failed: 0, failures: [], longestGap: 0 };
  const report = {
    ...({ fault: 'zone', environment: 'dev', target: 'us-east-1b', startedAt: '2026-01-31T12:00:00.000Z' } as const),
    ...{ passed: false, notes: [], back: { nodes: 245, database: 7 } },
    steps: [{ name: 'recover' as const, seconds: 1, isDone: false }],
    requests: [
      { ...requests, request: 'GET /one', sent: 600 },
      {
        ...{ ...requests, request: 'POST /two', sent: 1_200, failed: 4, longestGap: 65.5 },
        ...{ first: '2026-01-31T23:59:58.900Z', last: '2026-02-01T00:01:04.400Z' },
        failures: [failure('a', 503), failure('b'), failure('c', 503), failure('d', 502)],
      },
      {
        ...{ ...requests, request: 'GET /three', sent: 10, failed: 1, longestGap: 1 },
        ...{ first: '2026-01-31T23:59:59.000Z', last: '2026-01-31T23:59:59.000Z', failures: [failure('a', 504)] },
      },
    ],
  };
  expect(tableOf(report).split('\n')).toEqual([
    'requisição  feitas  falhas  primeira   última     maior pausa  respostas erradas',
    'request     sent    failed  first      last       longest gap  wrong answers',
    'GET /one    600     0       –          –          –            –',
    'POST /two   1200    4       23:59:58Z  00:01:04Z  1 min 6 s    503: 2, sem resposta / no answer: 1, 502: 1',
    'GET /three  10      1       23:59:59Z  23:59:59Z  1 s          504: 1',
    '',
    '                                                                       de volta depois de / back after',
    'máquinas prontas / nodes ready                                         4 min 5 s',
    'réplicas disponíveis / replicas available                              não voltou / not back',
    'alvos do balanceador saudáveis / targets of the load balancer healthy  não voltou / not back',
    'banco disponível / database available                                  7 s',
    'respostas certas / right answers                                       não voltou / not back',
  ]);
  expect(summaryOf(report)).toMatch(/The drill zone of dev did not pass: 5 of 1810 requests failed\. All is back\.$/);
  expect(summaryOf({ ...report, passed: true })).toMatch(/none of the 1810 requests failed, and all is back\.$/);
  expect(summaryOf({ ...report, problem: 'why' })).toMatch(/não passou:\nwhy\n\nThe drill zone of dev did not/);
});

describe('Of the requests of a kind, the report tells', () => {
  const at = (second: number, found?: string, status?: number) => ({
    ...{ at: Date.UTC(2026, 0, 31, 12, 0, second), milliseconds: 500 },
    ...(found !== undefined && { found, status }),
  });

  test('how many failed, the first and the last, and the longest time without a right answer', () => {
    const sent = [at(0), at(1, 'bad', 502), at(2), at(3, 'bad', 503), at(4, 'none'), at(6), at(7)];
    expect(summarise(sent)).toEqual({
      ...{ sent: 7, failed: 3, first: '2026-01-31T12:00:01.000Z', last: '2026-01-31T12:00:04.000Z', longestGap: 3 },
      failures: [
        { at: '2026-01-31T12:00:01.000Z', status: 502, found: 'bad' },
        { at: '2026-01-31T12:00:03.000Z', status: 503, found: 'bad' },
        { at: '2026-01-31T12:00:04.000Z', status: undefined, found: 'none' },
      ],
    });
  });

  test('a gap that never ended as long as it is known', () => {
    expect(summarise([at(0), at(1, 'bad'), at(9, 'bad')]).longestGap).toBe(8.5);
  });

  test('no gap where none failed', () => {
    expect(summarise([at(0), at(9)])).toEqual({ sent: 2, failed: 0, longestGap: 0, failures: [] });
  });
});
