/** What the rehearsal refuses as a delivery role, with the policies of the bootstrap: the real ones, and with faults. */
import { afterAll, describe, expect, test } from '@jest/globals';
import { type Change, Guard, type Resource } from 'rehearsal';
import { github } from './support/choices.ts';
import { account, identitiesOf } from './support/rights.ts';
import { synthesise, synthesiseBootstrap } from './support/synthesised.ts';

const roles = identitiesOf([
  synthesiseBootstrap({ github: { repository: 'owner/name', createProvider: true }, stateBucket: 'own-state' }),
  synthesise('dev', { environment: { runner: true }, settings: { github } }),
]);
const tags_all = { environment: 'dev' };
const vpc: Resource = { type: 'aws_vpc', values: { id: 'vpc-1', cidr_block: '10.1.0.0/16', tags_all } };
const world = [...roles, vpc];

const arn = (role: string) => `arn:aws:iam::${account}:role/desafio-aws-dev-${role}`;
const nodes: Change = {
  ...{ action: 'create', phase: 'apply', type: 'aws_eks_node_group' },
  after: { cluster_name: 'desafio-aws-dev', node_group_name: 'spot', node_role_arn: arn('node'), tags_all },
};
const rotation: Change = {
  ...{ action: 'create', phase: 'apply', type: 'aws_lambda_function' },
  after: {
    function_name: 'logins',
    role: arn('database-logins'),
    vpc_config: [{ subnet_ids: ['subnet-1'] }],
    tags_all,
  },
};
const runner: Change = {
  ...{ action: 'create', phase: 'apply', type: 'aws_codebuild_project' },
  after: {
    name: 'desafio-aws-dev-runner',
    service_role: arn('runner'),
    vpc_config: [{ vpc_id: 'vpc-1', subnets: ['subnet-1'] }],
    tags_all,
  },
};
const newRole = (permissions_boundary: string): Change => ({
  ...{ action: 'create', phase: 'apply', type: 'aws_iam_role' },
  after: { name: 'desafio-aws-dev-more', permissions_boundary, tags_all },
});
const boundary = (environment: string) => `arn:aws:iam::${account}:policy/desafio-aws-${environment}-boundary`;
const attachment: Change = {
  ...{ action: 'create', phase: 'apply', type: 'aws_iam_role_policy_attachment' },
  after: { role: 'desafio-aws-dev-plan', policy_arn: 'arn:aws:iam::aws:policy/AdministratorAccess' },
};
const deletion: Change = { action: 'delete', phase: 'apply', type: 'aws_vpc', before: vpc.values };

const guard = new Guard();
afterAll(() => guard.stop());

const refusals = async (change: Change, role = 'desafio-aws-dev-apply', live: readonly Resource[] = world) => {
  guard.role = role;
  return (await guard.change(change, live)).map(({ code, message }) => `${code}: ${message}`);
};

/** The live resources, with a text in the policies of one resource replaced. */
function planted(type: string, name: string, from: string, to: string): Resource[] {
  let count = 0;
  const result = world.map((resource) => {
    const { policy } = resource.values;
    if (resource.type !== type || resource.values.name !== name || typeof policy !== 'string') return resource;
    count += policy.split(from).length - 1;
    return { type, values: { ...resource.values, policy: policy.replaceAll(from, to) } };
  });
  expect([from, count > 0]).toEqual([from, true]);
  return result;
}
const inApply = (from: string, to: string) => planted('aws_iam_role_policy', 'desafio-aws-dev-apply', from, to);

