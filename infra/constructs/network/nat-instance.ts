import { AutoscalingGroup } from '@cdktf/provider-aws/lib/autoscaling-group/index.js';
import { Eip } from '@cdktf/provider-aws/lib/eip/index.js';
import { IamInstanceProfile } from '@cdktf/provider-aws/lib/iam-instance-profile/index.js';
import { LaunchTemplate } from '@cdktf/provider-aws/lib/launch-template/index.js';
import { NetworkInterface } from '@cdktf/provider-aws/lib/network-interface/index.js';
import { Fn, type ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { ServiceRole } from '../identity/service-role.ts';
import { natScript } from './nat-script.ts';

export interface NatInstanceProps {
  /** Of the Auto Scaling group, and of everything that belongs to it. */
  readonly name: string;
  /** Source addresses to translate: the VPC's. */
  readonly cidr: string;
  readonly region: string;
  readonly subnet: { readonly id: string; readonly availabilityZone: string };
  readonly securityGroupId: string;
  /** Tags of the instance and its volume, which the provider's default tags do not reach. */
  readonly tags: Readonly<Record<string, string>>;
  /** The way to the internet, which the instance needs to become a NAT. */
  readonly dependsOn: readonly ITerraformDependable[];
}

/** Seconds until an instance that is not ready is replaced. The script takes one or two minutes. */
const readyWithin = 300;
const lifecycleHook = 'ready';

/**
 * A small instance that replaces a NAT gateway at about a fifth of the price.
 *
 * An Auto Scaling group of exactly one replaces it when it fails. The network interface and the Elastic IP outlive the
 * instance: each new one starts with that interface, so routes and the public address never change, and the instance
 * needs no right to move them. EC2 Auto Scaling supports this for a group that names a zone and no subnet
 * (https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateAutoScalingGroup.html, AvailabilityZones).
 *
 * - Only one instance at a time can have the interface, so a replacement terminates the old one first. Meanwhile,
 *   three to five minutes, nothing that uses this NAT reaches the internet.
 * - A changed launch template, and so a changed script, replaces the instance.
 * - The instance counts as in service once its script has succeeded (lifecycle hook). A first deployment therefore
 *   fails if NAT does not work, and the alarm sees an instance that is up but does not forward.
 * - A new instance has the newest image. A newer image alone replaces nothing.
 * - It has the bandwidth of a t4g.nano: up to 5 Gbit/s in bursts, 32 Mbit/s without.
 */
export class NatInstance extends Construct {
  readonly networkInterfaceId: string;
  readonly autoScalingGroupName: string;

  constructor(scope: Construct, id: string, props: NatInstanceProps) {
    super(scope, id);
    const { cidr, name, region, securityGroupId, subnet } = props;
    const networkInterface = new NetworkInterface(this, 'interface', {
      subnetId: subnet.id,
      description: 'NAT instance',
      securityGroups: [securityGroupId],
      // NAT forwards packets that are not addressed to the instance.
      sourceDestCheck: false,
      tags: { Name: name },
    });
    const address = new Eip(this, 'address', {
      domain: 'vpc',
      networkInterface: networkInterface.id,
      tags: { Name: name },
      // AWS detaches no internet gateway from a VPC that has a public address.
      dependsOn: [...props.dependsOn],
    });
    const role = new ServiceRole(this, 'role', {
      name,
      service: 'ec2.amazonaws.com',
      statements: [
        {
          actions: ['autoscaling:CompleteLifecycleAction'],
          resources: [`arn:aws:autoscaling:*:*:autoScalingGroup:*:autoScalingGroupName/${name}`],
        },
      ],
    });
    const profile = new IamInstanceProfile(this, 'profile', { name, role: role.name });
    const tags = { ...props.tags, Name: name };
    const template = new LaunchTemplate(this, 'template', {
      name,
      // Resolved at each launch. With the id of an image, every release of Amazon Linux would replace the instance.
      imageId: 'resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64',
      instanceType: 't4g.nano',
      iamInstanceProfile: { arn: profile.arn },
      networkInterfaces: [{ deviceIndex: 0, networkInterfaceId: networkInterface.id, deleteOnTermination: 'false' }],
      metadataOptions: { httpEndpoint: 'enabled', httpTokens: 'required', httpPutResponseHopLimit: 1 },
      blockDeviceMappings: [{ deviceName: '/dev/xvda', ebs: { encrypted: 'true', volumeType: 'gp3', volumeSize: 8 } }],
      tagSpecifications: [{ resourceType: 'volume', tags }],
      userData: Buffer.from(natScript({ cidr, region, lifecycleHook, autoScalingGroup: name })).toString('base64'),
    });
    const group = new AutoscalingGroup(this, 'group', {
      name,
      minSize: 1,
      maxSize: 1,
      availabilityZones: [subnet.availabilityZone],
      launchTemplate: { id: template.id, version: Fn.tostring(template.latestVersion) },
      enabledMetrics: ['GroupInServiceInstances'],
      initialLifecycleHook: [
        {
          name: lifecycleHook,
          lifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
          heartbeatTimeout: readyWithin,
          defaultResult: 'ABANDON',
        },
      ],
      instanceMaintenancePolicy: { minHealthyPercentage: 0, maxHealthyPercentage: 100 },
      instanceRefresh: { strategy: 'Rolling', preferences: { minHealthyPercentage: 0, maxHealthyPercentage: 100 } },
      tag: Object.entries(tags).map(([key, value]) => ({ key, value, propagateAtLaunch: true })),
      dependsOn: [address, ...role.permissions],
    });
    this.networkInterfaceId = networkInterface.id;
    this.autoScalingGroupName = group.name;
  }
}
