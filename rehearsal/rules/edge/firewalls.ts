import type { Problem, Rule } from '../rule.ts';
import { valueRule } from '../rule.ts';
import { waf } from '../sources.ts';
import { blocks, numbers, texts } from '../values.ts';

const types = ['aws_wafv2_web_acl'];
const code = 'WAFInvalidParameterException';

/** Capacity units of AWS's managed rule groups. */
const managed: Readonly<Record<string, number>> = {
  AWSManagedRulesCommonRuleSet: 700,
  AWSManagedRulesAdminProtectionRuleSet: 100,
  AWSManagedRulesKnownBadInputsRuleSet: 200,
  AWSManagedRulesSQLiRuleSet: 200,
  AWSManagedRulesLinuxRuleSet: 200,
  AWSManagedRulesUnixRuleSet: 100,
  AWSManagedRulesWindowsRuleSet: 200,
  AWSManagedRulesPHPRuleSet: 100,
  AWSManagedRulesWordPressRuleSet: 100,
  AWSManagedRulesAmazonIpReputationList: 25,
  AWSManagedRulesAnonymousIpList: 50,
};

/** Rules have distinct priorities and names. */
const distinct = valueRule({
  id: 'firewall-rules-distinct',
  types,
  source: waf('CreateWebACL'),
  check: (after) => [
    ...twice(numbers(after, 'rule.priority'), 'priority'),
    ...twice(texts(after, 'rule.name'), 'name'),
  ],
});

/** A rule group has an override action, any other statement an action. */
const actions = valueRule({
  id: 'firewall-actions',
  types,
  source: waf('Rule'),
  check: (after) =>
    blocks(after, 'rule').flatMap(({ path, value }): Problem[] => {
      const isGroup = ['managed_rule_group_statement', 'rule_group_reference_statement'].some(
        (name) => blocks(value, `statement.${name}`).length > 0,
      );
      const [wanted, other] = isGroup ? ['override_action', 'action'] : ['action', 'override_action'];
      const isRight = blocks(value, wanted).length > 0 && blocks(value, other).length === 0;
      const message = `A rule with ${isGroup ? 'a group' : 'a statement'} takes ${wanted} and no ${other}`;
      return isRight ? [] : [{ code, message, path }];
    }),
});

/** The managed rule groups alone stay within 5,000 capacity units. */
const capacity = valueRule({
  id: 'firewall-capacity',
  types,
  source:
    'https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html and https://docs.aws.amazon.com/waf/latest/developerguide/limits.html',
  check: (after) => {
    const units = texts(after, 'rule.statement.managed_rule_group_statement.name').reduce(
      (sum, { value }) => sum + (managed[value] ?? 0),
      0,
    );
    const message = `The web ACL needs ${units} capacity units, more than 5000`;
    return units > 5000 ? [{ code: 'WAFLimitsExceededException', message, path: 'rule' }] : [];
  },
});

/** The evaluation window of a rate limit is 1, 2, 5 or 10 minutes. */
const rates = valueRule({
  id: 'firewall-rate-window',
  types,
  source: waf('RateBasedStatement'),
  check: (after) =>
    numbers(after, 'rule.statement.rate_based_statement.evaluation_window_sec')
      .filter(({ value }) => ![60, 120, 300, 600].includes(value))
      .map(({ path, value }) => ({ code, message: `The evaluation window ${value} is not 60, 120, 300 or 600`, path })),
});

export const firewallRules: readonly Rule[] = [distinct, actions, capacity, rates];

function twice(found: readonly { readonly path: string; readonly value: string | number }[], what: string): Problem[] {
  return found
    .filter(({ value }, index) => found.findIndex((other) => other.value === value) < index)
    .map(({ path, value }) => ({ code, message: `More than one rule has the ${what} ${value}`, path }));
}
