import { EksAccessEntry } from '@cdktf/provider-aws/lib/eks-access-entry/index.js';
import { ClusterRoleBindingV1 } from '@cdktf/provider-kubernetes/lib/cluster-role-binding-v1/index.js';
import { ClusterRoleV1 } from '@cdktf/provider-kubernetes/lib/cluster-role-v1/index.js';
import { Construct } from 'constructs';
import { plannersGroup } from 'platform';
import type { Cluster } from './cluster.ts';

export interface PlannersProps {
  readonly cluster: Cluster;
  /** ARN of the AWS role that plans. */
  readonly roleArn: string;
}

/**
 * The kinds that Terraform manages in the cluster, by API group, and those that `pnpm infra upgrade` asks about. Helm keeps
 * its releases in ConfigMaps.
 */
const kinds: Readonly<Record<string, readonly string[]>> = {
  '': ['configmaps', 'limitranges', 'namespaces', 'resourcequotas'],
  'apiextensions.k8s.io': ['customresourcedefinitions'],
  'networking.k8s.io': ['networkpolicies'],
  policy: ['poddisruptionbudgets'],
  'rbac.authorization.k8s.io': ['clusterrolebindings', 'clusterroles', 'rolebindings', 'roles'],
  'storage.k8s.io': ['storageclasses'],
};

/**
 * Kubernetes group of the plan role: any pull request can use it, so it reads these kinds alone. EKS's policies either
 * include secrets or lack roles and storage classes. A secret that a chart generates would be in its release. The only one
 * is the key of the load balancer controller's webhook, of use only inside the cluster.
 */
export class Planners extends Construct {
  constructor(scope: Construct, id: string, { cluster, roleArn }: PlannersProps) {
    super(scope, id);
    new EksAccessEntry(this, 'access', {
      clusterName: cluster.name,
      principalArn: roleArn,
      kubernetesGroups: [plannersGroup],
    });
    const metadata = { name: plannersGroup };
    const role = new ClusterRoleV1(this, 'role', {
      metadata,
      rule: Object.entries(kinds).map(([apiGroup, resources]) => ({
        apiGroups: [apiGroup],
        resources: [...resources],
        verbs: ['get', 'list', 'watch'],
      })),
      dependsOn: [...cluster.ready],
    });
    new ClusterRoleBindingV1(this, 'binding', {
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: plannersGroup },
      subject: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: plannersGroup }],
      dependsOn: [role],
    });
  }
}
