import { AutoscalingGroupTagA } from '@cdktf/provider-aws/lib/autoscaling-group-tag/index.js';
import { EksNodeGroup } from '@cdktf/provider-aws/lib/eks-node-group/index.js';
import { LaunchTemplate } from '@cdktf/provider-aws/lib/launch-template/index.js';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { type EnvironmentName, environmentTag } from 'platform';
import type { ClusterChoices, NodeChoices } from '../../environments/environment.ts';

export interface NodeGroupProps {
  readonly environment: EnvironmentName;
  readonly name: string;
  readonly clusterName: string;
  /** Kubernetes version, the same as the control plane's. */
  readonly version: string;
  /** Release of EKS's node image. */
  readonly release: string;
  readonly architecture: ClusterChoices['architecture'];
  readonly nodes: NodeChoices;
  /** Whether schedules set the group's sizes, evening and morning. */
  readonly sleepsAtNight: boolean;
  readonly capacity: 'SPOT' | 'ON_DEMAND';
  readonly roleArn: string;
  readonly subnetIds: readonly string[];
  readonly labels?: Record<string, string>;
  readonly taints?: readonly {
    readonly key: string;
    readonly value: string;
    readonly effect: 'NO_SCHEDULE' | 'PREFER_NO_SCHEDULE';
  }[];
  readonly tags: Record<string, string>;
  readonly dependsOn: readonly ITerraformDependable[];
}

const images = { x86_64: 'AL2023_x86_64_STANDARD', arm64: 'AL2023_ARM_64_STANDARD' } as const;

/** An EKS managed node group. EKS drains and replaces a spot node before AWS interrupts it. */
export class NodeGroup extends Construct {
  readonly nodeGroup: EksNodeGroup;
  /** The Auto Scaling group that EKS creates, for schedules and alarms. */
  readonly autoScalingGroupName: string;

  constructor(scope: Construct, id: string, props: NodeGroupProps) {
    super(scope, id);
    const template = new LaunchTemplate(this, 'template', {
      name: props.name,
      updateDefaultVersion: true,
      blockDeviceMappings: [
        {
          deviceName: '/dev/xvda',
          ebs: { volumeSize: props.nodes.diskSize, volumeType: 'gp3', encrypted: 'true', deleteOnTermination: 'true' },
        },
      ],
      // With a hop limit of 1, pods cannot use the node's credentials. They get their own from Pod Identity.
      metadataOptions: { httpTokens: 'required', httpPutResponseHopLimit: 1, httpEndpoint: 'enabled' },
      // The provider's default tags apply to the template but not to its instances, and costs are tracked by tags.
      tagSpecifications: ['instance', 'volume', 'network-interface'].map((resourceType) => ({
        resourceType,
        tags: { ...props.tags, Name: props.name },
      })),
    });
    this.nodeGroup = new EksNodeGroup(this, 'nodes', {
      clusterName: props.clusterName,
      nodeGroupNamePrefix: `${props.name}-`,
      version: props.version,
      releaseVersion: props.release,
      nodeRoleArn: props.roleArn,
      subnetIds: [...props.subnetIds],
      amiType: images[props.architecture],
      capacityType: props.capacity,
      instanceTypes: [...props.nodes.instanceTypes],
      scalingConfig: {
        minSize: props.nodes.minimum,
        desiredSize: props.nodes.desired,
        maxSize: props.nodes.maximum,
      },
      updateConfig: { maxUnavailable: 1 },
      nodeRepairConfig: { enabled: true },
      launchTemplate: { id: template.id, version: `\${${template.fqn}.latest_version}` },
      ...(props.labels && { labels: props.labels }),
      ...(props.taints && { taint: [...props.taints] }),
      lifecycle: {
        // Changing the instance types replaces the group: the new nodes must exist before the old ones are drained.
        createBeforeDestroy: true,
        // After creation the cluster autoscaler manages the number of nodes. Schedules also change the limits: a plan made at
        // night would differ from the one that is applied once the environment is awake.
        ignoreChanges: [props.sleepsAtNight ? 'scaling_config' : 'scaling_config[0].desired_size'],
      },
      dependsOn: [...props.dependsOn],
    });
    this.autoScalingGroupName = this.nodeGroup.resources.get(0).autoscalingGroups.get(0).name;
    // EKS gives it none of our tags. The instances have theirs from the template.
    new AutoscalingGroupTagA(this, 'tag', {
      autoscalingGroupName: this.autoScalingGroupName,
      tag: { key: environmentTag, value: props.environment, propagateAtLaunch: false },
    });
  }
}
