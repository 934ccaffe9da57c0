import { once } from 'node:events';
import { type AddressInfo, createServer, Socket } from 'node:net';
import { describe, expect, jest, test } from '@jest/globals';
import { github } from '../../infra/test/support/choices.ts';
import { preflight } from '../preflight.ts';
import { delivery } from './support/delivery.ts';
import { Programs } from './support/programs.ts';

const props = {
  environment: 'dev',
  endpoint: undefined,
  isInside: false,
  isDestroy: false,
  hasRunner: true,
  isPublic: false,
} as const;

/** An API of a cluster, as far as a connection to it. */
async function listen() {
  const server = createServer((socket) => socket.destroy());
  server.listen(0, '127.0.0.1');
  // A test that fails must not keep the process alive.
  server.unref();
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { endpoint: `https://127.0.0.1:${port}`, close: () => new Promise((resolve) => server.close(resolve)) };
}

test.each([
  ['that changes nothing', {}],
  ['that destroys', { isDestroy: true }],
  ['that the API admits from the internet', { isPublic: true }],
  ['inside the VPC', { isInside: true }],
])('a job %s goes on if it reaches the API, and else is told why, in both languages', async (_, given) => {
  const api = await listen();
  const { endpoint } = api;
  const limit = jest.spyOn(AbortSignal, 'timeout');
  expect((await preflight({ ...props, ...given, endpoint })).isReady).toBe(true);
  expect(limit.mock.calls).toEqual([[10_000]]);
  limit.mockRestore();
  await api.close();
  const { isReady, message } = await preflight({ ...props, ...given, endpoint });
  expect(isReady).toBe(false);
  expect(message).toContain('Este job não alcança a API do cluster desafio-aws-dev (ECONNREFUSED)');
  expect(message).toContain('This job does not reach the API of the cluster desafio-aws-dev (ECONNREFUSED)');
});

test('a connection is closed at once, because an open one would hold the job for minutes', async () => {
  const server = createServer().listen(0, '127.0.0.1').unref();
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const [[socket]] = (await Promise.all([
    once(server, 'connection'),
    preflight({ ...props, endpoint: `https://127.0.0.1:${port}` }),
  ])) as [[Socket], unknown];
  await once(socket.resume(), 'close', { signal: AbortSignal.timeout(10_000) });
  server.close();
});

test('a connection that is not made in time is given up', async () => {
  let given: Socket | undefined;
  const connecting = jest.spyOn(Socket.prototype, 'connect').mockImplementation(function (this: Socket) {
    given = this;
    return this;
  });
  const endpoint = 'https://10.0.0.1';
  const { isReady, message } = await preflight({ ...props, endpoint, seconds: 0.01 });
  expect([isReady, message, given?.destroyed]).toEqual([false, expect.stringContaining('0.01 s'), true]);
  expect(connecting).toHaveBeenCalledTimes(2);
  connecting.mockRestore();
});

test('a connection that is lost once is tried again, and no more', async () => {
  for (const lost of [{}, Object.assign(new Error('lost'), { code: 'ECONNRESET' })]) {
    let tried = 0;
    const connecting = jest.spyOn(Socket.prototype, 'connect').mockImplementation(function (this: Socket) {
      if (++tried > 1) setImmediate(() => this.emit('connect'));
      else if (lost instanceof Error) setImmediate(() => this.emit('error', lost));
      return this;
    });
    const { isReady } = await preflight({ ...props, endpoint: 'https://10.0.0.1', seconds: 0.01 });
    connecting.mockRestore();
    expect([isReady, tried]).toEqual([true, 2]);
  }
});

test('the API of a cluster is asked where EKS has it, at the port of HTTPS', async () => {
  const connecting = jest.spyOn(Socket.prototype, 'connect').mockImplementation(function (this: Socket) {
    setImmediate(() => this.emit('connect'));
    return this;
  });
  // EKS names no port.
  const endpoint = 'https://0123456789ABCDEF.gr7.us-east-1.eks.amazonaws.com';
  expect((await preflight({ ...props, endpoint })).isReady).toBe(true);
  const [[[given] = []] = []] = connecting.mock.calls as unknown as unknown[][][];
  connecting.mockRestore();
  expect(given).toMatchObject({ host: '0123456789abcdef.gr7.us-east-1.eks.amazonaws.com', port: 443 });
});

test.each([
  ['whose API will be private is created from a laptop', {}, false, 'run the first deployment from your computer'],
  ['with an address on the internet can be created by a job', { isPublic: true }, true, 'does not exist yet'],
  ['can be completed from inside the VPC', { isInside: true }, true, 'does not exist yet'],
  ['that is destroyed needs nothing', { isDestroy: true }, true, 'does not exist yet'],
])('a cluster that does not exist and %s', async (_, given, isReady, message) => {
  expect(await preflight({ ...props, ...given })).toEqual({ isReady, message: expect.stringContaining(message) });
});

test.each([
  ['the environment', { isDestroy: true }, 'destroy the environment from your computer'],
  ['its own runner', { hasRunner: false }, 'which this change deletes'],
])('a job inside the VPC does not delete %s, even if it reaches the API', async (_, given, message) => {
  const { close, endpoint } = await listen();
  expect(await preflight({ ...props, endpoint, isInside: true, ...given })).toEqual({
    isReady: false,
    message: expect.stringContaining(message),
  });
  await close();
});

describe('the command', () => {
  /** @param aws the AWS CLI, as a shell script */
  async function run(aws: string, ...args: string[]) {
    const { env } = new Programs().shell('aws', aws);
    return delivery(['preflight', 'dev', ...args], { ...env, INFRA_GITHUB: JSON.stringify(github) });
  }
  const refusal = (code: string) =>
    `echo >&2; echo "An error occurred (${code}) when calling the DescribeCluster operation: no" >&2; exit 254`;

  test('asks EKS for the address of the environment’s own cluster', async () => {
    const { close, endpoint } = await listen();
    const eks = `case "$*" in *"describe-cluster --name desafio-aws-dev "*) echo '"${endpoint}"';; *) exit 1;; esac`;
    const { code, output } = await run(eks);
    expect([code, output]).toEqual([0, expect.stringContaining('desafio-aws-dev answers')]);
    await close();
  });

  test('takes a cluster that EKS does not know, or has no address of yet, for one that does not exist', async () => {
    for (const aws of [refusal('ResourceNotFoundException'), 'echo null']) {
      const { code, summary } = await run(aws);
      expect([code, summary]).toEqual([1, expect.stringContaining('from your computer')]);
    }
  });

  test('passes on any other refusal of AWS', async () => {
    const { code, output } = await run(refusal('AccessDeniedException'));
    expect([code, output]).toEqual([1, expect.stringContaining('(AccessDeniedException)')]);
  });

  test('refuses a job on a runner that the environment’s file does not have', async () => {
    const { code, summary } = await run('echo null', '--inside', 'true');
    expect([code, summary]).toEqual([1, expect.stringContaining('which this change deletes')]);
  });
});
