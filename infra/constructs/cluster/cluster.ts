import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group/index.js';
import { DataAwsEksAddonVersion } from '@cdktf/provider-aws/lib/data-aws-eks-addon-version/index.js';
import { EksAccessEntry } from '@cdktf/provider-aws/lib/eks-access-entry/index.js';
import { EksAccessPolicyAssociation } from '@cdktf/provider-aws/lib/eks-access-policy-association/index.js';
import { EksAddon } from '@cdktf/provider-aws/lib/eks-addon/index.js';
import { EksCluster } from '@cdktf/provider-aws/lib/eks-cluster/index.js';
import { KmsAlias } from '@cdktf/provider-aws/lib/kms-alias/index.js';
import { KmsKey } from '@cdktf/provider-aws/lib/kms-key/index.js';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { namespaces } from 'platform';
import type { ClusterChoices } from '../../environments/environment.ts';
import { PodRole } from '../identity/pod-role.ts';
import { ServiceRole } from '../identity/service-role.ts';
import type { Network } from '../network/network.ts';
import { NodeGroup } from './node-group.ts';

export interface ClusterProps extends ClusterChoices {
  readonly name: string;
  readonly network: Network;
  readonly protected: boolean;
  /** Who may do anything in the cluster, the role that applies among them: a label and the ARN of a role, never of a session. */
  readonly admins: Readonly<Record<string, string>>;
  /** Who may look at everything and change nothing: the role that plans. At secrets too, for Helm keeps its releases in them. */
  readonly viewers: Readonly<Record<string, string>>;
  /** Addresses that reach the cluster's API from the internet; with none it answers inside the VPC alone. */
  readonly apiCidrs: readonly string[];
  readonly tags: Record<string, string>;
}

/** Label and taint of the nodes that hold SigNoz's database. */
export const storageNodeMark = { key: 'workload', value: 'storage' } as const;

/** EKS, its nodes and add-ons, and who may use its API. */
export class Cluster extends Construct {
  readonly name: string;
  readonly endpoint: string;
  readonly certificateAuthority: string;
  /** EKS's own group, worn by the control plane and by every node. */
  readonly nodeSecurityGroupId: string;
  readonly spotAutoScalingGroupName: string;
  readonly storageAutoScalingGroupName: string;
  /** What everything inside the cluster waits for, and is deleted before: the right to use its API, nodes, DNS, volumes. */
  readonly ready: readonly ITerraformDependable[];

  readonly #props: ClusterProps;

  constructor(scope: Construct, id: string, props: ClusterProps) {
    super(scope, id);
    this.#props = props;
    const controlPlane = this.#controlPlane();
    this.name = controlPlane.name;
    this.endpoint = controlPlane.endpoint;
    this.certificateAuthority = controlPlane.certificateAuthority.get(0).data;
    this.nodeSecurityGroupId = controlPlane.vpcConfig.clusterSecurityGroupId;

    const access = [
      ...this.#grant('AmazonEKSClusterAdminPolicy', props.admins),
      ...this.#grant('AmazonEKSAdminViewPolicy', props.viewers),
    ];
    // A node is ready only once it has a network, so these come first; the same add-on enforces network policies.
    const network = [
      this.#addon('vpc-cni', [], { configurationValues: JSON.stringify({ enableNetworkPolicy: 'true' }) }),
      this.#addon('kube-proxy', []),
      this.#addon('eks-pod-identity-agent', []),
    ];
    const [spot, storage] = this.#nodes(network);
    const nodes = [spot.nodeGroup, storage.nodeGroup];
    this.spotAutoScalingGroupName = spot.autoScalingGroupName;
    this.storageAutoScalingGroupName = storage.autoScalingGroupName;
    this.ready = [...access, ...nodes, this.#addon('coredns', nodes), this.#volumes(nodes)];
  }

  #controlPlane(): EksCluster {
    const { name, network, apiCidrs, logTypes, version } = this.#props;
    const key = new KmsKey(this, 'secrets-key', {
      description: `${name}: Kubernetes secrets`,
      enableKeyRotation: true,
      deletionWindowInDays: 7,
    });
    new KmsAlias(this, 'secrets-key-alias', { name: `alias/${name}-secrets`, targetKeyId: key.id });
    const role = new ServiceRole(this, 'role', {
      name: `${name}-cluster`,
      service: 'eks.amazonaws.com',
      managedPolicies: ['AmazonEKSClusterPolicy'],
    });
    // EKS would make the group by itself, keep it for ever and leave it behind.
    const logs = new CloudwatchLogGroup(this, 'logs', { name: `/aws/eks/${name}/cluster`, retentionInDays: 30 });
    return new EksCluster(this, 'control-plane', {
      name,
      version,
      roleArn: role.arn,
      // Entries below say who may enter; the one who happens to create the cluster gets no right of its own.
      accessConfig: { authenticationMode: 'API', bootstrapClusterCreatorAdminPermissions: false },
      // Extended support costs six times as much and is what one gets without asking.
      upgradePolicy: { supportType: 'STANDARD' },
      bootstrapSelfManagedAddons: false,
      deletionProtection: this.#props.protected,
      enabledClusterLogTypes: [...logTypes],
      encryptionConfig: { provider: { keyArn: key.arn }, resources: ['secrets'] },
      vpcConfig: {
        subnetIds: [...network.privateSubnetIds],
        endpointPrivateAccess: true,
        endpointPublicAccess: apiCidrs.length > 0,
        ...(apiCidrs.length > 0 && { publicAccessCidrs: [...apiCidrs] }),
      },
      dependsOn: [...role.permissions, logs],
    });
  }

