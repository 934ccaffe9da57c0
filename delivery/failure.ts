import { nameLabel, namespaces } from '../infra/names.ts';
import { get } from './kubectl.ts';

interface ContainerStatus {
  readonly state?: { readonly waiting?: { readonly reason?: string; readonly message?: string } };
  readonly lastState?: {
    readonly terminated?: { readonly reason?: string; readonly exitCode: number; readonly message?: string };
  };
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly message?: string;
}

interface Pod {
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly status: {
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly conditions?: readonly Condition[];
  };
}

interface ReplicaSet {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly status: { readonly conditions?: readonly Condition[] };
}

interface Event {
  readonly involvedObject: { readonly name: string };
  readonly reason: string;
  readonly message: string;
}

const hashLabel = 'pod-template-hash';

/**
 * Why the pods of one version are not ready, in Kubernetes' own words, each reason once.
 *
 * @param hash of the version's pods, their label `pod-template-hash`
 */
export async function reasons(application: string, hash: string): Promise<string[]> {
  const namespace = `--namespace=${namespaces.applications}`;
  const ofVersion = `--selector=${nameLabel}=${application},${hashLabel}=${hash}`;
  const [sets, pods, events] = await Promise.all([
    get<{ items: ReplicaSet[] }>('replicasets', namespace, ofVersion),
    get<{ items: Pod[] }>('pods', namespace, ofVersion),
    get<{ items: Event[] }>('events', namespace, '--field-selector=type=Warning,involvedObject.kind=Pod'),
  ]);
  const found = [
    ...(sets?.items ?? []).flatMap(({ status }) => problems(status.conditions, 'ReplicaFailure', 'True')),
    ...(pods?.items ?? []).flatMap((pod) => ofPod(pod, events?.items ?? [])),
  ];
  return [...new Set(found)];
}

function ofPod({ metadata, status }: Pod, events: readonly Event[]): string[] {
  const containers = (status.containerStatuses ?? []).flatMap(({ state, lastState }) => {
    const { waiting } = state ?? {};
    const ended = lastState?.terminated;
    return [
      // That it waits to be started again is not why it ended.
      ...(waiting?.reason && waiting.reason !== 'ContainerCreating' && !ended
        ? [line(waiting.reason, waiting.message)]
        : []),
      ...(ended ? [line(`${ended.reason ?? 'Terminated'} (${ended.exitCode})`, ended.message)] : []),
    ];
  });
  const unhealthy = events
    .filter(({ involvedObject, reason }) => involvedObject.name === metadata.name && reason === 'Unhealthy')
    .map(({ reason, message }) => line(reason, message));
  return [
    ...problems(status.conditions, 'PodScheduled', 'False'),
    ...containers,
    // What a probe found is of interest where nothing worse is known.
    ...(containers.length === 0 ? unhealthy.slice(-1) : []),
  ];
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
