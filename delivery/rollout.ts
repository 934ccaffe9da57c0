import { setTimeout as sleep } from 'node:timers/promises';
import type { Application, EnvironmentName } from 'platform';
import { texts } from './delivery-texts.ts';
import { hashLabel, list, reasons, reasonsOfPods } from './failure.ts';
import { say } from './github.ts';
import { apply, create, get, KubectlFailed, kubectl, namespace } from './kubectl.ts';
import { type DeploymentManifest, type Image, type Manifest, render } from './manifests.ts';
import { ownTemplate } from './ownership.ts';
import { prune } from './prune.ts';
import { tryOut } from './trial.ts';
import {
  deploymentOf,
  imageOf,
  replicaSetsOf,
  revisionOf,
  servingVersion,
  type Version,
  versionAnnotation,
} from './versions.ts';

const text = texts.release;

interface Job {
  readonly status: { readonly succeeded?: number; readonly conditions?: readonly { type: string; status: string }[] };
}

export interface ReleaseProps {
  readonly application: Application;
  readonly environment: EnvironmentName;
  readonly image: Image;
  /** Whether the first new pod is asked by itself, before users reach it. */
  readonly hasTrial: boolean;
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
 * Releases an image with its environment's manifests: first everything that the pods need, then the migration, then one
 * pod that no user reaches and that must answer correctly, then the pods. An old pod stops only after a new one is ready.
 * A failed release is rolled back to the version that served before, and reports why it failed.
 *
 * @throws {KubectlFailed} if the cluster is unreachable or rejects a manifest; the running pods are then unchanged
 */
export async function release(props: ReleaseProps): Promise<Outcome> {
  const { environment, image, signal } = props;
  const application = props.application.name;
  const { deployment, jobs, others } = await render(application, environment, image);
  const timeout = props.timeout ?? patience(deployment);
  const before = await deploymentOf(application);
  const previous = await servingVersion(application);

  // A generated ConfigMap's name contains a hash of its content: an existing one is right, and running pods may use it.
  for (const map of others.filter(({ kind }) => kind === 'ConfigMap')) await create(map);
  await apply(others.filter(({ kind }) => kind !== 'ConfigMap'));
  const steps = [
    ...jobs.map((job) => () => runJob(job, timeout, signal)),
    ...(props.hasTrial ? [() => tryOut(props.application, deployment, timeout, signal)] : []),
  ];
  for (const step of steps) if (!signal?.aborted && !(await step())) return { succeeded: false };
  // What a step finished although it was aborted must not reach users, because GitHub may kill the release before it
  // could roll back.
  if (signal?.aborted) {
    say(text.interruptedBefore(application));
    return { succeeded: false };
  }
  await ownTemplate(application);
  await apply([unnamed(deployment)]);
  const succeeded = await waitForRollout(application, timeout, signal);
  // Kubernetes has numbered the new version only now.
  const revision = revisionOf(await deploymentOf(application));
  const isUnchanged = revision === revisionOf(before);
  const isOther = previous !== undefined && previous.revision !== revision;
  const outcome = { succeeded, ...(isOther && { previous }) };
  if (succeeded) {
    try {
      await prune(application, others);
    } catch (error) {
      if (!(error instanceof KubectlFailed)) throw error;
      // The new pods serve already, so the smoke test has to follow. The next release deletes again.
      say(text.notPruned(error.message));
    }
    say(isUnchanged ? text.unchanged(application) : text.done(application, `${image.repository}@${image.digest}`));
    return outcome;
  }
  say(signal?.aborted ? text.interrupted(application) : text.failed(application));
  say(await explain(application));
  if (isOther) await rollBack(application, previous.revision, timeout);
  else say(text.nothingBefore(application));
  return outcome;
}

/** The deployment without a version's name, which it gets once the smoke test has passed. */
function unnamed(deployment: DeploymentManifest): DeploymentManifest {
  const annotations = { ...deployment.metadata.annotations, [versionAnnotation]: '' };
  return { ...deployment, metadata: { ...deployment.metadata, annotations } };
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
  const image = imageOf(await deploymentOf(application));
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
    if (current === undefined) say(text.jobGone(name));
    else if (hasFailed(current)) say(text.jobFailed(name));
    else if (signal?.aborted) say(text.jobInterrupted(name));
    else if (Date.now() > deadline) say(text.jobLate(name, timeout));
    else continue;
    say(await lastOutput(name));
    return false;
  }
}

/** The last log lines of a job's pod, and why there is no pod or it does not run. */
async function lastOutput(job: string): Promise<string> {
  const warnings = ['events', namespace, `--field-selector=type=Warning,involvedObject.name=${job}`];
  const [log, ofPods, events] = await Promise.all([
    kubectl(['logs', `job/${job}`, namespace, '--tail=20', '--pod-running-timeout=1s']).catch(
      (error: Error) => error.message,
    ),
    reasonsOfPods(`--selector=batch.kubernetes.io/job-name=${job}`),
    get<{ items: { message: string }[] }>(...warnings),
  ]);
  const found = [...ofPods, ...(events?.items ?? []).map(({ message }) => message)];
  return [log.trim(), ...(found.length > 0 ? [list(found)] : [])].join('\n');
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
  } catch {
    return false;
  }
}

async function explain(application: string): Promise<string> {
  const revision = revisionOf(await deploymentOf(application));
  const newest = (await replicaSetsOf(application)).find((set) => revisionOf(set) === revision);
  const hash = newest?.metadata.labels[hashLabel];
  return list(hash ? await reasons(application, hash) : []);
}
