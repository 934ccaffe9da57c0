import { expect, test } from '@jest/globals';
import { AccessLogs } from '../constructs/edge/access-logs.ts';
import { logRetentionDays } from '../environments/environment.ts';
import { alone, type Block } from './support/terraform.ts';

const stack = alone((scope, providers) => {
  const logs = new AccessLogs(scope, 'access-logs', {
    prefix: 'desafio-aws-prd',
    bucketPrefix: 'desafio-aws-prd-access-logs-',
    providers,
  });
  logs.record('applications', { arn: 'arn:aws:cloudfront::123456789012:distribution/E1' });
}, 'sa-east-1');
const statements: Block[] = JSON.parse(stack.one('aws_s3_bucket_policy').policy).Statement;

test('the bucket is private, accepts only TLS, and deletes old logs', () => {
  expect(stack.one('aws_s3_bucket_public_access_block')).toMatchObject({
    block_public_acls: true,
    block_public_policy: true,
    ignore_public_acls: true,
    restrict_public_buckets: true,
  });
  expect(statements[0]).toMatchObject({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } });
  expect(stack.one('aws_s3_bucket_lifecycle_configuration').rule[0].expiration[0].days).toBe(logRetentionDays);
});

test('only the two log delivery services can write, each under its own prefix and as AWS asks for it', () => {
  const bucket = `\${${stack.one('aws_s3_bucket').address}.arn}`;
  expect(statements.slice(1)).toEqual([
    {
      Effect: 'Allow',
      Action: ['s3:PutObject'],
      Resource: [`${bucket}/alb/AWSLogs/123456789012/*`],
      Principal: { Service: 'logdelivery.elasticloadbalancing.amazonaws.com' },
    },
    {
      Effect: 'Allow',
      Action: ['s3:PutObject'],
      Resource: [`${bucket}/cloudfront/*`],
      Principal: { Service: 'delivery.logs.amazonaws.com' },
      Condition: {
        StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control', 'aws:SourceAccount': '123456789012' },
        ArnLike: { 'aws:SourceArn': 'arn:aws:logs:us-east-1:123456789012:delivery-source:*' },
      },
    },
  ]);
});

test('the bucket does not use a KMS key, which the load balancer does not support', () => {
  const [rule] = stack.one('aws_s3_bucket_server_side_encryption_configuration').rule;
  expect(rule.apply_server_side_encryption_by_default).toMatchObject({ sse_algorithm: 'AES256' });
});

test("CloudFront's logs are delivered from us-east-1, wherever the bucket is", () => {
  const parts = ['source', 'destination'].map((part) => `aws_cloudwatch_log_delivery_${part}`);
  for (const type of ['aws_cloudwatch_log_delivery', ...parts]) expect(stack.one(type).provider).toBe('aws.global');
  expect(stack.one('aws_s3_bucket').provider).toBeUndefined();
});
