/** What the cluster says of its nodes, deployments and pods, as far as a drill needs it. */
import { nameLabel, names, namespaces } from 'platform';
import { applications } from 'platform/applications';
import type { Kubectl } from '../kubectl.ts';
import type { Place } from './fault.ts';

interface Metadata {
  readonly name: string;
  readonly generation?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

interface KubernetesNode {
  readonly metadata: Metadata;
  readonly spec: { readonly providerID?: string; readonly unschedulable?: boolean };
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

interface KubernetesDeployment {
  readonly metadata: Metadata;
  readonly spec: { readonly replicas?: number };
  readonly status: { readonly observedGeneration?: number; readonly availableReplicas?: number };
}

interface KubernetesPod {
  readonly metadata: Metadata;
  readonly spec: {
    readonly nodeName?: string;
    readonly readinessGates?: readonly { readonly conditionType: string }[];
  };
}

export interface Node {
  readonly name: string;
  /** The node group that it is of. Undefined for a node of none. */
  readonly kind: 'spot' | 'base' | 'storage' | undefined;
  readonly zone: string;
  /** Id of its instance in EC2. */
  readonly instance: string;
  readonly isReady: boolean;
  /** Whether pods are placed on it. */
  readonly isOpen: boolean;
  /** The mark of a drill. */
  readonly annotations: Readonly<Record<string, string>>;
}

export interface Deployment {
  readonly name: string;
  readonly wanted: number;
  readonly available: number;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface Pod {
  readonly name: string;
  readonly application: string;
  readonly node: string | undefined;
  /** Whether it counts as ready only once the load balancer sends it requests. */
  readonly hasGate: boolean;
}

/** The controller by which Kubernetes registers pods with the load balancer. */
export const controller = 'aws-load-balancer-controller';
/** Of the controller. */
export const system = { namespace: namespaces.system } as const;

/** Node groups are named after their kind: https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html */
const groupLabel = 'eks.amazonaws.com/nodegroup';

export async function nodesIn({ environment, kubectl }: Pick<Place, 'environment' | 'kubectl'>): Promise<Node[]> {
  const { cluster } = names(environment.name);
  const items = await list<KubernetesNode>(kubectl, ['nodes']);
  return items.map(({ metadata: { annotations = {}, labels = {}, name }, spec, status }) => {
    const kind = (['spot', 'base', 'storage'] as const).find((each) =>
      labels[groupLabel]?.startsWith(`${cluster}-${each}-`),
    );
    return {
      name,
      kind,
      zone: labels['topology.kubernetes.io/zone'] ?? '',
      instance: spec.providerID?.split('/').at(-1) ?? '',
      isReady: status.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') ?? false,
      isOpen: spec.unschedulable !== true,
      annotations,
    };
  });
}

/** In the applications' namespace, unless another one is given. */
export async function deploymentsIn(kubectl: Kubectl, options?: { readonly namespace: string }): Promise<Deployment[]> {
  const items = await list<KubernetesDeployment>(kubectl, ['deployments'], options);
  return items.map(({ metadata: { annotations = {}, generation = 0, name }, spec, status }) => {
    // Before Kubernetes has seen a change, it counts the pods of before.
    const isSeen = (status.observedGeneration ?? 0) >= generation;
    return { name, wanted: spec.replicas ?? 1, available: isSeen ? (status.availableReplicas ?? 0) : 0, annotations };
  });
}

/** The applications' pods, without those of their migrations. */
export async function podsIn(kubectl: Kubectl): Promise<Pod[]> {
  const items = await list<KubernetesPod>(kubectl, ['pods']);
  return items.flatMap(({ metadata: { labels = {}, name }, spec }) => {
    const application = applications.find((each) => each.name === labels[nameLabel])?.name;
    if (application === undefined) return [];
    const hasGate = spec.readinessGates?.some((gate) => gate.conditionType.startsWith('target-health.elbv2.')) ?? false;
    return [{ name, application, node: spec.nodeName, hasGate }];
  });
}

export async function list<T>(
  kubectl: Kubectl,
  what: readonly string[],
  options?: { readonly namespace: string },
): Promise<readonly T[]> {
  return JSON.parse(await kubectl(['get', ...what, '--output=json'], options)).items;
}
