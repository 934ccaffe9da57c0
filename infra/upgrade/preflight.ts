import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type EnvironmentName, names } from 'platform';
import { accountOf } from '../accounts.ts';
import { texts } from '../command-texts.ts';
import type { Ask } from '../doctor/aws.ts';
import { isOld } from '../doctor/cluster.ts';
import { blocksDeployment, type Finding, note } from '../doctor/finding.ts';
import { processorQuotas } from '../doctor/quotas.ts';
import { withCluster } from '../kubeconfig.ts';
import type { Settings } from '../settings.ts';
import { refusalOfStep, stepFrom, type Versions } from './versions.ts';

const text = texts.upgrade;
const run = promisify(execFile);

/**
 * What would stop an upgrade of the running cluster half-way. It only reads.
 *
 * @param wanted the version of Kubernetes and the release of the nodes' image
 */
export async function preflight(
  environment: EnvironmentName,
  { nodeRelease, version }: Pick<Versions, 'nodeRelease' | 'version'>,
  settings: Settings,
  ask: Ask,
): Promise<readonly Finding[]> {
  const { cluster } = names(environment);
  const answer = await ask<{ cluster?: { version: string; status: string } }>(
    ...['eks', 'describe-cluster', '--name', cluster],
  );
  const live = answer?.cluster;
  if (!live) return [note(text.noCluster(cluster))];
  const refusal = refusalOfStep(environment, live.version, version);
  if (refusal) return [blocksDeployment(refusal)];
  const findings = await Promise.all([
    live.status === 'ACTIVE' ? [] : [blocksDeployment(text.notActive(cluster, live.status))],
    checkInsights(cluster, version, stepFrom(live.version, version), ask),
    checkNodeGroups(cluster, nodeRelease, ask),
    checkSurge(accountOf(settings, environment).environments, ask),
    checkInside(cluster, settings.region),
  ]);
  return findings.flat();
}

/**
 * What EKS itself found that speaks against the next version, such as interfaces in use that it removes:
 * https://docs.aws.amazon.com/eks/latest/userguide/cluster-insights.html
 */
async function checkInsights(cluster: string, version: string, step: number, ask: Ask): Promise<Finding[]> {
  if (step === 0) return [];
  const answer = await ask<{ insights?: Insight[] }>(
    ...['eks', 'list-insights', '--cluster-name', cluster],
    ...['--filter', `categories=UPGRADE_READINESS,kubernetesVersions=${version}`],
  );
  if (!answer?.insights) return [note(text.noInsights)];
  return answer.insights.flatMap(({ insightStatus: { reason = '–', status }, name }) => {
    if (status === 'PASSING') return [];
    const found = text.insight(name, reason);
    return [status === 'ERROR' ? blocksDeployment(found) : note(found)];
  });
}

interface Insight {
  readonly name: string;
  readonly insightStatus: { readonly status: string; readonly reason?: string };
}

/** Node groups that are being changed, in which EKS reports a problem, or whose nodes were not replaced for a long time. */
async function checkNodeGroups(cluster: string, newest: string, ask: Ask): Promise<Finding[]> {
  const listed = await ask<{ nodegroups?: string[] }>('eks', 'list-nodegroups', '--cluster-name', cluster);
  const found = await Promise.all(
    (listed?.nodegroups ?? []).map(async (group) => {
      const answer = await ask<{ nodegroup?: NodeGroup }>(
        ...['eks', 'describe-nodegroup', '--cluster-name', cluster, '--nodegroup-name', group],
      );
      if (!answer?.nodegroup) return undefined;
      const { health, releaseVersion, status } = answer.nodegroup;
      return [
        ...(status === 'ACTIVE' ? [] : [blocksDeployment(text.notActive(group, status))]),
        ...(health?.issues ?? []).map(({ code, message }) => blocksDeployment(text.unhealthy(group, code, message))),
        ...(releaseVersion && isOld(releaseVersion, newest) ? [note(text.oldNodes(group, releaseVersion))] : []),
      ];
    }),
  );
  const isUnknown = !listed?.nodegroups || found.includes(undefined);
  return [...found.flatMap((findings) => findings ?? []), ...(isUnknown ? [note(text.noNodeGroups(cluster))] : [])];
}

