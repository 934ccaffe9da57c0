import { EksAccessEntry } from '@cdktf/provider-aws/lib/eks-access-entry/index.js';
import { RoleBindingV1 } from '@cdktf/provider-kubernetes/lib/role-binding-v1/index.js';
import { RoleV1, type RoleV1Rule } from '@cdktf/provider-kubernetes/lib/role-v1/index.js';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import type { Cluster } from '../cluster/cluster.ts';

export interface AccessGroupProps {
  readonly cluster: Cluster;
  readonly namespace: string;
  /** Name of the Kubernetes group, and of its role. */
  readonly group: string;
  /** ARN of the AWS role that is in the group. */
  readonly roleArn: string;
  readonly rules: readonly RoleV1Rule[];
  readonly dependsOn: readonly ITerraformDependable[];
}

/** A Kubernetes group of an AWS role, with permissions in one namespace. */
export class AccessGroup extends Construct {
  constructor(scope: Construct, id: string, props: AccessGroupProps) {
    super(scope, id);
    const { cluster, dependsOn, group, namespace, roleArn, rules } = props;
    new EksAccessEntry(this, 'access', {
      clusterName: cluster.name,
      principalArn: roleArn,
      kubernetesGroups: [group],
    });
    const metadata = { name: group, namespace };
    const role = new RoleV1(this, 'role', { metadata, rule: [...rules], dependsOn: [...dependsOn] });
    new RoleBindingV1(this, 'binding', {
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: group },
      subject: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: group }],
      dependsOn: [role],
    });
  }
}
