import { expect, test } from '@jest/globals';
import { Domain } from '../constructs/edge/domain.ts';
import { alone } from './support/terraform.ts';

const build = (region: string, name = 'dev.example.com') =>
  alone((scope, providers) => {
    const domain = new Domain(scope, 'domain', {
      name,
      zone: 'example.com',
      region,
      takesOver: false,
      providers,
    });
    domain.pointTo({ domainName: 'd1.cloudfront.net', hostedZoneId: 'Z2FDTNDATAQYW2' });
  }, region);

test('in us-east-1 CloudFront and the load balancer share one certificate', () => {
  expect(build('us-east-1').all('aws_acm_certificate')).toHaveLength(1);
});

test('in other regions each has its own, and one record validates both', () => {
  const stack = build('sa-east-1');
  expect(
    stack
      .all('aws_acm_certificate')
      .map(({ provider }) => provider)
      .sort(),
  ).toEqual(['aws.global', undefined]);
  expect(stack.all('aws_acm_certificate_validation')).toHaveLength(2);
  expect(stack.all('aws_route53_record').filter(({ records }) => records)).toHaveLength(1);
});

test('the name points to CloudFront for IPv4 and IPv6, as a subdomain or as the zone itself', () => {
  const names = (host: string) =>
    build('us-east-1', host)
      .all('aws_route53_record')
      .filter(({ alias }) => alias)
      .map(({ name, type }) => [type, name])
      .sort();
  expect(names('dev.example.com')).toEqual([
    ['A', 'dev.example.com'],
    ['AAAA', 'dev.example.com'],
  ]);
  expect(names('signoz.dev.example.com')).toEqual([
    ['A', 'signoz.dev.example.com'],
    ['AAAA', 'signoz.dev.example.com'],
  ]);
  expect(names('example.com')).toEqual([
    ['A', 'example.com'],
    ['AAAA', 'example.com'],
  ]);
});
