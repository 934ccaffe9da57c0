import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { nameLabel, namespaces } from 'platform';
import { Cluster } from '../../test/support/cluster.ts';
import { describeWithCluster } from '../../test/support/describe-with-cluster.ts';
import { list } from '../failure.ts';

const namespace = namespaces.applications;
const gate = 'target-health.elbv2.k8s.aws/tg-calculadora-api-dev';

describeWithCluster('simulated', 'The reported reason why a pod is not ready, if', () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await Cluster.start('simulated');
    await cluster.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }]);
  }, 900_000);

  afterAll(() => cluster?.stop());

  /** Runs in its own process, because kubectl takes the cluster from the process's environment. */
  async function reasons(hash: string): Promise<string[]> {
    const program =
      "import { reasons } from './delivery/failure.ts';" +
      "console.log(JSON.stringify(await reasons('calculadora-api', process.argv[1])))";
    const options = { cwd: resolve(import.meta.dirname, '../..'), env: cluster.env };
    const args = ['--input-type=module', '--eval', program, hash];
    return JSON.parse((await promisify(execFile)(process.execPath, args, options)).stdout);
  }

  /** Stores a pod that is never scheduled, with a status and an event as from kubelet and controllers. */
  async function simulate(name: string, hash: string, status: object, event?: string): Promise<void> {
    const metadata = { name, namespace, labels: { [nameLabel]: 'calculadora-api', 'pod-template-hash': hash } };
    const spec = {
      schedulerName: 'nobody',
      readinessGates: [{ conditionType: gate }],
      containers: [{ name: 'calculadora-api', image: 'calculadora-api' }],
    };
    await cluster.apply([{ apiVersion: 'v1', kind: 'Pod', metadata, spec }]);
    const patch = ['--subresource=status', '--type=merge', `--patch=${JSON.stringify({ status })}`];
    await cluster.kubectl(['patch', 'pod', name, `--namespace=${namespace}`, ...patch]);
    if (event === undefined) return;
    const { uid } = (await cluster.get<{ metadata: { uid: string } }>('pod', name, `--namespace=${namespace}`))
      .metadata;
    const involvedObject = { apiVersion: 'v1', kind: 'Pod', name, namespace, uid };
    const details = { type: 'Warning', reason: 'Unhealthy', message: event, involvedObject };
    await cluster.apply([{ apiVersion: 'v1', kind: 'Event', metadata: { name, namespace }, ...details }]);
  }

  const container = (status: object) => ({
    containerStatuses: [{ name: 'calculadora-api', image: 'i', imageID: '', ready: false, restartCount: 1, ...status }],
  });
  const condition = (type: string, message: string) => ({ type, status: 'False', message });
  const notReady = condition('Ready', 'containers with unready status: [calculadora-api]');
  const ended = (reason: string, exitCode: number, message?: string) => ({ terminated: { reason, exitCode, message } });
  const backOff = { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s restarting failed container' } };

  test.each([
    [
      'its image does not exist',
      container({
        state: { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "i": not found' } },
      }),
      undefined,
      ['ImagePullBackOff: Back-off pulling image "i": not found'],
    ],
    [
      'its process exited, with its last five lines',
      container({ state: backOff, lastState: ended('Error', 3, '1\n2\n3\n4\n5\n6\n') }),
      undefined,
      ['Error (3): 2\n3\n4\n5\n6'],
    ],
    [
      'its process has just exited',
      container({ state: ended('Error', 1, 'No settings') }),
      undefined,
      ['Error (1): No settings'],
    ],
    [
      'it exceeded its memory limit',
      container({ state: backOff, lastState: ended('OOMKilled', 137) }),
      undefined,
      ['OOMKilled (137)'],
    ],
    [
      'its probe killed it',
      container({ state: { running: {} }, lastState: ended('Error', 143) }),
      'Startup probe failed: connection refused',
      ['Error (143)', 'Unhealthy: Startup probe failed: connection refused'],
    ],
    [
      'its probe fails',
      { ...container({ state: { running: {} } }), conditions: [notReady] },
      'Startup probe failed: connection refused',
      ['Unhealthy: Startup probe failed: connection refused'],
    ],
    [
      'no node has room',
      { conditions: [condition('PodScheduled', '0/3 nodes are available')] },
      undefined,
      ['PodScheduled: 0/3 nodes are available'],
    ],
    [
      'its node ran out of disk',
      { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: ephemeral-storage.' },
      undefined,
      ['Evicted: The node was low on resource: ephemeral-storage.'],
    ],
    [
      'something is missing for its container',
      container({ state: { waiting: { reason: 'ContainerCreating' } } }),
      'configmap "infra-calculadora-api-database" not found',
      ['Unhealthy: configmap "infra-calculadora-api-database" not found'],
    ],
    [
      'it fails the load balancer’s health checks',
      { ...container({ state: { running: {} } }), conditions: [notReady, condition(gate, 'Health checks failed')] },
      undefined,
      [`${gate}: Health checks failed`],
    ],
    [
      'nothing else is known',
      { ...container({ state: { running: {} } }), conditions: [notReady] },
      undefined,
      ['Ready: containers with unready status: [calculadora-api]'],
    ],
  ])('%s', async (title, status, event, expected) => {
    const name = title.replaceAll(/[^a-z]+/g, '-');
    await simulate(name, name, status, event);
    expect(await reasons(name)).toEqual(expected);
  });

  test('an image on Docker Hub cannot be pulled, comes with what Docker Hub asks for', () => {
    const found = ['ImagePullBackOff: Back-off pulling image "docker.io/team/site@sha256:0": denied'];
    expect(list(found)).toContain('Images on Docker Hub must be public');
    expect(list(['ImagePullBackOff: Back-off pulling image "1.dkr.ecr.us-east-1.amazonaws.com/site"'])).not.toContain(
      'Hub',
    );
  });

  test('several pods have it, is listed once, without those of other versions', async () => {
    await simulate('one', 'this', container({ state: ended('Error', 1, 'No settings') }));
    await simulate('two', 'this', container({ state: ended('Error', 1, 'No settings') }));
    await simulate('three', 'other', container({ state: ended('Error', 2) }));
    expect(await reasons('this')).toEqual(['Error (1): No settings']);
  });
});
