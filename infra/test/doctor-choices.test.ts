/** What the doctor counts for choices that no environment has now, and what it takes from the internet. */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Network } from '../constructs/network/network.ts';
import { environments } from '../environments/all.ts';
import { dev } from '../environments/dev.ts';
import type { Environment } from '../environments/environment.ts';
import { readSettings } from '../settings.ts';
import { alone } from './support/terraform.ts';

let shown: Environment = dev;
jest.unstable_mockModule('../environments/all.ts', () => ({
  environments: {
    ...environments,
    get dev() {
      return shown;
    },
  },
}));
const { checkAddresses, checkProcessors } = await import('../doctor/quotas.ts');
const { checkApiAccess, checkSizes } = await import('../doctor/cluster.ts');

/** What a check finds for dev, if AWS gives these answers: by a part of the question. */
async function found(check: typeof checkAddresses, answers: Record<string, object>, settings = readSettings('', {})) {
  const ask = async <T>(...args: readonly string[]) =>
    Object.entries(answers).find(([part]) => args.join(' ').includes(part))?.[1] as T | undefined;
  const examination = { settings, asked: ['dev'], ask } as unknown as Parameters<typeof check>[0];
  return (await check(examination)).map(({ text }) => text);
}
afterEach(() => {
  shown = dev;
});

describe.each(['instance', 'instance-per-zone', 'single', 'per-zone'] as const)(
  'With the NAT %s, the doctor',
  (nat) => {
    const stack = alone((scope) => {
      const place = { prefix: 'dev', clusterName: 'dev', region: 'us-east-1', tags: {} } as const;
      new Network(scope, 'network', { ...dev.network, ...place, nat });
    });
    const addresses = stack.some('aws_eip').length;
    const instances = stack.all('aws_autoscaling_group').length;
    beforeEach(() => {
      shown = { ...dev, network: { ...dev.network, nat } };
    });

    test('counts the elastic addresses that the network has', async () => {
      const answers = (Value: number) => ({
        'L-0263D0A3': { Quota: { Value } },
        'describe-addresses': { Addresses: [] },
      });
      expect(await found(checkAddresses, answers(addresses))).toEqual([]);
      expect(await found(checkAddresses, answers(addresses - 1))).toEqual([
        expect.stringContaining(`NAT needs ${addresses} more`),
      ]);
    });

    test('counts its instances among those on demand, and no gateway', async () => {
      const vcpus = 2 * instances;
      const answers = (Value: number) => ({ 'L-1216C47A': { Quota: { Value } } });
      expect(await found(checkProcessors, answers(vcpus))).toEqual([]);
      if (vcpus > 0) {
        for (const few of [vcpus - 1, 0]) {
          expect(await found(checkProcessors, answers(few))).toEqual([expect.stringContaining(`may need ${vcpus}`)]);
        }
      }
    });
  },
);

test.each([
  ['spot', 'L-34B43A08'],
  ['on-demand', 'L-1216C47A'],
] as const)("SigNoz's nodes count with their maximum and a replacement, if they are %s", async (kind, code) => {
  const answers = (Value: number) => ({ [code]: { Quota: { Value } } });
  const needed = async (maximum: number) => {
    const storageNodes = { ...dev.cluster.storageNodes, minimum: 1, desired: 1, maximum };
    shown = { ...dev, cluster: { ...dev.cluster, storageCapacity: kind, storageNodes } };
    const [told] = await found(checkProcessors, answers(0));
    return Number(/may need (\d+)/.exec(String(told))?.[1]);
  };
  // Each node has two vCPUs.
  expect((await needed(4)) - (await needed(1))).toBe(6);
});

test('a node group that has scaled down to its new minimum, less than it begins with, blocks nothing', async () => {
  const nodes = { ...dev.cluster.nodes, minimum: 1, desired: 2, maximum: 3 };
  shown = { ...dev, cluster: { ...dev.cluster, nodes, sleepsAtNight: false } };
  const answers = (desiredSize: number) => ({
    'list-nodegroups': { nodegroups: ['desafio-aws-dev-spot-1'] },
    'describe-nodegroup': { nodegroup: { scalingConfig: { minSize: 0, maxSize: 5, desiredSize } } },
  });
  for (const inside of [1, 2, 3]) expect(await found(checkSizes, answers(inside))).toEqual([]);
  for (const [outside, nearest] of [
    [0, 1],
    [4, 3],
  ] as const) {
    const call = `minSize=1,maxSize=3,desiredSize=${nearest}`;
    expect(await found(checkSizes, answers(outside))).toEqual([expect.stringContaining(call)]);
  }
});

test('a page that says that the service is away is no address', async () => {
  const settings = { ...readSettings('', {}), clusterApiCidrs: { dev: ['198.51.100.7/32'], prd: [] } };
  const answered = (status: number) => {
    jest.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response('198.51.100.8\n', { status }));
    return found(checkApiAccess, {}, settings);
  };
  try {
    expect(await answered(200)).toEqual([expect.stringContaining('198.51.100.8')]);
    expect(await answered(503)).toEqual([]);
  } finally {
    jest.mocked(globalThis.fetch).mockRestore();
  }
});
