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

/**
 * Regions to which RDS copies automated backups, by the region of the database. AWS has added some over the years;
 * `aws rds describe-source-regions --region REGION` lists those of today:
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ReplicateBackups.html#USER_ReplicateBackups.Regions
 */
export const backupRegions: Readonly<Record<Region, readonly Region[]>> = {
  'ap-northeast-1': ['ap-southeast-1', 'us-east-1', 'us-east-2', 'us-west-2'],
  'ap-south-1': ['ap-southeast-1', 'us-east-1', 'us-east-2', 'us-west-2'],
  'ap-southeast-1': ['ap-northeast-1', 'ap-south-1', 'ap-southeast-2', 'us-east-1', 'us-east-2', 'us-west-2'],
  'ap-southeast-2': ['ap-southeast-1', 'us-east-1', 'us-west-2'],
  'ca-central-1': ['eu-west-1', 'us-east-1', 'us-east-2', 'us-west-2'],
  'eu-central-1': ['eu-north-1', 'eu-west-1', 'eu-west-2', 'eu-west-3', 'us-east-1', 'us-east-2', 'us-west-2'],
  'eu-north-1': ['eu-central-1', 'eu-west-1', 'eu-west-2', 'eu-west-3', 'us-east-1'],
  'eu-west-1': [
    ...(['ca-central-1', 'eu-central-1', 'eu-north-1', 'eu-west-2', 'eu-west-3'] as const),
    ...(['us-east-1', 'us-east-2', 'us-west-2'] as const),
  ],
  'eu-west-2': ['eu-central-1', 'eu-north-1', 'eu-west-1', 'eu-west-3', 'us-east-1'],
  'eu-west-3': ['eu-central-1', 'eu-north-1', 'eu-west-1', 'eu-west-2', 'us-east-1'],
  'sa-east-1': ['us-east-1', 'us-east-2'],
  'us-east-1': [
    ...(['ap-northeast-1', 'ap-south-1', 'ap-southeast-1', 'ap-southeast-2', 'ca-central-1', 'eu-central-1'] as const),
    ...(['eu-north-1', 'eu-west-1', 'eu-west-2', 'eu-west-3', 'sa-east-1', 'us-east-2', 'us-west-2'] as const),
  ],
  'us-east-2': [
    ...(['ap-northeast-1', 'ap-south-1', 'ap-southeast-1', 'ca-central-1', 'eu-central-1', 'eu-west-1'] as const),
    ...(['sa-east-1', 'us-east-1', 'us-west-2'] as const),
  ],
  'us-west-2': [
    ...(['ap-northeast-1', 'ap-south-1', 'ap-southeast-1', 'ap-southeast-2', 'ca-central-1'] as const),
    ...(['eu-central-1', 'eu-west-1', 'us-east-1', 'us-east-2'] as const),
  ],
};
