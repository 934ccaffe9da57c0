import { EksAccessEntry } from '@cdktf/provider-aws/lib/eks-access-entry/index.js';
import { RoleBindingV1 } from '@cdktf/provider-kubernetes/lib/role-binding-v1/index.js';
import { RoleV1 } from '@cdktf/provider-kubernetes/lib/role-v1/index.js';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { type Application, drillersGroup } from 'platform';
import type { Cluster } from '../cluster/cluster.ts';

export interface DrillersProps {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly applications: readonly Application[];
  /** ARN of the AWS role that tries a restore. */
  readonly roleArn: string;
  readonly dependsOn: readonly ITerraformDependable[];
}

/**
 * Kubernetes group of the restore drill: reads which image an application with a database runs, and runs a job with it
 * that compares the copy with the live database.
 *
 * As with a release, a job can use any service account of the namespace, so this group can reach whatever the migration
 * can. Only workflows of the main branch get its role.
 */
export class Drillers extends Construct {
  constructor(scope: Construct, id: string, props: DrillersProps) {
    super(scope, id);
    const { applications, cluster, dependsOn, namespace, roleArn } = props;
    new EksAccessEntry(this, 'access', {
      clusterName: cluster.name,
      principalArn: roleArn,
      kubernetesGroups: [drillersGroup],
    });
    const withDatabase = applications.filter(({ database }) => database !== undefined).map(({ name }) => name);
    const metadata = { name: drillersGroup, namespace };
    const role = new RoleV1(this, 'role', {
      metadata,
      rule: [
        { apiGroups: ['apps'], resources: ['deployments'], resourceNames: withDatabase, verbs: ['get'] },
        // No resourceNames, because these names end with a time.
        { apiGroups: ['batch'], resources: ['jobs'], verbs: ['create', 'get', 'delete'] },
        { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] },
        { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
      ],
      dependsOn: [...dependsOn],
    });
    new RoleBindingV1(this, 'binding', {
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: drillersGroup },
      subject: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: drillersGroup }],
      dependsOn: [role],
    });
  }
}
