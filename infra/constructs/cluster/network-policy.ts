import { NetworkPolicyV1 } from '@cdktf/provider-kubernetes/lib/network-policy-v1/index.js';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';

/** Addresses, or pods by labels (`{}` matches all). The namespace defaults to the policy's own. */
export type Peer =
  | { readonly cidr: string; readonly except?: readonly string[] }
  | { readonly namespace?: string; readonly pods: Record<string, string> };

/** Allowed traffic. Without `ports`, all ports are allowed. */
export interface Allowance {
  readonly peers: readonly Peer[];
  readonly ports?: readonly { readonly port: number; readonly protocol?: 'TCP' | 'UDP' }[];
}

export interface NetworkPolicyProps {
  readonly name: string;
  readonly namespace: string;
  /** Labels of the pods that it applies to. Defaults to all pods of the namespace. */
  readonly pods?: Record<string, string>;
  /** If present, even empty, all other traffic to the pods is denied. If absent, it is unaffected. */
  readonly ingress?: readonly Allowance[];
  /** All other traffic from the pods is denied. */
  readonly egress: readonly Allowance[];
  readonly dependsOn: readonly ITerraformDependable[];
}

/** All public addresses: AWS's services and the rest of the internet. The database has only private addresses. */
export const internet: Peer = {
  cidr: '0.0.0.0/0',
  except: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16'],
};

/**
 * Network policies are additive: a pod may do whatever any policy that selects it allows. They do not apply to pods
 * with `hostNetwork`, which the standard `restricted` forbids.
 */
export class NetworkPolicy extends Construct {
  readonly policy: NetworkPolicyV1;

  constructor(scope: Construct, id: string, props: NetworkPolicyProps) {
    super(scope, id);
    const { egress, ingress } = props;
    this.policy = new NetworkPolicyV1(this, 'policy', {
      metadata: { name: props.name, namespace: props.namespace },
      spec: {
        podSelector: props.pods ? { matchLabels: props.pods } : {},
        policyTypes: [...(ingress ? ['Ingress'] : []), 'Egress'],
        ...(ingress?.length && { ingress: ingress.map((rule) => ({ from: rule.peers.map(peer), ...ports(rule) })) }),
        ...(egress.length && { egress: egress.map((rule) => ({ to: rule.peers.map(peer), ...ports(rule) })) }),
      },
      dependsOn: [...props.dependsOn],
    });
  }
}

function peer(peer: Peer) {
  if ('cidr' in peer) return { ipBlock: { cidr: peer.cidr, ...(peer.except && { except: [...peer.except] }) } };
  return {
    podSelector: Object.keys(peer.pods).length > 0 ? { matchLabels: peer.pods } : {},
    ...(peer.namespace && { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': peer.namespace } } }),
  };
}

function ports({ ports }: Allowance) {
  return ports && { ports: ports.map(({ port, protocol = 'TCP' }) => ({ port: String(port), protocol })) };
}
