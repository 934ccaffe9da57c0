import {
  Wafv2WebAcl,
  type Wafv2WebAclRule,
  type Wafv2WebAclRuleVisibilityConfig,
} from '@cdktf/provider-aws/lib/wafv2-web-acl/index.js';
import { Construct } from 'constructs';
import { limits } from 'contract';
import type { Providers } from '../terraform/providers.ts';

export interface FirewallProps {
  readonly prefix: string;
  readonly providers: Pick<Providers, 'global'>;
}

/** Per IP address in five minutes. A visit makes about 20 requests; an office or mobile network shares one address. */
const requestsPerAddress = 2000;

/** AWS WAF for CloudFront: blocks known attacks, addresses with a bad reputation and excessive requests at the edge. */
export class Firewall extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, { prefix, providers }: FirewallProps) {
    super(scope, id);
    // Cheapest rules first.
    const rules = [
      rateLimit(),
      managedRules('AmazonIpReputationList'),
      bodyLimit(),
      // SizeRestrictions_BODY blocks bodies over 8 KiB, but the API accepts twice as much; bodyLimit has its limit.
      managedRules('CommonRuleSet', ['SizeRestrictions_BODY']),
      managedRules('KnownBadInputsRuleSet'),
    ];
    this.arn = new Wafv2WebAcl(this, 'acl', {
      provider: providers.global,
      name: prefix,
      description: `${prefix}: what CloudFront lets through`,
      scope: 'CLOUDFRONT',
      defaultAction: { allow: {} },
      visibilityConfig: visibility(prefix),
      rule: rules.map((rule, priority) => ({ ...rule, priority, visibilityConfig: visibility(rule.name) })),
    }).arn;
  }
}

type Rule = Omit<Wafv2WebAclRule, 'priority' | 'visibilityConfig'>;

const visibility = (metricName: string): Wafv2WebAclRuleVisibilityConfig => ({
  metricName,
  cloudwatchMetricsEnabled: true,
  sampledRequestsEnabled: true,
});

// The provider's bindings do not type statements, so `statement` uses Terraform's snake_case names.

const rateLimit = (): Rule => ({
  name: 'rate-limit',
  action: { block: { customResponse: { responseCode: 429 } } },
  statement: {
    rate_based_statement: { limit: requestsPerAddress, evaluation_window_sec: 300, aggregate_key_type: 'IP' },
  },
});

const bodyLimit = (): Rule => ({
  name: 'body-limit',
  action: { block: { customResponse: { responseCode: 413 } } },
  statement: {
    size_constraint_statement: {
      comparison_operator: 'GT',
      size: limits.bodyBytes,
      // WAF inspects the first 16 KiB of a body. Longer bodies count as a match.
      field_to_match: { body: { oversize_handling: 'MATCH' } },
      text_transformation: [{ priority: 0, type: 'NONE' }],
    },
  },
});

/** A rule group maintained by AWS. Rules in `counted` only count matches. */
const managedRules = (group: string, counted: readonly string[] = []): Rule => ({
  name: group,
  overrideAction: { none: {} },
  statement: {
    managed_rule_group_statement: {
      vendor_name: 'AWS',
      name: `AWSManagedRules${group}`,
      ...(counted.length > 0 && {
        rule_action_override: counted.map((name) => ({ name, action_to_use: { count: {} } })),
      }),
    },
  },
});
