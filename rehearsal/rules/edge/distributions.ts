import type { Values } from '../change.ts';
import type { Problem, Rule } from '../rule.ts';
import { valueRule } from '../rule.ts';
import { cloudFront } from '../sources.ts';
import { blocks, isTrue, number, numbers, texts } from '../values.ts';

const types = ['aws_cloudfront_distribution'];
const guide = 'https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/distribution-web-values-specify.html';
const behaviours = ['default_cache_behavior', 'ordered_cache_behavior'];

/** Each cache behavior targets an origin or origin group of the distribution. */
const targets = valueRule({
  id: 'distribution-target',
  types,
  source: cloudFront('DefaultCacheBehavior'),
  check: (after) => {
    const origins = [...texts(after, 'origin.origin_id'), ...texts(after, 'origin_group.origin_id')];
    const names = new Set(origins.map(({ value }) => value));
    if (blocks(after, 'origin').some(({ value }) => typeof value.origin_id === 'symbol')) return [];
    return behaviours
      .flatMap((name) => texts(after, `${name}.target_origin_id`))
      .filter(({ value }) => !names.has(value))
      .map(({ path, value }) => ({
        code: 'NoSuchOrigin',
        message: `One or more of your origins or origin groups do not exist: ${value}.`,
        path,
      }));
  },
});

/** Origin IDs are distinct. */
const originNames = valueRule({
  id: 'distribution-origin-names',
  types,
  source: cloudFront('Origin'),
  check: (after) => {
    const names = texts(after, 'origin.origin_id');
    return names
      .filter(({ value }, index) => names.findIndex((other) => other.value === value) < index)
      .map(({ path, value }) => ({
        code: 'InvalidArgument',
        message: `The origin id ${value} is not unique`,
        path,
      }));
  },
});

/** There are three valid sets of allowed methods and two of cached methods, which must be allowed. */
const methods = valueRule({
  id: 'distribution-methods',
  types,
  source: cloudFront('AllowedMethods'),
  check: (after) =>
    behaviours
      .flatMap((name) => blocks(after, name))
      .flatMap(({ path, value }): Problem[] => {
        const [allowed, cached] = [set(value, 'allowed_methods'), set(value, 'cached_methods')];
        const code = 'InvalidArgument';
        if (allowed !== '' && !allowedSets.includes(allowed)) {
          const message = 'The parameter AllowedMethods must be GET and HEAD, these and OPTIONS, or all seven methods.';
          return [{ code, message, path: `${path}.allowed_methods` }];
        }
        const isIn = cached.split(' ').every((method) => allowed === '' || allowed.split(' ').includes(method));
        const message = 'The parameter CachedMethods must be GET and HEAD, or these and OPTIONS, of AllowedMethods.';
        return cached !== '' && (!allowedSets.slice(0, 2).includes(cached) || !isIn)
          ? [{ code, message, path: `${path}.cached_methods` }]
          : [];
      }),
});

const allowedSets = ['GET HEAD', 'GET HEAD OPTIONS', 'DELETE GET HEAD OPTIONS PATCH POST PUT'];

/** MinTTL is at most DefaultTTL, which is at most MaxTTL. */
const lifetimes = valueRule({
  id: 'distribution-ttl-order',
  types,
  source: cloudFront('CreateDistribution'),
  check: (after) =>
    behaviours
      .flatMap((name) => blocks(after, name))
      .flatMap(({ path, value }) => {
        const [least, usual, most] = ['min_ttl', 'default_ttl', 'max_ttl'].map((name) => number(value, name));
        const inOrder = (least ?? 0) <= (usual ?? Infinity) && (usual ?? 0) <= (most ?? Infinity);
        return inOrder && (least ?? 0) <= (most ?? Infinity)
          ? []
          : [
              {
                code: 'InvalidTTLOrder',
                message: 'The order of the time to live values is not valid: MinTTL <= DefaultTTL <= MaxTTL.',
                path,
              },
            ];
      }),
});

/** Response and keep-alive timeouts of an origin are 1 to 180 seconds, unless the quota was raised. */
const timeouts = valueRule({
  id: 'distribution-timeouts',
  types,
  source: 'https://repost.aws/knowledge-center/cloudfront-custom-origin-response',
  check: (after) =>
    ['custom_origin_config', 'vpc_origin_config'].flatMap((kind) =>
      blocks(after, `origin.${kind}`).flatMap(({ path, value }) => [
        ...outside(value, path, 'origin_read_timeout', 'InvalidOriginReadTimeout', 'read timeout'),
        ...outside(value, path, 'origin_keepalive_timeout', 'InvalidOriginKeepaliveTimeout', 'keep alive timeout'),
      ]),
    ),
});

/** CloudFront makes 1 to 3 connection attempts, with a timeout of 1 to 10 seconds. */
const attempts = valueRule({
  id: 'distribution-connections',
  types,
  source: cloudFront('Origin'),
  check: (after) =>
    blocks(after, 'origin').flatMap(({ path, value }) => {
      const [tries, seconds] = [number(value, 'connection_attempts'), number(value, 'connection_timeout')];
      const code = 'InvalidArgument';
      return [
        ...(tries === undefined || (tries >= 1 && tries <= 3)
          ? []
          : [{ code, message: 'ConnectionAttempts must be 1 to 3', path: `${path}.connection_attempts` }]),
        ...(seconds === undefined || (seconds >= 1 && seconds <= 10)
          ? []
          : [{ code, message: 'ConnectionTimeout must be 1 to 10', path: `${path}.connection_timeout` }]),
      ];
    }),
});

