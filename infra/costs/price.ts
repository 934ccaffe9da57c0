import type { Region } from '../environments/regions.ts';
import type { prices } from './prices.ts';

/**
 * An AWS list price in US dollars without tax. It is verified if it was read in a copy of AWS's page or price list, in a
 * list generated from AWS's own, or in a dated article that quotes it. `source` names it.
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

export type PriceName = keyof typeof prices;

/** Prices of a region. One that is not here is not known. */
export interface PriceList {
  readonly region: Region;
  /** Where to add a price, as a path in this repository. */
  readonly file: string;
  /** Day on which the sources were read, at the earliest. */
  readonly readOn: string;
  readonly prices: Readonly<Partial<Record<PriceName, Price>>>;
  /** On demand, by type. */
  readonly instances: Readonly<Record<string, Price>>;
  /** Spot prices change constantly. Types that are not here cost `spotShare` of their on-demand price, if that is known. */
  readonly spots: Readonly<Record<string, Price>>;
  /** RDS for MySQL, by class. */
  readonly databases: Readonly<Record<string, Price>>;
}

export const pages = {
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

export const verified = (what: string, usd: number, per: string, page: string, source: string): Price => ({
  what,
  usd,
  per,
  page,
  verified: true,
  source,
});
export const unverified = (what: string, usd: number, per: string, page: string, source: string): Price => ({
  ...verified(what, usd, per, page, source),
  verified: false,
});

export const onDemand = (type: string, usd: number, source: string): Price =>
  verified(`EC2 ${type}, on demand`, usd, 'hour', pages.ec2, source);

/** All prices of a list. */
export const pricesOf = ({ databases, instances, prices, spots }: PriceList): readonly Price[] =>
  [prices, instances, spots, databases].flatMap((group) => Object.values(group));
