import type { Resource, Values } from '../rules/index.ts';
import { text } from '../rules/values.ts';
import { find } from '../rules/world.ts';
import { managedPolicy } from './managed.ts';
import type { Policy } from './simulator.ts';

/** What a role may do. */
export interface Role {
  readonly name: string;
  readonly policies: readonly Policy[];
  readonly boundary?: Policy;
}

/** A live role with its policies. @throws Error if it does not exist */
export function roleOf(name: string, world: readonly Resource[]): Role {
  const role = find(world, 'aws_iam_role', 'name', name);
  if (!role) throw new Error(`The role ${name} does not exist`);
  const own = (type: string): readonly Values[] =>
    world.filter((resource) => resource.type === type && resource.values.role === name).map(({ values }) => values);
  const inline = own('aws_iam_role_policy').map((values) => policyOf(values));
  const attached = own('aws_iam_role_policy_attachment').map((values) =>
    byArn(text(values, 'policy_arn') ?? '', world),
  );
  const boundary = text(role, 'permissions_boundary');
  return {
    name,
    policies: [...inline, ...attached],
    ...(boundary !== undefined && { boundary: byArn(boundary, world) }),
  };
}

function byArn(arn: string, world: readonly Resource[]): Policy {
  const own = find(world, 'aws_iam_policy', 'arn', arn);
  return own ? policyOf(own) : managedPolicy(arn);
}

function policyOf(values: Values): Policy {
  return { name: text(values, 'name') ?? '', policy: JSON.parse(text(values, 'policy') ?? '{}') };
}
