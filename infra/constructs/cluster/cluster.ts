import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group/index.js';
import { Ec2Tag } from '@cdktf/provider-aws/lib/ec2-tag/index.js';
import { EksAccessEntry } from '@cdktf/provider-aws/lib/eks-access-entry/index.js';
import { EksAccessPolicyAssociation } from '@cdktf/provider-aws/lib/eks-access-policy-association/index.js';
import { EksAddon } from '@cdktf/provider-aws/lib/eks-addon/index.js';
import { EksCluster } from '@cdktf/provider-aws/lib/eks-cluster/index.js';
import { KmsAlias } from '@cdktf/provider-aws/lib/kms-alias/index.js';
import { KmsKey } from '@cdktf/provider-aws/lib/kms-key/index.js';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { type EnvironmentName, environmentTag, namespaces } from 'platform';
import { type Addon, type ClusterChoices, logRetentionDays } from '../../environments/environment.ts';
import { PodRole } from '../identity/pod-role.ts';
import { ServiceRole } from '../identity/service-role.ts';
import type { Network } from '../network/network.ts';
import { NodeGroup } from './node-group.ts';
import { onePerNode } from './spread.ts';

export interface ClusterProps extends ClusterChoices {
  readonly environment: EnvironmentName;
  readonly name: string;
  /** Of its roles. */
  readonly prefix: string;
  readonly network: Network;
  readonly protected: boolean;
  /** Cluster administrators, including the apply role, by label. ARNs of roles, never of sessions. */
  readonly admins: Readonly<Record<string, string>>;
  /** CIDRs that can reach the cluster's API over the internet. If empty, the API answers only inside the VPC. */
  readonly apiCidrs: readonly string[];
  readonly tags: Record<string, string>;
}

/** Label and taint of the nodes that run SigNoz's database. */
export const storageNodeMark = { key: 'workload', value: 'storage' } as const;

/**
 * Taint of the spot nodes beside an on-demand base. The scheduler then prefers the base for every pod; no pod tolerates
 * the taint. Applications go to both, because their manifests spread them over `eks.amazonaws.com/capacityType`.
 */
const spotNodeMark = { key: 'capacity', value: 'spot' } as const;

/**
 * Nodes take addresses in blocks of 16. Otherwise a t4g.medium has addresses for 17 pods, a third of them system pods. EKS
 * reads this when it creates a node group, and then allows 110 pods on a node of this size:
 * https://docs.aws.amazon.com/eks/latest/userguide/cni-increase-ip-addresses-procedure.html
 *
 * A node has one block, and a second when fewer than two addresses are free. By default it would always keep a free block,
 * and a subnet has only 16.
 */
const prefixes = { ENABLE_PREFIX_DELEGATION: 'true', MINIMUM_IP_TARGET: '12', WARM_IP_TARGET: '2' } as const;

/** EKS, its nodes and add-ons, and the access entries of its API. */
export class Cluster extends Construct {
  readonly name: string;
  readonly endpoint: string;
  readonly certificateAuthority: string;
  /** The security group that EKS creates and attaches to the control plane and all nodes. */
  readonly nodeSecurityGroupId: string;
  readonly spotAutoScalingGroupName: string;
  /** If there is an on-demand base. */
  readonly baseAutoScalingGroupName: string | undefined;
  readonly storageAutoScalingGroupName: string;
  /** Dependencies of everything inside the cluster: API access, nodes, DNS and volumes. On destroy they go last. */
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
    // EKS gives it none of our tags, by which roles of the other environment are denied access.
    new Ec2Tag(this, 'security-group-tag', {
      resourceId: this.nodeSecurityGroupId,
      key: environmentTag,
      value: props.environment,
    });

