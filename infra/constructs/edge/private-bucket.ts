import type { S3Bucket } from '@cdktf/provider-aws/lib/s3-bucket/index.js';
import { S3BucketOwnershipControls } from '@cdktf/provider-aws/lib/s3-bucket-ownership-controls/index.js';
import { S3BucketPolicy } from '@cdktf/provider-aws/lib/s3-bucket-policy/index.js';
import { S3BucketPublicAccessBlock } from '@cdktf/provider-aws/lib/s3-bucket-public-access-block/index.js';
import { S3BucketServerSideEncryptionConfigurationA } from '@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration/index.js';
import type { Construct } from 'constructs';
import { policy, type Statement } from '../identity/policy.ts';

/**
 * Makes a bucket private: no ACLs, no public access, HTTPS only, and encrypted with SSE-S3.
 *
 * @param statements what AWS's services may do in it
 */
export function makePrivate(
  scope: Construct,
  { arn, bucket }: S3Bucket,
  statements: readonly Statement[],
): S3BucketPolicy {
  new S3BucketOwnershipControls(scope, 'ownership', { bucket, rule: { objectOwnership: 'BucketOwnerEnforced' } });
  new S3BucketServerSideEncryptionConfigurationA(scope, 'encryption', {
    bucket,
    rule: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: 'AES256' } }],
  });
  const isPrivate = new S3BucketPublicAccessBlock(scope, 'private', {
    bucket,
    blockPublicAcls: true,
    blockPublicPolicy: true,
    ignorePublicAcls: true,
    restrictPublicBuckets: true,
  });
  return new S3BucketPolicy(scope, 'policy', {
    bucket,
    policy: policy([
      {
        effect: 'Deny',
        actions: ['s3:*'],
        resources: [arn, `${arn}/*`],
        principals: '*',
        conditions: { Bool: { 'aws:SecureTransport': 'false' } },
      },
      ...statements,
    ]),
    // S3 rejects concurrent changes to a bucket's access settings.
    dependsOn: [isPrivate],
  });
}