describe('with the real policies, the apply role', () => {
  test.each([
    ['creates nodes', nodes],
    ['creates the rotation function', rotation],
    ["creates the runner of GitHub's jobs", runner],
    ['creates a role with its boundary', newRole(boundary('dev'))],
    ['deletes its VPC', deletion],
  ])('%s', async (_, change) => {
    expect(await refusals(change)).toEqual([]);
    const { requests, undecided } = guard.takeAsked();
    expect([requests > 0, undecided]).toEqual([true, new Set()]);
  });

  test("does not create a role with another environment's boundary", async () => {
    expect(await refusals(newRole(boundary('prd')))).toContainEqual(
      expect.stringContaining(`to perform: iam:CreateRole on resource: ${arn('more')} because no statement`),
    );
  });

  test('does not attach a policy to the plan role', async () => {
    expect(await refusals(attachment)).toContainEqual(
      expect.stringMatching(
        /iam:AttachRolePolicy on resource: \S+-plan with an explicit deny in the policy .*"iam:\*"/,
      ),
    );
  });

  test('does not delete what has the tag of prd, and the statement is named', async () => {
    const prd = { ...deletion, before: { ...vpc.values, tags_all: { environment: 'prd' } } };
    expect(await refusals(prd)).toContainEqual(
      expect.stringMatching(
        /^AccessDenied: User: arn:aws:sts::\d+:assumed-role\/desafio-aws-dev-apply\/session is not authorized to perform: ec2:DeleteVpc on resource: arn:aws:ec2:us-east-1:\d+:vpc\/vpc-1 with an explicit deny in the policy desafio-aws-dev-apply: \{.*"aws:ResourceTag\/environment":\["prd"\]/,
      ),
    );
  });
});

test('the plan role reads and changes nothing', async () => {
  guard.role = 'desafio-aws-dev-plan';
  expect(await guard.read('aws_vpc', vpc.values, world)).toEqual([]);
  expect(await refusals(deletion, 'desafio-aws-dev-plan')).toEqual([expect.stringContaining('ec2:DeleteVpc')]);
});

describe('with a fault in its policies, the rehearsal refuses', () => {
  test('nodes, without the read of the service-linked role that EKS makes as the caller', async () => {
    const live = inApply('"iam:CreateServiceLinkedRole","iam:GetRole"', '"iam:CreateServiceLinkedRole"');
    expect(await refusals(nodes, undefined, live)).toEqual([
      expect.stringContaining(
        `iam:GetRole on resource: arn:aws:iam::${account}:role/aws-service-role/eks-nodegroup.amazonaws.com/AWSServiceRoleForAmazonEKSNodegroup because no statement`,
      ),
    ]);
  });

  test('nodes, without iam:PassRole', async () => {
    const live = inApply('"iam:PassRole"', '"iam:ListRoleTags"');
    expect(await refusals(nodes, undefined, live)).toEqual([
      expect.stringContaining(`iam:PassRole on resource: ${arn('node')} because no statement`),
    ]);
  });

  test("the deletion of its own VPC, with its own tag in the statement about prd's", async () => {
    const live = inApply('"aws:ResourceTag/environment":["prd"]', '"aws:ResourceTag/environment":["dev"]');
    expect(await refusals(deletion, undefined, live)).toContainEqual(
      expect.stringMatching(/ec2:DeleteVpc .* with an explicit deny .*"aws:ResourceTag\/environment":\["dev"\]/),
    );
  });

  test("the rotation function, if the boundary forbids its role the network interfaces that Lambda's VPC needs", async () => {
    const live = planted('aws_iam_policy', 'desafio-aws-dev-boundary', '"ec2:*"', '"ec2:DescribeVpcs"');
    expect(await refusals(rotation, undefined, live)).toContainEqual(
      expect.stringMatching(
        /assumed-role\/desafio-aws-dev-database-logins\/.* ec2:CreateNetworkInterface .* because the permissions boundary desafio-aws-dev-boundary does not allow it/,
      ),
    );
  });

  test('the runner, if the boundary forbids its role to describe the network that CodeBuild tries', async () => {
    const live = planted('aws_iam_policy', 'desafio-aws-dev-boundary', '"ec2:*"', '"ec2:CreateNetworkInterface"');
    expect(await refusals(runner, undefined, live)).toContainEqual(
      expect.stringMatching(
        /assumed-role\/desafio-aws-dev-runner\/.* ec2:DescribeSecurityGroups .* because the permissions boundary desafio-aws-dev-boundary does not allow it/,
      ),
    );
  });
});

describe('what it has asked', () => {
  const dev = 'desafio-aws-dev-apply';
  const asked = () => {
    const { actions, ...rest } = guard.takeAsked();
    return { ...rest, actions: [...actions].toSorted() };
  };
  const nothing = { requests: 0, actions: [], unknownTypes: new Set(), undecided: new Set() };
  const deleted = { ...nothing, actions: ['ec2:DeleteVpc', 'ec2:DescribeVpcs'] };

  test('is counted as often as it is asked, and once it is taken, from the beginning', async () => {
    guard.takeAsked();
    expect(await refusals(deletion, dev)).toEqual([]);
    expect(asked()).toEqual({ ...deleted, requests: 2 });
    expect([await refusals(deletion, dev), await refusals(deletion, dev)]).toEqual([[], []]);
    expect(asked()).toEqual({ ...deleted, requests: 4 });
    expect(asked()).toEqual(nothing);
  });

  test('is nothing without a role, or for a type of another provider, and a type that is not known is named', async () => {
    const other = (type: string): Change => ({ ...deletion, type });
    expect(await refusals(other('kubernetes_namespace_v1'), dev)).toEqual([]);
    expect(await refusals(other('my_aws_type'), dev)).toEqual([]);
    guard.role = undefined;
    expect(
      await guard.change({ ...deletion, before: { ...vpc.values, tags_all: { environment: 'prd' } } }, world),
    ).toEqual([]);
    expect(asked()).toEqual(nothing);
    expect(await refusals(other('aws_unheard_of'), dev)).toEqual([]);
    expect(asked()).toEqual({ ...nothing, unknownTypes: new Set(['aws_unheard_of']) });
  });

  test('is not refused where the simulator cannot decide, which is said with its reason', async () => {
    const group: Change = {
      ...{ action: 'create', phase: 'apply', type: 'aws_lb_target_group' },
      after: { name: 'tg-api-dev', vpc_id: 'vpc-1', tags_all },
    };
    expect(await refusals(group, dev)).toEqual([]);
    const { actions, undecided } = asked();
    expect(actions).toContain('elasticloadbalancing:CreateTargetGroup');
    expect([...undecided]).toEqual([expect.stringMatching(/^elasticloadbalancing:AddTags: (?!undefined)./)]);
  });

  test("is the consent of a key's own policy, too", async () => {
    const key = (policy: string): Resource => ({
      type: 'aws_kms_key',
      values: { id: 'key-1', arn: `arn:aws:kms:us-east-1:${account}:key/key-1`, policy, tags_all },
    });
    const alias: Change = {
      ...{ action: 'create', phase: 'apply', type: 'aws_kms_alias' },
      after: { name: 'alias/desafio-aws-dev-secrets', target_key_id: 'key-1' },
    };
    const consenting = (principal: string) =>
      key(
        JSON.stringify({
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Action: 'kms:*', Resource: '*', Principal: { AWS: principal } }],
        }),
      );
    expect(await refusals(alias, dev, [...world, key('made by AWS')])).toEqual([]);
    expect(await refusals(alias, dev, [...world, consenting(`arn:aws:iam::${account}:root`)])).toEqual([]);
    expect(await refusals(alias, dev, [...world, consenting(arn('plan'))])).toEqual([
      expect.stringContaining(`kms:CreateAlias on resource: arn:aws:kms:us-east-1:${account}:key/key-1`),
    ]);
  });

  test('is a data source, too: the plan role reads parameters of AWS, and none of the account', async () => {
    guard.role = 'desafio-aws-dev-plan';
    const read = async (type: string, values = {}) =>
      (await guard.readData(type, values, world)).map(({ message }) => /perform: (\S+)/.exec(message)?.[1]);
    expect(await read('aws_availability_zones')).toEqual([]);
    expect(await read('aws_ssm_parameter', { name: '/aws/service/eks/image' })).toEqual([]);
    expect(await read('aws_ssm_parameter', { name: '/own' })).toEqual(['ssm:GetParameter']);
  });
});
