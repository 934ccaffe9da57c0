import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { SecretV1 } from '@cdktf/provider-kubernetes/lib/secret-v1/index.js';
import { Password } from '@cdktf/provider-random/lib/password/index.js';
import { Construct } from 'constructs';
import type { EnvironmentName, ObservabilityChoices } from '../environments/environment.ts';
import { names, namespaces, otlpEndpoint, project } from '../names.ts';
import { Chart } from './chart.ts';
import { type Cluster, storageNodeMark } from './cluster.ts';
import type { Edge } from './edge.ts';
import type { LoadBalancer } from './load-balancer.ts';
import { Namespace } from './namespace.ts';
import type { Network } from './network.ts';
import { NetworkPolicy } from './network-policy.ts';
import { allButDatabase, type Platform } from './platform.ts';

export interface ObservabilityProps extends ObservabilityChoices {
  readonly environmentName: EnvironmentName;
  readonly prefix: string;
  readonly cluster: Cluster;
  readonly network: Network;
  readonly platform: Platform;
  readonly loadBalancer: LoadBalancer;
  readonly edge: Edge;
}

const repository = 'https://charts.signoz.io';
const namespace = namespaces.observability;
const page = { name: 'signoz', port: 8080 } as const;
const rootSecret = 'signoz-root';
/** Any would do, but whoever signs in by the API has to name it. */
const organisation = 'a5f0c6de-6f0a-4d0e-9a43-3f6f0f1c8d52';

/** Volumes stay in their zone, and so does all of SigNoz that has one. */
const onStorageNodes = {
  nodeSelector: { [storageNodeMark.key]: storageNodeMark.value },
  tolerations: [{ ...storageNodeMark, operator: 'Equal', effect: 'NoSchedule' }],
};

/**
 * SigNoz's page starts by scripts within it, fetches its typeface from Google, and the editor in which it shows JSON from
 * jsDelivr, of which no more than that version is let in.
 */
