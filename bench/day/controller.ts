import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Application, nameLabel, namespaces } from 'platform';
import { applications } from 'platform/applications';
import { readinessGateWebhook } from '../../infra/test/support/readiness-gate-webhook.ts';
import type { Synthesised } from '../../infra/test/support/synthesised.ts';
import { makeCertificate } from '../../packages/database/test/support/certificates.ts';
import type { Cluster } from '../../test/support/cluster.ts';
import { KubernetesApi } from './kubernetes-api.ts';
import type { LoadBalancer } from './load-balancer.ts';

/** Milliseconds between two looks at the pods. */
const interval = 200;

const podsPath = `/api/v1/namespaces/${namespaces.applications}/pods`;

/** The condition that a new pod waits for. Its binding has the application's name. */
const gateOf = (application: string) => `target-health.elbv2.k8s.aws/${application}`;

interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
  };
  readonly status: {
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

/**
 * A stand-in for the AWS Load Balancer Controller: registers the pods whose containers are ready, deregisters those that
 * end or are not ready any more, and tells a pod's readiness gate once the load balancer finds the pod healthy. Its
 * webhook gives new pods the gate. While the API server is away, the targets stay as they are.
 */
export class Controller {
  readonly #balancer: LoadBalancer;
  readonly #api: KubernetesApi;
  readonly #running: Promise<void>;
  readonly #stopWebhook: () => Promise<void>;
  #isOver = false;

  private constructor(balancer: LoadBalancer, api: KubernetesApi, stopWebhook: () => Promise<void>) {
    this.#balancer = balancer;
    this.#api = api;
    this.#stopWebhook = stopWebhook;
    this.#running = this.#reconcile();
  }

  /** @param openssl path of the program */
  static async start(
    cluster: Cluster,
    balancer: LoadBalancer,
    stack: Synthesised,
    openssl: string,
  ): Promise<Controller> {
    const api = await KubernetesApi.open(String(cluster.env.KUBECONFIG));
    const webhook = await startWebhook(openssl);
    const configuration = readinessGateWebhook(stack);
    const clientConfig = { url: webhook.address, caBundle: webhook.authority };
    await cluster.apply([
      { ...configuration, webhooks: configuration.webhooks.map((some) => ({ ...some, clientConfig })) },
    ]);
    return new Controller(balancer, api, webhook.stop);
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#running;
    this.#api.close();
    await this.#stopWebhook();
  }

  async #reconcile(): Promise<void> {
    for (; !this.#isOver; await sleep(interval)) {
      try {
        const { items } = await this.#api.get<{ items: Pod[] }>(podsPath);
        for (const application of applications) await this.#bind(application, items);
      } catch {
        // The API server is away, or the pod is gone meanwhile. The next round sees what is true then.
      }
    }
  }

  async #bind({ name, path, port }: Application, pods: readonly Pod[]): Promise<void> {
    const fit = pods.filter(
      ({ metadata, status }) =>
        metadata.labels[nameLabel] === name &&
        metadata.deletionTimestamp === undefined &&
        status.podIP !== undefined &&
        isTrue(status, 'ContainersReady'),
    );
    const addressOf = ({ status }: Pod) => `http://${status.podIP}:${port}`;
    const wanted = new Set(fit.map(addressOf));
    for (const [address] of this.#balancer.healthOf(path)) {
      if (!wanted.has(address)) this.#balancer.deregister(path, address);
    }
    for (const address of wanted) this.#balancer.register(path, address);
    const health = this.#balancer.healthOf(path);
    for (const pod of fit) {
      if (health.get(addressOf(pod)) !== 'healthy' || isTrue(pod.status, gateOf(name))) continue;
      const condition = { type: gateOf(name), status: 'True', lastTransitionTime: new Date().toISOString() };
      await this.#api.patch(`${podsPath}/${pod.metadata.name}/status`, { status: { conditions: [condition] } });
    }
  }
}

function isTrue({ conditions = [] }: Pod['status'], wanted: string): boolean {
  return conditions.some(({ type, status }) => type === wanted && status === 'True');
}

/** Serves the webhook that gives each new pod of an application its readiness gate. */
async function startWebhook(openssl: string) {
  const folder = await mkdtemp(join(tmpdir(), 'webhook-'));
  const authority = makeCertificate(openssl, join(folder, 'authority'));
  const own = makeCertificate(openssl, join(folder, 'webhook'), { subject: 'IP:127.0.0.1', authority });
  const server = createServer(
    { cert: await readFile(own.certificate), key: await readFile(own.key) },
    async (incoming, answer) => {
      const { request } = (await json(incoming)) as { request: { uid: string; object: Pod } };
      const name = request.object.metadata.labels[nameLabel];
      const isBound = applications.some((application) => application.name === name);
      const gates = [{ op: 'add', path: '/spec/readinessGates', value: [{ conditionType: gateOf(String(name)) }] }];
      const response = {
        uid: request.uid,
        allowed: true,
        ...(isBound && {
          patchType: 'JSONPatch',
          patch: Buffer.from(JSON.stringify(gates)).toString('base64'),
        }),
      };
      const review = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response };
      answer.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(review));
    },
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `https://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    authority: (await readFile(authority.certificate)).toString('base64'),
    async stop() {
      const closed = once(server, 'close');
      server.close().closeAllConnections();
      await closed;
      await rm(folder, { recursive: true });
    },
  };
}
