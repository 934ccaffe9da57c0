import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Application, nameLabel, serviceAccounts, trialPod } from 'platform';
import { texts } from './delivery-texts.ts';
import { list, reasonsOfPods } from './failure.ts';
import { say } from './github.ts';
import { apply, get, kubectl, namespace } from './kubectl.ts';
import type { DeploymentManifest } from './manifests.ts';
import { report, smoke } from './smoke-checks.ts';

const text = texts.release;

interface Pod {
  readonly status: {
    readonly phase?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

/** Milliseconds that a ready pod gets to answer correctly. */
const patience = 15_000;

/**
 * Starts one pod of a new version that no user reaches, and asks it what the application's smoke test asks. The pod is
 * deleted afterwards.
 *
 * @param timeout seconds until the pod must be ready
 * @returns false if it does not get ready or answers wrongly; the reason has been said. A pod that is ready but cannot be
 *   reached passes, because the public smoke test follows.
 */
export async function tryOut(
  application: Application,
  deployment: DeploymentManifest,
  timeout: number,
  signal?: AbortSignal,
): Promise<boolean> {
  const name = trialPod(application.name);
  // A killed release may have left one.
  await remove(name);
  await apply([podOf(application, deployment)]);
  try {
    if (!(await untilReady(name, timeout, signal))) {
      say(signal?.aborted ? text.trialInterrupted(name) : text.trialNotReady(name));
      say(list(await reasonsOfPods(`--field-selector=metadata.name=${name}`)));
      return false;
    }
    const results = await forwarded(name, application.port, (address) => smoke(application, address, patience));
    if (results === undefined) {
      say(text.trialUnreachable(name));
      return true;
    }
    say(text.trial);
    const isRight = report(results);
    if (!isRight) say(text.trialFailed(application.name));
    return isRight;
  } finally {
    await remove(name);
  }
}

/**
 * The pod that the deployment would start, but with the migration's label instead of the application's: it reaches the
 * same database, and neither the service nor the load balancer selects it.
 */
function podOf({ name }: Application, { metadata: { namespace }, spec: { template } }: DeploymentManifest): object {
  const { topologySpreadConstraints: _, containers, ...spec } = template.spec;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: trialPod(name),
      namespace,
      labels: { ...template.metadata.labels, [nameLabel]: serviceAccounts.migration(name) },
    },
    // It has no users to wait for when it stops. If it exits, the reason should stay visible.
    spec: {
      ...spec,
      restartPolicy: 'Never',
      containers: containers.map(({ lifecycle: _, ...container }) => container),
    },
  };
}

async function untilReady(name: string, timeout: number, signal?: AbortSignal): Promise<boolean> {
  for (const deadline = Date.now() + timeout * 1_000; Date.now() < deadline; await sleep(1_000)) {
    const { status } = (await get<Pod>('pod', name, namespace)) ?? {};
    if (signal?.aborted || status?.phase === 'Failed' || status?.phase === 'Succeeded') return false;
    if (status?.conditions?.some(({ type, status }) => type === 'ContainersReady' && status === 'True')) return true;
  }
  return false;
}

/**
 * Forwards a free local port to a pod for as long as `use` takes. The pod needs no network policy for it.
 *
 * @returns what `use` returns; undefined if the cluster does not forward
 */
async function forwarded<T>(pod: string, port: number, use: (address: string) => Promise<T>): Promise<T | undefined> {
  const child = spawn('kubectl', ['port-forward', `pod/${pod}`, namespace, `:${port}`, '--address=127.0.0.1'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    let output = '';
    for await (const chunk of child.stdout.setEncoding('utf8')) {
      output += chunk;
      const local = /127\.0\.0\.1:(\d+) ->/.exec(output)?.[1];
      if (local !== undefined) return await use(`http://127.0.0.1:${local}`);
    }
    return undefined;
  } finally {
    child.kill();
  }
}

async function remove(name: string): Promise<void> {
  await kubectl(['delete', 'pod', name, namespace, '--ignore-not-found', '--grace-period=5', '--wait']);
}
