import { EksPodIdentityAssociation } from '@cdktf/provider-aws/lib/eks-pod-identity-association/index.js';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import type { Statement } from './policy.ts';
import { ServiceRole } from './service-role.ts';

export interface PodRoleProps {
  readonly name: string;
  readonly clusterName: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly statements?: readonly Statement[];
  readonly managedPolicies?: readonly string[];
}

/** AWS permissions of the pods of one service account, through EKS Pod Identity. */
export class PodRole extends Construct {
  /** Dependencies of the pods: Pod Identity is injected when a pod is admitted, so the role must exist by then. */
  readonly ready: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, props: PodRoleProps) {
    super(scope, id);
    const { clusterName, namespace, serviceAccount } = props;
    const role = new ServiceRole(this, 'role', {
      name: props.name,
      service: 'pods.eks.amazonaws.com',
      trustActions: ['sts:AssumeRole', 'sts:TagSession'],
      // Otherwise anybody who can create an association could give the role to other pods.
      trustConditions: {
        StringEquals: {
          'aws:RequestTag/eks-cluster-name': clusterName,
          'aws:RequestTag/kubernetes-namespace': namespace,
          'aws:RequestTag/kubernetes-service-account': serviceAccount,
        },
      },
      ...(props.statements && { statements: props.statements }),
      ...(props.managedPolicies && { managedPolicies: props.managedPolicies }),
    });
    const association = new EksPodIdentityAssociation(this, 'association', {
      clusterName,
      namespace,
      serviceAccount,
      roleArn: role.arn,
    });
    this.ready = [association, ...role.permissions];
  }
}