const editor = 'https://cdn.jsdelivr.net/npm/monaco-editor@0.55.1/';
export const contentSecurityPolicy = [
  "default-src 'self'",
  `script-src 'self' 'unsafe-inline' ${editor}`,
  `style-src 'self' 'unsafe-inline' https://fonts.googleapis.com ${editor}`,
  `font-src 'self' data: https://fonts.gstatic.com ${editor}`,
  "img-src 'self' data: blob:",
  `connect-src 'self' ${editor}`,
  "worker-src 'self' blob:",
  "base-uri 'self'",
  "form-action 'self'",
  "object-src 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** SigNoz, what feeds it, and its page for the monitoring team. */
export class Observability extends Construct {
  /** Where SigNoz's page answers. */
  readonly host: string;
  /** Prints the first administrator's password. */
  readonly passwordCommand =
    `kubectl -n ${namespace} get secret ${rootSecret} -o go-template='{{.data.password | base64decode}}'`;
  readonly #props: ObservabilityProps;
  readonly #targetGroup: string;

  constructor(scope: Construct, id: string, props: ObservabilityProps) {
    super(scope, id);
    this.#props = props;
    this.host = props.edge.distribution('signoz', {
      origin: page.name,
      comment: `${props.prefix}: SigNoz`,
      contentSecurityPolicy,
    }).host;
    this.#targetGroup = props.loadBalancer.route({
      ...page,
      targetGroup: names(props.environmentName).targetGroup(page.name),
      origin: page.name,
      paths: ['/*'],
      priority: 2,
      healthPath: '/api/v1/health',
    }).name;

    const home = this.#namespace();
    const signoz = this.#signoz(home);
    this.#agents(home);
    this.#upkeep(signoz);
    this.#binding(signoz);
  }

  #namespace(): Namespace {
    const { cluster, network, platform } = this.#props;
    const home = new Namespace(this, 'namespace', {
      name: namespace,
      // The agent on each node reads the logs of its pods from the node's disk, as root, which `baseline` forbids.
      standard: 'privileged',
      aim: 'baseline',
      dependsOn: [...cluster.ready, ...platform.storageReady, ...platform.bindingsReady],
    });
    new NetworkPolicy(this, 'policy', {
      name: 'infra-observability',
      namespace,
      ingress: [
        { peers: [{ pods: {} }] },
        { peers: [{ namespace: namespaces.applications, pods: {} }], ports: [{ port: 4317 }, { port: 4318 }] },
        { peers: network.privateCidrs.map((cidr) => ({ cidr })), ports: [{ port: page.port }] },
      ],
      // Kubelets, Kubernetes' API, the metrics of every pod.
      egress: [allButDatabase(network)],
      dependsOn: home.ready,
    });
    return home;
  }

  /**
   * These passwords lie in Terraform's state, which is encrypted and closed, unlike the database's, which is in none:
   * they guard telemetry, and the chart takes them no other way.
   */
  #password(id: string, options: { length: number; symbols?: string }): string {
    const { length, symbols } = options;
    return new Password(this, id, {
      length,
      minLower: 1,
      minUpper: 1,
      minNumeric: 1,
      ...(symbols ? { minSpecial: 1, overrideSpecial: symbols } : { special: false }),
    }).result;
  }

  #signoz(home: Namespace): Chart {
    const { cluster, platform, storage } = this.#props;
    // Without a first administrator, the first visitor of the page would be asked to become it.
    const secret = new SecretV1(this, 'root', {
      metadata: { name: rootSecret, namespace },
      data: {
        email: `admin@${project}.internal`,
        password: this.#password('root-password', { length: 32, symbols: '-_' }),
        'token-secret': this.#password('token-secret', { length: 64 }),
      },
      dependsOn: [...home.ready],
    });
    const address = `https://${this.host}`;
    const fromSecret = (key: string) => ({ valueFrom: { secretKeyRef: { name: rootSecret, key } } });
    return new Chart(this, 'signoz', {
      name: 'signoz',
      repository,
      chart: 'signoz',
      version: '0.131.0',
      namespace,
      values: [
        {
          global: { storageClass: platform.storageClass, clusterName: cluster.name, cloud: 'aws' },
          clickhouse: {
            ...onStorageNodes,
            persistence: { size: `${storage}Gi` },
            zookeeper: { ...onStorageNodes, heapSize: 256, resources: { limits: { memory: '512Mi' } } },
          },
          signoz: {
            ...onStorageNodes,
            env: {
              signoz_user_root_enabled: true,
              signoz_user_root_email: fromSecret('email'),
              signoz_user_root_password: fromSecret('password'),
              signoz_user_root_org_id: organisation,
              signoz_user_root_org_name: project,
              signoz_tokenizer_jwt_secret: fromSecret('token-secret'),
              signoz_global_external__url: address,
              signoz_alertmanager_signoz_external__url: address,
              // It would send the users' addresses to SigNoz's makers.
              signoz_statsreporter_enabled: false,
            },
          },
        },
        this.#file('signoz'),
      ],
      setSensitive: [
        { name: 'clickhouse.password', value: this.#password('clickhouse-password', { length: 32 }) },
        {
          name: 'clickhouse.clickhouseOperator.secret.password',
          value: this.#password('clickhouse-operator-password', { length: 32 }),
        },
      ],
      // Applications run without it: a slow start must not stop the rest, nor leave a release that is taken for broken.
      wait: false,
      dependsOn: [...home.ready, secret],
    });
  }

  /** Logs of all pods, and metrics of nodes, of Kubernetes and of the applications' pods. */
  #agents(home: Namespace): void {
    const { cluster, environmentName } = this.#props;
    // Nobody needs to reach an agent at its node's address.
    const withoutHostPort = { hostPort: null };
    new Chart(this, 'k8s-infra', {
      name: 'k8s-infra',
      repository,
      chart: 'k8s-infra',
      version: '0.16.0',
      namespace,
      values: [
        {
          global: { clusterName: cluster.name, deploymentEnvironment: environmentName, cloud: 'aws' },
          otelCollectorEndpoint: otlpEndpoint,
          otelInsecure: true,
          presets: {
            // The node's whole disk would be the agent's to read; the kubelet tells how full it is.
            hostMetrics: { rootPath: '' },
            prometheus: { enabled: true, namespaces: [namespaces.applications] },
          },
          otelAgent: {
            ports: {
              otlp: withoutHostPort,
              'otlp-http': withoutHostPort,
              metrics: withoutHostPort,
              'health-check': withoutHostPort,
            },
            // Only root may read the logs of pods.
            securityContext: {
              runAsUser: 0,
              runAsGroup: 0,
              allowPrivilegeEscalation: false,
              readOnlyRootFilesystem: true,
              capabilities: { drop: ['ALL'] },
            },
            resources: { limits: { memory: '256Mi' } },
          },
          otelDeployment: { resources: { limits: { memory: '256Mi' } } },
        },
        this.#file('k8s-infra'),
      ],
      wait: false,
      dependsOn: [...home.ready],
    });
  }

  /** How long data are kept, and, when all ends, an end that leaves no volume behind: see the chart. */
  #upkeep(signoz: Chart): void {
    new Chart(this, 'upkeep', {
      name: 'signoz-upkeep',
      chart: 'signoz-upkeep',
      namespace,
      values: [
        {
          url: `http://${page.name}:${page.port}`,
          retentionDays: this.#props.retentionDays,
          organisation,
          rootSecret,
        },
      ],
      wait: false,
      // What Helm gives the job that empties the volumes.
      timeout: 2400,
      dependsOn: [signoz],
    });
  }

  #binding(signoz: Chart): void {
    const { network, platform } = this.#props;
    new Chart(this, 'binding', {
      name: `${page.name}-binding`,
      chart: 'target-group-binding',
      namespace,
      values: [{ targetGroupName: this.#targetGroup, vpcId: network.vpcId, service: page }],
      dependsOn: [signoz, ...platform.bindingsReady],
    });
  }

  /** What differs by environment. */
  #file(chart: string): string {
    return readFileSync(
      resolve(import.meta.dirname, '../environments', this.#props.environmentName, `${chart}.yaml`),
      'utf8',
    );
  }
}
