/**
 * Regions for deployments, and the ids of the zones in each that EKS or CloudFront's VPC origins refuse. A zone's id is
 * the same in all accounts, unlike its name. Every region here is enabled by default, supports VPC origins, and has at
 * least three zones left. So us-west-1 is not here: an account sees only two of its zones.
 *
 * EKS: https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html
 * VPC origins: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html
 */
export const unsupportedZones = {
  'ap-northeast-1': ['apne1-az3'],
  'ap-south-1': [],
  'ap-southeast-1': [],
  'ap-southeast-2': [],
  'ca-central-1': ['cac1-az3'],
  'eu-central-1': [],
  'eu-north-1': [],
  'eu-west-1': [],
  'eu-west-2': [],
  'eu-west-3': [],
  'sa-east-1': [],
  'us-east-1': ['use1-az3'],
  'us-east-2': [],
  'us-west-2': [],
} as const satisfies Record<string, readonly string[]>;

export type Region = keyof typeof unsupportedZones;

export const regions = Object.keys(unsupportedZones) as Region[];
