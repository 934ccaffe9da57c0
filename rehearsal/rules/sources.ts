/** Documents that several rules refer to, as of November 2026. */

/** Pages of the API references. */
export const ec2 = (operation: string): string =>
  `https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_${operation}.html`;
export const elb = (operation: string): string =>
  `https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_${operation}.html`;
export const rds = (operation: string): string =>
  `https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_${operation}.html`;
export const eks = (operation: string): string =>
  `https://docs.aws.amazon.com/eks/latest/APIReference/API_${operation}.html`;
export const iam = (operation: string): string =>
  `https://docs.aws.amazon.com/IAM/latest/APIReference/API_${operation}.html`;
export const cloudFront = (operation: string): string =>
  `https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_${operation}.html`;
export const cloudWatch = (operation: string): string =>
  `https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_${operation}.html`;
export const logs = (operation: string): string =>
  `https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_${operation}.html`;
export const secretsManager = (operation: string): string =>
  `https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_${operation}.html`;
export const route53 = (operation: string): string =>
  `https://docs.aws.amazon.com/Route53/latest/APIReference/API_${operation}.html`;
export const waf = (operation: string): string =>
  `https://docs.aws.amazon.com/waf/latest/APIReference/API_${operation}.html`;
export const iamQuotas = 'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html';
