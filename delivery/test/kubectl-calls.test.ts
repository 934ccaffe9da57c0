import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { nameLabel, namespaces } from 'platform';
import { eventually } from '../../test/support/eventually.ts';
import { describeWith, findTool } from '../../test/support/tools.ts';
import { texts } from '../delivery-texts.ts';
import { delivery } from './support/delivery.ts';
import { type Answer, FakeKubectl } from './support/fake-kubectl.ts';
import { Programs } from './support/programs.ts';

const namespace = `--namespace=${namespaces.applications}`;
const digest = `sha256:${'a'.repeat(64)}`;
const image = `registry.example/calculadora-api@${digest}`;
const job = `calculadora-api-migration-${'a'.repeat(12)}`;
const failedJob = { status: { conditions: [{ type: 'Failed', status: 'True' }] } };
const migrated: Answer = { to: 'get *job *', outputs: [{ status: { succeeded: 1 } }] };
const ready: Answer = {
  to: 'get *pod *',
  outputs: [{ status: { conditions: [{ type: 'ContainersReady', status: 'True' }] } }],
};
const revision = 'deployment.kubernetes.io/revision';
const version = 'kubernetes.io/change-cause';

/** A deployment or replica set with its revision, and the name of its version. */
const revised = (number: number, name = '', availableReplicas = 0) => ({
  metadata: {
    annotations: { [revision]: String(number), [version]: name },
    labels: { 'pod-template-hash': `hash${number}` },
    creationTimestamp: `2026-11-0${number % 10}T12:00:00Z`,
  },
  spec: { template: { spec: { containers: [{ image: `registry.example/calculadora-api:${number}` }] } } },
  status: { availableReplicas },
});