    const access = this.#admit(props.admins);
    // Nodes become ready only with these add-ons. vpc-cni also enforces network policies.
    const network = [
      this.#addon('vpc-cni', [], {
        configurationValues: JSON.stringify({ enableNetworkPolicy: 'true', env: prefixes }),
      }),
      this.#addon('kube-proxy', []),
      this.#addon('eks-pod-identity-agent', []),
    ];
    const { base, spot, storage } = this.#nodes(network);
    const nodes = [...(base ? [base.nodeGroup] : []), spot.nodeGroup, storage.nodeGroup];
    this.baseAutoScalingGroupName = base?.autoScalingGroupName;
    this.spotAutoScalingGroupName = spot.autoScalingGroupName;
    this.storageAutoScalingGroupName = storage.autoScalingGroupName;
    const dns = this.#addon('coredns', nodes, {
      configurationValues: JSON.stringify({ topologySpreadConstraints: onePerNode({ 'k8s-app': 'kube-dns' }) }),
    });
    this.ready = [...access, ...nodes, dns, this.#volumes(nodes)];
  }

  #controlPlane(): EksCluster {
    const { name, network, apiCidrs, logTypes, prefix, version } = this.#props;
    const key = new KmsKey(this, 'secrets-key', {
      description: `${name}: Kubernetes secrets`,
      enableKeyRotation: true,
      deletionWindowInDays: 7,
    });
    new KmsAlias(this, 'secrets-key-alias', { name: `alias/${name}-secrets`, targetKeyId: key.id });
    const role = new ServiceRole(this, 'role', {
      name: `${prefix}-cluster`,
      service: 'eks.amazonaws.com',
      managedPolicies: ['AmazonEKSClusterPolicy'],
    });
    // Otherwise EKS creates the log group, with no expiry, and leaves it behind on destroy.
    const logs = new CloudwatchLogGroup(this, 'logs', {
      name: `/aws/eks/${name}/cluster`,
      retentionInDays: logRetentionDays,
    });
    return new EksCluster(this, 'control-plane', {
      name,
      version,
      roleArn: role.arn,
      // Access comes only from the entries below. The creator of the cluster gets no implicit access.
      accessConfig: { authenticationMode: 'API', bootstrapClusterCreatorAdminPermissions: false },
      // The default is extended support, at six times the price.
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

  #admit(admins: Readonly<Record<string, string>>): ITerraformDependable[] {
    return Object.entries(admins).map(([label, principalArn]) => {
      const entry = new EksAccessEntry(this, `access-${label}`, { clusterName: this.name, principalArn });
      return new EksAccessPolicyAssociation(this, `access-${label}-policy`, {
        clusterName: this.name,
        principalArn,
        policyArn: 'arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy',
        accessScope: { type: 'cluster' },
        dependsOn: [entry],
      });
    });
  }

  #addon(
    addonName: Addon,
    dependsOn: readonly ITerraformDependable[],
    options: { configurationValues?: string } = {},
  ): EksAddon {
    return new EksAddon(this, addonName, {
      clusterName: this.name,
      addonName,
      // Pinned: an update is a change of the environment file, never a surprise in the next plan.
      addonVersion: this.#props.addons[addonName],
      resolveConflictsOnCreate: 'OVERWRITE',
      resolveConflictsOnUpdate: 'OVERWRITE',
      dependsOn: [...dependsOn],
      ...options,
    });
  }

  #nodes(dependsOn: readonly ITerraformDependable[]): { base?: NodeGroup; spot: NodeGroup; storage: NodeGroup } {
    const { architecture, baseNodes, environment, name, network, nodeRelease, nodes, prefix } = this.#props;
    const { sleepsAtNight, storageCapacity, storageNodes, tags, version } = this.#props;
    const role = new ServiceRole(this, 'node-role', {
      name: `${prefix}-node`,
      service: 'ec2.amazonaws.com',
      managedPolicies: [
        'AmazonEKSWorkerNodePolicy',
        // On the node role, because the CNI starts before Pod Identity can provide credentials.
        'AmazonEKS_CNI_Policy',
        'AmazonEC2ContainerRegistryPullOnly',
      ],
    });
    const common = {
      environment,
      clusterName: this.name,
      version,
      release: nodeRelease,
      sleepsAtNight,
      architecture,
      roleArn: role.arn,
      tags,
      // Also for destroy: controllers on the nodes need access to AWS to release targets and volumes.
      dependsOn: [...dependsOn, ...role.permissions, ...network.wayOut],
    };
    // The spot nodes beside a base are in the zone that has none of it. So a lost zone takes one node at most.
    const baseZones = baseNodes ? 2 : 0;
    const spot = new NodeGroup(this, 'spot', {
      ...common,
      name: `${name}-spot`,
      nodes,
      capacity: 'SPOT',
      subnetIds: network.privateSubnetIds.slice(baseZones),
      ...(baseNodes && { taints: [{ ...spotNodeMark, effect: 'PREFER_NO_SCHEDULE' }] }),
    });
    const base =
      baseNodes &&
      new NodeGroup(this, 'base', {
        ...common,
        name: `${name}-base`,
        nodes: baseNodes,
        capacity: 'ON_DEMAND',
        subnetIds: network.privateSubnetIds.slice(0, baseZones),
      });
    const storage = new NodeGroup(this, 'storage', {
      ...common,
      name: `${name}-storage`,
      nodes: storageNodes,
      capacity: storageCapacity === 'spot' ? 'SPOT' : 'ON_DEMAND',
      // A volume cannot leave its zone, so a replacement node must be in the same zone.
      subnetIds: network.privateSubnetIds.slice(0, 1),
      labels: { [storageNodeMark.key]: storageNodeMark.value },
      taints: [{ ...storageNodeMark, effect: 'NO_SCHEDULE' }],
    });
    return { ...(base && { base }), spot, storage };
  }

  #volumes(nodes: readonly ITerraformDependable[]): EksAddon {
    const role = new PodRole(this, 'ebs-csi-role', {
      name: `${this.#props.prefix}-ebs-csi`,
      clusterName: this.name,
      namespace: namespaces.system,
      serviceAccount: 'ebs-csi-controller-sa',
      managedPolicies: ['service-role/AmazonEBSCSIDriverPolicy'],
    });
    return this.#addon('aws-ebs-csi-driver', [...nodes, ...role.ready], {
      configurationValues: JSON.stringify({ controller: { extraVolumeTags: this.#props.tags } }),
    });
  }
}
