import { arnOf, decide, managedPolicy, type Policy, type Resource } from 'rehearsal';
import type { Block, Synthesised } from './terraform.ts';

export const account = '123456789012';
export const region = 'us-east-1';

/**
 * Who may do what: a role by its name or, to assume a role, an AWS service or an identity provider. A boundary's name
 * stands for a role that has it and allows everything: the most that an apply role could create.
 */
export interface Question {
  readonly who: string;
  readonly action: string;
  readonly resource: string;
  /** Keys of the request and of the resource, such as `aws:ResourceTag/environment`. */
  readonly context?: Readonly<Record<string, string | string[]>>;
}

interface Rights {
  readonly policies: readonly Policy[];
  readonly boundary: Policy | undefined;
  readonly trust?: object;
}

/**
 * Asks IAM's rules, as `@cloud-copilot/iam-simulate` implements them, with the policies, boundaries and trust of the
 * roles of these stacks. Context that AWS does not offer for an action counts for nothing, as on AWS.
 * @returns for each question whether the request is allowed
 */
export function ask(stacks: readonly Synthesised[], questions: readonly Question[]): boolean[] {
  const roles = new Map(
    stacks.flatMap((stack) =>
      stack
        .some('aws_iam_role')
        .map((role): [string, Rights] => [resolve(stack, role.name), rightsOf(stacks, stack, role)]),
    ),
  );
  const boundaries = new Map(
    stacks.flatMap((stack) =>
      stack
        .all('aws_iam_policy')
        .map(({ name }): [string, Rights] => [
          name,
          { policies: [everything], boundary: boundaryOf(stacks, `:policy/${name}`) },
        ]),
    ),
  );
  const simulations = questions.map(({ action, context = {}, resource, who }) => {
    const request = { action, resource: { resource, accountId: account }, contextVariables: context };
    const role = roles.get(who) ?? boundaries.get(who);
    if (!role) {
      const trust = roles.get(resource.split('/').at(-1) ?? '')?.trust;
      if (!trust) throw new Error(`Neither ${who} nor ${resource} is a role of the stacks`);
      return { requests: [{ ...request, principal: who, resourcePolicy: trust }], identityPolicies: [] };
    }
    const principal = `arn:aws:sts::${account}:assumed-role/${who}/session`;
    return {
      requests: [{ ...request, principal }],
      identityPolicies: role.policies,
      ...(role.boundary && { permissionBoundaryPolicies: [role.boundary] }),
    };
  });
  return decide(simulations).flatMap((answers, index) =>
    answers.map((answer) => {
      if ('error' in answer) throw new Error(`${JSON.stringify(questions[index])}: ${answer.error}`);
      return answer.isAllowed;
    }),
  );
}

/** The roles and policies of these stacks, as live resources of a rehearsal. */
export function identitiesOf(stacks: readonly Synthesised[]): Resource[] {
  const types = ['aws_iam_policy', 'aws_iam_role', 'aws_iam_role_policy', 'aws_iam_role_policy_attachment'];
  return stacks.flatMap((stack) =>
    types.flatMap((type) =>
      stack.all(type).map((block): Resource => {
        const known = Object.entries(block).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
        const values = Object.fromEntries(known.map(([name, value]) => [name, resolve(stack, value)]));
        const arn = type === 'aws_iam_role' || type === 'aws_iam_policy' ? arnOf(type, values) : undefined;
        return { type, values: { id: block.address, ...values, ...(arn !== undefined && { arn }) } };
      }),
    ),
  );
}

const everything: Policy = {
  name: 'everything',
  policy: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] },
};

function rightsOf(stacks: readonly Synthesised[], stack: Synthesised, role: Block & { address: string }): Rights {
  const isOwn = (block: Block) => block.role === `\${${role.address}.name}`;
  const inline = stack
    .all('aws_iam_role_policy')
    .filter(isOwn)
    .map(({ name, policy }): Policy => ({ name, policy: JSON.parse(resolve(stack, policy)) }));
  const attached = stack
    .all('aws_iam_role_policy_attachment')
    .filter(isOwn)
    .map(({ policy_arn }) => managedPolicy(policy_arn));
  return {
    policies: [...inline, ...attached],
    trust: JSON.parse(resolve(stack, role.assume_role_policy)),
    boundary: boundaryOf(stacks, role.permissions_boundary),
  };
}

function boundaryOf(stacks: readonly Synthesised[], arn: string | undefined): Policy | undefined {
  if (arn === undefined) return undefined;
  for (const stack of stacks) {
    const found = stack.all('aws_iam_policy').find(({ name }) => arn.endsWith(`:policy/${name}`));
    if (found) return { name: found.name, policy: JSON.parse(resolve(stack, found.policy)) };
  }
  throw new Error(`${arn} is in no stack`);
}

/** The text with Terraform's references replaced by ARNs and names as AWS would give them. */
function resolve(stack: Synthesised, text: string): string {
  return text.replaceAll(/\$\{([^}]+)\}/g, (expression, path: string) => {
    if (/^data\.aws_caller_identity\..*account_id$/.test(path)) return account;
    const { alarm_name, arn: ofTopic, bucket, bucket_prefix, identifier, name } = stack.target(expression);
    const [type = '', , attribute = ''] = path.split('.');
    if (attribute === 'name') return name;
    // A topic's policy has the ARN of its topic.
    if (type === 'aws_sns_topic_policy') return resolve(stack, ofTopic);
    const arns: Readonly<Record<string, string>> = {
      aws_cloudwatch_metric_alarm: `arn:aws:cloudwatch:${region}:${account}:alarm:${alarm_name}`,
      aws_cloudwatch_log_group: `arn:aws:logs:${region}:${account}:log-group:${name}`,
      aws_db_instance: `arn:aws:secretsmanager:${region}:${account}:secret:rds!${identifier}`,
      aws_ecr_repository: `arn:aws:ecr:${region}:${account}:repository/${name}`,
      aws_iam_openid_connect_provider: `arn:aws:iam::${account}:oidc-provider/token.actions.githubusercontent.com`,
      aws_iam_policy: `arn:aws:iam::${account}:policy/${name}`,
      aws_kms_key: `arn:aws:kms:${region}:${account}:key/key-1`,
      aws_s3_bucket: `arn:aws:s3:::${bucket ?? `${bucket_prefix}1`}`,
      aws_sns_topic: `arn:aws:sns:${region}:${account}:${name}`,
      // An id: policies name subnets as part of an ARN.
      aws_subnet: 'subnet-1',
      aws_secretsmanager_secret: `arn:aws:secretsmanager:${region}:${account}:secret:${name}-AbCdEf`,
    };
    const arn = arns[type];
    if (!arn) throw new Error(`${expression} is not known`);
    return arn;
  });
}
