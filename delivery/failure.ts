import { nameLabel } from 'platform';
import { texts } from './delivery-texts.ts';
import { get, namespace } from './kubectl.ts';

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
    /** Why kubelet ended the pod, such as `Evicted`. */
    readonly reason?: string;
    readonly message?: string;
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly conditions?: readonly Condition[];
  };
}

interface Event {
  readonly metadata: { readonly creationTimestamp: string };
  /** Null in events of the newer kind, which have `eventTime` instead. */
  readonly lastTimestamp: string | null;
  readonly eventTime: string | null;
  readonly involvedObject: { readonly name: string };
  readonly reason: string;
  readonly message: string;
}

/** The reason for which a container waits before its first start. It explains nothing. */
const creating = 'ContainerCreating';

/** Label by which Kubernetes distinguishes the pods of each version. */
export const hashLabel = 'pod-template-hash';

/**
 * Why the pods of one version are not ready, as Kubernetes reports it, without duplicates.
 *
 * @param hash the pods' label `pod-template-hash`
 */
export async function reasons(application: string, hash: string): Promise<string[]> {
  const ofVersion = `--selector=${nameLabel}=${application},${hashLabel}=${hash}`;
  const [sets, ofPods] = await Promise.all([
    get<{ items: Pick<Pod, 'status'>[] }>('replicasets', namespace, ofVersion),
    reasonsOfPods(ofVersion),
  ]);
  const failures = (sets?.items ?? []).flatMap(({ status }) => problems(status.conditions, 'ReplicaFailure', 'True'));
  return [...new Set([...failures, ...ofPods])];
}

/**
 * Why pods are not ready, or ended, as Kubernetes reports it, without duplicates.
 *
 * @param selector option of kubectl that selects the pods
 */
export async function reasonsOfPods(selector: string): Promise<string[]> {
  const [pods, events] = await Promise.all([
    get<{ items: Pod[] }>('pods', namespace, selector),
    get<{ items: Event[] }>('events', namespace, '--field-selector=type=Warning,involvedObject.kind=Pod'),
  ]);
  return [...new Set((pods?.items ?? []).flatMap((pod) => reasonsOf(pod, events?.items ?? [])))];
}

/** Reasons as a list for people. */
export function list(found: readonly string[]): string {
  if (found.length === 0) return texts.release.noReason;
  const isPull = found.some((reason) => /^(ErrImagePull|ImagePullBackOff): .*\bdocker\.io\//s.test(reason));
  return [...found.map((reason) => `- ${reason}`), ...(isPull ? [texts.release.publicImages] : [])].join('\n');
}

function reasonsOf({ metadata, spec, status }: Pod, events: readonly Event[]): string[] {
  const containers = (status.containerStatuses ?? []).flatMap(({ state, lastState }) => {
    const { waiting } = state ?? {};
    const ended = state?.terminated ?? lastState?.terminated;
    // The exit explains the failure; the wait for a restart (CrashLoopBackOff) does not.
    if (ended) return [line(`${ended.reason ?? 'Terminated'} (${ended.exitCode})`, ended.message)];
    return waiting?.reason && waiting.reason !== creating ? [line(waiting.reason, waiting.message)] : [];
  });
  // While a container is being created, only events say what is missing, such as a volume or a ConfigMap.
  const isCreating = status.containerStatuses?.some(({ state }) => state?.waiting?.reason === creating) ?? false;
  const warnings = events
    .filter(
      ({ involvedObject, reason }) => involvedObject.name === metadata.name && (isCreating || reason === 'Unhealthy'),
    )
    // The API server lists them by their names.
    .toSorted((one, other) => timeOf(one) - timeOf(other))
    .map(({ reason, message }) => line(reason, message));
  // The load balancer's controller reports its health checks in these conditions.
  const gates = (spec.readinessGates ?? []).flatMap(({ conditionType }) =>
    problems(status.conditions, conditionType, 'False'),
  );
  // From the most to the least specific. Only the first group that is not empty counts.
  const known = [
    // A container that its probe killed does not say why, so the probe's latest event is added.
    [
      ...(status.reason ? [line(status.reason, status.message)] : []),
      ...problems(status.conditions, 'PodScheduled', 'False'),
      ...containers,
      ...warnings.slice(-1),
    ],
    gates,
    problems(status.conditions, 'Ready', 'False'),
  ];
  return known.find((some) => some.length > 0) ?? [];
}

/** When an event happened last. */
function timeOf({ eventTime, lastTimestamp, metadata }: Event): number {
  return Date.parse(lastTimestamp ?? eventTime ?? metadata.creationTimestamp);
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
