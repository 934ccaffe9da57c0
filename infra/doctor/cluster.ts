import { type EnvironmentName, names } from 'platform';
import { texts } from '../command-texts.ts';
import { environments } from '../environments/all.ts';
import { isIn } from '../settings-addresses.ts';
import { newestRelease, refusalOfStep } from '../upgrade/versions.ts';
import type { Ask } from './aws.ts';
import { blocksDeployment, type Check, type Finding, note } from './finding.ts';

const text = texts.doctor;

/**
 * Node groups whose live size is outside their new limits. EKS refuses such limits, and Terraform leaves the size to the
 * autoscaler: https://github.com/hashicorp/terraform-provider-aws/issues/18310. One call can set limits and size.
 */
export const checkSizes: Check = async ({ ask, asked, settings }) => {
  const found = await Promise.all(asked.map((name) => sizes(name, settings.region, ask)));
  return found.flat();
};

async function sizes(environment: EnvironmentName, region: string, ask: Ask): Promise<Finding[]> {
  const { cluster } = names(environment);
  const { baseNodes, nodes, sleepsAtNight, storageNodes } = environments[environment].cluster;
  // The schedules set both, each evening and morning.
  if (sleepsAtNight) return [];
  const choices = { base: baseNodes, spot: nodes, storage: storageNodes };
  // Before the first deployment there are no groups.
  const answer = await ask<{ nodegroups?: string[] }>('eks', 'list-nodegroups', '--cluster-name', cluster);
  const found = await Promise.all(
    (answer?.nodegroups ?? []).map(async (group) => {
      const described = await ask<{ nodegroup?: NodeGroup }>(
        ...['eks', 'describe-nodegroup', '--cluster-name', cluster, '--nodegroup-name', group],
      );
      const live = described?.nodegroup?.scalingConfig;
      const [, kind] = Object.entries(choices).find(([kind]) => group.startsWith(`${cluster}-${kind}-`)) ?? [];
      if (!live || !kind) return [];
      const { minimum, maximum } = kind;
      if (live.minSize === minimum && live.maxSize === maximum) return [];
      const desired = Math.min(Math.max(live.desiredSize, minimum), maximum);
      if (live.desiredSize === desired) return [];
      const call = [
        `aws eks update-nodegroup-config --region ${region} --cluster-name ${cluster} --nodegroup-name ${group}`,
        `--scaling-config minSize=${minimum},maxSize=${maximum},desiredSize=${desired}`,
      ].join(' ');
      return [blocksDeployment(text.nodesOutsideLimits(group, live.desiredSize, `${minimum}–${maximum}`, call))];
    }),
  );
  return found.flat();
}

interface NodeGroup {
  readonly scalingConfig?: { readonly minSize: number; readonly maxSize: number; readonly desiredSize: number };
}

/** Add-on versions that EKS does not offer, or no longer, for the cluster's Kubernetes version. */
export const checkAddons: Check = async ({ ask, asked }) => {
  const found = await Promise.all(
    asked.flatMap((environment) => {
      const { addons, version } = environments[environment].cluster;
      return Object.entries(addons).map(async ([name, pinned]) => {
        const offered = await ask<string[]>(
          ...['eks', 'describe-addon-versions', '--kubernetes-version', version, '--addon-name', name],
          ...['--query', 'addons[].addonVersions[].addonVersion'],
        );
        if (offered === undefined || offered.includes(pinned)) return [];
        return [blocksDeployment(text.addonNotOffered(environment, name, pinned, version, offered[0]))];
      });
    }),
  );
  return found.flat();
};

/** A node image that is older than AWS's newest by more than `oldAfterDays`. Only a note: the nodes still start. */
export const checkNodeRelease: Check = async ({ ask, asked }) => {
  const found = await Promise.all(
    asked.map(async (environment) => {
      const { architecture, nodeRelease, version } = environments[environment].cluster;
      const newest = await newestRelease(version, architecture, ask);
      if (newest === undefined || !isOld(nodeRelease, newest)) return [];
      return [note(text.oldNodeRelease(environment, nodeRelease, newest))];
    }),
  );
  return found.flat();
};

/** AWS releases an image every one or two weeks, and `pnpm infra upgrade` is proposed once a week. */
const oldAfterDays = 45;

