/**
 * What Terraform asks AWS for each type of resource of the stacks, as the rehearsal of a role's permissions knows it. After a
 * change that is meant, `pnpm test rehearsal/test/requests -u` writes the snapshot again: read its diff like the code's.
 */
import { expect, test } from '@jest/globals';
import { actions } from '../rights/actions.ts';
import { dataCalls, isCalled } from '../rights/calls.ts';
import { dataRequestsOf, type Request, readingRequestsOf, requestsOf } from '../rights/requests.ts';
import { roleOf } from '../rights/roles.ts';
import { arnOf } from '../rights/targets.ts';
import { type Change, type Resource, unknown, type Values } from '../rules/index.ts';
import { lifeOf } from './rules/life.ts';
import { stacks, valuesOf } from './rules/stacks.ts';

expect.addSnapshotSerializer({ test: () => true, serialize: (value) => String(value) });

const chosen = ['bootstrap', 'prd', 'dev with other choices'];
const stackOf = (name: string) => {
  const [, synthesise] = stacks.find(([other]) => other === name) ?? [];
  if (!synthesise) throw new Error(`There is no stack ${name}`);
  return synthesise();
};
const resources = chosen
  .map(stackOf)
  .flatMap((stack) =>
    stack.types
      .filter((type) => type.startsWith('aws_'))
      .flatMap((type) => stack.all(type).map((block): [string, Values] => [type, valuesOf(block)])),
  );
/** The first of each type. Tags are those of the test, which are short. */
const byType = new Map(
  resources.toReversed().map(([type, values]) => {
    const tagged = 'tags' in values || 'tags_all' in values ? { tags: { environment: 'dev' } } : {};
    return [type, { ...values, ...tagged, id: 'id-1', arn: arnOf(type, { ...values, id: 'id-1' }) }];
  }),
);

const shown = ({ action, as, context, resource, resourcePolicy }: Request): string => {
  const { 'aws:RequestedRegion': region = 'us-east-1', ...rest } = context;
  const more = { ...(as && { as }), ...(region === 'us-east-1' ? {} : { region }), ...rest };
  return [
    `  ${action} ${resource}`,
    ...(Object.keys(more).length === 0 ? [] : [JSON.stringify(more)]),
    ...(resourcePolicy ? ['if the key agrees'] : []),
  ].join(' ');
};
const lines = (requests: readonly Request[] | undefined) => requests?.map(shown) ?? ['  not known'];

test('the requests of each type, to create, read, change the tags of, and delete one', () => {
  expect(byType.size).toBeGreaterThan(65);
  const text = [...byType]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([type, values]) => {
      const { id: _, arn: __, ...after } = values;
      const reading = lines(readingRequestsOf(type, values, []));
      // It is read after each creation and change, too.
      const without = (requests: readonly Request[] | undefined) =>
        lines(requests).filter((line) => line === '  not known' || !reading.includes(line));
      const change = { phase: 'apply', type } as const;
      const retagged = { ...values, ...('tags' in values && { tags: { team: 'api' } }) };
      return [
        `${type} is created`,
        ...without(requestsOf({ ...change, action: 'create', after }, [])),
        'read',
        ...reading,
        'changed',
        ...without(requestsOf({ ...change, action: 'update', before: values, after: retagged }, [])),
        'deleted',
        ...lines(requestsOf({ ...change, action: 'delete', before: values }, [])),
      ];
    });
  expect(text.join('\n')).toMatchSnapshot();
});

test('the requests of each type, among the live resources that it refers to', () => {
  /** By type and action, those of the first resource that refers to others. */
  const found = new Map<string, string[]>();
  for (const { change, world } of chosen.flatMap((name) => [...lifeOf(stackOf(name))])) {
    const { action, after, before, type } = change;
    const key = `${type} is ${action}d`;
    if (found.has(key)) continue;
    const alone = [...lines(readingRequestsOf(type, { ...after, ...before }, [])), ...lines(requestsOf(change, []))];
    const among = lines(requestsOf(change, world)).filter((line) => !alone.includes(line));
    // Ids of the test are of no interest.
    const short = new Set(among.map((line) => line.replaceAll(/-[0-9A-F]{8}\b/g, '')));
    if (short.size > 0) found.set(key, [...short]);
  }
  const sorted = [...found].toSorted(([one], [other]) => (one < other ? -1 : 1));
  expect(sorted.length).toBeGreaterThan(50);
  expect(sorted.flatMap(([key, all]) => [key, ...all]).join('\n')).toMatchSnapshot();
});

