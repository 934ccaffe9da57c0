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

test('each rule blocks what it matches, and everything else passes', () => {
  const untransformed = [{ priority: 0, type: 'NONE' }];
  const blocks = (response_code: number) => ({ action: { block: { custom_response: { response_code } } } });
  const managed = (name: string, more: object = {}) => ({
    name,
    override_action: { none: {} },
    statement: {
      managed_rule_group_statement: { vendor_name: 'AWS', name: `AWSManagedRules${name}`, ...more },
    },
  });
  const paths = expect.objectContaining({ or_statement: expect.anything() });
  expect(acl.default_action).toEqual({ allow: {} });
  expect(acl.rule.map(({ priority, visibility_config, ...rule }: Block) => rule)).toEqual([
    {
      name: 'rate-limit',
      ...blocks(429),
      statement: { rate_based_statement: { limit: 2000, evaluation_window_sec: 300, aggregate_key_type: 'IP' } },
    },
    managed('AmazonIpReputationList'),
    {
      name: 'body-limit',
      ...blocks(413),
      statement: {
        and_statement: {
          statement: [
            paths,
            {
              size_constraint_statement: {
                comparison_operator: 'GT',
                // The API's own limit. The firewall sees the first 16 KiB of a body, and counts a longer one as larger.
                size: limits.bodyBytes,
                field_to_match: { body: { oversize_handling: 'MATCH' } },
                text_transformation: untransformed,
              },
            },
          ],
        },
      },
    },
    managed('CommonRuleSet', {
      // It would block bodies that the API accepts.
      rule_action_override: [{ name: 'SizeRestrictions_BODY', action_to_use: { count: {} } }],
      scope_down_statement: paths,
    }),
    managed('KnownBadInputsRuleSet'),
  ]);
});

test('each rule has its own priority and metric', () => {
  expect(acl.rule.map(({ priority }: Block) => priority)).toEqual([0, 1, 2, 3, 4]);
  expect(new Set(acl.rule.map((rule: Block) => rule.visibility_config.metric_name)).size).toBe(5);
});
