import type { EnvironmentName } from 'platform';
import { texts } from '../command-texts.ts';
import type { Ask } from '../doctor/aws.ts';
import { type Addon, addons, type ClusterChoices } from '../environments/environment.ts';

/** The versions that an environment file pins for its cluster. */
export type Versions = Pick<ClusterChoices, 'version' | 'nodeRelease' | 'addons' | 'autoscaler'>;

/** A pinned version that can be raised. The path is that of the value in the environment file. */
export interface Raise {
  readonly path: string;
  readonly from: string;
  readonly to: string;
}

/**
 * The newest release of EKS's node image, from a public parameter of AWS:
 * https://docs.aws.amazon.com/eks/latest/userguide/retrieve-ami-id.html
 *
 * @returns undefined if AWS does not answer, or has no image for the version
 */
export async function newestRelease(
  version: string,
  architecture: ClusterChoices['architecture'],
  ask: Ask,
): Promise<string | undefined> {
  const folder = `/aws/service/eks/optimized-ami/${version}/amazon-linux-2023/${architecture}/standard/recommended`;
  const answer = await ask<{ Parameter?: { Value?: string } }>(
    ...['ssm', 'get-parameter', '--name', `${folder}/release_version`],
  );
  return answer?.Parameter?.Value;
}

/**
 * The versions that AWS recommends for a version of Kubernetes, or those pinned where they are newer.
 *
 * An add-on's default version is taken, not its newest: EKS makes a version the default after it has been tried.
 *
 * @returns undefined for what AWS did not answer
 */
export async function recommended(
  pinned: ClusterChoices,
  version: string,
  ask: Ask,
): Promise<{ nodeRelease?: string; addons: Partial<Record<Addon, string>> }> {
  const nodeRelease = await newestRelease(version, pinned.architecture, ask);
  const found = await Promise.all(addons.map((name) => recommendedAddon(name, pinned.addons[name], version, ask)));
  return {
    ...(nodeRelease && { nodeRelease: newer(pinned.nodeRelease, nodeRelease) }),
    addons: Object.fromEntries(found.flatMap((answer, index) => (answer ? [[addons[index], answer]] : []))),
  };
}

async function recommendedAddon(name: Addon, pinned: string, version: string, ask: Ask): Promise<string | undefined> {
  const answer = await ask<{ addons?: { addonVersions?: OfferedAddon[] }[] }>(
    ...['eks', 'describe-addon-versions', '--kubernetes-version', version, '--addon-name', name],
  );
  const offered = answer?.addons?.[0]?.addonVersions ?? [];
  const preset = offered.find(({ compatibilities = [] }) =>
    compatibilities.some(({ clusterVersion, defaultVersion }) => clusterVersion === version && defaultVersion),
  )?.addonVersion;
  const keeps = offered.some(({ addonVersion }) => addonVersion === pinned);
  return preset !== undefined && keeps ? newer(pinned, preset) : preset;
}

interface OfferedAddon {
  readonly addonVersion: string;
  readonly compatibilities?: readonly { readonly clusterVersion: string; readonly defaultVersion: boolean }[];
}

/** Where the chart of the cluster autoscaler takes its image from. The list needs no login. */
const autoscalerTags = 'https://registry.k8s.io/v2/autoscaling/cluster-autoscaler/tags/list';

/**
 * The newest image of the cluster autoscaler for a version of Kubernetes.
 *
 * @returns undefined if the registry does not answer, or has none
 */
export async function newestAutoscaler(version: string): Promise<string | undefined> {
  try {
    const response = await fetch(autoscalerTags, { signal: AbortSignal.timeout(20_000) });
    const { tags } = (await response.json()) as { tags: readonly string[] };
    const released = tags.filter((tag) => tag.startsWith(`v${version}.`) && /^v\d+\.\d+\.\d+$/.test(tag));
    return released.reduce<string | undefined>((best, tag) => (best ? newer(best, tag) : tag), undefined);
  } catch {
    return undefined;
  }
}

/** What has to change in an environment file. */
export function raises(pinned: Versions, wanted: Versions): Raise[] {
  const pairs = [
    ['version', pinned.version, wanted.version],
    ['nodeRelease', pinned.nodeRelease, wanted.nodeRelease],
    ['autoscaler', pinned.autoscaler, wanted.autoscaler],
    ...addons.map((name) => [`addons.${name}`, pinned.addons[name], wanted.addons[name]] as const),
  ] as const;
  return pairs.flatMap(([path, from, to]) => (from === to ? [] : [{ path, from, to }]));
}

/**
 * The text of an environment file with raised versions.
 *
 * @throws Error that names a version which is not exactly once in the file's cluster, so that nothing else is changed
 */
export function withRaised(text: string, all: readonly Raise[]): string {
  const start = text.indexOf('  cluster: {');
  const end = text.indexOf('\n  },', start);
  let cluster = text.slice(start, end);
  for (const { from, path, to } of all) {
    const key = path.replace('addons.', '');
    const pattern = new RegExp(`^( +(?:${key}|'${key}'): )'${from.replaceAll('.', '\\.')}'`, 'gm');
    if (cluster.match(pattern)?.length !== 1) throw new Error(`cluster.${path}: '${from}'?`);
    cluster = cluster.replace(pattern, `$1'${to}'`);
  }
  return text.slice(0, start) + cluster + text.slice(end);
}

/** The minor number of a Kubernetes version: 36 of 1.36. */
const minor = (version: string): number => Number(version.split('.')[1]);

/** How many minor versions of Kubernetes there are from one to the other. Negative for an older one. */
export const stepFrom = (from: string, to: string): number => minor(to) - minor(from);

/** Why EKS would refuse this step. It upgrades a cluster by one minor version at a time, and never back. */
export function refusalOfStep(environment: EnvironmentName, from: string, to: string): string | undefined {
  const step = stepFrom(from, to);
  if (step < 0) return texts.upgrade.noWayBack(environment, from, to);
  return step > 1 ? texts.upgrade.oneAtATime(environment, from, to) : undefined;
}

/** The newer of two versions, by their numbers from left to right. */
export function newer(one: string, other: string): string {
  const [left, right] = [one, other].map((version) => (version.match(/\d+/g) ?? []).map(Number)) as [
    number[],
    number[],
  ];
  const index = left.findIndex((number, at) => number !== right[at]);
  return index >= 0 && (left[index] ?? 0) > (right[index] ?? 0) ? one : other;
}
