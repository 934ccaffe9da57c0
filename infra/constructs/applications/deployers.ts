import { EksAccessEntry } from '@cdktf/provider-aws/lib/eks-access-entry/index.js';
import { RoleBindingV1 } from '@cdktf/provider-kubernetes/lib/role-binding-v1/index.js';
import { RoleV1, type RoleV1Rule } from '@cdktf/provider-kubernetes/lib/role-v1/index.js';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { type Application, deployersGroup, serviceAccounts } from 'platform';
import type { Cluster } from '../cluster/cluster.ts';

export interface DeployersProps {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly applications: readonly Application[];
  /** The AWS role that releases applications. */
  readonly roleArn: string;
  readonly dependsOn: readonly ITerraformDependable[];
}

const read = ['get', 'list', 'watch'];
/** A server-side apply is a patch, and a create where there is nothing yet; both are checked with the object's name. */
const apply = ['create', 'patch'];

/** What a release applies under the name of its application, or of the application's migration. */
const applied: Readonly<Record<string, readonly string[]>> = {
  '': ['services', 'serviceaccounts'],
  apps: ['deployments'],
  autoscaling: ['horizontalpodautoscalers'],
  policy: ['poddisruptionbudgets'],
  'elbv2.k8s.aws': ['targetgroupbindings'],
  'networking.k8s.io': ['networkpolicies'],
};

/**
 * What a release may do: apply the applications' manifests in their namespace, see how it goes, and go back. EKS's own policy
 * for editors would also let it read secrets, open a shell in pods and delete what the infrastructure made. Whoever may start a
 * pod may give it any service account and any secret of the namespace, and so reaches what the migration reaches; and
 * Kubernetes looks at the name of a network policy, not at what it opens. This is a guard against mistakes, and against a
 * workflow's stolen token going further than the namespace, not against a release that means harm.
 */
export class Deployers extends Construct {
  constructor(scope: Construct, id: string, props: DeployersProps) {
    super(scope, id);
    const { applications, cluster, dependsOn, namespace, roleArn } = props;
    new EksAccessEntry(this, 'access', {
      clusterName: cluster.name,
      principalArn: roleArn,
      kubernetesGroups: [deployersGroup],
    });
    const metadata = { name: deployersGroup, namespace };
    const role = new RoleV1(this, 'role', { metadata, rule: rules(applications), dependsOn: [...dependsOn] });
    new RoleBindingV1(this, 'binding', {
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: deployersGroup },
      subject: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: deployersGroup }],
      dependsOn: [role],
    });
  }
}

function rules(applications: readonly Application[]): RoleV1Rule[] {
  const names = applications.flatMap(({ name }) => [
    serviceAccounts.application(name),
    serviceAccounts.migration(name),
  ]);
  const rule = (apiGroup: string, resources: readonly string[], verbs: readonly string[]): RoleV1Rule => ({
    apiGroups: [apiGroup],
    resources: [...resources],
    verbs: [...verbs],
  });
  return [
    ...Object.entries(applied).flatMap(([apiGroup, resources]) => [
      rule(apiGroup, resources, read),
      { ...rule(apiGroup, resources, apply), resourceNames: names },
    ]),
    // Their names end with what they hold: a job is made anew when it failed, a generated map is never changed.
    rule('batch', ['jobs'], [...read, ...apply, 'delete']),
    rule('', ['configmaps'], [...read, 'create']),
    rule('apps', ['replicasets'], read),
    rule('', ['pods', 'pods/log', 'events'], read),
  ];
}
