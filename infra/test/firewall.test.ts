import { expect, test } from '@jest/globals';
import { limits } from 'contract';
import { Firewall } from '../constructs/edge/firewall.ts';
import { alone, type Block } from './support/terraform.ts';

const stack = alone((scope, providers) => {
  new Firewall(scope, 'firewall', { paths: ['/backend', '/frontend'], prefix: 'desafio-aws-prd', providers });
}, 'sa-east-1');
const acl = stack.one('aws_wafv2_web_acl');
const statements: Block[] = acl.rule.map(({ statement }: Block) => statement);

test('the firewall is for CloudFront and therefore in us-east-1', () => {
  expect(acl).toMatchObject({ scope: 'CLOUDFRONT', provider: 'aws.global' });
});

test('bodies up to the size limit of the API pass, and larger ones are blocked', () => {
  const sizes = statements
    .flatMap(({ and_statement }) => and_statement?.statement ?? [])
    .flatMap(({ size_constraint_statement }: Block) => size_constraint_statement ?? []);
  expect(sizes).toEqual([expect.objectContaining({ comparison_operator: 'GT', size: limits.bodyBytes })]);
  const common = statements.find(
    (block) => block.managed_rule_group_statement?.name === 'AWSManagedRulesCommonRuleSet',
  );
  expect(common?.managed_rule_group_statement.rule_action_override).toEqual([
    { name: 'SizeRestrictions_BODY', action_to_use: { count: {} } },
  ]);
});

const below = (path: string) => ({
  byte_match_statement: expect.objectContaining({
    positional_constraint: 'STARTS_WITH',
    search_string: path,
    field_to_match: { uri_path: {} },
  }),
});

test('SigNoz, below other paths, is spared the rules that it would break, and no other', () => {
  const paths = { or_statement: { statement: [below('/backend'), below('/frontend')] } };
  const [rate, reputation, body, common, known] = statements;
  expect(body?.and_statement.statement[0]).toEqual(paths);
  expect(common?.managed_rule_group_statement.scope_down_statement).toEqual(paths);
  for (const statement of [rate, reputation, known]) expect(JSON.stringify(statement)).not.toContain('scope_down');
});

test('with a single application, its path stands alone, because WAF refuses an OR of one', () => {
  const { rule } = alone((scope, providers) => {
    new Firewall(scope, 'firewall', { paths: ['/backend'], prefix: 'desafio-aws-prd', providers });
  }).one('aws_wafv2_web_acl');
  const [, , body, common] = rule.map(({ statement }: Block) => statement);
  expect(body.and_statement.statement[0]).toEqual(below('/backend'));
  expect(common.managed_rule_group_statement.scope_down_statement).toEqual(below('/backend'));
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
