import { setTimeout as sleep } from 'node:timers/promises';
import { type EnvironmentName, nameLabel, namespaces } from 'platform';
import { texts } from './delivery-texts.ts';
import { hashLabel, reasons } from './failure.ts';
import { say } from './github.ts';
import { apply, create, get, KubectlFailed, kubectl } from './kubectl.ts';
import { type DeploymentManifest, type Image, type Manifest, render } from './manifests.ts';

const text = texts.release;
const namespace = `--namespace=${namespaces.applications}`;
const revisionAnnotation = 'deployment.kubernetes.io/revision';

interface Revised {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>>; readonly generation: number };
  readonly spec: {
    readonly template: { readonly spec: { readonly containers: readonly { readonly image: string }[] } };
  };
}

interface ReplicaSet extends Revised {
  readonly metadata: Revised['metadata'] & { readonly labels: Readonly<Record<string, string>> };
  readonly status: { readonly availableReplicas?: number };
}

interface Job {
  readonly status: { readonly succeeded?: number; readonly conditions?: readonly { type: string; status: string }[] };
}

/** A version of an application to which the cluster can roll back. */
interface Version {
  readonly revision: string;
  readonly image: string;
}

export interface ReleaseProps {
  readonly application: string;
  readonly environment: EnvironmentName;
  readonly image: Image;
  /** Seconds, for each job and then for the pods' rollout. By default what `patience` gives. */
  readonly timeout?: number;
  /** An aborted release is rolled back, too. */
  readonly signal?: AbortSignal;
}

export interface Outcome {
  readonly succeeded: boolean;
  /** The version that served before, if there was one and it is not the current one. */
  readonly previous?: Version;
}

/**
 * Releases an image with its environment's manifests: first everything that the pods need, then the migration, then the
 * pods. An old pod stops only after a new one is ready. A failed release is rolled back to the version that served
 * before, and reports why it failed.
 *
 * @throws {KubectlFailed} if the cluster is unreachable or rejects a manifest; the running pods are then unchanged
 */
export async function release(props: ReleaseProps): Promise<Outcome> {
  const { application, environment, image, signal } = props;
  const { deployment, jobs, others } = await render(application, environment, image);
  const timeout = props.timeout ?? patience(deployment);
  const before = await deploymentOf(application);
  const previous = await serving(application);

  // A generated ConfigMap's name contains a hash of its content: an existing one is right, and running pods may use it.
  for (const map of others.filter(({ kind }) => kind === 'ConfigMap')) await create(map);
  await apply(others.filter(({ kind }) => kind !== 'ConfigMap'));
  for (const job of jobs) {
    if (!(await runJob(job, timeout, signal))) return { succeeded: false };
  }
  await apply([deployment]);
  const isUnchanged = before?.metadata.generation === (await deploymentOf(application))?.metadata.generation;
  const succeeded = await waitForRollout(application, timeout, signal);
  // Kubernetes has numbered the new version only now.
  const isOther = previous !== undefined && previous.revision !== revisionOf(await deploymentOf(application));
  const outcome = { succeeded, ...(isOther && { previous }) };
  if (succeeded) {
    say(isUnchanged ? text.unchanged(application) : text.done(application, `${image.repository}@${image.digest}`));
    return outcome;
  }
  say(signal?.aborted ? text.interrupted(application) : text.failed(application));
  say(await explain(application));
  if (isOther) await rollBack(application, previous.revision, timeout);
  else say(text.nothingBefore(application));
  return outcome;
}

/**
 * Seconds to wait for a rollout. Longer than the deployment's own deadline, so that Kubernetes reports a failure first:
 * the deadline counts from the last pod that got ready, and the pods are replaced one after the other.
 */
export const patience = ({ spec }: DeploymentManifest): number => spec.progressDeadlineSeconds + 180;

/**
 * Rolls back to an earlier version and waits until it serves.
 *
 * @param revision the deployment's revision number of that version
 * @param timeout seconds
 * @returns whether it serves
 */
export async function rollBack(application: string, revision: string, timeout: number): Promise<boolean> {
  const isBack = await undo(application, revision, timeout);
  const image = (await deploymentOf(application))?.spec.template.spec.containers[0]?.image ?? '?';
  say(isBack ? text.back(application, image) : text.notBack(application, image));
  return isBack;
}