test('the requests of each data source', () => {
  const named = { aws_ssm_parameter: { name: '/aws/service/ami' } };
  const text = Object.keys(dataCalls).flatMap((type) => [
    type,
    ...lines(dataRequestsOf(type, named[type as keyof typeof named] ?? {})),
  ]);
  expect(text.join('\n')).toMatchSnapshot();
  expect(dataRequestsOf('aws_ssm_parameter', { name: '/own' })).toMatchObject([
    { resource: 'arn:aws:ssm:us-east-1:123456789012:parameter/own' },
  ]);
  expect(dataRequestsOf('aws_unheard_of', {})).toBeUndefined();
});

const actionsFor = (change: Omit<Change, 'phase'>, world: readonly Resource[] = []) => {
  const reading = readingRequestsOf(change.type, { ...change.before, ...change.after }, world) ?? [];
  const isRead = ({ action }: Request) => reading.some((request) => request.action === action);
  return (requestsOf({ ...change, phase: 'apply' }, world) ?? [])
    .filter((request) => !isRead(request))
    .map(({ action }) => action);
};

test.each<[string, Values, Values, string[]]>([
  ['nothing', {}, {}, []],
  [
    'another boundary',
    { permissions_boundary: 'arn:1' },
    { permissions_boundary: 'arn:2' },
    ['PutRolePermissionsBoundary'],
  ],
  [
    'the same boundary',
    { permissions_boundary: 'arn:1', description: 'a' },
    { permissions_boundary: 'arn:1' },
    ['UpdateRoleDescription'],
  ],
  [
    'no boundary any more',
    { permissions_boundary: 'arn:1' },
    { permissions_boundary: '' },
    ['DeleteRolePermissionsBoundary'],
  ],
  ['another trust', { assume_role_policy: '{}' }, { assume_role_policy: '{"a":1}' }, ['UpdateAssumeRolePolicy']],
  ['another description', { description: 'a' }, { description: 'b' }, ['UpdateRoleDescription']],
  ['another duration', { max_session_duration: 3600 }, { max_session_duration: 7200 }, ['UpdateRole']],
  ['a tag more', { tags: { a: '1' } }, { tags: { a: '1', b: '2' } }, ['TagRole']],
  ['another value of a tag', { tags: { a: '1' } }, { tags: { a: '2' } }, ['TagRole']],
  ['the same tags in another order', { tags: { a: '1', b: '2' } }, { tags: { b: '2', a: '1' } }, []],
  ['a tag less', { tags: { a: '1', b: '2' } }, { tags: { a: '1' } }, ['TagRole', 'UntagRole']],
  ['no tag any more', { tags: { a: '1' } }, { tags: {} }, ['UntagRole']],
])('a role with %s needs no more than that', (_, before, after, expected) => {
  const change = {
    action: 'update',
    type: 'aws_iam_role',
    before: { name: 'r', ...before },
    after: { name: 'r', ...after },
  } as const;
  expect(actionsFor(change)).toEqual(expected.map((action) => `iam:${action}`));
});

test('code in a bucket is read, logs are allowed by the service that they are of, and tags only where there are any', () => {
  const lambda = (after: Values) => actionsFor({ action: 'create', type: 'aws_lambda_function', after });
  const bucket = { type: 'aws_s3_bucket', values: { id: 'code', bucket: 'code' } };
  expect(lambda({ function_name: 'f' })).not.toContain('s3:GetObject');
  expect(
    actionsFor({ action: 'create', type: 'aws_lambda_function', after: { s3_bucket: 'code' } }, [bucket]),
  ).not.toContain('s3:ListBucket');
  const source = (resource_arn: string) =>
    actionsFor({ action: 'create', type: 'aws_cloudwatch_log_delivery_source', after: { name: 's', resource_arn } });
  const allowing = (found: string[]) => found.filter((action) => action.endsWith(':AllowVendedLogDeliveryForResource'));
  expect(allowing(source('arn:aws:wafv2:us-east-1:1:x'))).toEqual([]);
  const delivery = (service: string, resource_arn: string) =>
    isCalled(`${service}:AllowVendedLogDeliveryForResource`, {
      ...{ action: 'create', phase: 'apply', type: 'aws_cloudwatch_log_delivery_source', after: { resource_arn } },
    });
  const [mail, site] = ['arn:aws:workmail:us-east-1:1:organization/m', 'arn:aws:cloudfront::1:distribution/E1'];
  expect([delivery('workmail', mail), delivery('workmail', site)]).toEqual([true, false]);
  expect([delivery('cloudfront', mail), delivery('cloudfront', site)]).toEqual([false, true]);
  const tagging = (tags: Values) => actionsFor({ action: 'create', type: 'aws_iam_role', after: { name: 'r', tags } });
  expect([tagging({}), tagging({ a: '1' })]).toEqual([['iam:CreateRole'], ['iam:CreateRole', 'iam:TagRole']]);
});

