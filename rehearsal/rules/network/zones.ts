import type { Values } from '../change.ts';
import type { Rule } from '../rule.ts';
import { valueRule } from '../rule.ts';
import { cloudFront, eks, elb, rds } from '../sources.ts';
import { blocks, text, texts } from '../values.ts';
import { find, subnets } from '../world.ts';

/** Zones that EKS does not support. */
const withoutEks = ['use1-az3', 'usw1-az2', 'cac1-az3'];
/** Zones that CloudFront VPC origins do not support. */
const withoutVpcOrigins = ['use1-az3', 'apne1-az3'];

/** An application load balancer has subnets in at least two zones, one per zone. */
const loadBalancerZones = valueRule({
  id: 'load-balancer-zones',
  types: ['aws_lb'],
  source: elb('CreateLoadBalancer'),
  check: (after, world) => {
    if ((text(after, 'load_balancer_type') ?? 'application') !== 'application') return [];
    if (isTooFew(after.subnets)) return [tooFewForLoadBalancer];
    const zones = zonesOf(subnets(world, after, 'subnets'));
    if (zones.length < texts(after, 'subnets').length) return [];
    if (new Set(zones).size < zones.length) {
      const message = 'A load balancer cannot be attached to multiple subnets in the same Availability Zone';
      return [{ code: 'InvalidConfigurationRequest', message, path: 'subnets' }];
    }
    return zones.length === 1 ? [tooFewForLoadBalancer] : [];
  },
});

const tooFewForLoadBalancer = {
  code: 'ValidationError',
  message: 'At least two subnets in two different Availability Zones must be specified',
  path: 'subnets',
};

/** A DB subnet group covers at least two zones. */
const databaseZones = valueRule({
  id: 'database-zones',
  types: ['aws_db_subnet_group'],
  source: rds('CreateDBSubnetGroup'),
  check: (after, world) => {
    const zones = zonesOf(subnets(world, after, 'subnet_ids'));
    const inOne = zones.length === texts(after, 'subnet_ids').length && new Set(zones).size === 1;
    const message =
      "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: " +
      `${zones[0] ?? 'one zone'}. Add subnets to cover at least 2 AZs.`;
    return isTooFew(after.subnet_ids) || inOne
      ? [{ code: 'DBSubnetGroupDoesNotCoverEnoughAZs', message, path: 'subnet_ids' }]
      : [];
  },
});

/** A cluster has subnets in at least two zones. */
const clusterZones = valueRule({
  id: 'cluster-zones',
  types: ['aws_eks_cluster'],
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html',
  check: (after, world) => {
    const [config] = blocks(after, 'vpc_config');
    const zones = zonesOf(subnets(world, after, 'vpc_config.subnet_ids'));
    const inOne = zones.length === texts(after, 'vpc_config.subnet_ids').length && new Set(zones).size === 1;
    return config && (isTooFew(config.value.subnet_ids) || inOne)
      ? [
          {
            code: 'InvalidParameterException',
            message: 'Subnets specified must be in at least two different AZs',
            path: `${config.path}.subnet_ids`,
          },
        ]
      : [];
  },
});

/** EKS refuses some zones. Zone IDs are the same in all accounts, unlike zone names. */
const clusterZoneIds = valueRule({
  id: 'cluster-zone-ids',
  types: ['aws_eks_cluster'],
  source: `${eks('CreateCluster')} and https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html`,
  check: (after, world) =>
    refusedZones(subnets(world, after, 'vpc_config.subnet_ids'), withoutEks).map((zone) => ({
      code: 'UnsupportedAvailabilityZoneException',
      message: `Cannot create cluster because ${zone}, the targeted Availability Zone, does not currently have sufficient capacity to support the cluster`,
      path: 'vpc_config[0].subnet_ids',
    })),
});

/** A VPC origin's load balancer is not in an unsupported zone. */
const vpcOriginZoneIds = valueRule({
  id: 'vpc-origin-zone-ids',
  types: ['aws_cloudfront_vpc_origin'],
  source: `${cloudFront('CreateVpcOrigin')} and https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html`,
  check: (after, world) => {
    const balancer = find(world, 'aws_lb', 'arn', text(after, 'vpc_origin_endpoint_config.arn') ?? '');
    return refusedZones(balancer ? subnets(world, balancer, 'subnets') : [], withoutVpcOrigins).map((zone) => ({
      code: 'InvalidArgument',
      message: `VPC origins are not available in the Availability Zone ${zone}`,
      path: 'vpc_origin_endpoint_config[0].arn',
    }));
  },
});

export const zoneRules: readonly Rule[] = [
  loadBalancerZones,
  databaseZones,
  clusterZones,
  clusterZoneIds,
  vpcOriginZoneIds,
];

const isTooFew = (list: unknown): boolean => Array.isArray(list) && list.length === 1;

const zonesOf = (found: readonly Values[]): string[] =>
  found.flatMap((subnet) => text(subnet, 'availability_zone') ?? []);

const refusedZones = (found: readonly Values[], refused: readonly string[]): string[] =>
  found.flatMap((subnet) => text(subnet, 'availability_zone_id') ?? []).filter((zone) => refused.includes(zone));