/** Whether a node image is more than `oldAfterDays` older than another. */
export const isOld = (release: string, newest: string): boolean =>
  releaseDay(newest) - releaseDay(release) > oldAfterDays;

/** The day of a release such as 1.36.2-20260714, in days since 1970. */
function releaseDay(release: string): number {
  const [, year = '', month = '', day = ''] = /-(\d{4})(\d\d)(\d\d)$/.exec(release) ?? [];
  return Date.UTC(Number(year), Number(month) - 1, Number(day)) / 86_400_000;
}

/** Versions of Kubernetes that EKS offers in the region, in standard support. */
export const checkVersion: Check = async ({ ask, asked }) => {
  const answer = await ask<{ clusterVersions?: { clusterVersion: string; versionStatus?: string }[] }>(
    ...['eks', 'describe-cluster-versions'],
  );
  const offered = (answer?.clusterVersions ?? [])
    .filter(({ versionStatus }) => versionStatus === 'STANDARD_SUPPORT')
    .map(({ clusterVersion }) => clusterVersion);
  if (offered.length === 0) return [];
  return asked.flatMap((name) => {
    const { version } = environments[name].cluster;
    return offered.includes(version) ? [] : [blocksDeployment(text.noVersion(name, version, offered))];
  });
};

/**
 * An upgrade of a live cluster by more than one minor version, or back. Terraform plans it, and EKS refuses it in the
 * apply: https://docs.aws.amazon.com/eks/latest/userguide/update-cluster.html
 */
export const checkStep: Check = async ({ ask, asked }) => {
  const found = await Promise.all(
    asked.map(async (name) => {
      const answer = await ask<{ cluster?: { version: string } }>(
        ...['eks', 'describe-cluster', '--name', names(name).cluster],
      );
      const refusal =
        answer?.cluster && refusalOfStep(name, answer.cluster.version, environments[name].cluster.version);
      return refusal ? [blocksDeployment(refusal)] : [];
    }),
  );
  return found.flat();
};

/**
 * EKS creates a log group again that was deleted before its cluster, and Terraform then refuses to create its own:
 * https://github.com/terraform-aws-modules/terraform-aws-eks/issues/920. Ours has a tag, that of EKS has none.
 */
export const checkLogGroup: Check = async ({ ask, asked, settings }) => {
  const found = await Promise.all(
    asked.map(async (name) => {
      const group = `/aws/eks/${names(name).cluster}/cluster`;
      const groups = await ask<{ logGroups?: { logGroupName: string; logGroupArn?: string }[] }>(
        ...['logs', 'describe-log-groups', '--log-group-name-prefix', group],
      );
      const arn = groups?.logGroups?.find(({ logGroupName }) => logGroupName === group)?.logGroupArn;
      if (arn === undefined) return [];
      const answer = await ask<{ tags?: Record<string, string> }>(
        'logs',
        'list-tags-for-resource',
        '--resource-arn',
        arn,
      );
      const isLeft = answer !== undefined && answer.tags?.environment === undefined;
      const call = `aws logs delete-log-group --region ${settings.region} --log-group-name ${group}`;
      return isLeft ? [blocksDeployment(text.leftLogGroup(group, call))] : [];
    }),
  );
  return found.flat();
};

/** Whether the cluster's API admits this machine. Only notes: inside the VPC it does, whatever the list says. */
export const checkApiAccess: Check = async ({ asked, settings }) => {
  const listed = asked.map((name) => ({ name, blocks: settings.clusterApiCidrs[name] }));
  const address = listed.some(({ blocks }) => blocks.length > 0) ? await publicAddress() : undefined;
  return listed.flatMap(({ name, blocks }) => {
    if (blocks.length === 0 || address === undefined) return [];
    return blocks.some((block) => isIn(address, block)) ? [] : [note(text.otherAddress(name, address))];
  });
};

/** The IPv4 address from which the internet sees this machine. Undefined if it cannot be found. */
async function publicAddress(): Promise<string | undefined> {
  try {
    const response = await fetch('https://checkip.amazonaws.com/', { signal: AbortSignal.timeout(5_000) });
    return response.ok ? (await response.text()).trim() : undefined;
  } catch {
    return undefined;
  }
}
