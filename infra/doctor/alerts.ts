import { globalRegion, names, teamsOf } from 'platform';
import { applications } from 'platform/applications';
import { texts } from '../command-texts.ts';
import { costTags } from '../costs/actual.ts';
import type { Ask } from './aws.ts';
import { type Check, note } from './finding.ts';

const text = texts.doctor;

/**
 * Whether AWS keeps costs by the tags that the budgets and `pnpm infra costs --actual` need: it does so only from a
 * tag's activation on. AWS learns of a tag up to a day after its first use.
 */
export const checkCostTags: Check = async ({ askGlobal }) => {
  const needed = Object.values(costTags);
  // Only the management account of an organisation may ask.
  const answer = await askGlobal<{ CostAllocationTags?: { TagKey?: string; Status?: string }[] }>(
    ...['ce', 'list-cost-allocation-tags', '--tag-keys', ...needed],
  );
  const known = answer?.CostAllocationTags;
  if (known === undefined) return [];
  const isActive = (tag: string) => known.some(({ Status, TagKey }) => TagKey === tag && Status === 'Active');
  const missing = needed.filter((tag) => !isActive(tag));
  if (missing.length === 0) return [];
  const lacks = missing.map((tag) => text.lackOfCostTag[tag]);
  return [note(text.inactiveCostTags(missing, lacks))];
};

/** Addresses that have not confirmed yet: until then they get no alarm. Before the first deployment there are none. */
export const checkSubscriptions: Check = async ({ ask, askGlobal, asked, caller, settings }) => {
  const regions: [string, Ask][] = [[settings.region, ask]];
  if (settings.region !== globalRegion) regions.push([globalRegion, askGlobal]);
  const topics = asked.flatMap((name) =>
    teamsOf(applications, Object.keys(settings.alerts)).flatMap((team) =>
      regions.map(([region, askThere]) => ({
        arn: `arn:aws:sns:${region}:${caller.Account}:${names(name, settings.useSecondRegion).prefix}-${team}`,
        askThere,
      })),
    ),
  );
  const found = await Promise.all(
    topics.map(async ({ arn, askThere }) => {
      const answer = await askThere<{ Subscriptions?: { SubscriptionArn: string; Endpoint: string }[] }>(
        ...['sns', 'list-subscriptions-by-topic', '--topic-arn', arn],
      );
      const pending = answer?.Subscriptions?.filter(({ SubscriptionArn }) => SubscriptionArn === 'PendingConfirmation');
      return pending?.map(({ Endpoint }) => Endpoint) ?? [];
    }),
  );
  const addresses = [...new Set(found.flat())];
  return addresses.length === 0 ? [] : [note(text.unconfirmed(addresses))];
};
