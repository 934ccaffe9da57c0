import { Construct } from 'constructs';
import { type names, namespaces } from 'platform';
import { PodRole } from '../identity/pod-role.ts';
import { Chart } from './chart.ts';
import type { Cluster } from './cluster.ts';

export interface ClusterAutoscalerProps {
  readonly names: ReturnType<typeof names>;
  readonly cluster: Cluster;
  readonly region: string;
  /** Version of its image, such as v1.36.1. */
  readonly version: string;
  /** Minutes in which a new node must join the cluster. */
  readonly nodeProvisionMinutes: number;
}

const serviceAccount = 'cluster-autoscaler';

/** Adds a node when a pod cannot be scheduled, and removes a node that has been underused for ten minutes. */
export class ClusterAutoscaler extends Construct {
  constructor(scope: Construct, id: string, props: ClusterAutoscalerProps) {
    super(scope, id);
    const { cluster, names, nodeProvisionMinutes, region, version } = props;
    const role = new PodRole(this, 'role', {
      name: names.role('cluster-autoscaler'),
      clusterName: cluster.name,
      namespace: namespaces.system,
      serviceAccount,
      statements: [
        {
          actions: ['autoscaling:SetDesiredCapacity', 'autoscaling:TerminateInstanceInAutoScalingGroup'],
          resources: [`arn:aws:autoscaling:${region}:*:autoScalingGroup:*:autoScalingGroupName/*`],
          // EKS sets this tag on the Auto Scaling groups of its node groups.
          conditions: {
            StringEquals: { [`aws:ResourceTag/k8s.io/cluster-autoscaler/${cluster.name}`]: 'owned' },
          },
        },
        {
          actions: ['eks:DescribeNodegroup'],
          resources: [`arn:aws:eks:${region}:*:nodegroup/${cluster.name}/*/*`],
        },
        {
          actions: [
            'autoscaling:DescribeAutoScalingGroups',
            'autoscaling:DescribeAutoScalingInstances',
            'autoscaling:DescribeLaunchConfigurations',
            'autoscaling:DescribeScalingActivities',
            'ec2:DescribeImages',
            'ec2:DescribeInstanceTypes',
            'ec2:DescribeLaunchTemplateVersions',
            'ec2:GetInstanceTypesFromInstanceRequirements',
          ],
          resources: ['*'],
        },
      ],
    });
    new Chart(this, 'release', {
      name: 'cluster-autoscaler',
      repository: 'https://kubernetes.github.io/autoscaler',
      chart: 'cluster-autoscaler',
      version: '9.59.0',
      namespace: namespaces.system,
      values: [
        {
          fullnameOverride: 'cluster-autoscaler',
          image: { tag: version },
          autoDiscovery: { clusterName: cluster.name },
          awsRegion: region,
          rbac: { serviceAccount: { name: serviceAccount } },
          // By name of the Auto Scaling group, which contains the node group's. The chart makes a ConfigMap of this.
          expanderPriorities: { 20: ['.*-spot-.*'], 10: ['.*'] },
          extraArgs: {
            // Spot first. A group whose new node does not join in time is left out, and another one is tried.
            expander: 'priority,least-waste',
            'max-node-provision-time': `${nodeProvisionMinutes}m0s`,
            'balance-similar-node-groups': true,
            'skip-nodes-with-local-storage': false,
            'skip-nodes-with-system-pods': false,
          },
          resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '512Mi' } },
          securityContext: { runAsNonRoot: true, runAsUser: 65534, seccompProfile: { type: 'RuntimeDefault' } },
          containerSecurityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
        },
      ],
      dependsOn: [...cluster.ready, ...role.ready],
    });
  }
}