/** Aliases need a certificate of the account, from us-east-1. */
const certificates = valueRule({
  id: 'distribution-certificate',
  types,
  source: cloudFront('ViewerCertificate'),
  check: (after): Problem[] => {
    const [certificate] = blocks(after, 'viewer_certificate');
    const hasAliases = Array.isArray(after.aliases) && after.aliases.length > 0;
    if (hasAliases && certificate && isTrue(certificate.value, 'cloudfront_default_certificate')) {
      const message =
        'To add an alternate domain name (CNAME) to a CloudFront distribution, you must attach a trusted certificate that validates your authorization to use the domain name.';
      return [{ code: 'InvalidViewerCertificate', message, path: 'aliases' }];
    }
    return texts(after, 'viewer_certificate.acm_certificate_arn')
      .filter(({ value }) => /^arn:[\w-]+:acm:/.test(value) && !value.includes(':acm:us-east-1:'))
      .map(({ path }) => ({
        code: 'InvalidViewerCertificate',
        message:
          "The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, or doesn't include a valid certificate chain.",
        path,
      }));
  },
});

/** Comments have at most 128 characters, origins have no scheme or path, and paths have slashes where they belong. */
const plainTexts = valueRule({
  id: 'distribution-texts',
  types,
  source: guide,
  check: (after) => [
    ...texts(after, 'comment')
      .filter(({ value }) => value.length > 128)
      .map(({ path }) => ({ code: 'InvalidArgument', message: 'The parameter Comment is too big.', path })),
    ...texts(after, 'origin.domain_name')
      .filter(({ value }) => /[:/]/.test(value) || value.length > 253)
      .map(({ path }) => ({
        code: 'InvalidArgument',
        message: 'The parameter origin name cannot contain a colon or a slash.',
        path,
      })),
    ...texts(after, 'default_root_object')
      .filter(({ value }) => value.startsWith('/'))
      .map(({ path }) => ({
        code: 'InvalidDefaultRootObject',
        message: 'The default root object file name is too big or contains an invalid character.',
        path,
      })),
    ...texts(after, 'origin.origin_path')
      .filter(({ value }) => value !== '' && (!value.startsWith('/') || value.endsWith('/')))
      .map(({ path }) => ({
        code: 'InvalidArgument',
        message: 'The parameter originPath must begin with a slash and not end with one.',
        path,
      })),
  ],
});

/** A custom origin listens on 80, 443, or a port from 1024. */
const originPorts = valueRule({
  id: 'distribution-origin-ports',
  types,
  source: 'https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesOrigin.html',
  check: (after) =>
    ['http_port', 'https_port']
      .flatMap((name) => numbers(after, `origin.custom_origin_config.${name}`))
      .filter(({ value }) => value !== 80 && value !== 443 && (value < 1024 || value > 65_535))
      .map(({ path, value }) => ({
        code: 'InvalidArgument',
        message: `The port ${value} must be 80, 443, or 1024 to 65535`,
        path,
      })),
});

/** Statuses for which a page, another status or a caching time can be set. */
const errorCodes = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];

/** An error response is for a status that CloudFront knows, once, and has a page if it has another status. */
const errorResponses = valueRule({
  id: 'distribution-error-responses',
  types,
  source: cloudFront('CustomErrorResponse'),
  check: (after) => {
    const responses = blocks(after, 'custom_error_response').map(({ path, value }) => ({
      path,
      code: number(value, 'error_code'),
      status: number(value, 'response_code') ?? 0,
      page: value.response_page_path,
    }));
    return responses.flatMap(({ code, page, path, status }, index): Problem[] => {
      const problem = (message: string) => [{ code: 'InvalidErrorCode', message, path: `${path}.error_code` }];
      if (code !== undefined && !errorCodes.includes(code)) {
        return problem(`CloudFront does not support the error code ${code}.`);
      }
      if (code !== undefined && responses.findIndex((other) => other.code === code) < index) {
        return problem(`There are two responses to the error code ${code}.`);
      }
      if (typeof page === 'string' && page !== '' && !page.startsWith('/')) {
        const message = 'The ResponsePagePath must begin with a slash.';
        return [{ code: 'InvalidArgument', message, path: `${path}.response_page_path` }];
      }
      const message = 'A ResponseCode and a ResponsePagePath must be specified together.';
      const isAlone = typeof page !== 'symbol' && (status !== 0) !== (typeof page === 'string' && page !== '');
      return isAlone ? [{ code: 'InvalidResponseCode', message, path }] : [];
    });
  },
});

/** A web ACL of CloudFront is global. */
const firewalls = valueRule({
  id: 'distribution-web-acl',
  types,
  source: cloudFront('DistributionConfig'),
  check: (after) =>
    texts(after, 'web_acl_id')
      .filter(({ value }) => /^arn:[\w-]+:wafv2:/.test(value) && !/:us-east-1:\d+:global\/webacl\//.test(value))
      .map(({ path, value }) => ({
        code: 'InvalidWebACLId',
        message: `Web ACL is not accessible by the requester: ${value}`,
        path,
      })),
});

export const distributionRules: readonly Rule[] = [
  targets,
  originNames,
  methods,
  lifetimes,
  timeouts,
  attempts,
  certificates,
  plainTexts,
  originPorts,
  errorResponses,
  firewalls,
];

const set = (values: Values, name: string): string =>
  texts(values, name)
    .map(({ value }) => value)
    .sort()
    .join(' ');

function outside(value: Values, path: string, name: string, code: string, what: string): Problem[] {
  const seconds = number(value, name);
  return seconds === undefined || (seconds >= 1 && seconds <= 180)
    ? []
    : [{ code, message: `The ${what} specified for the origin is not valid.`, path: `${path}.${name}` }];
}
