import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  configMaps,
  environmentNames,
  nameLabel,
  names,
  namespaces,
  scrapeAnnotations,
  serviceAccounts,
} from 'platform';
import { applications } from 'platform/applications';
import { parseAllDocuments } from 'yaml';
import { deregistrationDelay } from '../../infra/constructs/edge/load-balancer.ts';
import { describeWithCluster } from '../../test/support/describe-with-cluster.ts';
import { eventually } from '../../test/support/eventually.ts';
import { startEnvironment, type TestEnvironment } from '../../test/support/test-environment.ts';
import { describeWith, findTool } from '../../test/support/tools.ts';

const root = resolve(import.meta.dirname, '../..');
const namespace = `--namespace=${namespaces.applications}`;

// biome-ignore lint/suspicious/noExplicitAny: tests read a few fields of ten kinds of Kubernetes objects
type Manifest = Record<string, any>;

/** The objects that kubectl would apply. */
function render(application: string, environment: string): Manifest[] {
  const overlay = join(root, 'apps', application, 'k8s/overlays', environment);
  const yaml = execFileSync('kubectl', ['kustomize', overlay], { encoding: 'utf8' });
  return parseAllDocuments(yaml).map((document) => document.toJS());
}

const all = applications.flatMap((application) =>
  environmentNames.map((environment) => ({ application, environment, name: application.name })),
);

describeWith('kubectl', findTool('kubectl'), 'the manifests', () => {
  describe.each(all)('of $name in $environment', ({ application, environment, name }) => {
    const manifests = render(name, environment);
    const of = (kind: string, named = name) => {
      const found = manifests.find(({ kind: some, metadata }) => some === kind && metadata.name === named);
      if (!found) throw new Error(`There is no ${kind} ${named}`);
      return found;
    };
    const deployment = of('Deployment');
    const pods = manifests
      .filter(({ kind }) => kind === 'Deployment' || kind === 'Job')
      .map(({ spec }) => spec.template);
    const pod = deployment.spec.template;
    const [container] = pod.spec.containers;

    test('are all in the namespace of the applications', () => {
      for (const { metadata } of manifests) expect(metadata.namespace).toBe(namespaces.applications);
    });

    test('bind to the target group that the infrastructure creates, by name', () => {
      expect(of('TargetGroupBinding').spec).toEqual({
        targetGroupName: names(environment).targetGroup(name),
        targetType: 'ip',
        serviceRef: { name, port: application.port },
      });
    });

    test('serve on the application’s port, and have probes on its health path', () => {
      expect(of('Service').spec).toEqual({
        selector: { [nameLabel]: name },
        ports: [{ name: 'http', port: application.port, targetPort: 'http' }],
      });
      expect(container.ports).toEqual([{ name: 'http', containerPort: application.port }]);
      expect(container.readinessProbe.httpGet).toEqual({ path: application.healthPath, port: 'http' });
      expect(container.livenessProbe.httpGet.path).toBe(application.livePath);
      expect(container.startupProbe.httpGet.path).toBe(application.livePath);
    });

    test('give pods the names by which policies and AWS roles identify them', () => {
      const accounts = [
        serviceAccounts.application(name),
        ...(application.database ? [serviceAccounts.migration(name)] : []),
      ];
      expect(pods.map(({ spec }) => spec.serviceAccountName).toSorted()).toEqual(accounts.toSorted());
      for (const { metadata, spec } of pods) {
        expect(metadata.labels[nameLabel]).toBe(spec.serviceAccountName);
        expect(of('ServiceAccount', spec.serviceAccountName).automountServiceAccountToken).toBe(false);
      }
    });

    test('name the image by its bare name, which a release replaces', () => {
      for (const { spec } of pods) expect(spec.containers.map(({ image }: Manifest) => image)).toEqual([name]);
    });

    test('stop a pod only after the load balancer has deregistered it, and give it time to shut down', () => {
      const { seconds } = container.lifecycle.preStop.sleep;
      expect(seconds).toBeGreaterThan(deregistrationDelay);
      expect(pod.spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(seconds + application.stopTime);
    });

    test('stop no pod before its replacement serves, and leave the number of pods to the autoscaler', () => {
      expect(deployment.spec.strategy.rollingUpdate.maxUnavailable).toBe(0);
      expect(deployment.spec).not.toHaveProperty('replicas');
      const { minReplicas, maxReplicas, metrics } = of('HorizontalPodAutoscaler').spec;
      expect([minReplicas, maxReplicas]).toEqual(environment === 'prd' ? [3, 6] : [2, 3]);
      expect(metrics[0].resource.target).toEqual({ type: 'Utilization', averageUtilization: 80 });
      expect(of('PodDisruptionBudget').spec.maxUnavailable).toBe(1);
    });

    test('set requests for CPU and memory, and a limit only for memory', () => {
      for (const { spec } of pods) {
        const { requests, limits } = spec.containers[0].resources;
        expect(Object.keys(requests)).toEqual(['cpu', 'memory']);
        expect(Object.keys(limits)).toEqual(['memory']);
      }
    });

    if (application.database) {
      test('take the database from the infrastructure’s ConfigMap, and contain no secret', () => {
        const facts = { configMapRef: { name: configMaps.database(name) } };
        for (const { spec } of pods) expect(spec.containers[0].envFrom).toContainEqual(facts);
        expect(JSON.stringify(manifests)).not.toMatch(/secretKeyRef|"Secret"|password/i);
      });
    }

    if (name === 'calculadora-api') {
      test('have the metrics of the pods scraped', () => {
        expect(pod.metadata.annotations).toEqual(scrapeAnnotations(application.port));
      });
    }
  });
});

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