const requested = (change: Omit<Change, 'phase'>, world: readonly Resource[] = []) =>
  requestsOf({ ...change, phase: 'apply' }, world) ?? [];

test('a request is made in the region of its resource, and names the document that says so', () => {
  const regions = (type: string, after: Values) => [
    ...new Set(requested({ action: 'create', type, after }).map(({ context }) => context['aws:RequestedRegion'])),
  ];
  expect(regions('aws_db_subnet_group', { name: 'dev', region: 'sa-east-1' })).toEqual(['sa-east-1', undefined]);
  expect(regions('aws_sns_topic', { name: 'dev', region: 'sa-east-1' })).toEqual(['sa-east-1']);
  expect(regions('aws_iam_role', { name: 'dev', region: 'sa-east-1' })).toEqual(['us-east-1']);
  const sources = (type: string, after: Values) => [
    ...new Set(requested({ action: 'create', type, after }).map(({ source }) => source)),
  ];
  expect(sources('aws_sns_topic', { name: 'dev' })).toEqual([
    'permissions of the handlers of AWS::SNS::Topic in the CloudFormation registry',
  ]);
  expect(sources('aws_s3_bucket', { bucket: 'dev' })).toEqual([
    'internal/service/s3/bucket.go of hashicorp/terraform-provider-aws',
  ]);
  expect(dataRequestsOf('aws_availability_zones', {})?.map(({ source }) => source)).toEqual([
    'internal/service/ec2/ec2_availability_zones_data_source.go of hashicorp/terraform-provider-aws',
  ]);
});

test('what is changed is read by the name that it keeps', () => {
  const before = { id: 'vpc-1', cidr_block: '10.0.0.0/16', tags: { environment: 'dev' } };
  const after = { cidr_block: '10.0.0.0/16', tags: { environment: 'dev', team: 'api' } };
  const vpc = requested({ action: 'update', type: 'aws_vpc', before, after });
  const resources = new Map(vpc.map(({ action, resource }) => [action, resource]));
  expect(resources.get('ec2:DescribeVpcAttribute')).toMatch(/:vpc\/vpc-1$/);
  expect([...resources.values()].filter((resource) => resource !== '*' && !resource.endsWith(':vpc/vpc-1'))).toEqual(
    [],
  );
});

test('a record is named with its zone, in lower case, once', () => {
  const zone = (name: string) => ({ type: 'aws_route53_zone', values: { id: 'Z1', zone_id: 'Z1', name } });
  const names = (name: string, world: readonly Resource[] = [zone('example.com')]) => {
    const after = { zone_id: 'Z1', name, type: 'A' };
    const all = requested({ action: 'create', type: 'aws_route53_record', after }, world);
    const request = all.find(({ action }) => action === 'route53:ChangeResourceRecordSets');
    return request?.context['route53:ChangeResourceRecordSetsNormalizedRecordNames'];
  };
  expect(names('app')).toEqual(['app.example.com']);
  expect(names('app.example.com')).toEqual(['app.example.com']);
  expect(names('App.Example.com.')).toEqual(['app.example.com']);
  expect(names('example.com')).toEqual(['example.com']);
  expect(names('example.com.app')).toEqual(['example.com.app.example.com']);
  expect(names('my-example.com')).toEqual(['my-example.com.example.com']);
  expect(names('app', [])).toEqual(['app']);
});

test('a key of its own, and what only AWS has, are asked in their own words', () => {
  const key = (policy: string): Resource => ({
    type: 'aws_kms_key',
    values: { id: 'key-1', arn: 'arn:aws:kms:us-east-1:123456789012:key/key-1', policy },
  });
  const policies = (policy: string) =>
    requested({ action: 'create', type: 'aws_kms_alias', after: { name: 'alias/a', target_key_id: 'key-1' } }, [
      key(policy),
    ])
      .filter(({ resource }) => resource.endsWith(':key/key-1'))
      .map(({ resourcePolicy }) => resourcePolicy);
  expect(policies('{"Statement":[]}')).toEqual([{ Statement: [] }]);
  expect(policies('made by a rehearsal')).toEqual([
    {
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::123456789012:root' }, Action: 'kms:*', Resource: '*' },
      ],
    },
  ]);
  const parameter = (name: string) => dataRequestsOf('aws_ssm_parameter', { name })?.map(({ resource }) => resource);
  expect(parameter('/aws/service/eks')).toEqual(['arn:aws:ssm:us-east-1:210987654321:parameter/aws/service/eks']);
  expect(parameter('/own/aws/service/')).toEqual(['arn:aws:ssm:us-east-1:123456789012:parameter/own/aws/service/']);
});