interface NodeGroup {
  readonly status: string;
  /** Of the image that its nodes run. */
  readonly releaseVersion?: string;
  readonly health?: { readonly issues?: readonly { readonly code: string; readonly message: string }[] };
}

/** Room in the account's quotas for the nodes that EKS starts before it ends the old ones. */
async function checkSurge(environments: readonly EnvironmentName[], ask: Ask): Promise<Finding[]> {
  const found = await processorQuotas(environments, ask);
  return found.flatMap(({ name, needed, quota }) => {
    if (quota === undefined) return [note(text.noQuota(name))];
    return quota < needed ? [blocksDeployment(text.noSurge(name, quota, needed))] : [];
  });
}

/** What only Kubernetes knows. A note, if its API does not admit this machine. */
async function checkInside(cluster: string, region: string): Promise<Finding[]> {
  try {
    return await withCluster(cluster, region, askInside);
  } catch {
    return [note(text.notReached(cluster))];
  }
}

async function askInside(file: string): Promise<Finding[]> {
  const options = [`--kubeconfig=${file}`, '--request-timeout=10s', '--output=json'];
  const list = async <T>(...args: readonly string[]): Promise<readonly T[]> => {
    const { stdout } = await run('kubectl', ['get', ...args, ...options], {
      timeout: 20_000,
      maxBuffer: 64 * 1024 ** 2,
    });
    return JSON.parse(stdout).items;
  };
  const [budgets, releases, definitions] = await Promise.all([
    list<Budget>('poddisruptionbudgets', '--all-namespaces'),
    // `Providers` has Helm keep each revision of a release in a ConfigMap.
    list<Labelled>('configmaps', '--all-namespaces', '--selector=owner=helm,status!=superseded'),
    list<Definition>('customresourcedefinitions'),
  ]);
  return [
    ...budgets.filter(allowsNone).map(({ metadata }) => blocksDeployment(text.budget(nameOf(metadata)))),
    ...lastOfEach(releases)
      .filter(({ metadata }) => metadata.labels?.status?.startsWith('pending-'))
      .map(({ metadata }) => blocksDeployment(text.pendingRelease(releaseOf(metadata)))),
    ...definitions.flatMap((definition) => {
      const gone = versionsGone(definition);
      return gone.length > 0 ? [blocksDeployment(text.definition(definition.metadata.name, gone))] : [];
    }),
  ];
}

/**
 * The last revision of each release. An interrupted one stays pending for ever, also after a rollback, but Helm looks at
 * the last one alone: https://github.com/helm/helm/blob/v3.18.4/pkg/action/upgrade.go
 */
function lastOfEach(revisions: readonly Labelled[]): Labelled[] {
  const numberOf = ({ metadata }: Labelled) => Number(metadata.labels?.version ?? 0);
  const ascending = revisions.toSorted((one, other) => numberOf(one) - numberOf(other));
  const keyOf = ({ metadata }: Labelled) => `${metadata.namespace}/${releaseOf(metadata)}`;
  return [...new Map(ascending.map((revision) => [keyOf(revision), revision])).values()];
}

const releaseOf = ({ labels, name }: Labelled['metadata']): string => labels?.name ?? name;

interface Labelled {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly labels?: Record<string, string> };
}

interface Budget extends Labelled {
  readonly status?: { readonly disruptionsAllowed: number; readonly expectedPods: number };
}

/** A chart's definition of a kind (CRD). */
interface Definition extends Labelled {
  readonly spec: { readonly versions: readonly { readonly name: string; readonly served: boolean }[] };
  readonly status?: { readonly storedVersions?: readonly string[] };
}

/**
 * The versions in which objects are stored and which the definition does not serve. A chart's newer definition without
 * them is refused:
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/
 */
const versionsGone = ({ spec, status }: Definition): string[] =>
  (status?.storedVersions ?? []).filter(
    (stored) => !spec.versions.some(({ name, served }) => served && name === stored),
  );

/** A node with such a pod cannot be drained: EKS gives up after 15 minutes. */
const allowsNone = ({ status }: Budget): boolean =>
  status !== undefined && status.expectedPods > 0 && status.disruptionsAllowed === 0;

const nameOf = ({ name, namespace }: Labelled['metadata']): string => `${namespace}/${name}`;
