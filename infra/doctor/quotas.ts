import { type EnvironmentName, environmentTag, project } from 'platform';
import { texts } from '../command-texts.ts';
import { type Tag, tagOf } from '../drill/marks.ts';
import { environments } from '../environments/all.ts';
import type { Environment } from '../environments/environment.ts';
import type { Ask } from './aws.ts';
import { blocksDeployment, type Check, note } from './finding.ts';

const text = texts.doctor;

/** EC2's quotas, by their codes. Those of instances are in vCPUs. */
const quotas = {
  spot: { code: 'L-34B43A08', name: 'All Standard Spot Instance Requests' },
  onDemand: { code: 'L-1216C47A', name: 'Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances' },
  addresses: { code: 'L-0263D0A3' },
} as const;
/** Each node has two, and so has the NAT instance. */
const vcpus = 2;
/** Addresses of NAT. */
const natAddresses: Record<Environment['network']['nat'], number> = {
  instance: 1,
  'instance-per-zone': 3,
  single: 1,
  'per-zone': 3,
};
/**
 * Instance types of AWS's free plan, which also keeps backups of a database for a day only:
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-free-tier-usage.html
 */
const freeTypes = ['t3.micro', 't3.small', 't4g.micro', 't4g.small', 'c7i-flex.large', 'm7i-flex.large'];
const freeBackupDays = 1;

/** SigNoz's nodes, if they are of this kind. */
const storageOn = (kind: 'spot' | 'on-demand', { storageCapacity, storageNodes }: Environment['cluster']): number =>
  storageCapacity === kind ? storageNodes.maximum + 1 : 0;

/** Machines that the environments can start. Without permission to read quotas this is not checked. */
export const checkProcessors: Check = async ({ ask, asked }) => {
  const found = await processorQuotas(asked, ask);
  return found.flatMap(({ name, needed, quota }) =>
    quota !== undefined && quota < needed ? [blocksDeployment(text.lowQuota(name, quota, needed))] : [],
  );
};

/** AWS's quotas of vCPUs beside what the environments need while a node of each group is being replaced. */
export async function processorQuotas(
  asked: readonly EnvironmentName[],
  ask: Ask,
): Promise<readonly { readonly name: string; readonly quota: number | undefined; readonly needed: number }[]> {
  // One more than the maximum: while a node is being replaced, both count.
  const wanted = {
    spot: sum(asked, ({ cluster }) => cluster.nodes.maximum + 1 + storageOn('spot', cluster)),
    onDemand: sum(
      asked,
      ({ cluster, network }) =>
        storageOn('on-demand', cluster) +
        (cluster.baseNodes ? cluster.baseNodes.maximum + 1 : 0) +
        (network.nat.startsWith('instance') ? natAddresses[network.nat] : 0),
    ),
  };
  return Promise.all(
    (['spot', 'onDemand'] as const).map(async (kind) => ({
      name: quotas[kind].name,
      quota: await quotaOf(ask, quotas[kind].code),
      needed: wanted[kind] * vcpus,
    })),
  );
}

/** Elastic addresses for NAT, beside those that the account uses for other things. */
export const checkAddresses: Check = async ({ ask, asked }) => {
  const [quota, answer] = await Promise.all([
    quotaOf(ask, quotas.addresses.code),
    ask<{ Addresses?: Address[] }>('ec2', 'describe-addresses'),
  ]);
  if (quota === undefined || answer === undefined) return [];
  const addresses = answer.Addresses ?? [];
  const own = (name: EnvironmentName) => addresses.filter((address) => isOf(name, address)).length;
  const needed = sum(asked, ({ name, network }) => Math.max(0, natAddresses[network.nat] - own(name)));
  const isEnough = needed === 0 || addresses.length + needed <= quota;
  return isEnough ? [] : [blocksDeployment(text.fewAddresses(quota, addresses.length, needed))];
};

interface Address {
  readonly Tags?: readonly Tag[];
}

/** Whether an address is that of an environment. Another application of the account may have environments of the same name. */
function isOf(environment: EnvironmentName, { Tags = [] }: Address): boolean {
  return tagOf(Tags, 'project') === project && tagOf(Tags, environmentTag) === environment;
}

/** What an account on AWS's free plan cannot have. */
export const checkPlan: Check = async ({ askGlobal, asked }) => {
  const plan = await askGlobal<{ accountPlanType?: 'FREE' | 'PAID' }>('freetier', 'get-account-plan-state');
  if (plan?.accountPlanType !== 'FREE') return [];
  return asked.flatMap((name) => {
    const { cluster, database } = environments[name];
    const groups = [cluster.nodes, cluster.storageNodes, ...(cluster.baseNodes ? [cluster.baseNodes] : [])];
    const types = groups.flatMap(({ instanceTypes }) => instanceTypes);
    const refused = [...new Set(types)].filter((type) => !freeTypes.includes(type));
    const limits = [
      ...(refused.length > 0 ? [text.freeTypes(refused)] : []),
      ...(database.backupDays > freeBackupDays ? [text.freeBackups(database.backupDays)] : []),
    ];
    return limits.length > 0 ? [blocksDeployment(text.freePlan(name, limits))] : [];
  });
};

/**
 * CloudFront refuses new accounts until AWS has verified them, and no call tells which: an account that already has a
 * distribution was verified.
 */
export const checkVerification: Check = async ({ ask }) => {
  // The CLI's pages would lack the number.
  const answer = await ask<{ DistributionList?: { Quantity?: number } }>(
    ...['cloudfront', 'list-distributions', '--no-paginate'],
  );
  return answer?.DistributionList?.Quantity === 0 ? [note(text.maybeUnverified)] : [];
};

async function quotaOf(ask: Ask, code: string): Promise<number | undefined> {
  const answer = await ask<{ Quota?: { Value?: number } }>(
    ...['service-quotas', 'get-service-quota', '--service-code', 'ec2', '--quota-code', code],
  );
  return answer?.Quota?.Value;
}

const sum = (asked: readonly EnvironmentName[], of: (environment: Environment) => number): number =>
  asked.reduce((total, name) => total + of(environments[name]), 0);
