import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { agentEndpoint, environmentNames, nameLabel, namespaces, otlpEndpoint, serviceAccounts } from 'platform';
import { applications } from 'platform/applications';
import { parse, parseAllDocuments } from 'yaml';
import { Cluster } from '../../test/support/cluster.ts';
import { describeWithCluster } from '../../test/support/describe-with-cluster.ts';
import { describeWith, findTool } from '../../test/support/tools.ts';
import { environments } from '../environments/all.ts';
import { signozVolumes } from '../environments/environment.ts';
import { defaultsOf, misunderstood } from './support/chart-values.ts';
import { render, valuesOf } from './support/helm.ts';
import { allocatable } from './support/nodes.ts';
import { amountOf, containersOf, type Pods, podsOf, requestsOf, resourcesOf } from './support/pods.ts';
import { root } from './support/program.ts';
import { ChartFolders, fetchChart, publishedChartsOf, Unreachable } from './support/published-charts.ts';
import { readinessGateWebhook } from './support/readiness-gate-webhook.ts';
import { type Block, synthesise } from './support/synthesised.ts';
import { systemPods } from './support/system-pods.ts';

const stacks = { dev: synthesise('dev'), prd: synthesise('prd') };
const program = findTool('helm');
const missing = program && (await whatIsMissing(program));
if (missing !== undefined) {
  process.stderr.write(`The charts of others are not rendered: ${missing}. HELM_CHARTS may name a folder with them.\n`);
  // `.ci/jest-report.ts` lets no other skipped test pass.
  test.skip(`the charts of others (needs the network: ${missing})`, () => undefined);
} else {
  describeWith('helm', program, 'The charts of others, rendered with our values', rendered);
}

/** Why the charts cannot be had here. Undefined, if they can. */
async function whatIsMissing(helm: string): Promise<string | undefined> {
  const charts = (await Promise.all(Object.values(stacks).map(publishedChartsOf))).flat();
  const different = new Map(charts.map((chart) => [`${chart.name} ${chart.version}`, chart]));
  const outcomes = await Promise.allSettled([...different.values()].map((chart) => fetchChart(helm, chart)));
  const reasons = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  const error = reasons.find((reason) => !(reason instanceof Unreachable));
  if (error) throw error;
  return reasons[0]?.message;
}

