import { AutoscalingGroup } from '@cdktf/provider-aws/lib/autoscaling-group/index.js';
import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group/index.js';
import { DataAwsAvailabilityZones } from '@cdktf/provider-aws/lib/data-aws-availability-zones/index.js';
import { DefaultSecurityGroup } from '@cdktf/provider-aws/lib/default-security-group/index.js';
import { Eip } from '@cdktf/provider-aws/lib/eip/index.js';
import { FlowLog } from '@cdktf/provider-aws/lib/flow-log/index.js';
import { InternetGateway } from '@cdktf/provider-aws/lib/internet-gateway/index.js';
import { NatGateway } from '@cdktf/provider-aws/lib/nat-gateway/index.js';
import { Route } from '@cdktf/provider-aws/lib/route/index.js';
import { RouteTable } from '@cdktf/provider-aws/lib/route-table/index.js';
import { RouteTableAssociation } from '@cdktf/provider-aws/lib/route-table-association/index.js';
import { SecurityGroup } from '@cdktf/provider-aws/lib/security-group/index.js';
import { Subnet } from '@cdktf/provider-aws/lib/subnet/index.js';
import { Vpc } from '@cdktf/provider-aws/lib/vpc/index.js';
import { VpcEndpoint } from '@cdktf/provider-aws/lib/vpc-endpoint/index.js';
import { Fn, type ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { logRetentionDays, type NetworkChoices } from '../../environments/environment.ts';
import { type Region, unsupportedZones } from '../../environments/regions.ts';
import { ServiceRole } from '../identity/service-role.ts';
import { replacedWhileInUse } from '../terraform/replaced-while-in-use.ts';
import { NatInstance } from './nat-instance.ts';

export interface NetworkProps extends NetworkChoices {
  readonly prefix: string;
  readonly clusterName: string;
  readonly region: Region;
  /** Tags of instances, which the provider's default tags do not reach. */
  readonly tags: Readonly<Record<string, string>>;
}

type Tier = 'private' | 'public' | 'database';

/** Third octet of a tier's first /24 in the VPC's /16, and the tags by which Kubernetes discovers its subnets. */
const tiers: Record<Tier, { readonly firstBlock: number; readonly tags: Record<string, string> }> = {
  private: { firstBlock: 1, tags: { 'kubernetes.io/role/internal-elb': '1' } },
  public: { firstBlock: 101, tags: { 'kubernetes.io/role/elb': '1' } },
  database: { firstBlock: 201, tags: {} },
};

const zoneIndexes = [0, 1, 2] as const;

const enoughZones = {
  condition: `\${length(self.names) >= ${zoneIndexes.length}}`,
  errorMessage: `The account can use fewer than ${zoneIndexes.length} zones of this region: choose another region in infra/settings.json.`,
};

/**
 * A VPC over three zones. Pods and the load balancer are in private subnets and reach the internet through NAT. The
 * public subnets contain only NAT. The database subnets have no internet access.
 */
export class Network extends Construct {
  readonly vpcId: string;
  readonly privateSubnetIds: readonly string[];
  readonly databaseSubnetIds: readonly string[];
  /** Addresses of nodes, pods and the load balancer. */
  readonly privateCidrs: readonly string[];
  /** Addresses of the database, for network policies, which cannot refer to security groups. */
  readonly databaseCidrs: readonly string[];
  /**
   * Dependencies of everything that needs AWS from a private subnet: NAT addresses and instances, and all routes.
   * Destroyed last.
   */
  readonly wayOut: readonly ITerraformDependable[];
  /** Auto Scaling groups of the NAT instances. None with NAT gateways. */
  readonly natGroups: readonly string[];

  readonly #props: NetworkProps;

  constructor(scope: Construct, id: string, props: NetworkProps) {
    super(scope, id);
    this.#props = props;
    this.privateCidrs = zoneIndexes.map((zone) => block(props.cidr, 'private', zone));
    this.databaseCidrs = zoneIndexes.map((zone) => block(props.cidr, 'database', zone));
    this.vpcId = new Vpc(this, 'vpc', {
      cidrBlock: props.cidr,
      enableDnsHostnames: true,
      enableDnsSupport: true,
      tags: { Name: props.prefix },
    }).id;

    // The default group has no rules, so anything launched without a security group has no network access.
    new DefaultSecurityGroup(this, 'default-security-group', { vpcId: this.vpcId, ingress: [], egress: [] });

    const zones = new DataAwsAvailabilityZones(this, 'zones', {
      state: 'available',
      excludeZoneIds: [...unsupportedZones[props.region]],
      filter: [{ name: 'opt-in-status', values: ['opt-in-not-required'] }],
      // Terraform's `element` starts again at the end of the list, so two subnets of a tier would share a zone.
      lifecycle: { postcondition: [enoughZones] },
    });
    const subnetsOf = (tier: Tier) =>
      zoneIndexes.map((zone) => this.#subnet(tier, zone, Fn.element(zones.names, zone)));
    const publicSubnets = subnetsOf('public');
    const privateSubnets = subnetsOf('private');
    this.privateSubnetIds = privateSubnets.map(({ id }) => id);
    this.databaseSubnetIds = subnetsOf('database').map(({ id }) => id);

    this.#routePublic(publicSubnets);
    this.#reachS3(this.#routePrivate(privateSubnets, publicSubnets));
    this.wayOut = this.node
      .findAll()
      .filter(
        (node) =>
          node instanceof AutoscalingGroup ||
          node instanceof Eip ||
          node instanceof Route ||
          node instanceof RouteTableAssociation,
      );
    this.natGroups = this.node
      .findAll()
      .flatMap((node) => (node instanceof NatInstance ? node.autoScalingGroupName : []));
    if (props.flowLogs) this.#recordFlows();
  }

  #subnet(tier: Tier, zone: number, availabilityZone: string): Subnet {
    return new Subnet(this, `${tier}-${zone + 1}`, {
      vpcId: this.vpcId,
      cidrBlock: block(this.#props.cidr, tier, zone),
      availabilityZone,
      mapPublicIpOnLaunch: false,
      tags: {
        Name: `${this.#props.prefix}-${tier}-${zone + 1}`,
        [`kubernetes.io/cluster/${this.#props.clusterName}`]: 'shared',
        ...tiers[tier].tags,
      },
      // A new AWS zone may change the order of the list. That must not replace subnets.
      lifecycle: { ignoreChanges: ['availability_zone'] },
    });
  }

  #routePublic(subnets: readonly Subnet[]): void {
    // CloudFront VPC origins require an internet gateway in the VPC, although their traffic does not use it.
    const gateway = new InternetGateway(this, 'internet-gateway', { vpcId: this.vpcId });
    const table = new RouteTable(this, 'public-routes', {
      vpcId: this.vpcId,
      tags: { Name: `${this.#props.prefix}-public` },
    });
    new Route(this, 'public-default', {
      routeTableId: table.id,
      destinationCidrBlock: '0.0.0.0/0',
      gatewayId: gateway.id,
    });
    subnets.forEach((subnet, zone) => {
      new RouteTableAssociation(this, `public-${zone + 1}-routes`, { subnetId: subnet.id, routeTableId: table.id });
    });
  }

  /** One route table per zone, so that a change of NAT only changes routes and never the table of a subnet. */
  #routePrivate(privateSubnets: readonly Subnet[], publicSubnets: readonly Subnet[]): RouteTable[] {
    const natTargets = this.#natTargets(publicSubnets);
    return privateSubnets.map((subnet, zone) => {
      const table = new RouteTable(this, `private-routes-${zone + 1}`, {
        vpcId: this.vpcId,
        tags: { Name: `${this.#props.prefix}-private-${zone + 1}` },
      });
      new RouteTableAssociation(this, `private-${zone + 1}-routes`, { subnetId: subnet.id, routeTableId: table.id });
      new Route(this, `private-${zone + 1}-default`, {
        routeTableId: table.id,
        destinationCidrBlock: '0.0.0.0/0',
        ...natTargets[zone % natTargets.length],
      });
      return table;
    });
  }

  #natTargets(publicSubnets: readonly Subnet[]): ({ natGatewayId: string } | { networkInterfaceId: string })[] {
    const { nat, prefix } = this.#props;
    const subnets = publicSubnets.slice(0, nat === 'per-zone' || nat === 'instance-per-zone' ? undefined : 1);
    if (nat === 'instance' || nat === 'instance-per-zone') return this.#natInstances(subnets);
    return subnets.map((subnet, zone) => {
      const address = new Eip(this, `nat-address-${zone + 1}`, { domain: 'vpc', tags: { Name: `${prefix}-nat` } });
      const gateway = new NatGateway(this, `nat-${zone + 1}`, {
        allocationId: address.id,
        subnetId: subnet.id,
        tags: { Name: `${prefix}-nat-${zone + 1}` },
        dependsOn: [this.node.findChild('public-default') as Route],
      });
      return { natGatewayId: gateway.id };
    });
  }

  #natInstances(subnets: readonly Subnet[]): NatInstance[] {
    const { cidr, prefix, region, tags } = this.#props;
    const group = new SecurityGroup(this, 'nat-security-group', {
      namePrefix: `${prefix}-nat-`,
      description: 'NAT instance: from the VPC, to the internet',
      vpcId: this.vpcId,
      ingress: [{ fromPort: 0, toPort: 0, protocol: '-1', cidrBlocks: [cidr], description: 'From the VPC' }],
      egress: [{ fromPort: 0, toPort: 0, protocol: '-1', cidrBlocks: ['0.0.0.0/0'], description: 'To the internet' }],
      lifecycle: replacedWhileInUse,
    });
    // The public ones: those of the private subnets lead to these instances, and do not exist yet.
    const dependsOn = this.node.children.filter(
      (child) => child instanceof Route || child instanceof RouteTableAssociation,
    );
    return subnets.map(
      (subnet, zone) =>
        new NatInstance(this, `nat-instance-${zone + 1}`, {
          ...{ cidr, dependsOn, region, subnet, tags },
          name: `${prefix}-nat-${zone + 1}`,
          securityGroupId: group.id,
        }),
    );
  }

  /** ECR serves image layers from S3. A gateway endpoint is free, while NAT charges per gigabyte. */
  #reachS3(tables: readonly RouteTable[]): void {
    new VpcEndpoint(this, 's3', {
      vpcId: this.vpcId,
      serviceName: `com.amazonaws.${this.#props.region}.s3`,
      vpcEndpointType: 'Gateway',
      routeTableIds: tables.map(({ id }) => id),
    });
  }

  #recordFlows(): void {
    const { prefix } = this.#props;
    const group = new CloudwatchLogGroup(this, 'flow-logs', {
      name: `/${prefix}/vpc-flow-logs`,
      retentionInDays: logRetentionDays,
    });
    const role = new ServiceRole(this, 'flow-logs-role', {
      name: `${prefix}-flow-logs`,
      service: 'vpc-flow-logs.amazonaws.com',
      statements: [
        {
          actions: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'],
          resources: [`${group.arn}:*`],
        },
      ],
    });
    new FlowLog(this, 'flow-log', {
      vpcId: this.vpcId,
      trafficType: 'ALL',
      logDestination: group.arn,
      iamRoleArn: role.arn,
      dependsOn: [...role.permissions],
    });
  }
}

/** The /24 of a tier in a zone. */
function block(cidr: string, tier: Tier, zone: number): string {
  const [first, second] = cidr.split('.');
  return `${first}.${second}.${tiers[tier].firstBlock + zone}.0/24`;
}
