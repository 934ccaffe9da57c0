import { NamespaceV1 } from '@cdktf/provider-kubernetes/lib/namespace-v1/index.js';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { namespaces } from 'platform';
import { NetworkPolicy } from './network-policy.ts';

/** Pod Security Standards, strictest first. */
type Standard = 'restricted' | 'baseline' | 'privileged';

export interface NamespaceProps {
  readonly name: string;
  /** Enforced: pods that violate it are rejected. */
  readonly standard: Standard;
  /** For warnings and audit only. Defaults to `standard`. */
  readonly warnStandard?: Standard;
  readonly labels?: Record<string, string>;
  readonly dependsOn: readonly ITerraformDependable[];
}

/** A namespace that denies all traffic but DNS by default. */
export class Namespace extends Construct {
  readonly name: string;
  /** Dependencies of its pods. On destroy the pods go first. */
  readonly ready: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, props: NamespaceProps) {
    super(scope, id);
    const { name, standard, warnStandard = props.standard } = props;
    const namespace = new NamespaceV1(this, 'namespace', {
      metadata: {
        name,
        labels: {
          'pod-security.kubernetes.io/enforce': standard,
          'pod-security.kubernetes.io/warn': warnStandard,
          'pod-security.kubernetes.io/audit': warnStandard,
          ...props.labels,
        },
      },
      // Deletion waits for everything in the namespace, and pods take time to leave the load balancer.
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
