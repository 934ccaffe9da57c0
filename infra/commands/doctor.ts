import { spawnSync } from 'node:child_process';
import { defineCommand, environmentWord } from 'command-line';
import { type EnvironmentName, environmentNames, names, teamsOf, workspaceStateKey } from 'platform';
import { applications } from 'platform/applications';
import { texts } from '../command-texts.ts';
import { checkEnvironments, environments } from '../environments/all.ts';
import { type Caller, callerIdentity, hasAws, missingEngine, readJson } from '../prerequisites.ts';
import { readSettings, type Settings } from '../settings.ts';

const text = texts.doctor;
/** EC2's quota of spot instances, in vCPUs. Each node has two. */
const spotQuota = { service: 'ec2', code: 'L-34B43A08', name: 'All Standard Spot Instance Requests', vcpus: 2 };

export const command = defineCommand({
  description: {
    pt: 'lista o que falta para um deploy, sem criar nada',
    en: 'lists what a deployment still needs; creates nothing',
  },
  words: { environment: { ...environmentWord, optional: true } },
  options: {},
  run: ({ environment }) => doctor(environment),
});

/**
 * Lists in plain words what a real deployment still needs. It only reads.
 * @returns 0 if nothing is missing, else 1
 */
export function doctor(environment?: EnvironmentName): number {
  const settings = readSettings();
  checkEnvironments(settings);
  const asked = environment === undefined ? environmentNames : [environment];
  const missing = [...missingEngine(), ...unsetSettings(settings), ...account(settings, asked)];
  const teams = teamsOf(applications, Object.keys(settings.alerts));
  const notes = [
    ...teams.filter((team) => !settings.alerts[team]?.length).map(text.noAddresses),
    // Right for a deployment from inside the VPC, and not from outside.
    ...asked.filter((name) => settings.clusterApiCidrs[name].length === 0).map(text.noApiCidrs),
  ];
  for (const line of missing) console.log(`✗ ${line.replace('\n', '\n  ')}\n`);
  for (const note of notes) console.log(`! ${note.replace('\n', '\n  ')}\n`);
  if (missing.length === 0) console.log(text.allRight);
  return missing.length === 0 ? 0 : 1;
}

/** Settings whose default is fine for tests, but not for a deployment. */
function unsetSettings(settings: Settings): string[] {
  const defaults = readSettings('', {});
  return [
    ...(settings.accountId ? [] : [text.noAccount]),
    ...(settings.stateBucket === defaults.stateBucket ? [text.defaultBucket(settings.stateBucket)] : []),
    ...(settings.github.repository === defaults.github.repository ? [text.noRepository] : []),
  ];
}

function account(settings: Settings, asked: readonly EnvironmentName[]): string[] {
  if (!hasAws()) return [text.noAws];
  const caller = callerIdentity();
  if (!caller) return [text.noCredentials];
  const missing: string[] = [];
  if (settings.accountId && caller.Account !== settings.accountId) {
    missing.push(text.otherAccount(caller.Account, settings.accountId));
  }
  missing.push(...state(settings.stateBucket, asked));
  const admin = unknownAdmin(caller, settings, asked);
  if (admin) missing.push(admin);
  return [
    ...missing,
    ...quota(asked, settings.region),
    ...asked.flatMap((name) => [...addonVersions(name, settings.region), ...sizes(name, settings.region)]),
  ];
}

function state(bucket: string, asked: readonly EnvironmentName[]): string[] {
  const exists = (...args: string[]) => spawnSync('aws', ['s3api', ...args, '--bucket', bucket]).status === 0;
  if (!exists('head-bucket')) return [text.noBucket(bucket)];
  return asked.filter((name) => !exists('head-object', '--key', workspaceStateKey(name))).map(text.noWorkspace);
}

function quota(asked: readonly EnvironmentName[], region: string): string[] {
  // One more than the maximum: while a node is being replaced, both count.
  const wanted = asked
    .map((name) => environments[name].cluster.nodes.maximum + 1)
    .reduce((sum, nodes) => sum + nodes * spotQuota.vcpus, 0);
  const answer = readJson('aws', [
    ...['service-quotas', 'get-service-quota', '--output', 'json', '--region', region],
    ...['--service-code', spotQuota.service, '--quota-code', spotQuota.code],
  ]) as { Quota?: { Value?: number } } | undefined;
  // Without permission to read quotas this check is skipped.
  const found = answer?.Quota?.Value;
  return found !== undefined && found < wanted ? [text.lowQuota(spotQuota.name, found, wanted)] : [];
}

/** Add-on versions that EKS does not offer, or no longer, for the cluster's Kubernetes version. */
function addonVersions(environment: EnvironmentName, region: string): string[] {
  const { addons, version } = environments[environment].cluster;
  return Object.entries(addons).flatMap(([name, pinned]) => {
    const offered = readJson('aws', [
      ...['eks', 'describe-addon-versions', '--output', 'json', '--region', region],
      ...['--kubernetes-version', version, '--addon-name', name],
      ...['--query', 'addons[].addonVersions[].addonVersion'],
    ]) as string[] | undefined;
    // Without permission to ask, this check is skipped.
    if (offered === undefined || offered.includes(pinned)) return [];
    return [text.addonNotOffered(environment, name, pinned, version, offered[0])];
  });
}

/**
 * Node groups whose live size is outside their new limits. EKS refuses such limits, and Terraform leaves the size to the
 * autoscaler: https://github.com/hashicorp/terraform-provider-aws/issues/18310. One call can set limits and size.
 */
function sizes(environment: EnvironmentName, region: string): string[] {
  const { cluster } = names(environment);
  const { baseNodes, nodes, storageNodes } = environments[environment].cluster;
  const choices = { base: baseNodes, spot: nodes, storage: storageNodes };
  const eks = (command: string, ...args: string[]): unknown =>
    readJson('aws', ['eks', command, '--output', 'json', '--region', region, '--cluster-name', cluster, ...args]);
  // Before the first deployment there are no groups.
  const { nodegroups = [] } = (eks('list-nodegroups') ?? {}) as { nodegroups?: string[] };
  return nodegroups.flatMap((group) => {
    const answer = eks('describe-nodegroup', '--nodegroup-name', group) as { nodegroup?: NodeGroup } | undefined;
    const live = answer?.nodegroup?.scalingConfig;
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
    return [text.nodesOutsideLimits(group, live.desiredSize, `${minimum}–${maximum}`, call)];
  });
}

interface NodeGroup {
  readonly scalingConfig?: { readonly minSize: number; readonly maxSize: number; readonly desiredSize: number };
}

/** What to do if the caller has no access to the cluster. */
function unknownAdmin(
  { Account, Arn }: Caller,
  settings: Settings,
  asked: readonly EnvironmentName[],
): string | undefined {
  if (Arn.endsWith(':root')) return text.root;
  const [, role] = /:assumed-role\/([^/]+)\//.exec(Arn) ?? [];
  if (role === undefined) return settings.clusterAdmins.includes(Arn) ? undefined : text.notAdmin(Arn);
  // A session's ARN lacks the path of its role, which those of AWS SSO have. A name is unique in its account.
  const isSame = (arn: string) => arn.split(':')[4] === Account && arn.split('/').at(-1) === role;
  const isKnown = settings.clusterAdmins.some(isSame) || asked.some((name) => names(name).role('apply') === role);
  if (isKnown) return undefined;
  const found = readJson('aws', ['iam', 'get-role', '--role-name', role, '--query', 'Role.Arn', '--output', 'json']);
  return text.notAdmin(typeof found === 'string' ? found : `arn:aws:iam::${Account}:role/${role}`);
}
