import { IamRole } from '@cdktf/provider-aws/lib/iam-role/index.js';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy/index.js';
import { IamRolePolicyAttachment } from '@cdktf/provider-aws/lib/iam-role-policy-attachment/index.js';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { policy, type Statement } from './policy.ts';

export interface ServiceRoleProps {
  readonly name: string;
  /** The AWS service that assumes the role, such as `eks.amazonaws.com`. */
  readonly service: string;
  /** Defaults to `sts:AssumeRole`; Pod Identity also tags the session. */
  readonly trustActions?: readonly string[];
  readonly trustConditions?: Statement['conditions'];
  readonly statements?: readonly Statement[];
  /** Names of AWS managed policies, such as `AmazonEKSClusterPolicy`. */
  readonly managedPolicies?: readonly string[];
}

/** A role for one AWS service, with an inline policy and AWS managed policies. */
export class ServiceRole extends Construct {
  readonly arn: string;
  /** As a reference, so that whatever uses it comes after the role. */
  readonly name: string;
  /** Dependencies of the role's user: they must exist before it and be deleted after it. */
  readonly permissions: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, props: ServiceRoleProps) {
    super(scope, id);
    const role = new IamRole(this, 'role', {
      name: props.name,
      assumeRolePolicy: policy([
        {
          actions: props.trustActions ?? ['sts:AssumeRole'],
          principals: { Service: props.service },
          ...(props.trustConditions && { conditions: props.trustConditions }),
        },
      ]),
    });
    this.arn = role.arn;
    this.name = role.name;

    const permissions: ITerraformDependable[] = (props.managedPolicies ?? []).map(
      (name) =>
        new IamRolePolicyAttachment(this, name.replace('/', '-'), {
          role: role.name,
          policyArn: `arn:aws:iam::aws:policy/${name}`,
        }),
    );
    if (props.statements) {
      permissions.push(
        new IamRolePolicy(this, 'policy', { name: props.name, role: role.name, policy: policy(props.statements) }),
      );
    }
    this.permissions = permissions;
  }
}
