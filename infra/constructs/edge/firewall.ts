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
  /** Path prefixes of the applications. */
  readonly paths: readonly string[];
  readonly providers: Pick<Providers, 'global'>;
}

/** Per IP address in five minutes. A visit makes about 20 requests; an office or mobile network shares one address. */
const requestsPerAddress = 2000;

/**
 * AWS WAF for CloudFront: blocks known attacks, addresses with a bad reputation and excessive requests at the edge.
 *
 * One web ACL protects all distributions of the environment. Two rules apply to the applications' paths only, because
 * they would block SigNoz: it keeps queries in the address of its page, which is then longer than the 2 KiB that the
 * common rules allow (https://github.com/SigNoz/signoz/issues/6870), and its dashboards are larger than a sum.
 */
export class Firewall extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, { paths, prefix, providers }: FirewallProps) {
    super(scope, id);
    // Cheapest rules first.
    const rules = [
      rateLimit(),
      managedRules('AmazonIpReputationList'),
      bodyLimit(paths),
      // SizeRestrictions_BODY blocks bodies over 8 KiB, but the API accepts twice as much; bodyLimit has its limit.
      managedRules('CommonRuleSet', { counted: ['SizeRestrictions_BODY'], paths }),
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
      // Also orders a removal: the distributions first stop using it.
      lifecycle: { createBeforeDestroy: true },
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

const bodyLimit = (paths: readonly string[]): Rule => ({
  name: 'body-limit',
  action: { block: { customResponse: { responseCode: 413 } } },
  statement: {
    and_statement: {
      statement: [
        below(paths),
        {
          size_constraint_statement: {
            comparison_operator: 'GT',
            size: limits.bodyBytes,
            // WAF inspects the first 16 KiB of a body. Longer bodies count as a match.
            field_to_match: { body: { oversize_handling: 'MATCH' } },
            text_transformation: untransformed,
          },
        },
      ],
    },
  },
});

/**
 * A rule group maintained by AWS.
 *
 * @param counted rules that only count matches
 * @param paths path prefixes to which the group applies; without them, to all
 */
const managedRules = (
  group: string,
  { counted = [], paths }: { counted?: readonly string[]; paths?: readonly string[] } = {},
): Rule => ({
  name: group,
  overrideAction: { none: {} },
  statement: {
    managed_rule_group_statement: {
      vendor_name: 'AWS',
      name: `AWSManagedRules${group}`,
      ...(counted.length > 0 && {
        rule_action_override: counted.map((name) => ({ name, action_to_use: { count: {} } })),
      }),
      ...(paths && { scope_down_statement: below(paths) }),
    },
  },
});

const untransformed = [{ priority: 0, type: 'NONE' }];

/** Requests to one of the path prefixes. The load balancer compares paths as they are sent, too. */
function below(paths: readonly string[]): object {
  const statements = paths.map((path) => ({
    byte_match_statement: {
      positional_constraint: 'STARTS_WITH',
      search_string: path,
      field_to_match: { uri_path: {} },
      text_transformation: untransformed,
    },
  }));
  // WAF wants at least two statements in an OR.
  return statements.length === 1 ? { ...statements[0] } : { or_statement: { statement: statements } };
}
