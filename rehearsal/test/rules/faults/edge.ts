import type { Values } from '../../../rules/change.ts';
import { type Fault, value } from './fault.ts';

const type = 'aws_cloudfront_distribution';
const origin = (more: Values = {}): Values => ({ origin_id: 'app', domain_name: 'app.example.com', ...more });
const behaviour = (more: Values = {}): Values => ({ target_origin_id: 'app', ...more });
const all = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'POST', 'PATCH', 'DELETE'];
const distribution = (more: Values = {}): Values => ({
  origin: [origin()],
  default_cache_behavior: [behaviour()],
  ...more,
});
const withOrigin = (more: Values) => distribution({ origin: [origin(more)] });
const withBehaviour = (more: Values) => distribution({ default_cache_behavior: [behaviour(more)] });
const withErrors = (...responses: Values[]) => distribution({ custom_error_response: responses });

const group = (name: string) => ({ managed_rule_group_statement: [{ name, vendor_name: 'AWS' }] });
const rule = (priority: number, more: Values = {}): Values => ({
  name: `rule-${priority}`,
  priority,
  override_action: [{ none: [{}] }],
  statement: [group('AWSManagedRulesCommonRuleSet')],
  ...more,
});

export const edgeFaults: readonly Fault[] = [
  value(
    'distribution-target',
    'a cache behavior for a missing origin',
    type,
    distribution({ ordered_cache_behavior: [behaviour({ target_origin_id: 'api' })] }),
    distribution({ ordered_cache_behavior: [behaviour()] }),
  ),
  value(
    'distribution-origin-names',
    'two origins of one name',
    type,
    distribution({ origin: [origin(), origin()] }),
    distribution({ origin: [origin(), origin({ origin_id: 'api' })] }),
  ),
  value(
    'distribution-methods',
    'POST without PUT, PATCH and DELETE',
    type,
    withBehaviour({ allowed_methods: ['GET', 'HEAD', 'OPTIONS', 'POST'] }),
    withBehaviour({ allowed_methods: all, cached_methods: ['GET', 'HEAD'] }),
  ),
  value(
    'distribution-methods',
    'a cached method that is not allowed',
    type,
    withBehaviour({ allowed_methods: ['GET', 'HEAD'], cached_methods: ['GET', 'HEAD', 'OPTIONS'] }),
    withBehaviour({ allowed_methods: ['GET', 'HEAD', 'OPTIONS'], cached_methods: ['GET', 'HEAD', 'OPTIONS'] }),
  ),
  value(
    'distribution-ttl-order',
    'a default TTL above the maximum',
    type,
    withBehaviour({ min_ttl: 0, default_ttl: 60, max_ttl: 59 }),
    withBehaviour({ min_ttl: 0, default_ttl: 60, max_ttl: 60 }),
  ),
  value(
    'distribution-timeouts',
    'a response timeout of 0 for a VPC origin',
    type,
    withOrigin({ vpc_origin_config: [{ vpc_origin_id: 'vo_1', origin_read_timeout: 0 }] }),
    withOrigin({ vpc_origin_config: [{ vpc_origin_id: 'vo_1', origin_read_timeout: 1 }] }),
  ),
  value(
    'distribution-timeouts',
    'a keep-alive timeout of 181 seconds',
    type,
    withOrigin({ custom_origin_config: [{ origin_keepalive_timeout: 181 }] }),
    withOrigin({ custom_origin_config: [{ origin_keepalive_timeout: 180 }] }),
  ),
  value(
    'distribution-connections',
    'four connection attempts',
    type,
    withOrigin({ connection_attempts: 4 }),
    withOrigin({ connection_attempts: 3 }),
  ),
  value(
    'distribution-connections',
    'a connection timeout of 11 seconds',
    type,
    withOrigin({ connection_timeout: 11 }),
    withOrigin({ connection_timeout: 10 }),
  ),
  value(
    'distribution-certificate',
    "an alias with CloudFront's default certificate",
    type,
    distribution({ aliases: ['example.com'], viewer_certificate: [{ cloudfront_default_certificate: true }] }),
    distribution({ aliases: [], viewer_certificate: [{ cloudfront_default_certificate: true }] }),
  ),
  value(
    'distribution-certificate',
    'a certificate from São Paulo',
    type,
    distribution({
      viewer_certificate: [{ acm_certificate_arn: 'arn:aws:acm:sa-east-1:123456789012:certificate/1' }],
    }),
    distribution({
      viewer_certificate: [{ acm_certificate_arn: 'arn:aws:acm:us-east-1:123456789012:certificate/1' }],
    }),
  ),
  value(
    'distribution-texts',
    'a comment of 129 characters',
    type,
    distribution({ comment: 'a'.repeat(129) }),
    distribution({ comment: 'a'.repeat(128) }),
  ),
  value(
    'distribution-texts',
    'an origin with a scheme',
    type,
    withOrigin({ domain_name: 'https://app.example.com' }),
    withOrigin({ domain_name: 'app.example.com' }),
  ),
  value(
    'distribution-texts',
    'a root object that begins with a slash',
    type,
    distribution({ default_root_object: '/index.html' }),
    distribution({ default_root_object: 'frontend/index.html' }),
  ),
  value(
    'distribution-origin-ports',
    'an origin on port 81',
    type,
    withOrigin({ custom_origin_config: [{ http_port: 81, https_port: 443 }] }),
    withOrigin({ custom_origin_config: [{ http_port: 1024, https_port: 443 }] }),
  ),
  value(
    'distribution-error-responses',
    'a caching time for a status that CloudFront does not cache',
    type,
    withErrors({ error_code: 429, error_caching_min_ttl: 0 }),
    withErrors({ error_code: 503, error_caching_min_ttl: 0 }),
  ),
  value(
    'distribution-error-responses',
    'two caching times for one status',
    type,
    withErrors({ error_code: 404, error_caching_min_ttl: 0 }, { error_code: 404, error_caching_min_ttl: 5 }),
    withErrors({ error_code: 404, error_caching_min_ttl: 0 }, { error_code: 403, error_caching_min_ttl: 5 }),
  ),
  value(
    'distribution-error-responses',
    'another status without a page',
    type,
    withErrors({ error_code: 404, response_code: 200 }),
    withErrors({ error_code: 404, response_code: 200, response_page_path: '/404.html' }),
  ),
  value(
    'distribution-error-responses',
    'an error page whose path does not begin with a slash',
    type,
    withErrors({ error_code: 404, response_code: 404, response_page_path: '404.html' }),
    withErrors({ error_code: 404, response_code: 404, response_page_path: '/404.html' }),
  ),
  value(
    'distribution-web-acl',
    'a web ACL of a region',
    type,
    distribution({ web_acl_id: 'arn:aws:wafv2:sa-east-1:123456789012:regional/webacl/app/1' }),
    distribution({ web_acl_id: 'arn:aws:wafv2:us-east-1:123456789012:global/webacl/app/1' }),
  ),
  value(
    'firewall-rules-distinct',
    'two rules of one priority',
    'aws_wafv2_web_acl',
    { rule: [rule(1), rule(1, { name: 'other' })] },
    { rule: [rule(1), rule(2)] },
  ),
  value(
    'firewall-rules-distinct',
    'two rules of one name',
    'aws_wafv2_web_acl',
    { rule: [rule(1), rule(2, { name: 'rule-1' })] },
    { rule: [rule(1), rule(2)] },
  ),
  value(
    'firewall-actions',
    'a rule group with an action',
    'aws_wafv2_web_acl',
    { rule: [rule(1, { action: [{ block: [{}] }], override_action: [] })] },
    { rule: [rule(1)] },
  ),
  value(
    'firewall-actions',
    'a rate limit with an override action',
    'aws_wafv2_web_acl',
    { rule: [rule(1, { statement: [{ rate_based_statement: [{ limit: 2000 }] }] })] },
    {
      rule: [
        rule(1, {
          statement: [{ rate_based_statement: [{ limit: 2000 }] }],
          action: [{ block: [{}] }],
          override_action: [],
        }),
      ],
    },
  ),
  value(
    'firewall-capacity',
    'rule groups with 5,600 capacity units',
    'aws_wafv2_web_acl',
    { rule: Array.from({ length: 8 }, (_, index) => rule(index)) },
    { rule: Array.from({ length: 7 }, (_, index) => rule(index)) },
  ),
  value(
    'firewall-rate-window',
    'a rate limit over three minutes',
    'aws_wafv2_web_acl',
    {
      rule: [
        rule(1, {
          statement: [{ rate_based_statement: [{ limit: 2000, evaluation_window_sec: 180 }] }],
          action: [{ block: [{}] }],
          override_action: [],
        }),
      ],
    },
    {
      rule: [
        rule(1, {
          statement: [{ rate_based_statement: [{ limit: 2000, evaluation_window_sec: 300 }] }],
          action: [{ block: [{}] }],
          override_action: [],
        }),
      ],
    },
  ),
  value(
    'firewall-actions',
    'a rule group without an action',
    'aws_wafv2_web_acl',
    { rule: [rule(1, { override_action: [] })] },
    { rule: [rule(1, { action: [] })] },
  ),
  value(
    'firewall-actions',
    'a rule group with both actions',
    'aws_wafv2_web_acl',
    { rule: [rule(1, { action: [{ block: [{}] }] })] },
    { rule: [rule(1)] },
  ),
  value(
    'distribution-ttl-order',
    'a minimum TTL above the default',
    type,
    withBehaviour({ min_ttl: 61, default_ttl: 60, max_ttl: 70 }),
    withBehaviour({ min_ttl: 60, default_ttl: 60, max_ttl: 70 }),
  ),
  value(
    'distribution-texts',
    'a path of an origin that ends with a slash',
    type,
    withOrigin({ origin_path: '/app/' }),
    withOrigin({ origin_path: '/app' }),
  ),
  value(
    'distribution-connections',
    'a connection timeout of 0',
    type,
    withOrigin({ connection_timeout: 0 }),
    withOrigin({ connection_timeout: 1 }),
  ),
];
