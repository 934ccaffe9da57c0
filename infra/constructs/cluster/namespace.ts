import { NamespaceV1 } from '@cdktf/provider-kubernetes/lib/namespace-v1/index.js';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { namespaces } from 'platform';
import { NetworkPolicy } from './network-policy.ts';

/** Kubernetes' Pod Security Standards, from the strictest. */
type Standard = 'restricted' | 'baseline' | 'privileged';

export interface NamespaceProps {
  readonly name: string;
  /** Pods that do not keep to it are refused. */
  readonly standard: Standard;
  /** Pods that do not keep to it are warned of and written down; the same as `standard` by default. */
  readonly aim?: Standard;
  readonly labels?: Record<string, string>;
  readonly dependsOn: readonly ITerraformDependable[];
}

/** A namespace in which nobody reaches anybody, but the cluster's DNS, until a policy allows it. */
export class Namespace extends Construct {
  readonly name: string;
  /** What its pods wait for, and are deleted before. */
  readonly ready: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, props: NamespaceProps) {
    super(scope, id);
    const { aim = props.standard, name, standard } = props;
    const namespace = new NamespaceV1(this, 'namespace', {
      metadata: {
        name,
        labels: {
          'pod-security.kubernetes.io/enforce': standard,
          'pod-security.kubernetes.io/warn': aim,
          'pod-security.kubernetes.io/audit': aim,
          ...props.labels,
        },
      },
      // A namespace is gone when all that is in it is; pods take their time to leave the load balancer.
      timeouts: { delete: '15m' },
      dependsOn: [...props.dependsOn],
    });
    this.name = name;
    const policies = [
      new NetworkPolicy(this, 'default-deny', {
        name: 'default-deny',
        namespace: name,
        ingress: [],
        egress: [],
        dependsOn: [namespace],
      }),
      new NetworkPolicy(this, 'dns', {
        name: 'dns',
        namespace: name,
        egress: [
          {
            peers: [{ namespace: namespaces.system, pods: { 'k8s-app': 'kube-dns' } }],
            ports: [{ port: 53, protocol: 'UDP' }, { port: 53 }],
          },
        ],
        dependsOn: [namespace],
      }),
    ];
    this.ready = [namespace, ...policies.map(({ policy }) => policy)];
  }
}
