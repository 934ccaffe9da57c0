import { expect, test } from '@jest/globals';
import { limits } from 'contract';
import { Firewall } from '../constructs/edge/firewall.ts';
import { alone, type Block } from './support/terraform.ts';

const stack = alone((scope, providers) => {
  new Firewall(scope, 'firewall', { prefix: 'desafio-aws-prd', providers });
}, 'sa-east-1');
const acl = stack.one('aws_wafv2_web_acl');
const statements: Block[] = acl.rule.map(({ statement }: Block) => statement);

test('the firewall is for CloudFront and therefore in us-east-1', () => {
  expect(acl).toMatchObject({ scope: 'CLOUDFRONT', provider: 'aws.global' });
});

test('bodies up to the size limit of the API pass, and larger ones are blocked', () => {
  const sizes = statements.flatMap(({ size_constraint_statement }) => size_constraint_statement ?? []);
  expect(sizes).toEqual([expect.objectContaining({ comparison_operator: 'GT', size: limits.bodyBytes })]);
  const common = statements.find(
    (block) => block.managed_rule_group_statement?.name === 'AWSManagedRulesCommonRuleSet',
  );
  expect(common?.managed_rule_group_statement.rule_action_override).toEqual([
    { name: 'SizeRestrictions_BODY', action_to_use: { count: {} } },
  ]);
});

test('an address with too many requests gets 429', () => {
  const [first] = acl.rule;
  expect(first.statement.rate_based_statement).toMatchObject({ aggregate_key_type: 'IP', evaluation_window_sec: 300 });
  expect(first.action.block.custom_response.response_code).toBe(429);
});

test('each rule has its own priority and metric', () => {
  expect(acl.rule.map(({ priority }: Block) => priority)).toEqual([0, 1, 2, 3, 4]);
  expect(new Set(acl.rule.map((rule: Block) => rule.visibility_config.metric_name)).size).toBe(5);
});
