import { S3Bucket } from '@cdktf/provider-aws/lib/s3-bucket/index.js';
import { S3BucketLifecycleConfiguration } from '@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration/index.js';
import { S3BucketPolicy } from '@cdktf/provider-aws/lib/s3-bucket-policy/index.js';
import { S3BucketPublicAccessBlock } from '@cdktf/provider-aws/lib/s3-bucket-public-access-block/index.js';
import { S3BucketServerSideEncryptionConfigurationA } from '@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration/index.js';
import { S3BucketVersioningA } from '@cdktf/provider-aws/lib/s3-bucket-versioning/index.js';
import type { TerraformProvider } from 'cdktf';
import { Construct } from 'constructs';
import { policy } from '../identity/policy.ts';

/** Days for which an overwritten state can be restored. */
const oldVersionDays = 90;

export interface StateBucketProps {
  readonly name: string;
  /** Of another region. Without it, the bucket is in the stack's own. */
  readonly provider?: TerraformProvider | undefined;
}

/** The bucket of Terraform's state. Protected, because without the state Terraform cannot manage any resource. */
export class StateBucket extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, { name, provider }: StateBucketProps) {
    super(scope, id);
    const at = provider ? { provider } : {};
    const bucket = new S3Bucket(this, 'bucket', { ...at, bucket: name, lifecycle: { preventDestroy: true } });
    this.arn = bucket.arn;

    const versioning = new S3BucketVersioningA(this, 'versioning', {
      ...at,
      bucket: bucket.id,
      versioningConfiguration: { status: 'Enabled' },
    });
    new S3BucketServerSideEncryptionConfigurationA(this, 'encryption', {
      ...at,
      bucket: bucket.id,
      rule: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: 'aws:kms' }, bucketKeyEnabled: true }],
    });
    const closed = new S3BucketPublicAccessBlock(this, 'closed', {
      ...at,
      bucket: bucket.id,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    new S3BucketLifecycleConfiguration(this, 'old-versions', {
      ...at,
      bucket: bucket.id,
      rule: [
        {
          id: 'old-versions',
          status: 'Enabled',
          filter: [{ prefix: '' }],
          noncurrentVersionExpiration: [{ noncurrentDays: oldVersionDays }],
          abortIncompleteMultipartUpload: [{ daysAfterInitiation: 7 }],
        },
      ],
      dependsOn: [versioning],
    });
    new S3BucketPolicy(this, 'policy', {
      ...at,
      bucket: bucket.id,
      policy: policy([
        {
          effect: 'Deny',
          actions: ['s3:*'],
          principals: '*',
          resources: [bucket.arn, `${bucket.arn}/*`],
          conditions: { Bool: { 'aws:SecureTransport': 'false' } },
        },
      ]),
      dependsOn: [closed],
    });
  }
}
