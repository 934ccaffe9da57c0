import { nameLabel } from 'platform';
import { get, kubectl, namespace } from './kubectl.ts';

const revisionAnnotation = 'deployment.kubernetes.io/revision';

/**
 * Annotation with the version's name, such as `dev-17`. It is empty until the version has passed the smoke test. The
 * deployment's annotations are copied to its current replica set, and come back with a rollback. `kubectl rollout
 * history` shows this one.
 */
export const versionAnnotation = 'kubernetes.io/change-cause';

/** A deployment or replica set. */
export interface Revised {
  readonly metadata: {
    readonly annotations?: Readonly<Record<string, string>>;
    readonly creationTimestamp: string;
  };
  readonly spec: {
    readonly template: { readonly spec: { readonly containers: readonly { readonly image: string }[] } };
  };
}

export interface ReplicaSet extends Revised {
  readonly metadata: Revised['metadata'] & { readonly labels: Readonly<Record<string, string>> };
  readonly status: { readonly availableReplicas?: number };
}

/** A version of an application to which the cluster can roll back. */
export interface Version {
  readonly revision: string;
  readonly image: string;
}

/** A version that passed the smoke test. */
export interface NamedVersion extends Version {
  readonly name: string;
  /** When it was first released, in UTC. */
  readonly created: string;
  readonly isCurrent: boolean;
}

/** Kubernetes' revision number. A deployment has the number of its newest replica set. */
export function revisionOf(object: Revised | undefined): string | undefined {
  return object?.metadata.annotations?.[revisionAnnotation];
}

export function imageOf(object: Revised | undefined): string {
  return object?.spec.template.spec.containers[0]?.image ?? '?';
}

export function deploymentOf(application: string): Promise<Revised | undefined> {
  return get<Revised>('deployment', application, namespace);
}

export async function replicaSetsOf(application: string): Promise<ReplicaSet[]> {
  return (
    (await get<{ items: ReplicaSet[] }>('replicasets', namespace, `--selector=${nameLabel}=${application}`))?.items ??
    []
  );
}

/**
 * The version with the most available pods. It is not the newest one if an earlier release was killed. A replica set
 * without a revision is none of the deployment's, which could not go back to it.
 */
export async function servingVersion(application: string): Promise<Version | undefined> {
  const serving = (await replicaSetsOf(application)).flatMap((set) => {
    const [revision, available] = [revisionOf(set), set.status.availableReplicas ?? 0];
    return revision && available > 0 ? [{ revision, image: imageOf(set), available }] : [];
  });
  const [most] = serving.toSorted((one, other) => other.available - one.available);
  return most && { revision: most.revision, image: most.image };
}

/** The versions that passed the smoke test and that the cluster still has, newest first. */
export async function versionsOf(application: string): Promise<NamedVersion[]> {
  const [deployment, sets] = await Promise.all([deploymentOf(application), replicaSetsOf(application)]);
  return sets
    .flatMap((set) => {
      const [revision, name] = [revisionOf(set), set.metadata.annotations?.[versionAnnotation]];
      if (!revision || !name) return [];
      const isCurrent = revision === revisionOf(deployment);
      return [{ name, revision, image: imageOf(set), created: set.metadata.creationTimestamp, isCurrent }];
    })
    .toSorted((one, other) => Number(other.revision) - Number(one.revision));
}

/** Names the version that serves: it has passed the smoke test. */
export async function nameVersion(application: string, name: string): Promise<void> {
  await kubectl(['annotate', `deployment/${application}`, namespace, `${versionAnnotation}=${name}`, '--overwrite']);
}
