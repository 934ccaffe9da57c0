import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import type { EnvironmentName } from 'platform';
import { parseAllDocuments } from 'yaml';
import { texts } from './delivery-texts.ts';
import { kubectl } from './kubectl.ts';

/** The fields of a Kubernetes object that a release reads. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

/** The objects that a release applies, in this order. */
export interface Manifests {
  readonly others: readonly Manifest[];
  /** Must complete before the new pods start. */
  readonly jobs: readonly Manifest[];
  readonly deployment: DeploymentManifest;
}

export interface DeploymentManifest extends Manifest {
  readonly spec: {
    /** Seconds without progress after which Kubernetes reports that a rollout failed. */
    readonly progressDeadlineSeconds: number;
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: {
        readonly containers: readonly { readonly lifecycle?: object }[];
        readonly topologySpreadConstraints?: readonly object[];
      };
    };
  };
}

/** An image by its digest: the image that was tested and scanned is the one that runs, even if its tags move. */
export interface Image {
  readonly repository: string;
  /** `sha256:` and 64 hexadecimal digits. */
  readonly digest: string;
}

/** The first hexadecimal digits of an image's digest. */
export function shortDigest({ digest }: Image, digits: number): string {
  return digest.slice('sha256:'.length).slice(0, digits);
}

/** Parses `repository@sha256:…`. Undefined if the text has another form. */
export function parseImage(text: string): Image | undefined {
  const { repository, digest } = /^(?<repository>[^@\s]+)@(?<digest>sha256:[0-9a-f]{64})$/.exec(text)?.groups ?? {};
  return repository && digest ? { repository, digest } : undefined;
}

/**
 * Renders the manifests of an application's overlay, with the image in place of the application's bare name. A job's
 * name ends with part of the image's digest: each image has its own job, which runs again only if it failed.
 */
export async function render(application: string, environment: EnvironmentName, image: Image): Promise<Manifests> {
  const overlay = resolve(import.meta.dirname, '../apps', application, 'k8s/overlays', environment);
  const folder = await mkdtemp(join(tmpdir(), 'release-'));
  try {
    const kustomization = {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      resources: [relative(folder, overlay)],
      images: [{ name: application, newName: image.repository, digest: image.digest }],
    };
    await writeFile(join(folder, 'kustomization.yaml'), JSON.stringify(kustomization));
    return sort(application, image, parse(await kubectl(['kustomize', folder])));
  } finally {
    await rm(folder, { recursive: true });
  }
}

function parse(yaml: string): Manifest[] {
  return parseAllDocuments(yaml).map((document) => document.toJS());
}

function sort(application: string, image: Image, manifests: readonly Manifest[]): Manifests {
  const isOwn = (some: Manifest): some is DeploymentManifest =>
    some.kind === 'Deployment' && some.metadata.name === application;
  const deployment = manifests.find(isOwn);
  if (!deployment) throw new Error(texts.release.noDeployment(application));
  const suffix = shortDigest(image, 12);
  const jobs = manifests
    .filter(({ kind }) => kind === 'Job')
    .map((job) => ({ ...job, metadata: { ...job.metadata, name: `${job.metadata.name}-${suffix}` } }));
  return { others: manifests.filter((some) => some !== deployment && some.kind !== 'Job'), jobs, deployment };
}
