import { setTimeout as sleep } from 'node:timers/promises';
import { nameLabel, namespaces } from 'platform';
import { applications } from 'platform/applications';
import { delivery } from '../../delivery/test/support/delivery.ts';
import type { RealEnvironment } from '../../test/cluster/support/real-environment.ts';
import { eventually } from '../../test/support/eventually.ts';
import { freePort } from '../../test/support/ports.ts';
import type { KubernetesApi } from './kubernetes-api.ts';

/** Something bad, or just a release, that happens while users are there. */
export interface Event {
  /** As the page names it. */
  readonly name: string;
  run(): Promise<void>;
}

export interface EventsProps {
  readonly environment: RealEnvironment;
  readonly api: KubernetesApi;
  /** Images of two versions by application, and one of the API that never gets ready. */
  readonly first: Readonly<Record<string, string>>;
  readonly second: Readonly<Record<string, string>>;
  readonly silent: string;
  /** Seconds that the database is away in the long failover. RDS needs 60 to 120 for one. */
  readonly failover: number;
  /** The load balancer's controller, which can be ended and started again. */
  readonly controller: { stop(): Promise<void>; start(): Promise<void> };
}

/** Seconds for which kubelet, the control plane, or the load balancer's controller is away. */
const kubeletAway = 15;
const controlPlaneAway = 60;
const controllerAway = 60;
/** Seconds from AWS's notice until a spot node is gone. */
const spotNotice = 120;
/** Seconds of a release's waits. */
const patience = 240;

/** Milliseconds until all pods are ready again after an event. */
const longestSettling = 300_000;

const podsPath = `/api/v1/namespaces/${namespaces.applications}/pods`;

interface Pod {
  readonly metadata: {
    readonly creationTimestamp: string;
    readonly deletionTimestamp?: string;
    readonly labels: Readonly<Record<string, string>>;
  };
}

interface Deployment {
  readonly metadata: { readonly generation: number };
  readonly spec: { readonly replicas: number };
  readonly status: {
    readonly observedGeneration?: number;
    readonly readyReplicas?: number;
    readonly updatedReplicas?: number;
  };
}