function rendered(helm: string): void {
  const folders = new ChartFolders(helm);
  let server: Promise<Cluster> | undefined;
  /** One for both environments: it keeps nothing but namespaces and definitions. */
  const startedServer = () => {
    server ??= Cluster.start('simulated');
    return server;
  };
  afterAll(async () => (await server)?.stop());

  describe.each(environmentNames)('in %s,', (name) => {
    const stack = stacks[name];
    const { cluster, observability } = environments[name];
    const storageClass = stack.one('kubernetes_storage_class_v1');
    const releases = stack.some('helm_release');
    const released = releases.map((release): [string, Block] => [release.name, release]);
    /** The objects of each release, by its name, when it is installed and when it is upgraded. */
    const installed = new Map<string, Block[]>();
    const upgraded = new Map<string, Block[]>();
    let objects: Block[];
    let pods: Pods[];
    const of = (kind: string, named: string, among = objects): Block => {
      const found = among.find(({ kind: some, metadata }) => some === kind && metadata.name === named);
      if (found === undefined) throw new Error(`There is no ${kind} ${named}`);
      return found;
    };
    const all = (kind: string) => objects.filter((object) => object.kind === kind);
    /** Fills in what containers in this namespace do not request. */
    const limitsIn = (namespace: string) => all('LimitRange').find(({ metadata }) => metadata.namespace === namespace);
    const containers = () =>
      pods.flatMap(({ namespace, owner, spec }) =>
        containersOf(spec).map((container) => ({
          ...{ where: `${owner} ${container.name}`, container },
          ...resourcesOf(container, limitsIn(namespace)),
        })),
      );

    beforeAll(async () => {
      for (const [named, release] of released) {
        const chart = await folders.of(release);
        const values = valuesOf(release, (reference) =>
          reference.startsWith(storageClass.address) ? storageClass.metadata.name : 'computed',
        );
        const rendering = { chart, values, kubernetes: cluster.version };
        installed.set(named, await render(helm, release, rendering));
        upgraded.set(named, await render(helm, release, { ...rendering, isUpgrade: true }));
      }
      objects = [...installed.values()].flat();
      pods = podsOf(objects);
    });

    test.each(released)('the chart of %s knows each value that we set', async (_, release) => {
      const defaults = await defaultsOf(await folders.of(release));
      const given = valuesOf(release).map((text) => parse(text));
      expect(given.length).toBeGreaterThan(0);
      expect(given.flatMap((values) => misunderstood(values, defaults))).toEqual([]);
    });

    test('each release has objects, also when it is upgraded', () => {
      for (const made of [installed, upgraded]) {
        expect([...made].filter(([, found]) => found.length === 0)).toEqual([]);
        expect([...made.keys()]).toEqual(released.map(([named]) => named));
      }
    });

    describeWithCluster('simulated', 'Kubernetes', () => {
      test('accepts all objects, and knows each of their fields', async () => {
        const kubernetes = await startedServer();
        const apply = async (items: readonly object[], ...options: string[]) => {
          const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
          const strictly = ['apply', '--server-side', '--force-conflicts', '--validate=strict', '--filename=-'];
          const { output } = await kubernetes.kubectl([...strictly, ...options], list);
          const lines = output.trim().split('\n');
          // The rest are errors, and warnings of what a later version refuses.
          expect(lines.filter((line) => !/ serverside-applied( \(server dry run\))?$/.test(line))).toEqual([]);
          expect(lines).toHaveLength(items.length);
        };
        const definitions = all('CustomResourceDefinition');
        const inNamespaces = new Set(objects.flatMap(({ metadata }) => metadata.namespace ?? []));
        await apply([
          ...definitions,
          ...[...inNamespaces].map((namespace) => ({
            ...{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
          })),
        ]);
        const established = ['wait', 'crd', '--all', '--for=condition=established', '--timeout=60s'];
        expect(await kubernetes.kubectl(established)).toMatchObject({ code: 0 });
        const others = objects.filter((object) => !definitions.includes(object));
        expect(others.length).toBeGreaterThan(50);
        await apply(others, '--dry-run=server');
      });
    });

    test('each image has a version, so that no restart changes it', () => {
      const images = containers().map(({ container }) => String(container.image));
      expect(images.length).toBeGreaterThan(15);
      for (const image of images) expect(image).toMatch(/:v?\d[\w.-]*$/);
    });

    describe('placement:', () => {
      const storage = stack.one('aws_eks_node_group', 'storage');
      const isOnStorage = ({ spec }: Pods) => spec.nodeSelector !== undefined;
      const tolerates = ({ spec }: Pods, taint: Block) =>
        (spec.tolerations ?? []).some(
          ({ effect = 'NoSchedule', key = taint.key, operator = 'Equal', value }: Block) =>
            effect === 'NoSchedule' && key === taint.key && (operator === 'Exists' || value === taint.value),
        );

      test("pods with volumes and ClickHouse's operator run on the storage nodes, and no others", () => {
        const withVolumes = pods.filter(({ claims }) => claims.length > 0).map(({ owner }) => owner);
        expect(withVolumes).toHaveLength(3);
        const there = pods.filter(isOnStorage);
        expect(there.map(({ owner }) => owner).sort()).toEqual(
          [...withVolumes, 'Deployment/signoz-clickhouse-operator'].sort(),
        );
        for (const each of there) {
          expect([each.owner, each.spec.nodeSelector]).toEqual([each.owner, storage.labels]);
          for (const taint of storage.taint) expect([each.owner, tolerates(each, taint)]).toEqual([each.owner, true]);
        }
      });

      test('the agents run on every node, and of the rest nothing on a storage node', () => {
        const others = pods.filter((each) => !isOnStorage(each));
        const everywhere = others.filter(({ kind }) => kind === 'DaemonSet');
        expect(everywhere.map(({ name: named }) => named)).toEqual(['k8s-infra-otel-agent']);
        for (const each of others) {
          for (const taint of storage.taint) {
            expect([each.owner, tolerates(each, taint)]).toEqual([each.owner, everywhere.includes(each)]);
          }
        }
      });

      test('each rule that spreads pods over nodes is about those pods', () => {
        const rules = pods.flatMap(({ labels, owner, spec }) =>
          (spec.topologySpreadConstraints ?? []).map(({ labelSelector }: Block) => ({ labels, labelSelector, owner })),
        );
        expect(rules.map(({ owner }) => owner)).toEqual(
          expect.arrayContaining(['Deployment/aws-load-balancer-controller', 'Deployment/metrics-server']),
        );
        for (const { labels, labelSelector, owner } of rules) {
          expect([owner, labels]).toEqual([owner, expect.objectContaining(labelSelector.matchLabels)]);
        }
      });

      test('no agent opens a port on its node, or sees all of its disk', () => {
        const { spec } = podNamed(pods, 'k8s-infra-otel-agent');
        expect(JSON.stringify(spec)).not.toContain('hostPort');
        const paths = spec.volumes.flatMap(({ hostPath }: Block) => (hostPath ? [hostPath.path] : []));
        expect(paths).toEqual(['/var/log', '/var/lib/docker/containers']);
      });
    });

    describe('volumes:', () => {
      test('each has our storage class, and the size that the estimate of costs has', () => {
        const claims = pods.flatMap((each) => each.claims);
        for (const claim of claims) expect(claim.storageClassName).toBe(storageClass.metadata.name);
        const sizes = [observability.storage, signozVolumes.zookeeper, signozVolumes.settings];
        expect(claims.map(({ resources }) => resources.requests.storage).sort()).toEqual(
          sizes.map((size) => `${size}Gi`).sort(),
        );
        expect(all('PersistentVolumeClaim')).toEqual([]);
      });
    });

    describe('passwords:', () => {
      test('no pod has one in its environment, or in an address', () => {
        const environment = containers().flatMap(({ container, where }) =>
          (container.env ?? []).map((variable: Block) => ({ ...variable, where })),
        );
        const secrets = environment.filter(({ name: variable }) => /(password|secret|token|api_?key)$/i.test(variable));
        expect(secrets.length).toBeGreaterThan(5);
        // The job that creates the secret has its name.
        const open = secrets.filter(({ name: variable, value }) => value && variable !== 'SECRET');
        expect(open).toEqual([]);
        const text = JSON.stringify(objects);
        const found = [...text.matchAll(/:\/\/([^\s@/"]+)@|[?&]password=([^\s&"]+)/g)];
        expect(found.length).toBeGreaterThan(3);
        for (const [address, login = '', password = ''] of found) {
          // References to the environment, as the collector and Kubernetes write them.
          const literal = `${login}${password}`.replaceAll(/\$\{env:\w+\}|\$\(\w+\)/g, '');
          expect([address, ['', ':']]).toEqual([address, expect.arrayContaining([literal])]);
        }
      });

      test('the only ones in an object are public in the charts, and serve no other pod', () => {
        expect(all('Secret').map(({ data, metadata }) => [metadata.name, Object.keys(data ?? {}).sort()])).toEqual([
          // Helm generates it for the webhooks of the load balancer controller.
          ['aws-load-balancer-tls', ['ca.crt', 'tls.crt', 'tls.key']],
          // ClickHouse accepts this user only from the operator's pod.
          ['signoz-clickhouse-operator', ['password', 'username']],
        ]);
        const { users } = of('ClickHouseInstallation', 'signoz-clickhouse').spec.configuration;
        expect(Object.keys(users).filter((key) => key.includes('password'))).toEqual(['admin/password']);
        expect(users['admin/networks/ip']).toEqual(['127.0.0.1']);
      });

      test('each secret and each config map that a pod needs is there, with the keys', () => {
        const there = new Map<string, readonly string[]>();
        for (const { data, kind, metadata } of [...all('ConfigMap'), ...all('Secret')]) {
          there.set(`${kind} ${metadata.namespace}/${metadata.name}`, Object.keys(data ?? {}));
        }
        for (const { data, metadata } of stack.some('kubernetes_config_map_v1')) {
          there.set(`ConfigMap ${metadata.namespace}/${metadata.name}`, Object.keys(data));
        }
        const creator = pods.find(({ kind, name: job }) => kind === 'Job' && job.startsWith('signoz-secret-'));
        const created = creator?.spec.containers[0].env.find(
          ({ name: variable }: Block) => variable === 'SECRET',
        ).value;
        const script = of('ConfigMap', 'signoz-secret').data['secret.sh'];
        const keys = [...script.matchAll(/^ {4}"([\w.-]+)": /gm)].map(([, key]) => key);
        there.set(`Secret ${creator?.namespace}/${created}`, keys);

        const needed = pods.flatMap((each) =>
          referencesOf(each).map((reference) => ({ ...reference, by: each.owner })),
        );
        expect(needed.length).toBeGreaterThan(20);
        const lacking = needed.filter(({ key, of: object }) => {
          const found = there.get(object);
          return found === undefined || (key !== undefined && !found.includes(key));
        });
        expect(lacking).toEqual([]);
      });
    });

    describe('identities:', () => {
      test('each pod runs as an account that is there', () => {
        const accounts = all('ServiceAccount').map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
        // Kubernetes makes this one in each namespace.
        const used = pods.filter(({ spec }) => (spec.serviceAccountName ?? 'default') !== 'default');
        expect(used.length).toBeGreaterThan(8);
        for (const { namespace, owner, spec } of used) {
          expect([owner, accounts]).toEqual([
            owner,
            expect.arrayContaining([`${namespace}/${spec.serviceAccountName}`]),
          ]);
        }
      });

      test('each role for a chart is for the account of its pods', () => {
        const roles = stack
          .some('aws_eks_pod_identity_association')
          .filter(({ namespace, service_account: account }) => {
            return namespace !== namespaces.applications && account !== 'ebs-csi-controller-sa';
          })
          .map(({ namespace, service_account: account }) => `${namespace}/${account}`);
        expect(roles).toHaveLength(3);
        const used = pods.map(({ namespace, spec }) => `${namespace}/${spec.serviceAccountName}`);
        expect(used).toEqual(expect.arrayContaining(roles));
      });
    });

    describe('webhooks:', () => {
      const namespaceLabels = new Map<string, Block>([
        [namespaces.system, { 'kubernetes.io/metadata.name': namespaces.system }],
        ...stack
          .some('kubernetes_namespace_v1')
          .map(({ metadata }): [string, Block] => [
            metadata.name,
            { 'kubernetes.io/metadata.name': metadata.name, ...metadata.labels },
          ]),
      ]);
      /** Those that are asked for each new pod. */
      const forPods = () =>
        [...all('MutatingWebhookConfiguration'), ...all('ValidatingWebhookConfiguration')]
          .flatMap(({ webhooks }): Block[] => webhooks)
          .filter(({ rules }) => rules.some(({ resources }: Block) => resources.includes('pods')));

      test('the pods that are refused while the load balancer controller is away are those of the applications', () => {
        const subjects = [
          ...pods.map(({ labels, namespace, owner }) => ({ labels, namespace, owner })),
          ...applications.flatMap((application) =>
            [application.name, serviceAccounts.migration(application.name)].map((owner) => ({
              ...{ owner, labels: { [nameLabel]: owner }, namespace: namespaces.applications },
            })),
          ),
        ];
        const refused = subjects.filter(({ labels, namespace }) =>
          forPods()
            .filter(({ failurePolicy }) => failurePolicy !== 'Ignore')
            .some(
              ({ namespaceSelector, objectSelector }) =>
                selects(namespaceSelector, namespaceLabels.get(namespace) ?? {}) && selects(objectSelector, labels),
            ),
        );
        expect(refused.map(({ owner }) => owner).sort()).toEqual(applications.map((each) => each.name).sort());
      });

      test('the one for readiness gates is the one with which a cluster is tested', () => {
        const [expected] = readinessGateWebhook(stack).webhooks;
        const [found, ...others] = forPods().filter((webhook) => webhook.name === expected?.name);
        expect(others).toEqual([]);
        const { caBundle: _, ...clientConfig } = found?.clientConfig ?? {};
        expect({ ...found, clientConfig }).toEqual({
          ...expected,
          objectSelector: { matchExpressions: expected?.objectSelector.matchExpressions },
        });
      });
    });

    describe('requests:', () => {
      test('each container has some, and none more than its limit', () => {
        expect(containers().length).toBeGreaterThan(15);
        const without = containers().filter(({ requests }) => !requests.cpu || !requests.memory);
        expect(without.map(({ where }) => where)).toEqual([]);
        const refused = containers().filter(
          ({ limits, requests }) =>
            (requests.cpu ?? 0) > (limits.cpu ?? Infinity) || (requests.memory ?? 0) > (limits.memory ?? Infinity),
        );
        expect(refused.map(({ where }) => where)).toEqual([]);
      });

      test('are those with which the scheduler is tested', () => {
        const tested = podsOf(systemPods(name, stack) as Block[]);
        const elsewhere = pods.filter(({ kind, spec }) => kind !== 'Job' && spec.nodeSelector === undefined);
        expect(elsewhere).toHaveLength(6);
        for (const each of elsewhere) {
          const alike = podNamed(tested, each.name);
          const shown = (of: Pods) => ({
            ...{ owner: of.owner, replicas: of.replicas, priority: of.spec.priorityClassName || undefined },
            requests: requestsOf(of.spec, limitsIn(of.namespace)),
          });
          expect(shown(each)).toEqual(shown(alike));
        }
      });

      test("everything on the storage node fits, while ClickHouse's operator is replaced, with all memory in use", () => {
        const there = pods.filter(({ spec }) => spec.nodeSelector !== undefined);
        const ondemand = podsOf(systemPods(name, stack) as Block[]).filter(({ kind }) => kind === 'DaemonSet');
        const free = amountOf(allocatable(cluster.storageNodes));
        const requests = [
          ...there.flatMap((each) => copies(each, each.replicas + each.surge, limitsIn(each.namespace))),
          ...ondemand.flatMap((each) => copies(each, 1, undefined)),
        ];
        expect(unplaced(requests, [free])).toEqual([]);
        const limits = [...there, ...ondemand].flatMap(({ namespace, replicas, spec, surge }) =>
          spec.containers.map((container: Block) => {
            const { limits, requests } = resourcesOf(container, limitsIn(namespace));
            return (limits.memory ?? requests.memory ?? 0) * (replicas + surge);
          }),
        );
        expect(limits.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(free.memory ?? 0);
      });
    });

    describeWith('kubectl', findTool('kubectl'), 'room', (kubectl) => {
      /** Objects of the applications, at their most and while all are released. */
      const applicationPods = applications.flatMap((application) => {
        const overlay = join(root, 'apps', application.name, 'k8s/overlays', name);
        const { stdout } = spawnSync(kubectl, ['kustomize', overlay], { encoding: 'utf8' });
        const manifests = parseAllDocuments(stdout).map((document) => document.toJS());
        return podsOf(manifests).map((each) => {
          const scaler = manifests.find(
            ({ kind, spec }) => kind === 'HorizontalPodAutoscaler' && spec.scaleTargetRef.name === each.name,
          );
          return { ...each, replicas: scaler?.spec.maxReplicas ?? each.replicas };
        });
      });

      test('is there for everything at its most, while all applications and SigNoz are released', () => {
        expect(applicationPods.length).toBeGreaterThan(applications.length);
        const tested = podsOf(systemPods(name, stack) as Block[]);
        const onEachNode = tested.filter(({ kind }) => kind === 'DaemonSet');
        const ofSystem = tested.filter(({ kind }) => kind !== 'DaemonSet');
        const jobs = podsOf([...upgraded.values()].flat()).filter(({ kind }) => kind === 'Job');
        expect(jobs.length).toBeGreaterThan(3);
        const requests = [
          ...applicationPods.flatMap((each) => copies(each, each.replicas + each.surge, undefined)),
          ...[...ofSystem, ...jobs].flatMap((each) => copies(each, each.replicas, limitsIn(each.namespace))),
        ];
        // There may be no spot capacity at all.
        const most = cluster.baseNodes ?? cluster.nodes;
        const nodes = Array.from({ length: most.maximum }, () => {
          const free = amountOf(allocatable(most));
          const taken = onEachNode.map((each) => requestsOf(each.spec, limitsIn(each.namespace)));
          const sum = (part: 'cpu' | 'memory') => taken.reduce((total, each) => total + each[part], 0);
          return { cpu: (free.cpu ?? 0) - sum('cpu'), memory: (free.memory ?? 0) - sum('memory') };
        });
        expect(unplaced(requests, nodes)).toEqual([]);
      });
    });

    describe('telemetry:', () => {
      test('the services to which applications, agents and the load balancer send are there', () => {
        const { name: page, port: pagePort } = of('TargetGroupBinding', 'signoz-binding').spec.serviceRef;
        const addresses = [agentEndpoint, otlpEndpoint, `http://${page}.${namespaces.observability}:${pagePort}`];
        for (const address of addresses) {
          const { hostname, port } = new URL(address);
          const [service = '', namespace] = hostname.split('.');
          const { metadata, spec } = of('Service', service);
          expect([address, metadata.namespace]).toEqual([address, namespace]);
          expect([address, spec.ports.map(({ port: open }: Block) => open)]).toEqual([
            address,
            expect.arrayContaining([Number(port)]),
          ]);
        }
        // Otherwise the telemetry of a pod would get the name of another node.
        expect(of('Service', 'k8s-infra-otel-agent').spec.internalTrafficPolicy).toBe('Local');
      });

      test('each pipeline has only parts that are defined', () => {
        const configurations = all('ConfigMap')
          .flatMap(({ data, metadata }) => Object.values<string>(data ?? {}).map((text) => ({ metadata, text })))
          .filter(({ text }) => /^ *pipelines:/m.test(text))
          .map(({ metadata, text }) => ({ ...parse(text), of: metadata.name as string }));
        expect(configurations.map((each) => each.of).sort()).toEqual([
          'k8s-infra-otel-agent',
          'k8s-infra-otel-deployment',
          'signoz-otel-collector',
        ]);
        for (const configuration of configurations) {
          for (const [pipeline, parts] of Object.entries<Record<string, string[]>>(configuration.service.pipelines)) {
            const undefinedParts = Object.entries(parts).flatMap(([kind, list]) =>
              list.filter((part) => !(part in { ...configuration[kind], ...configuration.connectors })),
            );
            expect([configuration.of, pipeline, undefinedParts]).toEqual([configuration.of, pipeline, []]);
            expect(parts.receivers?.length).toBeGreaterThan(0);
            expect(parts.exporters?.length).toBeGreaterThan(0);
          }
        }
      });

      test("the collector drops telemetry before it runs out of memory, and SigNoz's own logs are not collected", () => {
        const { pipelines } = parse(
          of('ConfigMap', 'signoz-otel-collector').data['otel-collector-config.yaml'],
        ).service;
        for (const signal of ['traces', 'metrics', 'logs']) {
          expect([signal, pipelines[signal].processors[0]]).toEqual([signal, 'memory_limiter']);
        }
        const { receivers } = parse(of('ConfigMap', 'k8s-infra-otel-agent').data['otel-agent-config.yaml']);
        expect(receivers['filelog/k8s'].exclude).toEqual([`/var/log/pods/${namespaces.observability}_*/*/*.log`]);
        expect(Object.keys(receivers.hostmetrics.scrapers)).not.toContain('network');
      });
    });

    test('an upgrade of SigNoz may take as long as its migration', () => {
      const job = of('Job', 'signoz-telemetrystore-migrator', upgraded.get('signoz'));
      expect(job.metadata.annotations['helm.sh/hook']).toBe('pre-upgrade');
      const limits = containersOf(job.spec.template.spec).map(({ env }) => {
        const { value } = env.find((variable: Block) => variable.name === 'SIGNOZ_OTEL_COLLECTOR_TIMEOUT');
        return 60 * Number(/^(\d+)m$/.exec(value)?.[1]);
      });
      const { timeout } = stack.one('helm_release', 'signoz_release');
      expect(limits.reduce((sum, seconds) => sum + seconds, 0)).toBeLessThanOrEqual(timeout);
    });

    test('the runbook names each chart that brings definitions, which Helm never upgrades', () => {
      const runbook = readFileSync(join(root, 'docs/runbooks/upgrade.en.md'), 'utf8');
      const [, text = ''] = /definitions \(CRDs\)([\s\S]*?)\n\n/.exec(runbook) ?? [];
      const withDefinitions = [...installed].filter(([, made]) =>
        made.some(({ kind }) => kind === 'CustomResourceDefinition'),
      );
      expect(withDefinitions.length).toBeGreaterThan(0);
      const named = released.map(([release]) => release).filter((release) => text.includes(`\`${release}\``));
      expect(named.sort()).toEqual(withDefinitions.map(([release]) => release).sort());
    });
  });
}

function podNamed(pods: readonly Pods[], name: string): Pods {
  const found = pods.find((each) => each.name === name);
  if (found === undefined) throw new Error(`There are no pods of ${name}`);
  return found;
}

/** The secrets and config maps without which a pod does not start, and the keys that it needs of them. */
function referencesOf({ namespace, spec }: Pods): { of: string; key?: string }[] {
  const inEnvironment = containersOf(spec).flatMap(({ env = [], envFrom = [] }) => [
    ...env.flatMap(({ valueFrom }: Block) => [
      { kind: 'Secret', ...valueFrom?.secretKeyRef },
      { kind: 'ConfigMap', ...valueFrom?.configMapKeyRef },
    ]),
    ...envFrom.flatMap(({ configMapRef, secretRef }: Block) => [
      { kind: 'Secret', ...secretRef },
      { kind: 'ConfigMap', ...configMapRef },
    ]),
  ]);
  const sources = (spec.volumes ?? []).flatMap((volume: Block) => volume.projected?.sources ?? [volume]);
  const inVolumes = sources.flatMap(({ configMap, secret }: Block) => {
    const found = secret
      ? { ...secret, kind: 'Secret', name: secret.secretName ?? secret.name }
      : { ...configMap, kind: 'ConfigMap' };
    return (found.items ?? [{}]).map(({ key }: Block) => ({ ...found, key }));
  });
  return [...inEnvironment, ...inVolumes]
    .filter(({ name, optional }) => name !== undefined && optional !== true)
    .map(({ key, kind, name }) => ({ of: `${kind} ${namespace}/${name}`, key }));
}

/** Whether a label selector of a webhook selects what has these labels. An empty one selects everything. */
function selects(selector: Block | undefined, labels: Block): boolean {
  const matches = ({ key, operator, values }: Block) => {
    if (operator === 'In') return key in labels && values.includes(labels[key]);
    if (operator === 'NotIn') return !(key in labels) || !values.includes(labels[key]);
    if (operator === 'Exists') return key in labels;
    if (operator === 'DoesNotExist') return !(key in labels);
    throw new Error(`What does ${operator} mean?`);
  };
  return (
    (selector?.matchExpressions ?? []).every(matches) &&
    Object.entries(selector?.matchLabels ?? {}).every(([key, value]) => labels[key] === value)
  );
}

interface Piece {
  readonly owner: string;
  readonly cpu: number;
  readonly memory: number;
  /** Of these, never two on one node. */
  readonly isApart: boolean;
}

/** So many pods, with what each requests. */
function copies({ owner, spec }: Pods, count: number, limits: Block | undefined): Piece[] {
  const isApart = (spec.topologySpreadConstraints ?? []).some(
    ({ topologyKey, whenUnsatisfiable }: Block) =>
      topologyKey === 'kubernetes.io/hostname' && whenUnsatisfiable === 'DoNotSchedule',
  );
  return Array.from({ length: count }, () => ({ owner, ...requestsOf(spec, limits), isApart }));
}

/** The pods that find no room on these nodes, if the largest are placed first. */
function unplaced(
  pieces: readonly Piece[],
  nodes: readonly { cpu?: number | undefined; memory?: number | undefined }[],
) {
  const left = nodes.map(({ cpu = 0, memory = 0 }) => ({ cpu, memory, owners: new Set<string>() }));
  return [...pieces]
    .sort((a, b) => b.cpu - a.cpu || b.memory - a.memory)
    .filter(({ cpu, isApart, memory, owner }) => {
      const node = left.find(
        (each) => each.cpu >= cpu && each.memory >= memory && !(isApart && each.owners.has(owner)),
      );
      if (node === undefined) return true;
      node.cpu -= cpu;
      node.memory -= memory;
      node.owners.add(owner);
      return false;
    });
}
