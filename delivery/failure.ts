import { nameLabel, namespaces } from 'platform';
import { get } from './kubectl.ts';

interface Terminated {
  readonly reason?: string;
  readonly exitCode: number;
  readonly message?: string;
}

interface ContainerStatus {
  readonly state?: {
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly terminated?: Terminated;
  };
  readonly lastState?: { readonly terminated?: Terminated };
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly message?: string;
}

interface Pod {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly readinessGates?: readonly { readonly conditionType: string }[] };
  readonly status: {
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly conditions?: readonly Condition[];
  };
}

interface Event {
  readonly involvedObject: { readonly name: string };
  readonly reason: string;
  readonly message: string;
}

/** Label by which Kubernetes distinguishes the pods of each version. */
export const hashLabel = 'pod-template-hash';

/**
 * Why the pods of one version are not ready, as Kubernetes reports it, without duplicates.
 *
 * @param hash the pods' label `pod-template-hash`
 */
export async function reasons(application: string, hash: string): Promise<string[]> {
  const namespace = `--namespace=${namespaces.applications}`;
  const ofVersion = `--selector=${nameLabel}=${application},${hashLabel}=${hash}`;
  const [sets, pods, events] = await Promise.all([
    get<{ items: Pick<Pod, 'status'>[] }>('replicasets', namespace, ofVersion),
    get<{ items: Pod[] }>('pods', namespace, ofVersion),
    get<{ items: Event[] }>('events', namespace, '--field-selector=type=Warning,involvedObject.kind=Pod'),
  ]);
  const found = [
    ...(sets?.items ?? []).flatMap(({ status }) => problems(status.conditions, 'ReplicaFailure', 'True')),
    ...(pods?.items ?? []).flatMap((pod) => reasonsOf(pod, events?.items ?? [])),
  ];
  return [...new Set(found)];
}

function reasonsOf({ metadata, spec, status }: Pod, events: readonly Event[]): string[] {
  const containers = (status.containerStatuses ?? []).flatMap(({ state, lastState }) => {
    const { waiting } = state ?? {};
    const ended = state?.terminated ?? lastState?.terminated;
    // The exit explains the failure; the wait for a restart (CrashLoopBackOff) does not.
    if (ended) return [line(`${ended.reason ?? 'Terminated'} (${ended.exitCode})`, ended.message)];
    return waiting?.reason && waiting.reason !== 'ContainerCreating' ? [line(waiting.reason, waiting.message)] : [];
  });
  const unhealthy = events
    .filter(({ involvedObject, reason }) => involvedObject.name === metadata.name && reason === 'Unhealthy')
    .map(({ reason, message }) => line(reason, message));
  // The load balancer's controller reports its health checks in these conditions.
  const gates = (spec.readinessGates ?? []).flatMap(({ conditionType }) =>
    problems(status.conditions, conditionType, 'False'),
  );
  // From the most to the least specific. Only the first group that is not empty counts.
  const known = [
    // A container that its probe killed does not say why, so the probe's latest event is added.
    [...problems(status.conditions, 'PodScheduled', 'False'), ...containers, ...unhealthy.slice(-1)],
    gates,
    problems(status.conditions, 'Ready', 'False'),
  ];
  return known.find((some) => some.length > 0) ?? [];
}

function problems(conditions: readonly Condition[] | undefined, type: string, status: string): string[] {
  return (conditions ?? [])
    .filter((condition) => condition.type === type && condition.status === status)
    .map(({ message }) => line(type, message));
}

function line(reason: string, message = ''): string {
  const lastLines = message.trim().split('\n').slice(-5).join('\n');
  return lastLines ? `${reason}: ${lastLines}` : reason;
}
