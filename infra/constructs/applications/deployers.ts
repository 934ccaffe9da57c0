import type { RoleV1Rule } from '@cdktf/provider-kubernetes/lib/role-v1/index.js';
import type { Construct } from 'constructs';
import { type Application, deployersGroup, serviceAccounts, trialPod } from 'platform';
import { AccessGroup, type AccessGroupProps } from './access-group.ts';

export interface DeployersProps extends Omit<AccessGroupProps, 'group' | 'rules'> {
  readonly applications: readonly Application[];
}

const read = ['get', 'list', 'watch'];
/** A server-side apply is a patch, or a create for a new object. Kubernetes checks both against the object's name. */
const apply = ['create', 'patch'];

/** Resources that a release applies, named after the application or its migration, by API group. */
const applied: Readonly<Record<string, readonly string[]>> = {
  '': ['services', 'serviceaccounts'],
  apps: ['deployments'],
  autoscaling: ['horizontalpodautoscalers'],
  policy: ['poddisruptionbudgets'],
  'elbv2.k8s.aws': ['targetgroupbindings'],
  'networking.k8s.io': ['networkpolicies'],
};

/** Of these, a release deletes what left the manifests. The other kinds are what serves. */
const pruned: Readonly<Record<string, readonly string[]>> = {
  '': ['serviceaccounts'],
  autoscaling: ['horizontalpodautoscalers'],
  policy: ['poddisruptionbudgets'],
  'networking.k8s.io': ['networkpolicies'],
};

/**
 * Kubernetes group for releases, with only the permissions that a release needs: apply the applications' manifests in
 * their namespace, watch the rollout, and roll back. EKS's edit policy would also allow reading secrets, exec into pods
 * and deleting resources of the infrastructure.
 *
 * It protects against mistakes, and confines a stolen workflow token to the namespace. It does not stop a malicious
 * release: a new pod can use any service account and any secret of the namespace, so it can reach whatever the
 * migration can; and RBAC checks the name of a network policy, not its content.
 */
export class Deployers extends AccessGroup {
  constructor(scope: Construct, id: string, { applications, ...props }: DeployersProps) {
    super(scope, id, { ...props, group: deployersGroup, rules: rules(applications) });
  }
}

function rules(applications: readonly Application[]): RoleV1Rule[] {
  const names = applications.flatMap(({ name }) => [
    serviceAccounts.application(name),
    serviceAccounts.migration(name),
  ]);
  const trials = applications.map(({ name }) => trialPod(name));
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
    ...Object.entries(pruned).map(([apiGroup, resources]) => ({
      ...rule(apiGroup, resources, ['delete']),
      resourceNames: names,
    })),
    // The pod that a release asks before any user does.
    { ...rule('', ['pods'], [...apply, 'delete']), resourceNames: trials },
    { ...rule('', ['pods/portforward'], ['get', 'create']), resourceNames: trials },
    // No resourceNames, because these names end with a hash. A failed job is deleted and created again; config maps are
    // never changed.
    rule('batch', ['jobs'], [...read, ...apply, 'delete']),
    rule('', ['configmaps'], [...read, 'create']),
    rule('apps', ['replicasets'], read),
    rule('', ['pods', 'pods/log', 'events'], read),
  ];
}
