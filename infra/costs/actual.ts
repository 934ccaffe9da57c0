/** What an environment really cost, as Cost Explorer counts it. */
import { type EnvironmentName, environmentTag, infrastructureTeam, names } from 'platform';
import { applications } from 'platform/applications';
import type { Call } from '../wake.ts';
import type { Part } from './parts.ts';

/** Cost Explorer tells costs apart by a tag only if it is activated for that. All resources of an environment have the first. */
export const costTags = { environment: environmentTag, name: 'Name', application: 'application' } as const;

export interface Month {
  /** The first day, such as `2026-10-01`. */
  readonly start: string;
  /** The last day. */
  readonly end: string;
  /** Whether AWS does not change it any more. */
  readonly isFinal: boolean;
  /** USD by the groups that were asked for. Of a tag, what has none is ''. */
  readonly charges: { readonly keys: readonly string[]; readonly usd: number }[];
}

/** What `aws ce get-cost-and-usage` prints, as far as it is needed here. */
interface Answer {
  readonly NextPageToken?: string;
  readonly ResultsByTime: readonly {
    readonly TimePeriod: { readonly Start: string; readonly End: string };
    readonly Estimated: boolean;
    readonly Groups: readonly {
      /** Of a tag, its key and value: `Name$desafio-aws-dev-spot`. */
      readonly Keys: readonly string[];
      readonly Metrics: { readonly UnblendedCost: { readonly Amount: string } };
    }[];
  }[];
}

/** By service and name, which tell the parts apart. */
export const byServiceAndName = ['Type=DIMENSION,Key=SERVICE', `Type=TAG,Key=${costTags.name}`];
/** By application, which tells the teams apart. */
export const byApplication = [`Type=TAG,Key=${costTags.application}`];

/**
 * The last whole month and this one. Each page of the answer costs 0.01 USD.
 *
 * @param groups at most two, in the form of the AWS CLI
 * @throws Error whose message contains what AWS answered
 */
export async function monthsOf(
  call: Call,
  environment: EnvironmentName,
  groups: readonly string[],
  now: Date,
): Promise<readonly Month[]> {
  const months = new Map<string, Month>();
  const { start, end } = periodAt(now);
  const filter = { Tags: { Key: costTags.environment, Values: [environment] } };
  let page: string | undefined;
  do {
    const answer: Answer = JSON.parse(
      await call(
        ...['ce', 'get-cost-and-usage', '--time-period', `Start=${start},End=${end}`, '--granularity', 'MONTHLY'],
        ...['--metrics', 'UnblendedCost', '--filter', JSON.stringify(filter), '--group-by', ...groups],
        ...(page === undefined ? [] : ['--next-page-token', page]),
      ),
    );
    for (const { Estimated, Groups, TimePeriod } of answer.ResultsByTime) {
      const month = months.get(TimePeriod.Start) ?? {
        start: TimePeriod.Start,
        end: dayBefore(TimePeriod.End),
        isFinal: !Estimated,
        charges: [],
      };
      months.set(TimePeriod.Start, month);
      for (const { Keys, Metrics } of Groups) {
        month.charges.push({ keys: Keys.map(withoutTag), usd: Number(Metrics.UnblendedCost.Amount) });
      }
    }
    page = answer.NextPageToken;
  } while (page !== undefined);
  return [...months.values()];
}

/** From the first day of last month until today, in UTC as AWS bills. Cost Explorer leaves out the day that it gets as the end. */
export function periodAt(now: Date): { readonly start: string; readonly end: string } {
  const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()];
  return {
    start: dayOf(new Date(Date.UTC(year, month - 1, 1))),
    end: dayOf(new Date(Date.UTC(year, month, now.getUTCDate() + 1))),
  };
}

const dayOf = (date: Date): string => date.toISOString().slice(0, 10);
const dayBefore = (day: string): string => dayOf(new Date(Date.parse(day) - 24 * 3600 * 1000));

/** The value of a tag, and any other key as it is. No service has a dollar sign in its name. */
const withoutTag = (key: string): string => key.slice(key.indexOf('$') + 1);

/** Services of which all that an environment has is one part. */
const parts: Readonly<Record<string, Part>> = {
  'Amazon Elastic Container Service for Kubernetes': 'controlPlane',
  'Amazon Relational Database Service': 'database',
  'Amazon Elastic Load Balancing': 'loadBalancing',
  'Amazon Virtual Private Cloud': 'wayOut',
  'Amazon CloudFront': 'edge',
  'AWS WAF': 'firewall',
  AmazonCloudWatch: 'watching',
  'Amazon Simple Notification Service': 'watching',
  // The status page, the access logs, and the function that changes the database passwords.
  'AWS Lambda': 'watching',
  'Amazon Simple Storage Service': 'watching',
  'AWS Key Management Service': 'names',
  'AWS Secrets Manager': 'names',
  CodeBuild: 'delivery',
};

/** What has nodes, volumes and NAT. */
export const machines = ['Amazon Elastic Compute Cloud - Compute', 'EC2 - Other'];

/** The part to which a charge belongs. Undefined if its service and name do not tell. */
export function partOf(service: string, name: string, environment: EnvironmentName): Part | undefined {
  // The zone has no name, and health checks have one.
  if (service === 'Amazon Route 53') return name === '' ? 'names' : 'watching';
  if (!machines.includes(service)) return parts[service];
  const { cluster, prefix } = names(environment);
  const { prefix: secondPrefix } = names(environment, true);
  if (name === `${cluster}-spot` || name === `${cluster}-base`) return 'computing';
  // So the EBS CSI driver names the volumes of pods, if it knows the cluster's name. Only SigNoz has any.
  if (name === `${cluster}-storage` || name.startsWith(`${cluster}-dynamic-`)) return 'observability';
  return [prefix, secondPrefix].some((start) => name.startsWith(`${start}-nat`)) ? 'wayOut' : undefined;
}

/** The team of what has this value of the tag `application`. What belongs to no application is the infrastructure's. */
export function teamOf(application: string): string | undefined {
  return application === '' ? infrastructureTeam : applications.find(({ name }) => name === application)?.team;
}
