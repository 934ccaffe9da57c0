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

/** By which Kubernetes tells the pods of one version from those of another. */
export const hashLabel = 'pod-template-hash';

/**
 * Why the pods of one version are not ready, in Kubernetes' own words, each reason once.
 *
 * @param hash of the version's pods, their label `pod-template-hash`
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
    ...(pods?.items ?? []).flatMap((pod) => ofPod(pod, events?.items ?? [])),
  ];
  return [...new Set(found)];
}

function ofPod({ metadata, spec, status }: Pod, events: readonly Event[]): string[] {
  const containers = (status.containerStatuses ?? []).flatMap(({ state, lastState }) => {
    const { waiting } = state ?? {};
    const ended = state?.terminated ?? lastState?.terminated;
    // That it waits to be started again is not why it ended.
    if (ended) return [line(`${ended.reason ?? 'Terminated'} (${ended.exitCode})`, ended.message)];
    return waiting?.reason && waiting.reason !== 'ContainerCreating' ? [line(waiting.reason, waiting.message)] : [];
  });
  const unhealthy = events
    .filter(({ involvedObject, reason }) => involvedObject.name === metadata.name && reason === 'Unhealthy')
    .map(({ reason, message }) => line(reason, message));
  // What the load balancer finds, its controller writes here.
  const gates = (spec.readinessGates ?? []).flatMap(({ conditionType }) =>
    problems(status.conditions, conditionType, 'False'),
  );
  // From what says most to what says least; a later one is of interest where no earlier one is known.
  const known = [
    // A container that was ended because of its probe says only that it was ended.
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