/** The events of a day, in their order. Each begins and ends with all pods ready and none terminating. */
export function eventsOf({
  api,
  controller,
  environment,
  failover,
  first,
  second,
  silent,
}: EventsProps): readonly Event[] {
  const { address, cluster, database, deployer } = environment;
  if (address === undefined) throw new Error('The database is not movable');
  const kubectl = async (...args: string[]) => {
    const { code, output } = await cluster.kubectl(args);
    if (code !== 0) throw new Error(output);
    return output;
  };
  const release = async (application: string, image: string | undefined, ...more: string[]) =>
    delivery(['release', application, 'dev', '--image', String(image), ...more], deployer);
  const releaseBoth = async (images: Readonly<Record<string, string>>) => {
    for (const outcome of await Promise.all(
      applications.map(({ name }) => release(name, images[name], '--timeout', String(patience))),
    )) {
      if (outcome.code !== 0) throw new Error(outcome.output);
    }
  };
  const drain = (node: string, seconds: number) =>
    kubectl('drain', node, '--ignore-daemonsets', '--delete-emptydir-data', `--timeout=${seconds}s`);
  const join = async () => {
    await cluster.faults.join();
    await eventually(async () =>
      (await kubectl('wait', '--for=condition=Ready', 'node/second', '--timeout=30s')).includes('condition met'),
    );
  };
  /** Whether a pod of the API was started after this time. */
  const hasNewPod = async (since: number) => {
    const { items } = await api.get<{ items: Pod[] }>(podsPath);
    return items.some(
      ({ metadata: { creationTimestamp, labels } }) =>
        labels[nameLabel] === 'calculadora-api' && Date.parse(creationTimestamp) >= since,
    );
  };
  /** The database is killed, and after a while another server has its disk and its name. */
  const failOver = async (seconds: number) => {
    const port = await freePort();
    await database.kill();
    await sleep(seconds * 1000);
    await database.restart(port);
    address.routeTo({ host: database.host, port });
  };

  return [
    { name: 'both applications released', run: () => releaseBoth(second) },
    {
      name: 'a release of the API that never gets ready, rolled back by itself',
      async run() {
        const { code, output } = await release('calculadora-api', silent, '--timeout', '30', '--without-trial');
        if (code === 0 || !output.includes('was rolled back to the previous version')) throw new Error(output);
      },
    },
    {
      name: 'a zone drained',
      async run() {
        await drain('real', 300);
        await kubectl('uncordon', 'real');
      },
    },
    {
      name: 'a spot node lost after its notice, and replaced',
      async run() {
        // All pods are here since the other zone was drained.
        await drain('second', spotNotice);
        await cluster.faults.lose();
        await kubectl('delete', 'node', 'second');
        await sleep(10_000);
        await join();
      },
    },
    {
      name: 'both applications released while a kubelet restarts',
      async run() {
        const start = Math.floor(Date.now() / 1000) * 1000;
        const released = releaseBoth(first);
        // Handled below. Until then a failure must not end the process.
        released.catch(() => undefined);
        await Promise.race([eventually(() => hasNewPod(start), 120_000), released]);
        await cluster.faults.end('kubelet');
        await sleep(kubeletAway * 1000);
        await cluster.faults.start('kubelet');
        await released;
      },
    },
    {
      name: 'the database killed, and started again at once',
      async run() {
        await database.kill();
        await database.restart();
      },
    },
    { name: 'a failover of the database, at once', run: () => failOver(0) },
    { name: `a failover of the database after ${failover} s`, run: () => failOver(failover) },
    {
      name: `the control plane away for ${controlPlaneAway} s`,
      async run() {
        const programs = ['kube-scheduler', 'kube-controller-manager', 'kube-apiserver'];
        for (const program of programs) await cluster.faults.end(program);
        await sleep(controlPlaneAway * 1000);
        for (const program of programs.toReversed()) await cluster.faults.start(program);
        await eventually(async () => (await kubectl('get', '--raw=/readyz')) === 'ok');
      },
    },
    {
      name: 'a node lost without notice',
      async run() {
        await cluster.faults.lose();
        await kubectl('wait', '--for=condition=Ready=Unknown', 'node/second', '--timeout=180s');
        // As the cloud's controller does once the machine is gone.
        await kubectl('delete', 'node', 'second');
        await untilSettled(api);
        await join();
      },
    },
    {
      name: `the load balancer's controller away for ${controllerAway} s, with a release that waits for it`,
      async run() {
        await controller.stop();
        // The trial's pod would be refused, and the release with it.
        const released = release(
          'calculadora-api',
          second['calculadora-api'],
          '--without-trial',
          '--timeout',
          `${patience}`,
        );
        await sleep(controllerAway * 1000);
        await controller.start();
        const { code, output } = await released;
        if (code !== 0) throw new Error(output);
      },
    },
  ];
}

/** Waits until every deployment has all its pods, all are ready, and none is terminating. */
export async function untilSettled(api: KubernetesApi): Promise<void> {
  const isSettled = async () => {
    const { items } = await api.get<{ items: Deployment[] }>(
      `/apis/apps/v1/namespaces/${namespaces.applications}/deployments`,
    );
    const pods = await api.get<{ items: Pod[] }>(podsPath);
    return (
      items.length === applications.length &&
      items.every(
        ({ metadata, spec, status }) =>
          // The autoscaler's minimum. It looks every 15 s.
          spec.replicas >= 2 &&
          status.observedGeneration === metadata.generation &&
          status.updatedReplicas === spec.replicas &&
          status.readyReplicas === spec.replicas,
      ) &&
      pods.items.every(({ metadata }) => metadata.deletionTimestamp === undefined)
    );
  };
  for (const end = Date.now() + longestSettling; !(await isSettled().catch(() => false)); await sleep(500)) {
    if (Date.now() > end) throw new Error(`The pods were not ready after ${longestSettling / 1000} s`);
  }
}
