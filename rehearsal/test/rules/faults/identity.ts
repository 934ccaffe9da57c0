import type { Values } from '../../../rules/change.ts';
import { type Fault, live, value } from './fault.ts';

const statement = { Effect: 'Allow', Action: ['s3:GetObject'], Resource: ['*'] };
const trust = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'ec2.amazonaws.com' } };
const document = (...statements: object[]) => JSON.stringify({ Version: '2012-10-17', Statement: statements });
/** A policy of the given size, not counting white space, of which it has some. */
const long = (size: number, one: object = statement): string => {
  const short = document({ ...one, Sid: '' });
  return document({ ...one, Sid: 'a'.repeat(size - short.length) }).replace('{', '{\n    ');
};
const inline = (policy: string): Values => ({ name: 'access', role: 'app', policy });

export const identityFaults: readonly Fault[] = [
  value(
    'policy-form',
    'a policy that is not JSON',
    'aws_iam_policy',
    { policy: `${document(statement)}}` },
    { policy: document(statement) },
  ),
  value(
    'policy-form',
    'a policy without statements',
    'aws_iam_policy',
    { policy: document() },
    { policy: document(statement) },
  ),
  value(
    'policy-form',
    'a policy that allows "allow"',
    'aws_iam_policy',
    { policy: document({ ...statement, Effect: 'allow' }) },
    { policy: document({ ...statement, Effect: 'Deny' }) },
  ),
  value(
    'policy-form',
    'a principal in the policy of a role',
    'aws_iam_role_policy',
    inline(document({ ...statement, Principal: '*' })),
    inline(document(statement)),
  ),
  value(
    'policy-form',
    'no resource in the policy of a role',
    'aws_iam_role_policy',
    inline(document({ Effect: 'Allow', Action: '*' })),
    inline(document({ Effect: 'Allow', NotAction: 'iam:*', NotResource: '*' })),
  ),
  value(
    'policy-form',
    'a resource in a trust policy',
    'aws_iam_role',
    { assume_role_policy: document({ ...trust, Resource: '*' }) },
    { assume_role_policy: document(trust) },
  ),
  value(
    'policy-form',
    'no principal in the policy of a bucket',
    'aws_s3_bucket_policy',
    { policy: document(statement) },
    { policy: document({ ...statement, Principal: '*' }) },
  ),
  value(
    'managed-policy-size',
    'a managed policy of 6,145 characters',
    'aws_iam_policy',
    { policy: long(6145) },
    { policy: long(6144) },
  ),
  value(
    'inline-policy-size',
    'an inline policy of 10,241 characters',
    'aws_iam_role_policy',
    inline(long(10_241)),
    inline(long(10_240)),
  ),
  value(
    'inline-policy-size',
    'inline policies of a role that have 10,241 characters together',
    'aws_iam_role_policy',
    inline(long(5_241)),
    inline(long(5_240)),
    [live('aws_iam_role_policy', { name: 'other', role: 'app', policy: long(5000) })],
  ),
  value(
    'trust-policy-size',
    'a trust policy of 2,049 characters',
    'aws_iam_role',
    { assume_role_policy: long(2049, trust) },
    { assume_role_policy: long(2048, trust) },
  ),
  value(
    'inline-policy-size',
    'a policy beside a long one of the same role',
    'aws_iam_role_policy',
    inline(long(5000)),
    { ...inline(long(5000)), name: 'other' },
    [live('aws_iam_role_policy', { name: 'other', role: 'app', policy: long(10_000) })],
  ),
  value(
    'policy-form',
    'a statement without actions',
    'aws_iam_policy',
    { policy: document({ Effect: 'Allow', Resource: '*' }) },
    { policy: document({ Effect: 'Allow', Resource: '*', NotAction: 's3:*' }) },
  ),
];