  #grant(policy: string, roles: Readonly<Record<string, string>>): ITerraformDependable[] {
    return Object.entries(roles).map(([label, principalArn]) => {
      const entry = new EksAccessEntry(this, `access-${label}`, { clusterName: this.name, principalArn });
      return new EksAccessPolicyAssociation(this, `access-${label}-policy`, {
        clusterName: this.name,
        principalArn,
        policyArn: `arn:aws:eks::aws:cluster-access-policy/${policy}`,
        accessScope: { type: 'cluster' },
        dependsOn: [entry],
      });
    });
  }

  /** In the version that AWS has for the control plane's, so that both rise together. */
  #addon(
    addonName: string,
    dependsOn: readonly ITerraformDependable[],
    more: { configurationValues?: string } = {},
  ): EksAddon {
    const { version } = new DataAwsEksAddonVersion(this, `${addonName}-version`, {
      addonName,
      kubernetesVersion: this.#props.version,
    });
    return new EksAddon(this, addonName, {
      clusterName: this.name,
      addonName,
      addonVersion: version,
      resolveConflictsOnCreate: 'OVERWRITE',
      resolveConflictsOnUpdate: 'OVERWRITE',
      dependsOn: [...dependsOn],
      ...more,
    });
  }

  #nodes(dependsOn: readonly ITerraformDependable[]): [spot: NodeGroup, storage: NodeGroup] {
    const { architecture, name, network, nodes, storageNodes, tags, version } = this.#props;
    const role = new ServiceRole(this, 'node-role', {
      name: `${name}-node`,
      service: 'ec2.amazonaws.com',
      managedPolicies: [
        'AmazonEKSWorkerNodePolicy',
        // The network add-on runs before Pod Identity can hand out credentials.
        'AmazonEKS_CNI_Policy',
        'AmazonEC2ContainerRegistryPullOnly',
      ],
    });
    const common = {
      clusterName: this.name,
      version,
      architecture,
      roleArn: role.arn,
      tags,
      // On destroy, too: what runs on them lets go of targets and volumes, and must still reach AWS to do so.
      dependsOn: [...dependsOn, ...role.permissions, ...network.wayOut],
    };
    const spot = new NodeGroup(this, 'spot', {
      ...common,
      name: `${name}-spot`,
      nodes,
      capacity: 'SPOT',
      subnetIds: network.privateSubnetIds,
    });
    const storage = new NodeGroup(this, 'storage', {
      ...common,
      name: `${name}-storage`,
      nodes: storageNodes,
      capacity: 'ON_DEMAND',
      // A volume never leaves its zone, so neither may the node that replaces a broken one.
      subnetIds: network.privateSubnetIds.slice(0, 1),
      labels: { [storageNodeMark.key]: storageNodeMark.value },
      taints: [{ ...storageNodeMark, effect: 'NO_SCHEDULE' }],
    });
    return [spot, storage];
  }

  #volumes(nodes: readonly ITerraformDependable[]): EksAddon {
    const role = new PodRole(this, 'ebs-csi-role', {
      name: `${this.name}-ebs-csi`,
      clusterName: this.name,
      namespace: namespaces.system,
      serviceAccount: 'ebs-csi-controller-sa',
      managedPolicies: ['service-role/AmazonEBSCSIDriverPolicy'],
    });
    return this.#addon('aws-ebs-csi-driver', [...nodes, ...role.ready]);
  }
}