test('a role is asked for a network only where it gets one', () => {
  const arn = 'arn:aws:iam::123456789012:role/own';
  const role = { type: 'aws_iam_role', values: { id: 'own', name: 'own', arn } };
  const asRole = (type: string, after: Values) =>
    requested({ action: 'create', type, after }, [role]).flatMap(({ action, as }) => (as === arn ? [action] : []));
  const network = { vpc_config: [{ subnet_ids: ['subnet-1'] }] };
  expect(asRole('aws_lambda_function', { function_name: 'f', role: arn })).toEqual([]);
  expect(asRole('aws_lambda_function', { function_name: 'f', role: arn, ...network })).toEqual([
    ...['ec2:CreateNetworkInterface', 'ec2:DeleteNetworkInterface', 'ec2:DescribeNetworkInterfaces'],
  ]);
  expect(asRole('aws_codebuild_project', { name: 'p', service_role: arn })).toEqual([]);
  expect(asRole('aws_codebuild_project', { name: 'p', service_role: arn, ...network })).toEqual([
    ...['ec2:DescribeSecurityGroups', 'ec2:DescribeSubnets', 'ec2:DescribeVpcs'],
  ]);
});

test('an argument that is not known or not set keeps its value from before', () => {
  const created = (name: Values['name']) =>
    requested({ action: 'update', type: 'aws_iam_policy', before: { name: 'old' }, after: { name } })
      .filter(({ action }) => action.startsWith('iam:Create'))
      .map(({ resource }) => resource.split('/').at(-1));
  expect([created('new'), created(null), created(unknown)]).toEqual([['new'], ['old'], ['old']]);
});

test('a role is passed to the service that it trusts, one or the first of several', () => {
  const passing = (Principal: object) => {
    const arn = 'arn:aws:iam::123456789012:role/own';
    const trust = JSON.stringify({ Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal }] });
    const role = { type: 'aws_iam_role', values: { id: 'own', name: 'own', arn, assume_role_policy: trust } };
    return requested({ action: 'create', type: 'aws_lambda_function', after: { function_name: 'f', role: arn } }, [
      role,
    ])
      .filter(({ action }) => action === 'iam:PassRole')
      .map(({ context }) => context['iam:PassedToService']);
  };
  expect(passing({ Service: 'lambda.amazonaws.com' })).toEqual(['lambda.amazonaws.com']);
  expect(passing({ Service: ['lambda.amazonaws.com', 'ec2.amazonaws.com'] })).toEqual(['lambda.amazonaws.com']);
  expect(passing({ AWS: '*' })).toEqual(['']);
});

test('what has a name of its own has it in its ARN', () => {
  expect(arnOf('aws_autoscaling_schedule', { name: 'no', autoscaling_group_name: 'nodes' })).toBe(
    'arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:new:autoScalingGroupName/nodes',
  );
  expect(arnOf('aws_autoscaling_group_tag', { autoscaling_group_name: 'nodes' })).toBe(
    'arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:new:autoScalingGroupName/nodes',
  );
  expect(arnOf('aws_s3_object', { bucket: 'files', key: 'status/page.js' })).toBe('arn:aws:s3:::files/status/page.js');
  expect(arnOf('aws_scheduler_schedule', { name: 'evening' })).toBe(
    'arn:aws:scheduler:us-east-1:123456789012:schedule/default/evening',
  );
  expect(arnOf('aws_scheduler_schedule', { name: 'evening', group_name: 'nights', region: 'sa-east-1' })).toBe(
    'arn:aws:scheduler:sa-east-1:123456789012:schedule/nights/evening',
  );
  const balancer = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/alb/1a';
  const listener = balancer.replace('loadbalancer', 'listener').concat('/2b');
  expect(arnOf('aws_lb_listener', { id: '2b', load_balancer_arn: balancer })).toBe(listener);
  expect(arnOf('aws_lb_listener_rule', { id: '3c', listener_arn: listener })).toBe(
    listener.replace('listener/', 'listener-rule/').concat('/3c'),
  );
  const ofCluster = { cluster_name: 'dev', addon_name: 'coredns', node_group_name: 'spot', id: '1' };
  const eks = (type: string, more: Values = {}) =>
    arnOf(type, { ...ofCluster, ...more })
      ?.split(':')
      .at(-1);
  expect(eks('aws_eks_addon')).toBe('addon/dev/coredns/new');
  expect(eks('aws_eks_node_group')).toBe('nodegroup/dev/spot/new');
  expect(eks('aws_eks_pod_identity_association')).toBe('podidentityassociation/dev/a-1');
  const principal_arn = 'arn:aws:iam::123456789012:role/teams/Operators';
  expect(eks('aws_eks_access_entry', { principal_arn })).toBe('access-entry/dev/role/123456789012/Operators/new');
  expect(arnOf('aws_instance', { id: 'i-1' })).toBe('arn:aws:ec2:us-east-1:123456789012:instance/i-1');
  expect(arnOf('aws_unheard_of', {})).toBeUndefined();
});

