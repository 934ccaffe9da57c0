import { LimitRangeV1 } from '@cdktf/provider-kubernetes/lib/limit-range-v1/index.js';
import { ResourceQuotaV1 } from '@cdktf/provider-kubernetes/lib/resource-quota-v1/index.js';
import { StorageClassV1 } from '@cdktf/provider-kubernetes/lib/storage-class-v1/index.js';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { type Application, nameLabel, type names, namespaces } from 'platform';
import { ApplicationPolicies } from '../applications/application-policies.ts';
import type { Network } from '../network/network.ts';
import { Chart } from './chart.ts';
import type { Cluster } from './cluster.ts';
import { ClusterAutoscaler } from './cluster-autoscaler.ts';
import { LoadBalancerController } from './load-balancer-controller.ts';
import { Namespace } from './namespace.ts';
import { type Allowance, NetworkPolicy } from './network-policy.ts';
import { onePerNode } from './spread.ts';

export interface ClusterServicesProps {
  readonly names: ReturnType<typeof names>;
  readonly cluster: Cluster;
  readonly network: Network;
  readonly region: string;
  /** Version of the cluster autoscaler's image. */
  readonly autoscaler: string;
  /** Minutes in which a new node must join the cluster. */
  readonly nodeProvisionMinutes: number;
  readonly applications: readonly Application[];
}

/** Namespaces that exist in every cluster and run none of our pods. Pods can be started in them too. */
const unusedNamespaces = ['default', 'kube-node-lease', 'kube-public'];

/** Egress to everything but the database, for pods that need the cluster and AWS but no application data. */
export const allButDatabase = (network: Network): Allowance => ({
  peers: [{ cidr: '0.0.0.0/0', except: network.databaseCidrs }],
});

/** Controllers and storage class that every workload needs, and the applications' namespace. */
export class ClusterServices extends Construct {
  readonly storageClass: string;
  /** Dependencies of pods with volumes. On destroy the pods go first. */
  readonly storageReady: readonly ITerraformDependable[];
  /** Dependencies of a TargetGroupBinding. On destroy the binding goes first. */
  readonly bindingsReady: readonly ITerraformDependable[];
  /** Dependencies of objects in the applications' namespace. On destroy the objects go first. */
  readonly applicationsReady: readonly ITerraformDependable[];
  readonly #props: ClusterServicesProps;

  constructor(scope: Construct, id: string, props: ClusterServicesProps) {
    super(scope, id);
    this.#props = props;
    const { applications, autoscaler, cluster, names, network, nodeProvisionMinutes, region } = props;
    const storageClass = this.#storageClass();
    this.storageClass = storageClass.metadata.name;
    this.storageReady = [storageClass];

    const controller = new LoadBalancerController(this, 'load-balancer-controller', {
      names,
      cluster,
      network,
      region,
      applications,
    });
    this.bindingsReady = [controller.release];
    new ClusterAutoscaler(this, 'cluster-autoscaler', {
      names,
      cluster,
      region,
      version: autoscaler,
      nodeProvisionMinutes,
    });
    new Chart(this, 'metrics-server', {
      name: 'metrics-server',
      repository: 'https://kubernetes-sigs.github.io/metrics-server',
      chart: 'metrics-server',
      version: '3.13.1',
      namespace: namespaces.system,
      values: [
        {
          replicas: 2,
          podDisruptionBudget: { enabled: true, maxUnavailable: 1 },
          topologySpreadConstraints: onePerNode({ [nameLabel]: 'metrics-server' }),
          resources: { requests: { cpu: '50m', memory: '100Mi' }, limits: { memory: '200Mi' } },
        },
      ],
      dependsOn: [...cluster.ready],
    });
    this.#restrictEgress();
    this.applicationsReady = this.#applications();
  }

  #storageClass(): StorageClassV1 {
    return new StorageClassV1(this, 'storage-class', {
      metadata: { name: 'gp3', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
      storageProvisioner: 'ebs.csi.aws.com',
      parameters: { type: 'gp3', encrypted: 'true' },
      // A volume cannot leave its zone, so it is created only once its pod has a node.
      volumeBindingMode: 'WaitForFirstConsumer',
      allowVolumeExpansion: true,
      reclaimPolicy: 'Delete',
      dependsOn: [...this.#props.cluster.ready],
    });
  }

  /**
   * The database's security group admits every node, and the applications' policies admit the pods' addresses: only
   * egress policies keep other pods out. Namespaces created later need one, too.
   */
  #restrictEgress(): void {
    const { cluster, network } = this.#props;
    new NetworkPolicy(this, `${namespaces.system}-all-but-database`, {
      name: 'all-but-database',
      namespace: namespaces.system,
      egress: [allButDatabase(network)],
      dependsOn: cluster.ready,
    });
    for (const namespace of unusedNamespaces) {
      new NetworkPolicy(this, `${namespace}-no-egress`, {
        name: 'no-egress',
        namespace,
        egress: [],
        dependsOn: cluster.ready,
      });
    }
  }

  #applications(): readonly ITerraformDependable[] {
    const { applications, cluster, network } = this.#props;
    const namespace = new Namespace(this, 'applications', {
      name: namespaces.applications,
      standard: 'restricted',
      // Pod readiness gate: a pod is ready, and the rollout continues, only once its target is healthy.
      labels: { 'elbv2.k8s.aws/pod-readiness-gate-inject': 'enabled' },
      // On destroy the controller must still run, to remove the finalizers of the bindings.
      dependsOn: [...cluster.ready, ...this.bindingsReady],
    });
    const metadata = { name: 'applications', namespace: namespace.name };
    new ResourceQuotaV1(this, 'quota', {
      metadata,
      spec: {
        hard: {
          // All applications at their maximum replicas during a rollout.
          pods: '40',
          'requests.cpu': '6',
          'requests.memory': '8Gi',
          'limits.memory': '16Gi',
          // These would cost money, or expose pods past the infrastructure.
          'services.loadbalancers': '0',
          'services.nodeports': '0',
          persistentvolumeclaims: '0',
        },
      },
      dependsOn: [...namespace.ready],
    });
    new LimitRangeV1(this, 'limits', {
      metadata,
      spec: {
        limit: [
          {
            type: 'Container',
            defaultRequest: { cpu: '50m', memory: '64Mi' },
            default: { memory: '256Mi' },
            max: { memory: '1Gi' },
          },
        ],
      },
      dependsOn: [...namespace.ready],
    });
    for (const application of applications) {
      new ApplicationPolicies(this, application.name, { application, network, dependsOn: namespace.ready });
    }
    return namespace.ready;
  }
}