describeWith('kubectl', findTool('kubectl'), 'In its calls of kubectl,', (real) => {
  let kubectl: FakeKubectl;

  /** Runs a command, and lists kubectl's calls with the kind and name of each object that they got. */
  async function run(args: readonly string[], answers: readonly Answer[], end?: Parameters<typeof delivery>[2]) {
    kubectl = new FakeKubectl(real, answers);
    const { code, output, outputs } = await delivery(args, { ...kubectl.env, GITHUB_RUN_ID: '7' }, end);
    const calls = kubectl.calls.map(({ args, input }) => [args, ...objectsOf(input)].join(' '));
    return { code, output, outputs, calls };
  }
  /** Cancels a release, as GitHub does, once it has made a call. */
  const cancel = (signal: NodeJS.Signals, call: string, answers: readonly Answer[]) =>
    run(['release', 'calculadora-api', 'dev', '--image', image, '--timeout', '40'], answers, {
      signal,
      when: () => eventually(async () => kubectl.calls.some(({ args }) => args.includes(call))),
    });
  const release = (answers: readonly Answer[], ...more: readonly string[]) =>
    run(['release', 'calculadora-api', 'dev', '--image', image, '--timeout', '9', ...more], answers);

  const applied = 'apply --server-side --field-manager=delivery --force-conflicts --validate=strict --filename=-';
  const sets = `get --output=json --ignore-not-found replicasets ${namespace} --selector=${nameLabel}=calculadora-api`;
  const deployment = `get --output=json --ignore-not-found deployment calculadora-api ${namespace}`;
  const prepared = [
    deployment,
    sets,
    'create --validate=strict --filename=- ConfigMap/calculadora-api-bc87md978c',
    `${applied} ServiceAccount/calculadora-api ServiceAccount/calculadora-api-migration Service/calculadora-api ` +
      'PodDisruptionBudget/calculadora-api HorizontalPodAutoscaler/calculadora-api TargetGroupBinding/calculadora-api ' +
      'NetworkPolicy/calculadora-api',
  ];
  const readJob = `get --output=json --ignore-not-found job ${job} ${namespace}`;

  test('a release goes on to the pods only after the migration and the trial, and then prunes', async () => {
    const items = [
      { kind: 'NetworkPolicy', metadata: { name: 'calculadora-api' } },
      { kind: 'NetworkPolicy', metadata: { name: 'calculadora-api-migration' } },
      { kind: 'NetworkPolicy', metadata: { name: 'magic-calculator' } },
    ];
    const { code, calls } = await release([
      { to: 'get *job *', outputs: ['', { status: {} }, { status: { succeeded: 1 } }] },
      ready,
      { to: 'get *networkpolicies*', outputs: [{ items }] },
    ]);
    const trial = `delete pod calculadora-api-trial ${namespace} --ignore-not-found --grace-period=5 --wait`;
    expect(calls).toEqual([
      ...prepared,
      readJob,
      `${applied} Job/${job}`,
      readJob,
      readJob,
      trial,
      `${applied} Pod/calculadora-api-trial`,
      `get --output=json --ignore-not-found pod calculadora-api-trial ${namespace}`,
      `port-forward pod/calculadora-api-trial ${namespace} :7000 --address=127.0.0.1`,
      trial,
      `${deployment} --show-managed-fields`,
      `${applied} Deployment/calculadora-api`,
      `rollout status deployment/calculadora-api ${namespace} --timeout=9s`,
      deployment,
      'get --output=json --ignore-not-found serviceaccounts,horizontalpodautoscalers,poddisruptionbudgets,networkpolicies ' +
        namespace,
      `delete networkpolicy/calculadora-api-migration ${namespace} --ignore-not-found`,
    ]);
    expect(code).toBe(0);
    const [pod, released] = ['Pod', 'Deployment'].map((kind) => inputOf(kind));
    // Neither the service nor the load balancer selects the pod on trial.
    expect(pod?.metadata.labels?.[nameLabel]).toBe('calculadora-api-migration');
    expect(released?.spec.template.metadata.labels[nameLabel]).toBe('calculadora-api');
    expect(released?.metadata.annotations[version]).toBe('');
    for (const { containers } of [pod?.spec, released?.spec.template.spec]) expect(containers[0].image).toBe(image);
    // It has no users to wait for when it stops, and if it exits, it stays so.
    expect(pod?.spec.restartPolicy).toBe('Never');
    expect(released?.spec.template.spec.containers[0]).toHaveProperty('lifecycle');
    const { topologySpreadConstraints: _, containers, ...ofPod } = released?.spec.template.spec ?? {};
    // All else is as users will have it: its probes, volumes, variables and rights.
    const onTrial = containers.map(({ lifecycle: _, ...container }: { lifecycle: object }) => container);
    expect(onTrial[0]).toMatchObject({ readinessProbe: {}, startupProbe: {}, resources: {}, securityContext: {} });
    expect(pod?.spec).toEqual({ ...ofPod, restartPolicy: 'Never', containers: onTrial });
  });

  test('a failed migration starts no pod', async () => {
    const { code, calls, output } = await release([
      { to: 'get *job *', outputs: ['', failedJob] },
      { to: 'logs *', outputs: ['ER_DUP_FIELDNAME'] },
    ]);
    expect(calls.slice(0, 7)).toEqual([...prepared, readJob, `${applied} Job/${job}`, readJob]);
    expect(calls).toContain(`logs job/${job} ${namespace} --tail=20 --pod-running-timeout=1s`);
    // Then it only asks why.
    expect(calls.slice(7).map((call) => call.split(' ')[0])).toEqual(expect.arrayContaining(['logs', 'get']));
    expect(calls.slice(7).filter((call) => !/^(get|logs) /.test(call))).toEqual([]);
    expect(output).toContain('ER_DUP_FIELDNAME');
    expect(code).toBe(1);
  });

  test('a release goes on if the settings of its ConfigMap are there already', async () => {
    const exists =
      'Error from server (AlreadyExists): error when creating "STDIN": configmaps "calculadora-api-bc87md978c" already exists';
    const { code } = await release([migrated, { to: 'create *', error: exists }], '--without-trial');
    expect(code).toBe(0);
  });

  test('a failed job of the same image is deleted before it runs again', async () => {
    const { calls } = await release([{ to: 'get *job *', outputs: [failedJob, failedJob] }]);
    expect(calls.slice(4, 7)).toEqual([readJob, `delete job ${job} ${namespace} --wait`, `${applied} Job/${job}`]);
  });

  test('a pod on trial that ends is deleted, says why, and starts no rollout', async () => {
    const message = '0/3 nodes are available';
    const status = { phase: 'Failed', conditions: [{ type: 'PodScheduled', status: 'False', message }] };
    const { calls, code, output } = await release([
      migrated,
      { to: 'get *pod *', outputs: [{ status }] },
      { to: 'get *pods *', outputs: [{ items: [{ metadata: { name: 'calculadora-api-trial' }, spec: {}, status }] }] },
    ]);
    expect(output).toContain(`- PodScheduled: ${message}`);
    expect(calls).toContain(`${applied} Pod/calculadora-api-trial`);
    expect(calls.at(-1)).toContain('delete pod calculadora-api-trial');
    expect(calls.filter((call) => /Deployment|rollout/.test(call))).toEqual([]);
    expect(code).toBe(1);
  });

  test.each([
    ['wrongly', 41, 1],
    ['correctly', 42, 0],
  ])('a pod on trial that answers %s decides whether users get its version', async (_, sum, expected) => {
    const server = createServer(({ method }, response) =>
      response.end(method === 'GET' ? 'API em execução!' : `{"resultado":${sum}}`),
    ).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      const forward: Answer = { to: 'port-forward *', outputs: [`Forwarding from 127.0.0.1:${port} -> 7000\n`] };
      const { calls, code, output } = await release([migrated, ready, forward]);
      expect(code).toBe(expected);
      const isReleased = calls.includes(`${applied} Deployment/calculadora-api`);
      expect(isReleased).toBe(expected === 0);
      expect(output.includes(texts.release.trialFailed('calculadora-api'))).toBe(!isReleased);
      if (!isReleased) expect(calls.at(-1)).toContain('delete pod calculadora-api-trial');
    } finally {
      server.close().closeAllConnections();
    }
  });

  describe('a release that is cancelled', () => {
    const serving: readonly Answer[] = [
      { to: 'get *deployment *', outputs: [revised(3), '', revised(4)] },
      { to: 'get *replicasets*', outputs: [{ items: [revised(3, '', 2), revised(4)] }] },
    ];
    const changed = (calls: readonly string[]) =>
      calls.slice(prepared.length).filter((call) => !/^(get|logs) /.test(call));

    test('during its migration starts no pod', async () => {
      const { calls, code, output } = await cancel('SIGTERM', readJob, [
        { to: 'get *job *', outputs: ['', { status: {} }] },
      ]);
      expect(code).toBe(1);
      expect(output).toContain(texts.release.jobInterrupted(job));
      expect(changed(calls)).toEqual([`${applied} Job/${job}`]);
    });

    test('during its trial ends at once, leaves no pod behind, and starts no rollout', async () => {
      const begin = Date.now();
      const { calls, code, output } = await cancel('SIGINT', 'pod calculadora-api-trial --namespace', [
        migrated,
        { to: 'get *pod *', outputs: [{ status: { phase: 'Pending' } }] },
      ]);
      expect(code).toBe(1);
      expect(output).toContain(texts.release.trialInterrupted('calculadora-api-trial'));
      expect(changed(calls).map((call) => call.split(' ')[0])).toEqual(['delete', 'apply', 'delete']);
      expect(calls.at(-1)).toContain('delete pod calculadora-api-trial');
      expect(Date.now() - begin).toBeLessThan(35_000);
    });

    test('during its rollout goes back to the version that served, and is no success', async () => {
      const { calls, code, output, outputs } = await cancel('SIGINT', 'rollout status', [
        migrated,
        ready,
        ...serving,
        { to: 'rollout status *', waits: true },
      ]);
      expect(code).toBe(1);
      expect(output).toContain(texts.release.interrupted('calculadora-api'));
      expect(output).not.toContain(texts.release.done('calculadora-api', image));
      expect(calls).toContain(`rollout undo deployment/calculadora-api ${namespace} --to-revision=3`);
      expect(outputs).toEqual({ previous: '3' });
    });
  });

  test('a release reports the version that served before, to which a failed smoke test goes back', async () => {
    const items = [revised(2, '', 1), revised(3, '', 2), revised(4)];
    const { code, outputs } = await release(
      [
        migrated,
        { to: 'get *deployment *', outputs: [revised(3), '', revised(4)] },
        { to: 'get *replicasets*', outputs: [{ items }] },
      ],
      '--without-trial',
    );
    expect([code, outputs]).toEqual([0, { previous: '3' }]);
  });

  test.each(['dev', 'prd'])('a release to %s takes the manifests of that environment', async (environment) => {
    await run(['release', 'calculadora-api', environment, '--image', image, '--without-trial'], [migrated]);
    const { spec } = inputOf('TargetGroupBinding');
    expect(spec.targetGroupName).toBe(`tg-calculadora-api-${environment}`);
  });

  test('a migration that takes too long ends the release', async () => {
    const { calls, code, output } = await run(
      ['release', 'calculadora-api', 'dev', '--image', image, '--timeout', '1'],
      [{ to: 'get *job *', outputs: ['', { status: {} }] }],
    );
    expect(code).toBe(1);
    expect(output).toContain(texts.release.jobLate(job, 1));
    expect(calls.filter((call) => /Pod\/|Deployment/.test(call))).toEqual([]);
  });

  test('a ConfigMap that the API server rejects ends the release', async () => {
    const { calls, code, output } = await release([
      migrated,
      { to: 'create *', error: 'Error: configmaps is forbidden' },
    ]);
    expect([code, output]).toEqual([1, expect.stringContaining('configmaps is forbidden')]);
    expect(calls.filter((call) => call.startsWith('apply'))).toEqual([]);
  });

  test('a rollback that the API server refuses is reported as one', async () => {
    const error = 'error: unable to find specified revision 9 in history';
    const { code, output } = await run(['rollback', 'calculadora-api', '--to', '9'], [{ to: 'rollout undo *', error }]);
    expect(code).toBe(1);
    expect(output).toContain(error);
    expect(output).toContain(texts.release.notBack('calculadora-api', '?'));
  });

  test('a kubectl that a signal ended has not succeeded', async () => {
    const { env } = new Programs().shell('kubectl', 'kill -KILL $$');
    expect(await delivery(['versions', 'calculadora-api'], env)).toMatchObject({
      code: 1,
      output: expect.stringContaining('kubectl get exited with'),
    });
  });

  test('the release owns what others set in the pod template', async () => {
    const entry = { apiVersion: 'apps/v1', time: '2026-11-27T12:00:00Z', fieldsType: 'FieldsV1' };
    const container = (fields: object) => ({ 'f:containers': { 'k:{"name":"calculadora-api"}': fields } });
    const own = {
      ...{ manager: 'delivery', operation: 'Apply', ...entry },
      fieldsV1: { 'f:spec': { 'f:template': { 'f:spec': container({ '.': {}, 'f:image': {}, 'f:name': {} }) } } },
    };
    const undo = {
      ...{ manager: 'kubectl-rollout', operation: 'Update', ...entry },
      fieldsV1: {
        'f:spec': {
          'f:replicas': {},
          'f:template': { 'f:metadata': {}, 'f:spec': container({ 'f:image': {}, 'f:lifecycle': { '.': {} } }) },
        },
      },
    };
    const metadata = { ...revised(1).metadata, resourceVersion: '7', managedFields: [own, undo] };
    const { calls } = await release(
      [migrated, { to: 'get *deployment *--show-managed-fields', outputs: [{ metadata }] }],
      '--without-trial',
    );
    const all = container({ '.': {}, 'f:image': {}, 'f:name': {}, 'f:lifecycle': { '.': {} } });
    const fields = [
      { ...own, fieldsV1: { 'f:spec': { 'f:template': { 'f:spec': all, 'f:metadata': {} } } } },
      { ...undo, fieldsV1: { 'f:spec': { 'f:replicas': {} } } },
    ];
    const patch = [
      { op: 'test', path: '/metadata/resourceVersion', value: '7' },
      { op: 'replace', path: '/metadata/managedFields', value: fields },
    ];
    expect(calls[6]).toBe(`patch deployment calculadora-api ${namespace} --type=json --patch=${JSON.stringify(patch)}`);
    expect(calls[7]).toBe(`${applied} Deployment/calculadora-api`);
  });

  test('a failed rollout says why the last container ended, and goes back to the version that served', async () => {
    const lastState = { terminated: { reason: 'Error', exitCode: 78, message: 'DB_HOST is missing' } };
    const waiting = { reason: 'CrashLoopBackOff', message: 'back-off 10s' };
    const pod = {
      metadata: { name: 'calculadora-api-x' },
      spec: {},
      status: { containerStatuses: [{ state: { waiting }, lastState }] },
    };
    const { calls, code, output } = await release(
      [
        migrated,
        { to: 'get *deployment *', outputs: [revised(3), '', revised(4)] },
        { to: 'get *replicasets*hash4', outputs: [{ items: [] }] },
        { to: 'get *replicasets*', outputs: [{ items: [revised(3, '', 2), revised(2, '', 0), revised(4)] }] },
        { to: 'get *pods*', outputs: [{ items: [pod] }] },
        { to: 'rollout status *', error: 'error: deployment exceeded its progress deadline' },
      ],
      '--without-trial',
    );
    expect(output).toContain('- Error (78): DB_HOST is missing');
    expect(output).not.toContain('back-off');
    const ofNewest = `--selector=${nameLabel}=calculadora-api,pod-template-hash=hash4`;
    expect(calls).toContain(`get --output=json --ignore-not-found pods ${namespace} ${ofNewest}`);
    expect(calls).toContain(`rollout undo deployment/calculadora-api ${namespace} --to-revision=3`);
    expect(code).toBe(1);
  });

  test('a rollback takes exactly the version that was named', async () => {
    const items = [revised(12, 'prd-12'), revised(1, 'prd-1'), revised(5)];
    const answers = [{ to: 'get *replicasets*', outputs: [{ items }] }];
    const back = ['rollback', 'calculadora-api', '--to', 'prd-1'];
    const { calls, code, output } = await run(back, answers);
    expect(calls).toContain(`rollout undo deployment/calculadora-api ${namespace} --to-revision=1`);
    expect([code, output]).toEqual([0, expect.stringContaining(texts.release.back('calculadora-api', '?'))]);
    const failed = await run(back, [...answers, { to: 'rollout status *', error: 'error: timed out' }]);
    expect([failed.code, failed.output]).toEqual([
      1,
      expect.stringContaining(texts.release.notBack('calculadora-api', '?')),
    ]);
  });

  test('the version that serves is marked among those to which one can go back', async () => {
    const { output } = await run(
      ['versions', 'calculadora-api'],
      [
        { to: 'get *replicasets*', outputs: [{ items: [revised(3, 'dev-3'), revised(2, 'dev-2'), revised(4)] }] },
        { to: 'get *deployment*', outputs: [revised(3)] },
      ],
    );
    // A version that did not pass its smoke test has no name, and is not listed.
    const marked = output.trim().split('\n');
    expect(marked).toHaveLength(2);
    expect(marked.map((line) => /dev-\d/.exec(line)?.[0] + (line.includes('em serviço') ? ' serves' : ''))).toEqual([
      'dev-3 serves',
      'dev-2',
    ]);
  });

  test('only a version that passed the smoke test gets its name, also if the deployment has an empty one', async () => {
    let sum = 41;
    const server = createServer(({ method }, response) =>
      response.end(method === 'GET' ? 'API em execução!' : `{"resultado":${sum}}`),
    ).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const args = ['smoke', 'calculadora-api', '--version', 'dev-7', '--timeout', '0'];
    const address = { to: 'get *configmap*', outputs: [{ data: { SITE_ADDRESS: `http://127.0.0.1:${port}` } }] };
    try {
      const wrong = await run(args, [address]);
      expect(wrong.calls.filter((call) => !call.startsWith('get '))).toEqual([]);
      expect(wrong.code).toBe(1);
      sum = 42;
      const right = await run(args, [address]);
      const name = `annotate deployment/calculadora-api ${namespace} kubernetes.io/change-cause=dev-7 --overwrite`;
      expect(right.calls.filter((call) => !call.startsWith('get '))).toEqual([name]);
      expect(right.code).toBe(0);
    } finally {
      server.close().closeAllConnections();
    }
  });

  // biome-ignore lint/suspicious/noExplicitAny: tests read a few fields of Kubernetes objects
  function inputOf(kind: string): any {
    const lists = kubectl.calls.flatMap(({ input }) => (input ? [JSON.parse(input)] : []));
    return lists.flatMap(({ items = [] }) => items).find((object) => object.kind === kind);
  }
});

/** Kind and name of the objects on kubectl's standard input. */
function objectsOf(input: string): string[] {
  if (input === '') return [];
  const given = JSON.parse(input);
  return (given.items ?? [given]).map(
    ({ kind, metadata }: { kind: string; metadata: { name: string } }) => `${kind}/${metadata.name}`,
  );
}
