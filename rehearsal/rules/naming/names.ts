import type { Problem, Rule } from '../rule.ts';
import { valueRule } from '../rule.ts';
import { logs, route53, secretsManager } from '../sources.ts';
import { blocks, number, text, texts } from '../values.ts';

/** Secret names have at most 512 letters, digits and `/ _ + = . @ -`. */
const secrets = valueRule({
  id: 'secret-name',
  types: ['aws_secretsmanager_secret'],
  source: secretsManager('CreateSecret'),
  check: (after) =>
    texts(after, 'name')
      .filter(({ value }) => !/^[A-Za-z0-9/_+=.@-]{1,512}$/.test(value))
      .map(({ path }) => ({
        code: 'ValidationException',
        message:
          'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
        path,
      })),
});

/** The recovery window is 7 to 30 days. Terraform's 0 deletes at once. */
const recovery = valueRule({
  id: 'secret-recovery-window',
  types: ['aws_secretsmanager_secret'],
  source: secretsManager('DeleteSecret'),
  check: (after) => {
    const days = number(after, 'recovery_window_in_days');
    return days === undefined || days === 0 || (days >= 7 && days <= 30)
      ? []
      : [
          {
            code: 'InvalidParameterException',
            message: 'RecoveryWindowInDays value must be between 7 and 30 days (inclusive).',
            path: 'recovery_window_in_days',
          },
        ];
  },
});

/** Reserved prefixes and suffixes of bucket names. */
const reservedBuckets = /^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/;

/** Bucket names have 3 to 63 lower-case letters, digits, hyphens and dots. Terraform appends 26 to a prefix. */
const buckets = valueRule({
  id: 'bucket-name',
  types: ['aws_s3_bucket'],
  source: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html',
  check: (after) =>
    [
      ...texts(after, 'bucket').filter(({ value }) => isWrongBucket(value)),
      ...texts(after, 'bucket_prefix').filter(({ value }) => isWrongBucket(`${value}${'0'.repeat(26)}`)),
    ].map(({ path }) => ({ code: 'InvalidBucketName', message: 'The specified bucket is not valid.', path })),
});

/** Log group names do not begin with `aws/`. */
const logGroups = valueRule({
  id: 'log-group-name',
  types: ['aws_cloudwatch_log_group'],
  source: logs('CreateLogGroup'),
  check: (after) =>
    texts(after, 'name')
      .filter(({ value }) => value.startsWith('aws/'))
      .map(({ path }) => ({
        code: 'InvalidParameterException',
        message: "Log groups starting with 'aws/' are reserved for AWS.",
        path,
      })),
});

/** Aliases do not begin with `alias/aws/`. */
const aliases = valueRule({
  id: 'key-alias-name',
  types: ['aws_kms_alias'],
  source: 'https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html',
  check: (after) =>
    texts(after, 'name')
      .filter(({ value }) => value.startsWith('alias/aws/'))
      .map(({ path }) => ({ code: 'NotAuthorizedException', message: 'Aliases may not begin with alias/aws/', path })),
});

/** Topic names have at most 256 letters, digits, hyphens and underscores, and `.fifo` at the end of a FIFO topic's. */
const topics = valueRule({
  id: 'topic-name',
  types: ['aws_sns_topic'],
  source: 'https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html',
  check: (after) =>
    texts(after, 'name')
      .filter(({ value }) => !/^[A-Za-z0-9_-]{1,256}$/.test(value.replace(/\.fifo$/, '')))
      .map(({ path }) => ({ code: 'InvalidParameter', message: 'Invalid parameter: Topic Name', path })),
});

