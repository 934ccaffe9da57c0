import { IamRole } from '@cdktf/provider-aws/lib/iam-role/index.js';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy/index.js';
import { IamRolePolicyAttachment } from '@cdktf/provider-aws/lib/iam-role-policy-attachment/index.js';
import { Construct } from 'constructs';
import { githubAudience, githubIssuer } from './github-names.ts';
import { policy, type Statement } from './policy.ts';

export interface GithubRoleProps {
  readonly name: string;
  readonly description: string;
  readonly oidcProviderArn: string;
  /** Exact subjects, no wildcards: `repo:OWNER/NAME:environment:prd`. */
  readonly subjects: readonly string[];
  readonly managedPolicies: readonly string[];
  readonly statements: readonly Statement[];
}

/** A role that GitHub workflows assume with their OIDC token, so that there are no long-lived access keys. */
export class GithubRole extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, props: GithubRoleProps) {
    super(scope, id);
    const role = new IamRole(this, 'role', {
      name: props.name,
      description: props.description,
      maxSessionDuration: 2 * 60 * 60,
      assumeRolePolicy: policy([
        {
          actions: ['sts:AssumeRoleWithWebIdentity'],
          principals: { Federated: props.oidcProviderArn },
          conditions: {
            StringEquals: {
              [`${githubIssuer}:aud`]: githubAudience,
              [`${githubIssuer}:sub`]: props.subjects,
            },
          },
        },
      ]),
    });
    for (const name of props.managedPolicies) {
      new IamRolePolicyAttachment(this, name, { role: role.name, policyArn: `arn:aws:iam::aws:policy/${name}` });
    }
    new IamRolePolicy(this, 'policy', { name: props.name, role: role.name, policy: policy(props.statements) });
    this.arn = role.arn;
  }
}
