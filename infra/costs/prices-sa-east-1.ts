/** AWS list prices in sa-east-1, São Paulo. */
import { onDemand, type Price, type PriceList, pages, unverified, verified } from './price.ts';
import { prices as worldwide } from './prices.ts';

/** AWS's price list as it was downloaded, for some of the services. */
const downloaded = (service: string, published: string) =>
  `ulissesflores/block-storage-tco at ae5e00e, AWS's price list ${service} of ${published}`;
const ec2 = downloaded('AmazonEC2', '2026-08-10');
const eks = downloaded('AmazonEKS', '2026-08-04');
const lambda = downloaded('AWSLambda', '2026-08-10');
const loadBalancing = downloaded('AWSELB', '2026-07-20');
const s3 = downloaded('AmazonS3', '2026-08-07');
/** Single answers of AWS's price list. */
const answers = (commit: string, date: string) =>
  `aether-labs-org/plugins at ${commit}, recorded answers of AWS's price list, in effect since ${date}`;
const recorded = answers('048ef47', '2026-09-01');
const spotFeed = "alexei-led/spotinfo at 69bcec6, AWS's own list of spot prices on 2026-08-10";

/**
 * AWS bills by no region of ours: CloudFront and its firewall, and Route 53. KMS's page names one price, and no region.
 * CloudFront's visitors are in South America wherever the cluster is.
 */
const { delivered, edgeRequests, firewall, firewallRequests, firewallRule, healthCheck, toOrigin, zone } = worldwide;

const prices: PriceList['prices'] = {
  cluster: verified('EKS cluster, standard support', 0.1, 'hour', pages.eks, eks),
  clusterExtendedSupport: verified('EKS cluster, extended support, on top', 0.5, 'hour', pages.eks, eks),
  volume: verified('EBS gp3', 0.152, 'GB-month', pages.ebs, ec2),
  natGateway: verified('NAT gateway', 0.093, 'hour', pages.vpc, recorded),
  natGigabyte: verified('NAT gateway, data', 0.093, 'GB', pages.vpc, recorded),
  publicAddress: verified('Public IPv4 address', 0.005, 'hour', pages.vpc, recorded),
  betweenZones: verified(
    'Data between zones, each way',
    0.01,
    'GB',
    pages.ec2,
    downloaded('AWSDataTransfer', '2026-07-20'),
  ),
  loadBalancer: verified(
    'Application or network load balancer',
    0.034,
    'hour',
    pages.loadBalancing,
    `${loadBalancing}; ${answers('56209e2', '2026-08-01')}`,
  ),
  loadBalancerUnit: verified(
    'Application load balancer, capacity unit',
    0.011,
    'hour',
    pages.loadBalancing,
    loadBalancing,
  ),
  networkLoadBalancerUnit: verified(
    'Network load balancer, capacity unit',
    0.00825,
    'hour',
    pages.loadBalancing,
    loadBalancing,
  ),
  databaseStorage: verified(
    'RDS gp3',
    0.219,
    'GB-month',
    pages.rds,
    `ulissesflores/block-storage-tco at ae5e00e, a test of AWS's price list AmazonRDS; half of the 0.438 for two zones in ${recorded}`,
  ),
  betweenRegions: verified(
    'Data to another region',
    0.138,
    'GB',
    pages.ec2,
    `${downloaded('AWSDataTransfer', '2026-07-20')}, to us-east-1 and us-east-2`,
  ),
  ...{ delivered, edgeRequests, toOrigin, firewall, firewallRule, firewallRequests },
  logsIngested: verified('CloudWatch logs, ingested', 0.9, 'GB', pages.cloudwatch, recorded),
  logsKept: verified('CloudWatch logs, stored', 0.0408, 'GB-month', pages.cloudwatch, recorded),
  ...{ healthCheck, zone },
  key: unverified(
    'KMS key',
    1,
    'month',
    pages.kms,
    "a copy of AWS's page of 2019-03-08, which gives one price and names no region",
  ),
  objectWrites: verified('S3 PUT and LIST requests', 0.007, '1 000', pages.s3, s3),
  objectReads: verified('S3 GET requests', 0.00056, '1 000', pages.s3, s3),
  objectStorage: verified('S3', 0.0405, 'GB-month', pages.s3, s3),
  lambdaRequests: verified('Lambda requests', 0.2, 'million', pages.lambda, lambda),
  lambdaArmTime: verified('Lambda, arm64', 0.0000133334, 'GB-second', pages.lambda, lambda),
  lambdaTime: verified('Lambda, x86', 0.0000166667, 'GB-second', pages.lambda, lambda),
  fargateCpu: verified('Fargate, x86', 0.0696, 'vCPU-hour', pages.fargate, eks),
  fargateMemory: verified('Fargate, x86', 0.0076, 'GB-hour', pages.fargate, eks),
};

/** That list of EC2 has no type of the t family. EKS Auto Mode adds 12 % to each of the 155 types that are in both lists. */
const byFee = (type: string, usd: number, fee: number) =>
  unverified(
    `EC2 ${type}, on demand`,
    usd,
    'hour',
    pages.ec2,
    `EKS Auto Mode's fee for it, ${fee} an hour in ${eks}, is 12 % of the price of each type in both lists`,
  );

const instances: Readonly<Record<string, Price>> = {
  't3.medium': byFee('t3.medium', 0.0672, 0.00806),
  't3a.medium': byFee('t3a.medium', 0.0605, 0.00726),
  't3.large': byFee('t3.large', 0.1344, 0.01613),
  't3a.large': byFee('t3a.large', 0.121, 0.01452),
  'c5.large': onDemand('c5.large', 0.131, ec2),
  'c6i.large': onDemand('c6i.large', 0.131, ec2),
  'm5.large': onDemand('m5.large', 0.153, ec2),
  'm5a.large': onDemand('m5a.large', 0.138, ec2),
  'm6i.large': onDemand('m6i.large', 0.153, ec2),
  't4g.nano': unverified('EC2 t4g.nano, on demand', 0.0067, 'hour', pages.ec2, 'an eighth of t4g.medium'),
  't4g.medium': byFee('t4g.medium', 0.0536, 0.00643),
  't4g.large': byFee('t4g.large', 0.1072, 0.01286),
  'c6g.large': onDemand('c6g.large', 0.1048, ec2),
  'c7g.large': onDemand('c7g.large', 0.1111, ec2),
  'c7gd.large': onDemand('c7gd.large', 0.1408, ec2),
  'm6g.large': onDemand('m6g.large', 0.1224, ec2),
  'm7g.large': onDemand('m7g.large', 0.1301, ec2),
  'm6gd.large': onDemand('m6gd.large', 0.144, ec2),
};

const spot = (type: string, usd: number) =>
  verified(`EC2 ${type}, spot, cheapest zone`, usd, 'hour', pages.spot, spotFeed);

const spots: Readonly<Record<string, Price>> = {
  't3.medium': spot('t3.medium', 0.0131),
  't3a.medium': spot('t3a.medium', 0.0121),
  't3.large': spot('t3.large', 0.037),
  't3a.large': spot('t3a.large', 0.0255),
  't4g.medium': spot('t4g.medium', 0.0115),
  't4g.large': spot('t4g.large', 0.0201),
};

export const saEast1: PriceList = {
  region: 'sa-east-1',
  file: 'infra/costs/prices-sa-east-1.ts',
  readOn: '2026-11-28',
  prices,
  instances,
  spots,
  databases: {},
};