test('the boundary of a role in a request is that which the role is to have', () => {
  const boundaries = (before: Values | undefined, after: Values) =>
    new Map(
      requested({ action: before ? 'update' : 'create', type: 'aws_iam_role', ...(before && { before }), after }).map(
        ({ action, context }) => [action, context['iam:PermissionsBoundary']],
      ),
    );
  const role = { name: 'dev-node', assume_role_policy: '{}' };
  const limit = (name: string) => ({ ...role, permissions_boundary: `arn:aws:iam::1:policy/${name}` });
  expect(boundaries(undefined, role).get('iam:CreateRole')).toBeUndefined();
  expect(boundaries(undefined, limit('a')).get('iam:CreateRole')).toBe('arn:aws:iam::1:policy/a');
  expect(boundaries(limit('a'), limit('b')).get('iam:PutRolePermissionsBoundary')).toBe('arn:aws:iam::1:policy/b');
  const without = boundaries(limit('a'), { ...role, permissions_boundary: null });
  expect([without.has('iam:DeleteRolePermissionsBoundary'), without.get('iam:DeleteRolePermissionsBoundary')]).toEqual([
    ...[true, undefined],
  ]);
});

test('a role has its own policies, those attached to it, and its boundary', () => {
  const policy = (name: string, more: Values = {}) => ({ name, policy: `{"of":"${name}"}`, ...more });
  const world: Resource[] = [
    { type: 'aws_iam_role', values: { name: 'app', permissions_boundary: 'arn:limit' } },
    { type: 'aws_iam_role', values: { name: 'free' } },
    { type: 'aws_iam_role_policy', values: policy('inline', { role: 'app' }) },
    { type: 'aws_iam_role_policy', values: policy('of-another', { role: 'free' }) },
    { type: 'aws_iam_policy', values: policy('limit', { arn: 'arn:limit' }) },
    { type: 'aws_iam_policy', values: policy('managed', { arn: 'arn:managed' }) },
    { type: 'aws_iam_policy', values: policy('unused', { arn: 'arn:unused' }) },
    { type: 'aws_iam_role_policy_attachment', values: { role: 'app', policy_arn: 'arn:managed' } },
    {
      type: 'aws_iam_role_policy_attachment',
      values: { role: 'app', policy_arn: 'arn:aws:iam::aws:policy/AmazonEKSClusterPolicy' },
    },
  ];
  const { boundary, name, policies } = roleOf('app', world);
  expect([name, policies.map((one) => one.name), boundary]).toEqual([
    ...['app', ['inline', 'managed', 'AmazonEKSClusterPolicy'], { name: 'limit', policy: { of: 'limit' } }],
  ]);
  expect(roleOf('free', world)).toEqual({
    name: 'free',
    policies: [{ name: 'of-another', policy: { of: 'of-another' } }],
  });
  expect(() => roleOf('none', world)).toThrow('The role none does not exist');
  const unheard = {
    type: 'aws_iam_role_policy_attachment',
    values: { role: 'free', policy_arn: 'arn:aws:iam::aws:policy/Own' },
  };
  expect(() => roleOf('free', [...world, unheard])).toThrow('Add Own to rehearsal/rights/managed-policies/extract.ts');
});

test('every action of a handler is one that IAM knows, with a format of what it is about', () => {
  const kinds = Object.values(actions.resources).flat();
  expect(kinds.length).toBeGreaterThan(100);
  expect(kinds.filter((kind) => actions.formats[kind] === undefined)).toEqual([]);
});