async function undo(application: string, revision: string, timeout: number): Promise<boolean> {
  try {
    await kubectl(['rollout', 'undo', `deployment/${application}`, namespace, `--to-revision=${revision}`]);
  } catch (error) {
    say((error as Error).message);
    return false;
  }
  return waitForRollout(application, timeout);
}

/** Kubernetes' revision number. A deployment has the number of its newest replica set. */
function revisionOf(object: Revised | undefined): string | undefined {
  return object?.metadata.annotations?.[revisionAnnotation];
}

function deploymentOf(application: string): Promise<Revised | undefined> {
  return get<Revised>('deployment', application, namespace);
}

async function replicaSetsOf(application: string): Promise<ReplicaSet[]> {
  return (
    (await get<{ items: ReplicaSet[] }>('replicasets', namespace, `--selector=${nameLabel}=${application}`))?.items ??
    []
  );
}

/** The version with the most available pods. It is not the newest one if an earlier release was killed. */
async function serving(application: string): Promise<Version | undefined> {
  const available = ({ status }: ReplicaSet) => status.availableReplicas ?? 0;
  const [most] = (await replicaSetsOf(application)).sort((one, other) => available(other) - available(one));
  const revision = revisionOf(most);
  if (!most || !revision || available(most) === 0) return undefined;
  return { revision, image: most.spec.template.spec.containers[0]?.image ?? '?' };
}

/** Runs a job to completion, unless it has already succeeded. Recreates a failed job. @returns whether it succeeded */
async function runJob(job: Manifest, timeout: number, signal: AbortSignal | undefined): Promise<boolean> {
  const { name } = job.metadata;
  const existing = await get<Job>('job', name, namespace);
  if (existing?.status.succeeded) {
    say(text.jobDone(name));
    return true;
  }
  if (hasFailed(existing)) await kubectl(['delete', 'job', name, namespace, '--wait']);
  await apply([job]);
  say(text.jobRuns(name));
  for (const deadline = Date.now() + timeout * 1_000; ; await sleep(1_000)) {
    const current = await get<Job>('job', name, namespace);
    if (current?.status.succeeded) return true;
    if (hasFailed(current)) say(text.jobFailed(name));
    else if (signal?.aborted) say(text.jobInterrupted(name));
    else if (Date.now() > deadline) say(text.jobLate(name, timeout));
    else continue;
    say(await lastOutput(name));
    return false;
  }
}

/** The last log lines of a job's pod, or why there is no pod. */
async function lastOutput(job: string): Promise<string> {
  const warnings = ['events', namespace, `--field-selector=type=Warning,involvedObject.name=${job}`];
  const [log, events] = await Promise.all([
    kubectl(['logs', `job/${job}`, namespace, '--tail=20', '--pod-running-timeout=1s']).catch(
      (error: Error) => error.message,
    ),
    get<{ items: { message: string }[] }>(...warnings),
  ]);
  return [log.trim(), ...(events?.items ?? []).map(({ message }) => `- ${message}`)].join('\n');
}

function hasFailed(job: Job | undefined): boolean {
  return job?.status.conditions?.some(({ type, status }) => type === 'Failed' && status === 'True') ?? false;
}

/** Waits until the rollout is complete. @returns false if it failed, timed out or was aborted */
async function waitForRollout(application: string, timeout: number, signal?: AbortSignal): Promise<boolean> {
  const args = ['rollout', 'status', `deployment/${application}`, namespace, `--timeout=${timeout}s`];
  try {
    await kubectl(args, { show: true, ...(signal && { signal }) });
    return true;
  } catch (error) {
    if (error instanceof KubectlFailed || signal?.aborted) return false;
    throw error;
  }
}

async function explain(application: string): Promise<string> {
  const revision = revisionOf(await deploymentOf(application));
  const newest = (await replicaSetsOf(application)).find((set) => revisionOf(set) === revision);
  const hash = newest?.metadata.labels[hashLabel];
  const found = hash ? await reasons(application, hash) : [];
  return found.length > 0 ? found.map((reason) => `- ${reason}`).join('\n') : text.noReason;
}
