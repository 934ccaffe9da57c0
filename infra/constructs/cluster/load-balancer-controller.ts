import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { type Application, nameLabel, type names, namespaces } from 'platform';
import { PodRole } from '../identity/pod-role.ts';
import type { Network } from '../network/network.ts';
import { Chart } from './chart.ts';
import type { Cluster } from './cluster.ts';
import { onePerNode } from './spread.ts';

export interface LoadBalancerControllerProps {
  readonly names: ReturnType<typeof names>;
  readonly cluster: Cluster;
  readonly network: Network;
  readonly region: string;
  /** Their pods get a readiness gate. */
  readonly applications: readonly Pick<Application, 'name'>[];
}

const serviceAccount = 'aws-load-balancer-controller';

/**
 * AWS Load Balancer Controller, used only for TargetGroupBindings: it registers ready pods in target groups. Terraform
 * manages load balancers, listeners, rules and security groups. So most features of the controller are disabled, and
 * its role has only a small part of the published policy.
 */
export class LoadBalancerController extends Construct {
  /** Bindings are created after it and deleted before it, because only the controller removes their finalizer. */
  readonly release: ITerraformDependable;

  constructor(scope: Construct, id: string, props: LoadBalancerControllerProps) {
    super(scope, id);
    const { applications, cluster, names, network, region } = props;
    const role = new PodRole(this, 'role', {
      name: names.role('load-balancer-controller'),
      clusterName: cluster.name,
      namespace: namespaces.system,
      serviceAccount,
      statements: [
        {
          actions: ['elasticloadbalancing:RegisterTargets', 'elasticloadbalancing:DeregisterTargets'],
          resources: [`arn:aws:elasticloadbalancing:${region}:*:targetgroup/${names.targetGroup('*')}/*`],
        },
        {
          // These actions do not support resource-level permissions. The controller calls the last one to clean up
          // security group rules, of which it finds none.
          actions: [
            'elasticloadbalancing:DescribeTargetGroups',
            'elasticloadbalancing:DescribeTargetHealth',
            'ec2:DescribeVpcs',
            'ec2:DescribeSecurityGroups',
          ],
          resources: ['*'],
        },
      ],
    });
    this.release = new Chart(this, 'release', {
      name: 'aws-load-balancer-controller',
      repository: 'https://aws.github.io/eks-charts',
      chart: 'aws-load-balancer-controller',
      version: '3.5.0',
      namespace: namespaces.system,
      values: [
        {
          clusterName: cluster.name,
          region,
          vpcId: network.vpcId,
          serviceAccount: { name: serviceAccount },
          replicaCount: 2,
          podDisruptionBudget: { maxUnavailable: 1 },
          topologySpreadConstraints: onePerNode({ [nameLabel]: 'aws-load-balancer-controller' }),
          resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '256Mi' } },
          // Otherwise each upgrade creates a new certificate, and pods with the old one are rejected.
          keepTLSSecret: true,
          // Without its readiness gate a pod counts as ready before the load balancer sends it requests, and a rollout
          // stops the old pods too early. The chart's default would then create pods without gates while the controller
          // is away. `Fail` refuses them until it is back, in the namespaces that are labelled for gates. Jobs have none.
          podMutatorWebhookConfig: { failurePolicy: 'Fail' },
          objectSelector: {
            matchExpressions: [{ key: nameLabel, operator: 'In', values: applications.map(({ name }) => name) }],
          },
          enableServiceMutatorWebhook: false,
          enableBackendSecurityGroup: false,
          enableShield: false,
          enableWaf: false,
          enableWafv2: false,
          createIngressClassResource: false,
          ingressClassParams: { create: false },
          controllerConfig: {
            featureGates: { EnableServiceController: false, ALBGatewayAPI: false, NLBGatewayAPI: false },
          },
        },
      ],
      dependsOn: [...cluster.ready, ...role.ready],
    });
  }
}
