import { globalRegion, names, teamsOf } from 'platform';
import { applications } from 'platform/applications';
import { texts } from '../command-texts.ts';
import type { Ask } from './aws.ts';
import { type Check, note } from './finding.ts';

const text = texts.doctor;
/** The tag by which the budgets and the bill tell the environments apart. */
const costTag = 'environment';

/**
 * Whether the budgets count: AWS keeps costs by a tag only from its activation on. AWS learns of a tag up to a day after
 * its first use.
 */
export const checkCostTag: Check = async ({ askGlobal }) => {
  // Only the management account of an organisation may ask.
  const answer = await askGlobal<{ CostAllocationTags?: { Status?: string }[] }>(
    ...['ce', 'list-cost-allocation-tags', '--tag-keys', costTag],
  );
  const isActive = answer?.CostAllocationTags?.some(({ Status }) => Status === 'Active') ?? true;
  return isActive ? [] : [note(text.inactiveCostTag(costTag))];
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
      const answer = await askThere<{ Subscriptions?: { SubscriptionArn?: string; Endpoint?: string }[] }>(
        ...['sns', 'list-subscriptions-by-topic', '--topic-arn', arn],
      );
      const pending = answer?.Subscriptions?.filter(({ SubscriptionArn }) => SubscriptionArn === 'PendingConfirmation');
      return pending?.map(({ Endpoint }) => Endpoint ?? '') ?? [];
    }),
  );
  const addresses = [...new Set(found.flat())];
  return addresses.length === 0 ? [] : [note(text.unconfirmed(addresses))];
};
