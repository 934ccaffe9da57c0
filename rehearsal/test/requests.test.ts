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
import type { Change, Resource, Values } from '../rules/index.ts';
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
