import { CloudwatchLogDelivery } from '@cdktf/provider-aws/lib/cloudwatch-log-delivery/index.js';
import { CloudwatchLogDeliveryDestination } from '@cdktf/provider-aws/lib/cloudwatch-log-delivery-destination/index.js';
import { CloudwatchLogDeliverySource } from '@cdktf/provider-aws/lib/cloudwatch-log-delivery-source/index.js';
import { S3Bucket } from '@cdktf/provider-aws/lib/s3-bucket/index.js';
import { S3BucketLifecycleConfiguration } from '@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration/index.js';
import type { S3BucketPolicy } from '@cdktf/provider-aws/lib/s3-bucket-policy/index.js';
import { Construct } from 'constructs';
import { globalRegion } from 'platform';
import { logRetentionDays } from '../../environments/environment.ts';
import type { Providers } from '../terraform/providers.ts';
import type { Distribution } from './edge.ts';
import { makePrivate } from './private-bucket.ts';

export interface AccessLogsProps {
  readonly prefix: string;
  readonly bucketPrefix: string;
  readonly providers: Pick<Providers, 'accountId' | 'global'>;
}

/** Prefixes in the bucket. */
const folders = { loadBalancer: 'alb', cloudfront: 'cloudfront' } as const;

/** Bucket for the access logs of the load balancer and CloudFront. They expire, because they contain IP addresses. */
export class AccessLogs extends Construct {
  /** Resolves after the bucket's policy, because the load balancer writes a test file before it accepts the bucket. */
  readonly bucket: string;
  readonly #props: AccessLogsProps;
  readonly #policy: S3BucketPolicy;
  readonly #destinationArn: string;

  constructor(scope: Construct, id: string, props: AccessLogsProps) {
    super(scope, id);
    this.#props = props;
    const { bucketPrefix, prefix, providers } = props;
    const bucket = new S3Bucket(this, 'bucket', { bucketPrefix, forceDestroy: true });
    this.#policy = this.#protect(bucket);
    this.bucket = this.#policy.bucket;
    this.#destinationArn = new CloudwatchLogDeliveryDestination(this, 'destination', {
      provider: providers.global,
      name: `${prefix}-access-logs`,
      outputFormat: 'json',
      // Without a prefix here, CloudFront adds its own on creation and drops it again on every update.
      deliveryDestinationConfiguration: [{ destinationResourceArn: `${bucket.arn}/${folders.cloudfront}` }],
    }).arn;
  }

  /** Also stores the distribution's access logs (CloudFront standard logging v2). */
  record(id: string, distribution: Pick<Distribution, 'arn'>): void {
    const { prefix, providers } = this.#props;
    const source = new CloudwatchLogDeliverySource(this, `${id}-source`, {
      provider: providers.global,
      name: `${prefix}-${id}`,
      logType: 'ACCESS_LOGS',
      resourceArn: distribution.arn,
    });
    new CloudwatchLogDelivery(this, `${id}-delivery`, {
      provider: providers.global,
      deliverySourceName: source.name,
      deliveryDestinationArn: this.#destinationArn,
      dependsOn: [this.#policy],
    });
  }

  #protect(created: S3Bucket): S3BucketPolicy {
    const { accountId } = this.#props.providers;
    const { arn, bucket } = created;
    new S3BucketLifecycleConfiguration(this, 'lifecycle', {
      bucket,
      rule: [
        {
          id: 'forget',
          status: 'Enabled',
          filter: [{ prefix: '' }],
          expiration: [{ days: logRetentionDays }],
          abortIncompleteMultipartUpload: [{ daysAfterInitiation: 1 }],
        },
      ],
    });
    // Load balancers support only SSE-S3 for their log buckets, not KMS keys.
    return makePrivate(this, created, [
      {
        actions: ['s3:PutObject'],
        resources: [`${arn}/${folders.loadBalancer}/AWSLogs/${accountId}/*`],
        principals: { Service: 'logdelivery.elasticloadbalancing.amazonaws.com' },
      },
      {
        actions: ['s3:PutObject'],
        resources: [`${arn}/${folders.cloudfront}/*`],
        principals: { Service: 'delivery.logs.amazonaws.com' },
        conditions: {
          StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control', 'aws:SourceAccount': accountId },
          ArnLike: { 'aws:SourceArn': `arn:aws:logs:${globalRegion}:${accountId}:delivery-source:*` },
        },
      },
    ]);
  }
}
