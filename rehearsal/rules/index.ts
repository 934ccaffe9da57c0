/** What AWS would refuse. All rules are pure functions of a change and the live resources. */
import type { Change, Refusal, Resource } from './change.ts';
import { autoScalingRules } from './compute/auto-scaling-groups.ts';
import { clusterRules } from './compute/clusters.ts';
import { nodeGroupRules } from './compute/node-groups.ts';
import { volumeRules } from './compute/volumes.ts';
import { databaseRules } from './database/instances.ts';
import { distributionRules } from './edge/distributions.ts';
import { firewallRules } from './edge/firewalls.ts';
import { policyRules } from './identity/policies.ts';
import { loadBalancingRules } from './load-balancing/load-balancers.ts';
import { alarmRules } from './monitoring/alarms.ts';
import { nameRules } from './naming/names.ts';
import { tagRules } from './naming/tags.ts';
import { securityGroupRules } from './network/security-groups.ts';
import { vpcRules } from './network/vpc.ts';
import { zoneRules } from './network/zones.ts';
import { quotaRules } from './quotas/quotas.ts';
import { registryRule } from './registry/check.ts';
import { applies, type Rule } from './rule.ts';
import { scheduleRules } from './schedule/schedules.ts';
import { changeRules } from './state/changes.ts';
import { inUseRules } from './state/in-use.ts';
import { protectionRules } from './state/protection.ts';
import { takenNameRules } from './state/taken-names.ts';

export * from './change.ts';
export { quotaRules } from './quotas/quotas.ts';
export { replacedBy } from './registry/replacements.ts';
export { leftBehind } from './state/changes.ts';

/** Rules about values that the registry's schemas lack. */
export const valueRules: readonly Rule[] = [
  ...vpcRules,
  ...zoneRules,
  ...securityGroupRules,
  ...loadBalancingRules,
  ...nodeGroupRules,
  ...clusterRules,
  ...volumeRules,
  ...autoScalingRules,
  ...databaseRules,
  ...policyRules,
  ...tagRules,
  ...nameRules,
  ...alarmRules,
  ...scheduleRules,
  ...distributionRules,
  ...firewallRules,
];

/** Rules about the account's live resources. */
export const stateRules: readonly Rule[] = [...takenNameRules, ...inUseRules, ...protectionRules, ...changeRules];

export const rules: readonly Rule[] = [registryRule, ...valueRules, ...stateRules];

/**
 * The reasons for which AWS would refuse a change; empty if none is documented.
 *
 * @param world the live resources, before the change
 */
export const refusalsOf = (change: Change, world: readonly Resource[]): Refusal[] => judged(rules, change, world);

/**
 * The quotas of a new account that a change exceeds. AWS raises them on request.
 *
 * @param world the live resources, before the change
 */
export const warningsOf = (change: Change, world: readonly Resource[]): Refusal[] => judged(quotaRules, change, world);

const judged = (by: readonly Rule[], change: Change, world: readonly Resource[]): Refusal[] =>
  by
    .filter((rule) => applies(rule, change.type))
    .flatMap((rule) => rule.check(change, world).map((problem) => ({ ...problem, source: rule.source })));