/** Budget names have at most 100 characters, without colons and backslashes. */
const budgets = valueRule({
  id: 'budget-name',
  types: ['aws_budgets_budget'],
  source: 'https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_Budget.html',
  check: (after) =>
    texts(after, 'name')
      .filter(({ value }) => value.length > 100 || /[:\\]|\/action\//.test(value))
      .map(({ path }) => ({
        code: 'InvalidParameterException',
        message: 'The budget name may have 100 characters, and neither a colon nor a backslash',
        path,
      })),
});

/** A budget has at most five notifications, each with at most one topic. */
const notifications = valueRule({
  id: 'budget-notifications',
  types: ['aws_budgets_budget'],
  source: 'https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_CreateBudget.html',
  check: (after) => {
    const given = blocks(after, 'notification');
    const code = 'CreationLimitExceededException';
    const tooMany = given.length > 5 ? [{ code, message: 'A budget can have up to five notifications' }] : [];
    const topicsOf = (value: (typeof given)[number]['value']) =>
      Array.isArray(value.subscriber_sns_topic_arns) ? value.subscriber_sns_topic_arns.length : 0;
    return [
      ...tooMany,
      ...given
        .filter(({ value }) => topicsOf(value) > 1)
        .map(({ path }) => ({ code, message: 'A notification can have one SNS subscriber', path })),
    ];
  },
});

/** DNS names have at most 255 characters, and labels at most 63. */
const dnsNames = valueRule({
  id: 'dns-name',
  types: ['aws_route53_record', 'aws_route53_zone'],
  source: 'https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html',
  check: (after) =>
    texts(after, 'name')
      .filter(({ value }) => value.length > 255 || value.split('.').some((label) => label.length > 63))
      .map(({ path, value }) => ({ code: 'InvalidDomainName', message: `The domain name ${value} is too long`, path })),
});

/** An alias record has no TTL, other records have one, and a CNAME record has one value. */
const records = valueRule({
  id: 'dns-record',
  types: ['aws_route53_record'],
  source: route53('ResourceRecordSet'),
  check: (after) => {
    if (typeof after.alias === 'symbol') return [];
    const isAlias = blocks(after, 'alias').length > 0;
    const hasTtl = after.ttl !== undefined && after.ttl !== null;
    const ttl = number(after, 'ttl') ?? 0;
    const problem = (message: string, path?: string): Problem[] => [
      { code: 'InvalidChangeBatch', message, ...(path === undefined ? {} : { path }) },
    ];
    if (isAlias && hasTtl) return problem('An alias record has no TTL', 'ttl');
    if (!isAlias && !hasTtl) return problem('A record that is no alias needs a TTL', 'ttl');
    if (ttl < 0 || ttl > 2_147_483_647) return problem(`The TTL ${ttl} is not valid`, 'ttl');
    const isMany = text(after, 'type') === 'CNAME' && Array.isArray(after.records) && after.records.length > 1;
    return isMany ? problem('A CNAME record has one value', 'records') : [];
  },
});

/** A zone's apex has no CNAME record. */
const apex = valueRule({
  id: 'dns-apex',
  types: ['aws_route53_record'],
  source: 'https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html#CNAMEFormat',
  check: (after, world) => {
    const [name, zoneId] = [text(after, 'name'), text(after, 'zone_id')];
    if (text(after, 'type') !== 'CNAME' || name === undefined) return [];
    const zone = world.find(({ type, values }) => type === 'aws_route53_zone' && values.zone_id === zoneId)?.values;
    const zoneName = text(zone, 'name');
    const message = `RRSet of type CNAME with DNS name ${name}. is not permitted at apex in zone ${zoneName}.`;
    return name === '' || (zoneName !== undefined && bare(name) === bare(zoneName))
      ? [{ code: 'InvalidChangeBatch', message, path: 'name' }]
      : [];
  },
});

/** Health checks run every 10 or 30 seconds, from at least three regions. */
const healthChecks = valueRule({
  id: 'health-check',
  types: ['aws_route53_health_check'],
  source: route53('HealthCheckConfig'),
  check: (after) => {
    const code = 'InvalidInput';
    const interval = number(after, 'request_interval');
    const regions = Array.isArray(after.regions) ? after.regions.length : 3;
    return [
      ...(interval === undefined || interval === 10 || interval === 30
        ? []
        : [{ code, message: `The request interval ${interval} must be 10 or 30`, path: 'request_interval' }]),
      ...(regions >= 3 ? [] : [{ code, message: 'A health check needs at least three regions', path: 'regions' }]),
    ];
  },
});

/** A certificate's domain name has at most 64 characters, and a wildcard only as its first label. */
const certificates = valueRule({
  id: 'certificate-domain',
  types: ['aws_acm_certificate'],
  source: 'https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html',
  check: (after) => {
    const form = /^(\*\.)?(((?!-)[A-Za-z0-9-]{0,62}[A-Za-z0-9])\.)+((?!-)[A-Za-z0-9-]{1,62}[A-Za-z0-9])$/;
    return texts(after, 'domain_name')
      .filter(({ value }) => value.length > 64 || !form.test(value))
      .map(({ path, value }) => ({
        code: 'InvalidDomainValidationOptionsException',
        message: `The domain name ${value} is not a fully qualified name of at most 64 characters`,
        path,
      }));
  },
});

export const nameRules: readonly Rule[] = [
  secrets,
  recovery,
  buckets,
  logGroups,
  aliases,
  topics,
  budgets,
  notifications,
  dnsNames,
  records,
  apex,
  healthChecks,
  certificates,
];

const isWrongBucket = (name: string): boolean =>
  !/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) ||
  name.includes('..') ||
  /^\d+\.\d+\.\d+\.\d+$/.test(name) ||
  reservedBuckets.test(name);

const bare = (name: string): string => name.replace(/\.$/, '').toLowerCase();
