import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { nameLabel, namespaces } from 'platform';
import { applications } from 'platform/applications';
import { describeWithCluster } from '../../test/support/describe-with-cluster.ts';
import { eventually } from '../../test/support/eventually.ts';
import { startEnvironment, type TestEnvironment } from '../../test/support/test-environment.ts';
import { type Manifest, render } from './support/rendered.ts';

const namespace = `--namespace=${namespaces.applications}`;

describeWithCluster('simulated', 'a cluster with prd’s infrastructure', () => {
  let environment: TestEnvironment;
  const manifests = applications.flatMap(({ name }) => render(name, 'prd'));

  beforeAll(async () => {
    environment = await startEnvironment('prd', 'simulated');
  }, 900_000);
  afterAll(() => environment?.cluster.stop());

  const podsOf = async (application: string): Promise<Manifest[]> =>
    (await environment.cluster.get<{ items: Manifest[] }>('pods', namespace, `--selector=${nameLabel}=${application}`))
      .items;

  test('accepts all manifests of both environments under strict validation', async () => {
    for (const { name } of applications) await environment.cluster.apply(render(name, 'dev'));
    await environment.cluster.apply(manifests);
    for (const { name } of applications) {
      const { code, output } = await environment.cluster.kubectl([
        'rollout',
        'status',
        `deployment/${name}`,
        namespace,
        '--timeout=60s',
      ]);
      expect([code, output]).toEqual([0, expect.stringContaining('successfully rolled out')]);
    }
  });

  test('completes the migration', async () => {
    const { code } = await environment.cluster.kubectl([
      'wait',
      '--for=condition=Complete',
      'job',
      '--all',
      namespace,
      '--timeout=60s',
    ]);
    expect(code).toBe(0);
  });

  test('scales the pods to the autoscaler’s minimum, over all three zones', async () => {
    for (const { name } of applications) {
      await eventually(async () => (await podsOf(name)).length === 3);
      const nodes = (await podsOf(name)).map(({ spec }) => spec.nodeName);
      expect(new Set(nodes)).toEqual(new Set(['node-a', 'node-b', 'node-c']));
    }
  });

  test('evicts one pod of an application, but not the next one before the first is replaced', async () => {
    const [one, other] = await podsOf('magic-calculator');
    const evict = (pod: Manifest | undefined) =>
      environment.cluster.kubectl(
        [
          'create',
          '--raw',
          `/api/v1/namespaces/${namespaces.applications}/pods/${pod?.metadata.name}/eviction`,
          '--filename=-',
        ],
        JSON.stringify({ apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod?.metadata.name } }),
      );
    const budget = async () =>
      (await environment.cluster.get<Manifest>('poddisruptionbudget', 'magic-calculator', namespace)).status
        ?.disruptionsAllowed;
    await eventually(async () => (await budget()) === 1);
    // So that the replacement stays pending for now.
    await environment.cluster.kubectl(['cordon', 'node-a', 'node-b', 'node-c']);
    const outcomes = [await evict(one), await evict(other)];
    await environment.cluster.kubectl(['uncordon', 'node-a', 'node-b', 'node-c']);
    expect(outcomes[0]?.code).toBe(0);
    expect(outcomes[1]?.output).toContain("would violate the pod's disruption budget");
  });

  const pod = (changes: object, container: object = {}) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'intruder', namespace: namespaces.applications },
    spec: { containers: [{ name: 'intruder', image: 'intruder', ...container }], ...changes },
  });

  test.each<[string, object, string]>([
    ['a privileged pod', pod({}, { securityContext: { privileged: true } }), 'violates PodSecurity "restricted'],
    ['a pod that runs as root', pod({ securityContext: { runAsUser: 0 } }), 'violates PodSecurity "restricted'],
    ['a pod on its node’s network', pod({ hostNetwork: true }), 'violates PodSecurity "restricted'],
    [
      'a pod that reads its node’s files',
      pod({ volumes: [{ name: 'host', hostPath: { path: '/' } }] }),
      'violates PodSecurity "restricted',
    ],
    [
      'a service that bypasses the load balancer',
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'intruder', namespace: namespaces.applications },
        spec: { type: 'LoadBalancer', ports: [{ port: 80 }] },
      },
      'exceeded quota',
    ],
  ])('refuses %s', async (_, object, message) => {
    await expect(environment.cluster.apply([object])).rejects.toThrow(message);
  });

  test('has quota for all applications at maximum scale, during a release and a migration', async () => {
    const { spec } = await environment.cluster.get<Manifest>('resourcequota', 'applications', namespace);
    const templates = manifests.flatMap((manifest) => {
      if (manifest.kind === 'Job') return [manifest.spec.template];
      if (manifest.kind !== 'Deployment') return [];
      const scaler = manifests.find(
        ({ kind, metadata }) => kind === 'HorizontalPodAutoscaler' && metadata.name === manifest.metadata.name,
      );
      const most = scaler?.spec.maxReplicas + manifest.spec.strategy.rollingUpdate.maxSurge;
      return Array.from({ length: most }, () => manifest.spec.template);
    });
    const sum = (value: (resources: Manifest) => number) =>
      templates.reduce((total: number, template: Manifest) => total + value(template.spec.containers[0].resources), 0);
    expect(templates.length).toBeLessThanOrEqual(Number(spec.hard.pods));
    expect(sum(({ requests }) => millis(requests.cpu))).toBeLessThanOrEqual(millis(spec.hard['requests.cpu']));
    expect(sum(({ requests }) => mebibytes(requests.memory))).toBeLessThanOrEqual(
      mebibytes(spec.hard['requests.memory']),
    );
    expect(sum(({ limits }) => mebibytes(limits.memory))).toBeLessThanOrEqual(mebibytes(spec.hard['limits.memory']));
  });
});

const millis = (cpu: string) => (cpu.endsWith('m') ? Number.parseInt(cpu, 10) : Number(cpu) * 1_000);
const mebibytes = (memory: string) => Number.parseInt(memory, 10) * (memory.endsWith('Gi') ? 1_024 : 1);
