/**
 * What a plan is told to mean, one line of a table for each kind of resource and change: where it belongs, which risks
 * somebody has to accept, which data are lost, what users notice, and which values differ. After a change that is meant,
 * `pnpm test delivery/test/whole -u` writes the snapshots again: a line that lost a risk lets such a change through.
 */
import { expect, test } from '@jest/globals';
import { areaOf } from '../areas.ts';
import { differencesOf, type Values } from '../differences.ts';
import { summarise } from '../plan-summary.ts';
import { fingerprint, type Plan } from '../planned-changes.ts';
import { reportTexts } from '../report-texts.ts';
import { holdsData, risksOf } from '../risks.ts';

expect.addSnapshotSerializer({ test: () => true, serialize: String });

const lines = (rows: readonly (readonly [name: string, ...found: string[]])[]) =>
  rows.map(([name, ...found]) => `${name.padEnd(50)} ${found.filter(Boolean).join('; ') || '-'}`).join('\n');

const planOf = (type: string, actions: readonly string[], values: object = {}): Plan => ({
  resource_changes: [
    { address: `${type}.it`, type, change: { actions, before: null, after: null, ...values } },
    // In a new environment, where all is created, no right can reach anything yet.
    { address: 'other.one', type: 'other', change: { actions: ['update'] } },
  ],
});
const risksIn = (plan: Plan) =>
  risksOf(plan)
    .map(({ address, policy }) => `${policy} of ${address}`)
    .join(', ');

test('each kind of resource belongs to a part of the infrastructure', () => {
  const types = [
    ...['iam_role', 'eks_access_entry', 'eks_pod_identity_association', 'lambda_permission', 'ecr_repository_policy'],
    ...['db_instance', 'db_subnet_group', 'secretsmanager_secret', 'kms_key', 'lambda_function'],
    ...['cloudfront_distribution', 'wafv2_web_acl', 'acm_certificate', 'lb', 'lb_listener'],
    ...['cloudwatch_metric_alarm', 'cloudwatch_composite_alarm', 'cloudwatch_dashboard', 'cloudwatch_event_rule'],
    ...['sns_topic', 'budgets_budget', 'route53_health_check', 'ce_anomaly_monitor'],
    ...['cloudwatch_log_group', 'cloudwatch_query_definition', 's3_bucket', 'flow_log', 'athena_workgroup', 'glue_job'],
    ...['route53_zone', 'route53_record', 'ecr_repository', 'eks_cluster', 'eks_node_group', 'launch_template'],
    ...['autoscaling_group', 'scheduler_schedule', 'sqs_queue', 'vpc', 'subnet', 'route_table', 'nat_gateway'],
    ...['internet_gateway', 'egress_only_internet_gateway', 'security_group', 'default_security_group', 'eip'],
    ...['network_acl', 'ec2_managed_prefix_list', 'instance', 'dynamodb_table'],
  ].map((type) => `aws_${type}`);
  const all = [...types, 'helm_release', 'kubernetes_namespace_v1', 'random_id', 'other_aws_db_instance'];
  expect(lines(all.map((type) => [type, areaOf(type)]))).toMatchSnapshot();
});

test('what is lost, and what users notice, in both languages', () => {
  const { lost, noticed } = reportTexts.plan;
  const types = [...new Set([...Object.keys(lost), ...Object.keys(noticed), 'aws_iam_role'])];
  expect(types.length).toBeGreaterThan(15);
  const ways = { delete: ['delete'], replace: ['delete', 'create'], update: ['update'], forget: ['forget'] };
  const rows = types.flatMap((type) =>
    Object.entries(ways).map(([way, actions]): [string, ...string[]] => {
      const plan = planOf(type, actions);
      const { en, pt } = summarise(plan, 'dev');
      const told = [pt, en].flatMap((text) => text.match(/^- .*it`.*: .*$/gm) ?? []);
      return [`${way} ${type}`, risksIn(plan), ...told];
    }),
  );
  expect(lines(rows)).toMatchSnapshot();
});

test('data that are lost are told by their kind and by the way in which they go', () => {
  const lost = (name: string, actions: string[], type = 'aws_s3_bucket') => ({
    ...{ address: `${type}.${name}`, type, change: { actions, before: null, after: null } },
  });
  const plan = {
    resource_changes: [
      ...[lost('gone', ['delete']), lost('new', ['delete', 'create']), lost('gone-too', ['delete'])],
      ...['aws_db_instance', 'aws_kms_key'].map((type) => lost('gone', ['delete'], type)),
    ],
  };
  const { en, pt } = summarise(plan, 'dev');
  expect([pt, en].flatMap((text) => text.match(/^- \*\*.*/gm) ?? []).join('\n')).toMatchSnapshot();
});

const update = ['update'];
const create = ['create'];
const statement = (Action: unknown, more: object = {}) => ({ Effect: 'Allow', Action, Resource: '*', ...more });
const policy = (...Statement: object[]) => ({ policy: JSON.stringify({ Version: '2012-10-17', Statement }) });
const trust = (Statement: object | readonly object[]) => ({ assume_role_policy: JSON.stringify({ Statement }) });
const deny = { Effect: 'Deny', Action: 'iam:*', Resource: '*' };
const denyLess = { ...deny, Action: 'iam:CreateUser' };
const ingress = 'aws_vpc_security_group_ingress_rule';
const rule = (cidr_ipv4: string, port = 22, ip_protocol = 'tcp') => ({
  ...{ cidr_ipv4, ip_protocol, from_port: port, to_port: port },
});
const everybody = '0.0.0.0/0';
const within = (cidr: string, port = 22, protocol = 'tcp') => ({
  ...{ cidr_blocks: [cidr], protocol, from_port: port, to_port: port },
});
const group = (...rules: object[]) => ({ ingress: rules });
const arn = (name: string) => ({ policy_arn: `arn:aws:iam::aws:policy/${name}` });
const versioning = (status: string) => ({ versioning_configuration: [{ status }] });
const github = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: 'a' } };
const denyTrust = { ...github, Effect: 'Deny' };

type Row = [
  title: string,
  type: string,
  before: object | null,
  after: object | null,
  actions?: string[],
  more?: object,
];

const databases: Row[] = [
  ['becomes public', 'aws_db_instance', { publicly_accessible: false }, { publicly_accessible: true }],
  ['is created public', 'aws_db_instance', null, { publicly_accessible: true }, create],
  ['stays public', 'aws_db_instance', { publicly_accessible: true }, { publicly_accessible: true }],
  ['becomes private', 'aws_db_instance', { publicly_accessible: true }, { publicly_accessible: false }],
  ['of another kind is public', 'aws_mq_broker', { publicly_accessible: false }, { publicly_accessible: true }],
];
const groups: Row[] = [
  ['opens a rule', ingress, rule('10.0.0.0/8'), rule(everybody)],
  ['opens a rule to half of all', ingress, rule('10.0.0.0/8'), rule('0.0.0.0/1')],
  ['closes a rule', ingress, rule(everybody), rule('10.0.0.0/8')],
  ['opens another port', ingress, rule(everybody, 443), rule(everybody, 22)],
  ['opens up to another port', ingress, rule(everybody), { ...rule(everybody), to_port: 99 }],
  ['opens down to another port', ingress, rule(everybody), { ...rule(everybody), from_port: 0 }],
  ['opens another protocol', ingress, rule(everybody), rule(everybody, 22, 'udp')],
  ['keeps an open rule', ingress, rule(everybody), { ...rule(everybody), description: 'new' }],
  ['creates a rule open to IPv6', ingress, null, { cidr_ipv6: '::/0', ip_protocol: '-1' }, create],
  ['opens a group', 'aws_security_group', group(), group(within(everybody))],
  [
    'opens another port of a group',
    'aws_security_group',
    group(within(everybody, 443)),
    group(within(everybody, 443), within(everybody)),
  ],
  [
    'opens another protocol of a group',
    'aws_security_group',
    group(within(everybody)),
    group(within(everybody, 22, 'udp')),
  ],
  [
    'opens a group to IPv6',
    'aws_security_group',
    group(within('10.0.0.0/8')),
    group({ ipv6_cidr_blocks: ['fd00::/8', '::/0'] }),
  ],
  [
    'keeps an open group',
    'aws_security_group',
    group(within(everybody)),
    group(within(everybody), within('10.0.0.0/8')),
  ],
  ['creates a group without rules', 'aws_security_group', null, {}, create],
  ['opens a group that had null for rules', 'aws_security_group', { ingress: null }, group(within(everybody))],
  ['empties a group', 'aws_security_group', group(within(everybody)), { ingress: null }],
  [
    'opens a rule that has null for the other kinds of ranges',
    'aws_security_group_rule',
    null,
    { ...within(everybody), type: 'ingress', ipv6_cidr_blocks: null, prefix_list_ids: null },
    create,
  ],
  ['creates a rule for a group, without ranges', ingress, null, { ...rule(everybody), cidr_ipv4: null }, create],
  ['opens the default group', 'aws_default_security_group', group(), group(within(everybody))],
  ['empties the default group', 'aws_default_security_group', group(within(everybody)), group()],
  ['opens a rule of the old kind', 'aws_security_group_rule', null, { type: 'ingress', ...within(everybody) }, create],
  [
    'opens a rule of the old kind beside another range',
    'aws_security_group_rule',
    { ...within('10.0.0.0/8'), type: 'ingress' },
    { ...within('10.0.0.0/8'), type: 'ingress', cidr_blocks: ['10.0.0.0/8', everybody] },
  ],
  ['lets out', 'aws_security_group_rule', null, { type: 'egress', ...within(everybody) }, create],
  ['lets out, by a rule of its own', 'aws_vpc_security_group_egress_rule', null, rule(everybody), create],
];
const on = [
  ...['deletion_protection', 'enable_deletion_protection', 'multi_az'],
  ...['block_public_acls', 'block_public_policy', 'ignore_public_acls', 'restrict_public_buckets'],
];
const off = ['skip_final_snapshot', 'force_destroy', 'delete_automated_backups'];
const protections: Row[] = [
  ...on.flatMap((name): Row[] => [
    [`turns off ${name}`, 'a', { [name]: true }, { [name]: false }],
    [`leaves out ${name}`, 'a', { [name]: true }, {}],
    [`has null for ${name}`, 'a', { [name]: true }, { [name]: null }],
    [`turns on ${name}`, 'a', { [name]: false }, { [name]: true }],
    [`keeps ${name}`, 'a', { [name]: true }, { [name]: true }],
  ]),
  ...off.flatMap((name): Row[] => [
    [`turns on ${name}`, 'a', { [name]: false }, { [name]: true }],
    [`adds ${name}`, 'a', {}, { [name]: true }],
    [`adds ${name} for null`, 'a', { [name]: null }, { [name]: true }],
    [`turns off ${name}`, 'a', { [name]: true }, { [name]: false }],
    [`keeps ${name}`, 'a', { [name]: true }, { [name]: true }],
  ]),
  ...[
    ['delete', 'create'],
    ['create', 'delete'],
  ].map((actions): Row => {
    const title = `is replaced by ${actions} and loses its protection`;
    return [title, 'a', { deletion_protection: true }, { deletion_protection: false }, actions];
  }),
  [
    'is imported, and loses its protection',
    'a',
    { deletion_protection: true },
    { deletion_protection: false },
    update,
    { importing: { id: 'one' } },
  ],
  ['is replaced, and keeps its protection', 'a', { multi_az: true }, { multi_az: true }, ['delete', 'create']],
  ['goes with its protection', 'a', { deletion_protection: true }, null, ['delete']],
  ['is forgotten with its protection', 'a', { deletion_protection: true }, null, ['forget']],
  ['has no protection when it is created', 'a', { deletion_protection: true }, { force_destroy: true }, create],
  ['keeps backups for less time', 'a', { backup_retention_period: 14 }, { backup_retention_period: 7 }],
  ['keeps no more backups', 'a', { backup_retention_period: 14 }, {}],
  ['has null for its backups', 'a', { backup_retention_period: 14 }, { backup_retention_period: null }],
  ['keeps no more backups, of one day', 'a', { backup_retention_period: 1 }, {}],
  ['says that it keeps none', 'a', {}, { backup_retention_period: 0 }],
  ['keeps backups for more time', 'a', { backup_retention_period: 7 }, { backup_retention_period: 14 }],
  ['keeps as many backups', 'a', { backup_retention_period: 7 }, { backup_retention_period: 7 }],
  ['suspends versions', 'aws_s3_bucket_versioning', versioning('Enabled'), versioning('Suspended')],
  ['leaves out versions', 'aws_s3_bucket_versioning', versioning('Enabled'), {}],
  ['has null for versions', 'aws_s3_bucket_versioning', versioning('Enabled'), { versioning_configuration: null }],
  [
    'has an empty list for versions',
    'aws_s3_bucket_versioning',
    versioning('Enabled'),
    { versioning_configuration: [] },
  ],
  ['enables versions', 'aws_s3_bucket_versioning', versioning('Suspended'), versioning('Enabled')],
  ['keeps versions', 'aws_s3_bucket_versioning', versioning('Enabled'), versioning('Enabled')],
];
const attached = 'aws_iam_role_policy_attachment';
const rights: Row[] = [
  ...['AdministratorAccess', 'PowerUserAccess', 'IAMFullAccess', 'ReadOnlyAccess'].map(
    (name): Row => [`attaches ${name}`, attached, null, arn(name), create],
  ),
  [
    'attaches AmazonEKSClusterAdminPolicy',
    'aws_eks_access_policy_association',
    null,
    arn('AmazonEKSClusterAdminPolicy'),
    create,
  ],
  ['attaches AmazonEKSAdminPolicy', 'aws_eks_access_policy_association', null, arn('AmazonEKSAdminPolicy'), create],
  ['attaches AdministratorAccess-Amplify', attached, null, arn('AdministratorAccess-Amplify'), create],
  [
    'attaches AdministratorAccess instead',
    attached,
    arn('ReadOnlyAccess'),
    arn('AdministratorAccess'),
    ['delete', 'create'],
  ],
  ['keeps AdministratorAccess', attached, arn('AdministratorAccess'), { ...arn('AdministratorAccess'), role: 'b' }],
  ['detaches AdministratorAccess', attached, arn('AdministratorAccess'), null, ['delete']],
  ['forgets AdministratorAccess', attached, arn('AdministratorAccess'), null, ['forget']],
  ['creates a policy that allows all', 'aws_iam_policy', null, policy(statement('*')), create],
  ['creates a policy that allows all of IAM', 'aws_iam_policy', null, policy(statement(['s3:Get*', 'iam:*'])), create],
  ...['*', 'iam:*'].map(
    (action): Row => [
      `creates a policy that allows ${action} on some`,
      'aws_iam_policy',
      null,
      policy(statement('s3:Get*'), statement(action, { Resource: ['a', 'arn:aws:iam::1:role/*'] })),
      create,
    ],
  ),
  [
    'creates a policy that allows all but something on some',
    'aws_iam_policy',
    null,
    policy(statement(undefined, { NotAction: 's3:*', Resource: 'arn:aws:iam::1:role/*' })),
    create,
  ],
  ['creates a policy that allows some', 'aws_iam_policy', null, policy(statement(['s3:*', 'iam:Get*'])), create],
  [
    'creates a policy that allows all but something',
    'aws_iam_policy',
    null,
    policy(statement(undefined, { NotAction: 'iam:*' })),
    create,
  ],
  ['allows an action', 'aws_iam_policy', policy(statement('s3:Get*')), policy(statement(['s3:Get*', 's3:Put*']))],
  [
    'allows an action by a statement of its own',
    'aws_iam_policy',
    policy(statement('s3:Get*')),
    policy(statement('s3:Get*'), statement('s3:Put*')),
  ],
  ['allows an action fewer', 'aws_iam_policy', policy(statement(['s3:Get*', 's3:Put*'])), policy(statement('s3:Get*'))],
  [
    'allows the same in another order',
    'aws_iam_policy',
    policy(statement(['a:A', 'b:B'])),
    policy(statement(['b:B', 'a:A'])),
  ],
  [
    'allows the same under another name',
    'aws_iam_policy',
    policy(statement('a:A', { Sid: 'one' })),
    policy(statement('a:A', { Sid: 'two' })),
  ],
  [
    'allows another resource',
    'aws_iam_policy',
    policy(statement('a:A', { Resource: 'a' })),
    policy(statement('a:A', { Resource: ['a', 'b'] })),
  ],
  [
    'allows all but an action',
    'aws_iam_policy',
    policy(statement('s3:*')),
    policy(statement(undefined, { NotAction: 's3:Get*' })),
  ],
  [
    'allows all resources but another one',
    'aws_iam_policy',
    policy(statement('a:A', { Resource: undefined, NotResource: 'a' })),
    policy(statement('a:A', { Resource: undefined, NotResource: 'b' })),
  ],
  [
    'creates a policy that allows all on all resources but one',
    'aws_iam_policy',
    null,
    policy(statement('*', { Resource: undefined, NotResource: 'a' })),
    create,
  ],
  [
    'allows one action more, in a policy and to whom it trusts',
    'aws_iam_role',
    { ...trust(github), ...policy(statement('a:A')) },
    { ...trust(github), ...policy(statement('a:A'), statement('b:B')) },
  ],
  [
    'trusts one more, beside a policy that stays',
    'aws_iam_role',
    { ...trust(github), ...policy(statement('a:A')) },
    { ...trust({ ...github, Principal: { AWS: ['a', 'b'] } }), ...policy(statement('a:A')) },
  ],
  [
    'denies under another condition',
    'aws_iam_policy',
    policy(statement('s3:*'), deny),
    policy(statement('s3:*'), { ...deny, Condition: { Bool: { b: 'true' } } }),
  ],
  [
    'denies all but something, and then less',
    'aws_iam_policy',
    policy(statement('s3:*'), { Effect: 'Deny', NotAction: 's3:*', Resource: '*' }),
    policy(statement('s3:*'), { Effect: 'Deny', NotAction: ['s3:*', 'iam:*'], Resource: '*' }),
  ],
  [
    'creates a policy that allows some, under a condition with any value',
    'aws_iam_policy',
    null,
    policy(statement('a:A', { Condition: { StringLike: { b: ['*', 'c'] } } })),
    create,
  ],
  [
    'has another document that is known only later',
    'aws_iam_role',
    trust(github),
    trust(github),
    update,
    { after_unknown: { inline_policy: [{ policy: true }], managed_policy: true } },
  ],
  [
    'drops a condition',
    'aws_iam_policy',
    policy(statement('a:A', { Condition: { Bool: { b: 'true' } } })),
    policy(statement('a:A')),
  ],
  ['drops a denial', 'aws_iam_policy', policy(statement('s3:*'), deny), policy(statement('s3:*'))],
  ['denies less', 'aws_iam_policy', policy(statement('s3:*'), deny), policy(statement('s3:*'), denyLess)],
  [
    'allows less beside a denial that stays',
    'aws_iam_policy',
    policy(statement(['s3:Get*', 's3:Put*']), deny),
    policy(deny, statement('s3:Get*')),
  ],
  [
    'allows less in a document that is secret',
    'aws_iam_policy',
    policy(statement(['s3:Get*', 's3:Put*'])),
    policy(statement('s3:Get*')),
    update,
    { after_sensitive: { policy: true } },
  ],
  [
    'allows more in a document that is secret',
    'aws_iam_policy',
    policy(statement('s3:Get*')),
    policy(statement(['s3:Get*', 's3:Put*'])),
    update,
    { after_sensitive: { policy: true } },
  ],
  ['adds a denial', 'aws_iam_policy', policy(statement('s3:*')), policy(statement('s3:*'), deny)],
  [
    'has a policy that is known only later',
    'aws_iam_policy',
    policy(statement('a:A')),
    {},
    update,
    { after_unknown: { policy: true } },
  ],
  [
    'creates a policy that is known only later',
    'aws_iam_policy',
    null,
    {},
    create,
    { after_unknown: { policy: true } },
  ],
  [
    'of another service has a policy that is known only later',
    'aws_s3_bucket_policy',
    policy(statement('s3:Get*')),
    {},
    update,
    { after_unknown: { policy: true } },
  ],
  [
    'trusts somebody who is known only later',
    'aws_iam_role',
    trust(github),
    {},
    update,
    { after_unknown: { assume_role_policy: true } },
  ],
  [
    'has an address that is known only later',
    'aws_iam_policy',
    policy(statement('a:A')),
    policy(statement('a:A')),
    update,
    { after_unknown: { policy_id: true } },
  ],
  ['trusts another principal', 'aws_iam_role', trust(github), trust({ ...github, Principal: { AWS: 'b' } })],
  ['trusts without its condition', 'aws_iam_role', trust({ ...github, Condition: { a: 'b' } }), trust(github)],
  ['trusts without a denial', 'aws_iam_role', trust([github, denyTrust]), trust([github])],
  [
    'trusts with a denial under another condition',
    'aws_iam_role',
    trust([github, denyTrust]),
    trust([github, { ...denyTrust, Condition: { Bool: { b: 'true' } } }]),
  ],
  ['trusts with one more denial', 'aws_iam_role', trust(github), trust([denyTrust, github])],
  ['trusts the same', 'aws_iam_role', { ...trust(github), tags: 1 }, { ...trust(github), tags: 2 }],
  ['drops its boundary', 'aws_iam_role', { permissions_boundary: 'a' }, {}],
  ['gets another boundary', 'aws_iam_role', { permissions_boundary: 'a' }, { permissions_boundary: 'b' }],
  ['gets a boundary', 'aws_iam_role', {}, { permissions_boundary: 'b' }],
  ['gets a boundary for null', 'aws_iam_role', { permissions_boundary: null }, { permissions_boundary: 'b' }],
  ['gets a boundary for an empty text', 'aws_iam_role', { permissions_boundary: '' }, { permissions_boundary: 'b' }],
  ['gets null for its boundary', 'aws_iam_role', { permissions_boundary: 'a' }, { permissions_boundary: null }],
  ['goes with its boundary', 'aws_iam_role', { permissions_boundary: 'a' }, null, ['delete']],
  ['is forgotten with its boundary', 'aws_iam_role', { permissions_boundary: 'a' }, null, ['forget']],
  ['goes with its denials', 'aws_iam_policy', policy(statement('s3:*'), deny), null, ['delete']],
  ['is forgotten with its denials', 'aws_iam_policy', policy(statement('s3:*'), deny), null, ['forget']],
  ['keeps its boundary', 'aws_iam_role', { permissions_boundary: 'a' }, { permissions_boundary: 'a', tags: 1 }],
  ['of another service allows all', 'aws_s3_bucket_policy', policy(statement('s3:Get*')), policy(statement('*'))],
  ['of another service is created and allows all', 'aws_vpc_endpoint', null, policy(statement('*')), create],
];

test.each([
  ['databases', databases],
  ['security groups', groups],
  ['protections', protections],
  ['rights', rights],
])('the risks of %s', (_, rows) => {
  const found = rows.map(([title, type, before, after, actions = update, more = {}]): [string, string] => [
    title,
    risksIn(planOf(type, actions, { before, after, ...more })),
  ]);
  expect(lines(found)).toMatchSnapshot();
});

interface Other {
  readonly previous_address?: string;
  readonly change: { readonly actions: string[]; readonly importing?: object };
}

/** The policies that a row breaks in a plan that also does something else, or leaves something as it is. */
const brokenBeside = ([, type, before, after, actions = update, more = {}]: Row, other: Other) => {
  const { resource_changes = [] } = planOf(type, actions, { before, after, ...more });
  const [changed] = resource_changes;
  return risksIn({ resource_changes: changed ? [changed, { address: 'other.one', type: 'other', ...other }] : [] });
};
const besideUpdate: Other = { change: { actions: update } };

// The values are those of GitHub's tokens, of networks and of times.
const conditions = [
  undefined,
  { StringEquals: { 'token:sub': 'repo:owner/name:ref:refs/heads/main' } },
  { StringEquals: { 'token:sub': 'repo:owner/name:ref:refs/heads/develop' } },
  { StringEquals: { 'token:sub': ['repo:owner/name:ref:refs/heads/main', 'repo:owner/name:environment:prd'] } },
  { StringLike: { 'token:sub': 'repo:owner/name:ref:refs/heads/main' } },
  { StringLike: { 'token:sub': 'repo:owner/*' } },
  { StringEquals: { 'token:aud': 'repo:owner/name:ref:refs/heads/main' } },
  { StringEquals: { 'token:aud': 'sts.amazonaws.com', 'token:sub': 'repo:owner/name:ref:refs/heads/main' } },
  { StringEquals: { 'token:aud': 'sts.amazonaws.com' }, StringLike: { 'token:sub': 'repo:owner/name:*' } },
  { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } },
  { IpAddress: { 'aws:SourceIp': '10.0.0.0/16' } },
  { NumericLessThan: { 'aws:MultiFactorAuthAge': 300 } },
  { NumericLessThan: { 'aws:MultiFactorAuthAge': 3_000 } },
];
const scopes: readonly object[] = [
  ...conditions.map((Condition) => ({ Condition })),
  ...['*', { AWS: '*' }, { AWS: 'arn:aws:iam::1:root' }, { Service: 'ec2.amazonaws.com' }, { Federated: 'a' }].flatMap(
    (Principal) => conditions.slice(0, 3).map((Condition) => ({ Principal, Condition })),
  ),
  { NotPrincipal: { AWS: 'arn:aws:iam::1:root' } },
  { Action: 'a:B' },
  { Action: 'a:*' },
  { Action: 'A:A' },
  { Action: undefined, NotAction: 'a:A' },
  { Action: undefined, NotAction: 'a:B' },
  { Resource: 'a' },
  { Resource: 'A' },
  { Resource: 'a/*' },
  { Resource: undefined, NotResource: 'a' },
  { Resource: 'a', Condition: conditions[1] },
  { Resource: 'a', Condition: conditions[2] },
];

test.each<[string, (statement: object) => object, object[]]>([
  ['allows', policy, []],
  ['allows beside other statements', (given) => policy(statement('z:Z'), given, deny), []],
  ['denies', (given) => policy(statement('s3:*'), { ...given, Effect: 'Deny' }), []],
  ['trusts', (given) => trust(given), []],
  ['trusts beside another', (given) => ({ ...trust([github, given]), ...policy(statement('s3:Get*')) }), []],
])('what a role %s under any other part of a statement is another right', (_, documentOf) => {
  const texts = scopes.map((scope) => documentOf(statement('a:A', scope)));
  expect(new Set(texts.map((text) => JSON.stringify(text))).size).toBe(scopes.length);
  const missed = texts.flatMap((before, from) =>
    texts.flatMap((after, to) => {
      const isRisk = risksIn(planOf('aws_iam_role', update, { before, after })) !== '';
      return isRisk === (from !== to) ? [] : [[scopes[from], scopes[to]]];
    }),
  );
  expect(missed).toEqual([]);
});

test.each([
  ...['role', 'role_policy', 'policy', 'user', 'user_policy', 'group_policy'].map((name) => `aws_iam_${name}`),
])('a wider document of %s is a risk', (type) => {
  const change = { before: policy(statement('s3:Get*')), after: policy(statement('s3:*')) };
  expect(risksIn(planOf(type, update, change))).toBe(`rightsWidened of ${type}.it`);
});

const attachments = ['aws_iam_role', 'aws_iam_user', 'aws_iam_group'].flatMap((type) =>
  ['AdministratorAccess', 'PowerUserAccess', 'IAMFullAccess'].map((name) => [
    ...[`${type}_policy_attachment`, `iam::aws:policy/${name}`],
  ]),
);
const forCluster = 'eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy';

test.each([...attachments, ['aws_eks_access_policy_association', forCluster]])(
  'that %s gives %s is a risk, in each partition of AWS, and whatever was there before',
  (type, name) => {
    for (const partition of ['aws', 'aws-us-gov', 'aws-cn']) {
      const after = { policy_arn: `arn:${partition}:${name}` };
      const few = { policy_arn: `arn:${partition}:iam::aws:policy/job-function/ViewOnlyAccess` };
      const plans = [
        planOf(type, create, { after }),
        ...[few, { policy_arn: null }, {}].flatMap((before) =>
          [update, ['delete', 'create'], ['create', 'delete']].map((actions) =>
            planOf(type, actions, { before, after }),
          ),
        ),
      ];
      for (const plan of plans) expect([plan, risksIn(plan)]).toEqual([plan, `rightsWidened of ${type}.it`]);
      expect(risksIn(planOf(type, update, { before: after, after: few }))).toBe('');
    }
  },
);

/** Protocols and ports, as AWS writes them: all of a protocol, the types of ICMP, and single and several ports. */
const doors: readonly (readonly [protocol: string, from: number | null, to: number | null])[] = [
  ...['tcp', 'udp'].flatMap((protocol) => [
    ...[0, 22, 53, 80, 443, 3306, 3389, 5432, 6443, 8080, 8443, 9443, 10250, 65_535].map(
      (port) => [protocol, port, port] as const,
    ),
    ...([
      [protocol, 0, 65_535],
      [protocol, 443, 444],
      [protocol, 1_024, 65_535],
      [protocol, null, null],
    ] as const),
  ]),
  ...([
    ['-1', 0, 0],
    ['-1', null, null],
    ['-1', -1, -1],
    ['icmp', -1, -1],
    ['icmp', 8, 0],
    ['icmpv6', -1, -1],
    ['6', 443, 443],
  ] as const),
];

test('whatever port a group opens to everybody is a risk, also for another one that it closes', () => {
  const opened = (door: (typeof doors)[number] | undefined, range: string) => ({
    ...{ protocol: door?.[0], from_port: door?.[1], to_port: door?.[2] },
    // Terraform writes both kinds of ranges, of which one is empty.
    ...{ cidr_blocks: [], ipv6_cidr_blocks: [], [range.includes(':') ? 'ipv6_cidr_blocks' : 'cidr_blocks']: [range] },
  });
  const missed = doors.flatMap((door, index) =>
    [everybody, '::/0'].flatMap((range) => {
      const [protocol, from_port, to_port] = door;
      const inner = opened(door, '10.0.0.0/8');
      const other = opened(doors[(index + 1) % doors.length], range);
      const single = { ip_protocol: protocol, from_port, to_port };
      const ranges = range === everybody ? { cidr_ipv4: range } : { cidr_ipv6: range };
      const found = [
        ...['aws_security_group', 'aws_default_security_group'].flatMap((type) => [
          planOf(type, update, { before: group(inner), after: group(inner, opened(door, range)) }),
          planOf(type, update, { before: group(other), after: group(opened(door, range)) }),
          planOf(type, create, { before: null, after: group(opened(door, range)) }),
        ]),
        planOf('aws_security_group_rule', create, { after: { type: 'ingress', ...opened(door, range) } }),
        planOf(ingress, create, { after: { ...single, ...ranges } }),
        planOf(ingress, update, { before: { ...single, cidr_ipv4: '10.0.0.0/8' }, after: { ...single, ...ranges } }),
      ];
      return found.flatMap((plan) => (risksIn(plan).startsWith('groupOpen of ') ? [] : [[door, range, plan]]));
    }),
  );
  expect(missed).toEqual([]);
});

test('whatever else a plan does, its risks stay', () => {
  const rows = [...databases, ...groups, ...protections, ...rights];
  const wrong = rows.flatMap((row) =>
    [
      ...[['delete'], ['delete', 'create'], ['create', 'delete'], ['forget'], ['no-op']].map((actions) => ({
        change: { actions },
      })),
      { previous_address: 'other.before', change: { actions: ['no-op'] } },
      { change: { actions: ['no-op'], importing: { id: 'one' } } },
    ]
      .filter((other) => brokenBeside(row, other) !== brokenBeside(row, besideUpdate))
      .map((other) => [...row.slice(0, 2), other]),
  );
  expect(wrong).toEqual([]);
  expect(rows.filter((row) => brokenBeside(row, besideUpdate) !== '').length).toBeGreaterThan(30);
});

test('what is a risk of an update is one of a replacement, too', () => {
  const updated = [...databases, ...groups, ...protections, ...rights].filter(
    ([, , , , actions = update]) => actions === update,
  );
  expect(updated.filter(({ length }) => length > 5).length).toBeGreaterThan(2);
  expect(updated.filter((row) => brokenBeside(row, besideUpdate) !== '').length).toBeGreaterThan(30);
  for (const [title, type, before, after, , more = {}] of updated) {
    const risks = brokenBeside([title, type, before, after, update, more], besideUpdate);
    const lost = holdsData(type) ? `dataLost of ${type}.it` : '';
    for (const actions of [
      ['delete', 'create'],
      ['create', 'delete'],
    ]) {
      const found = brokenBeside([title, type, before, after, actions, more], besideUpdate);
      expect([title, found]).toEqual([title, [lost, risks].filter(Boolean).join(', ')]);
    }
  }
});

test('what is left of a resource that was replaced is lost when it goes, although the new one stays', () => {
  const database = { address: 'aws_db_instance.it', type: 'aws_db_instance' };
  const plan: Plan = {
    resource_changes: [
      { ...database, change: { actions: ['no-op'], before: {}, after: {} } },
      { ...database, deposed: 'ab12', change: { actions: ['delete'], before: {}, after: null } },
    ],
  };
  expect(risksIn(plan)).toBe('dataLost of aws_db_instance.it');
  expect(summarise(plan, 'dev').en).toContain('- **destroys `aws_db_instance.it`: the database');
});

test('a risk stays one, whatever else the same resource gets', () => {
  const rows = [...databases, ...groups, ...protections, ...rights].filter(([, , before, after, actions = update]) => {
    return actions === update && before && after;
  });
  const isRisky = (row: Row) => brokenBeside(row, besideUpdate) !== '';
  const keys = ([, , before, after]: Row) => Object.keys({ ...before, ...after });
  const pairs = rows
    .filter(isRisky)
    .flatMap((risky) =>
      rows
        .filter(
          (other) =>
            (other[1] === risky[1] || other[1] === 'a') && !keys(other).some((key) => keys(risky).includes(key)),
        )
        .map((other) => [risky, other] as const),
    );
  expect(pairs.length).toBeGreaterThan(500);
  const missed = pairs.flatMap(([risky, other]) =>
    [
      [risky, other],
      [other, risky],
    ].flatMap(([one, two]) => {
      const change = { ...risky[5], before: { ...one?.[2], ...two?.[2] }, after: { ...one?.[3], ...two?.[3] } };
      const found = risksIn(planOf(risky[1], update, change));
      return found.includes(brokenBeside(risky, besideUpdate)) ? [] : [[risky[0], other[0], found]];
    }),
  );
  expect(missed).toEqual([]);
});

test('in a new environment, rights are no risk, and all else is', () => {
  const creates: readonly [string, object][] = [
    ['aws_iam_policy', policy(statement('*'))],
    [attached, arn('AdministratorAccess')],
    [ingress, rule(everybody)],
    ['aws_db_instance', { publicly_accessible: true }],
  ];
  const resource_changes = creates.map(([type, after]) => ({
    ...{ address: `${type}.it`, type, change: { actions: create, before: null, after } },
  }));
  // What is only read may be there before.
  const read = { address: 'data.a.b', type: 'a', change: { actions: ['read'] } };
  expect(risksIn({ resource_changes: [read, ...resource_changes] })).toMatchSnapshot();
});

test.each<[string, Values]>([
  ['a value', { before: { a: 1, same: 'x' }, after: { a: 2, same: 'x' } }],
  ['a new value', { before: {}, after: { a: false } }],
  ['a value that goes', { before: { a: 0 }, after: { a: null } }],
  ['null for nothing', { before: { a: null }, after: {} }],
  ['a value for null', { before: { a: null, b: null }, after: { a: 0, b: { c: null, d: 1 } } }],
  ['null for values', { before: { a: '', b: { c: null, d: 1 } }, after: { a: null, b: null } }],
  [
    'a secret that is an object',
    { before: { a: { b: 'x' } }, after: { a: { b: 's3cret' } }, after_sensitive: { a: true } },
  ],
  ['a resource that is wholly secret', { before: { a: 'x' }, after: { a: 's3cret' }, before_sensitive: true }],
  ['a resource that is created', { before: null, after: { a: { b: 1 } }, after_unknown: { id: true } }],
  ['a resource that goes', { before: { a: { b: 1 } }, after: null }],
  ['a list of the same length', { before: { a: [1, 2, 3] }, after: { a: [1, 5, 3] } }],
  ['an item in front', { before: { a: ['x', 'y'] }, after: { a: ['new', 'x', 'y'] } }],
  ['an item fewer', { before: { a: ['x', 'y', { z: 1 }] }, after: { a: ['x', 'y'] } }],
  ['items in exchange', { before: { a: ['x', 'y'] }, after: { a: ['y', 'z', 'w'] } }],
  ['another form', { before: { a: [1] }, after: { a: { b: 1 } } }],
  ['a text for a list', { before: { a: [1] }, after: { a: 'x' } }],
  ['texts that are the same number', { before: { a: '1.30', b: '1' }, after: { a: '1.3', b: 1 } }],
  [
    'an item in front, where marks say that nothing is marked',
    {
      before: { a: ['x', 'y'], b: 'x' },
      after: { a: ['new', 'x', 'y'], b: { c: 1 } },
      before_sensitive: { a: [false, false], b: {} },
      after_sensitive: { a: [{}, false, []], b: { c: false } },
      after_unknown: { a: [false, {}, false], b: {} },
    },
  ],
  ['a document', { before: { a: '{"b":{"c":[1,2]}}' }, after: { a: '{"b":{"c":[1,3]}}' } }],
  ['a document of another order', { before: { a: '{"b":1,"c":2}' }, after: { a: '{"c":2,"b":1}' } }],
  ['a document that is a list', { before: { a: '[1]' }, after: { a: '[1,2]' } }],
  ['what only looks like a document', { before: { a: '{b}' }, after: { a: '[c' } }],
  [
    'what is known later',
    { before: { a: 1, b: { c: 2 } }, after: { b: {} }, after_unknown: { a: true, b: { c: true } } },
  ],
  [
    'what is not yet known within a list',
    { before: { a: ['x'] }, after: { a: ['x'] }, after_unknown: { a: [false, true] } },
  ],
  ['a secret', { before: { a: 'x' }, after: { a: 's3cret' }, after_sensitive: { a: true } }],
  [
    'a secret that is known later',
    { before: { a: null }, after: {}, after_unknown: { a: true }, after_sensitive: { a: true } },
  ],
  ['a secret that was one', { before: { a: 's3cret' }, after: { a: 'x' }, before_sensitive: { a: true } }],
  ['a secret that is null or left out', { before: { a: null }, after: {}, after_sensitive: { a: true } }],
  ['a secret that is left out or null', { before: {}, after: { a: null }, before_sensitive: { a: true } }],
  ['a secret that stays', { before: { a: 's3cret' }, after: { a: 's3cret' }, after_sensitive: { a: true } }],
  [
    'a secret within',
    { before: { a: { b: 'x', c: 1 } }, after: { a: { b: 's3cret', c: 2 } }, after_sensitive: { a: { b: true } } },
  ],
  [
    'a list with a secret',
    { before: { a: ['x'] }, after: { a: ['x', 's3cret'] }, after_sensitive: { a: [false, true] } },
  ],
  [
    'another form with a secret',
    { before: { a: 'x' }, after: { a: { b: 's3cret' } }, after_sensitive: { a: { b: true } } },
  ],
])('the differences of %s', (_, values) => {
  expect(
    differencesOf(values)
      .map((difference) => JSON.stringify(difference))
      .join('\n') || 'none',
  ).toMatchSnapshot();
});

/** Two values that are not the same for AWS, a shell or a cluster, however alike they look. */
const alike: readonly (readonly [unknown, unknown])[] = [
  ['Name', 'name'],
  ['a b', 'a  b'],
  ['a b', 'ab'],
  ['a', 'a '],
  ['a', ' a'],
  ['a b', 'a\tb'],
  ['a b', 'a\nb'],
  ['a', 'a\n'],
  ['a\nb', 'a\r\nb'],
  ['a\nb', 'a\n\nb'],
  ['a:\n  b: 1\n  c: 2\n', 'a:\n  b: 1\nc: 2\n'],
  ['if a; then\n  b\nfi\nc', 'if a; then\n  b\n  c\nfi'],
  ['a-b', 'a_b'],
  ['a', 'a.'],
  ['a/', 'a'],
  ['á', 'a'],
  ['"a"', 'a'],
  ["'a'", '"a"'],
  [1, '1'],
  ['1', '1.0'],
  ['01', '1'],
  ['10', '9'],
  [1, 1.000_001],
  [1, -1],
  [0, false],
  [true, 'true'],
  ['', null],
  [0, null],
  [false, null],
  ['null', null],
  [`${'x'.repeat(5_000)}a`, `${'x'.repeat(5_000)}b`],
  [
    ['a', 'b'],
    ['b', 'a'],
  ],
  [
    ['a', 'b', 'c'],
    ['a', 'c', 'b'],
  ],
  [
    [
      { path: '/api/*', to: 'api' },
      { path: '/*', to: 'site' },
    ],
    [
      { path: '/*', to: 'site' },
      { path: '/api/*', to: 'api' },
    ],
  ],
  [['a', 'a'], ['a']],
  [
    ['--one', 'x', '--two', 'x'],
    ['--one', 'x', '--two'],
  ],
  [
    ['a', 'b'],
    ['c', 'b', 'a'],
  ],
  [
    ['a', 'b', 'c'],
    ['b', 'a'],
  ],
  [['a', 'b'], 'a,b'],
  [['a'], 'a'],
  [
    ['a', ''],
    ['a', null],
  ],
];

/** Places in which a value lies. */
const places: Readonly<Record<string, (value: unknown) => unknown>> = {
  'an attribute': (value) => value,
  'an object': (value) => ({ b: value, c: 1 }),
  'a list': (value) => [value],
  'an object in a list': (value) => ['x', { b: value }],
  'a list in an object in a list': (value) => [{ b: [1, value] }],
  'a document': (value) => JSON.stringify({ b: value }),
  'a document in a list': (value) => [JSON.stringify({ b: { c: [value] } })],
  'a document in a document': (value) => JSON.stringify({ b: JSON.stringify({ c: value }) }),
};

test('values that only look alike differ, and so do the fingerprints of their plans, wherever they lie', () => {
  const missed = Object.entries(places).flatMap(([place, put]) =>
    [...alike, ...alike.map(([one, other]) => [other, one] as const)].flatMap(([one, other]) => {
      const change = { before: { a: put(one), same: 1 }, after: { a: put(other), same: 1 } };
      const back = { before: change.after, after: change.before };
      const same = { before: change.before, after: change.before };
      const [plan, ...others] = [change, back, same].map((values) => fingerprint(planOf('aws_lb', update, values)));
      const isTold = differencesOf(change).length > 0 && differencesOf(same).length === 0;
      return isTold && !others.includes(plan ?? '') ? [] : [[place, one, other]];
    }),
  );
  expect(missed).toEqual([]);
});

test('an item that goes is told as such, and items in another order by their places', () => {
  const found = (
    [
      [
        ['a', 'b', 'a'],
        ['a', 'b'],
      ],
      [
        ['a', 'b'],
        ['a', 'b', 'a', 'a'],
      ],
      [
        ['a', 'b', 'c'],
        ['b', 'a'],
      ],
      [
        ['a', 'b'],
        ['c', 'b', 'a'],
      ],
      [
        ['deny', 'allow', 'log', 'log'],
        ['allow', 'deny', 'log'],
      ],
      [
        [{ b: 1 }, { b: 2 }, { b: 3 }],
        [{ b: 2 }, { b: 1 }],
      ],
    ] as const
  ).map(([before, after]): [string, ...string[]] => [
    `${JSON.stringify(before)} → ${JSON.stringify(after)}`,
    ...differencesOf({ before: { a: before }, after: { a: after } }).map((difference) => JSON.stringify(difference)),
  ]);
  expect(lines(found)).toMatchSnapshot();
});

test('of a document, only the field that differs is told, wherever the document lies', () => {
  // As those of a chart are: long, and at its end what changes.
  const document = (tag: string) => JSON.stringify({ ...{ more: 'x'.repeat(500), on: true }, image: { tag } });
  const found = Object.entries(places).map(([place, put]): [string, ...string[]] => {
    const change = { before: { a: put(document('v1')) }, after: { a: put(document('v2')) } };
    return [place, ...differencesOf(change).map((difference) => JSON.stringify(difference))];
  });
  expect(lines(found)).toMatchSnapshot();
});

/** Ways in which a value lies within another one: before, after, and its mark. */
const ways: Readonly<Record<string, (before: unknown, after: unknown, mark: unknown) => readonly unknown[]>> = {
  'an object': (before, after, mark) => [{ in: before, other: 1 }, { in: after, other: 2 }, { in: mark }],
  'a list': (before, after, mark) => [
    [before, 1],
    [after, 2],
    [mark, false],
  ],
  'a list that grows': (before, after, mark) => [[before], [after, 2], [mark, false]],
  'a list that shrinks': (before, after, mark) => [[before, 1], [after], [mark]],
  'a list that begins': (_, after, mark) => [undefined, [after], [mark]],
};
const names = Object.keys(ways);
const deep = names.flatMap((one) => names.flatMap((two) => names.map((three) => [one, two, three])));

/** What a mark may cover: a value, or all that is in one, before and after. */
const covered: readonly (readonly [unknown, unknown])[] = [
  ['before', 's3cret'],
  [null, 's3cret'],
  [1, { b: 's3cret' }],
  [{ b: 'x' }, { b: 's3cret' }],
  [{ b: 'x' }, { b: 'x', c: ['s3cret'] }],
  [['x'], ['s3cret']],
  [['x'], ['x', 's3cret']],
  ['{"b":"x"}', '{"b":"s3cret"}'],
  ['["x"]', '["x",{"c":"s3cret"}]'],
];

test('a secret is not told, and what is not known yet is not told as a value, however deep it lies', () => {
  expect(deep.length).toBeGreaterThan(100);
  const told = (path: readonly string[], values: readonly [unknown, unknown], mark: string) => {
    const [before, after, marks] = path.reduceRight<readonly unknown[]>(
      ([one, other, its], way) => ways[way]?.(one, other, its) ?? [],
      [...values, true],
    );
    const [plain, marked] = [{ a: before }, { a: after }];
    const sides = mark.startsWith('before') ? { before: marked, after: plain } : { before: plain, after: marked };
    return JSON.stringify(differencesOf({ ...sides, [mark]: { a: marks } }));
  };
  /** It is told that something differs, and not what. */
  const isKept = (text: string, value: string) => text !== '[]' && !text.includes(value);
  const paths = [[], ...deep];
  for (const mark of ['before_sensitive', 'after_sensitive']) {
    const all = paths.flatMap((path) => covered.map((values) => ({ path, values })));
    expect(all.filter(({ path, values }) => !isKept(told(path, values, mark), 's3cret'))).toEqual([]);
  }
  // Terraform writes null for what it does not know yet, be it an item or a part of one.
  const all = paths.flatMap((path) =>
    covered.flatMap(([before]) => [null, { b: null }].map((after) => ({ path, values: [before, after] as const }))),
  );
  expect(all.filter(({ path, values }) => !isKept(told(path, values, 'after_unknown'), 'null'))).toEqual([]);
});

test.each<[string, object]>([
  ['an e-mail address', { a: 'to: first.last+x@example.com, other' }],
  ['several e-mail addresses', { a: 'one@example.com, two@example.com' }],
  ['a long value', { a: 'y'.repeat(201) }],
  ['a value that is just short enough', { a: 'y'.repeat(200) }],
  ['line breaks and backticks', { a: 'one\n\n  `two`' }],
  ['an empty text', { a: '' }],
  ['an object', { a: [{ b: 1 }, 'c'] }],
  ['numbers', { a: 0, b: 1, c: -1.5 }],
  ['what is true and what is not', { a: false, b: true }],
  ['what has nothing in it', { a: [], b: {}, c: '' }],
])('the values of %s', (_, values) => {
  const told = [
    { before: { a: 'x' }, after: values },
    { before: values, after: {} },
  ].flatMap((change) => summarise(planOf('aws_lb', update, change), 'dev').pt.match(/^ {2}- .*/gm) ?? []);
  expect(told.join('\n')).toMatchSnapshot();
});

/** Ways in which a value comes and goes. */
const withText = (a: string): [way: string, change: Values][] => [
  ['comes', { before: {}, after: { a } }],
  ['goes', { before: { a }, after: {} }],
  ['comes instead', { before: { a: 'x' }, after: { a } }],
  ['goes for another', { before: { a }, after: { a: 'x' } }],
  ['comes into a list', { before: { b: ['x'] }, after: { b: ['x', { c: a }] } }],
  ['goes from a list', { before: { b: ['x', { c: a }] }, after: { b: ['x'] } }],
];

test('no part of an e-mail address is shown', () => {
  const parts = ['ops', 'first.last', 'with-hyphen', 'with_line', 'with+plus', '9'];
  const addresses = parts.flatMap((name) =>
    ['example.com', 'my-company.example', 'mail.my-company.co-op'].map((domain) => `${name}@${domain}`),
  );
  for (const address of addresses) {
    for (const [way, change] of withText(`to ${address}, now`)) {
      const { pt } = summarise(planOf('aws_lb', update, change), 'dev');
      expect([address, way, pt]).toEqual([address, way, expect.stringContaining('to (e-mail), now')]);
    }
  }
});

test('no part of an e-mail address is left where a long value is cut', () => {
  for (let before = 180; before <= 201; before++) {
    const a = `${'-'.repeat(before - 1)} someone@example.com`;
    for (const [way, change] of withText(a)) {
      const { pt } = summarise(planOf('aws_lb', update, change), 'dev');
      expect([before, way, pt]).toEqual([before, way, expect.not.stringMatching(/some|example/)]);
    }
  }
});

test('each reason of Terraform is told, and of a resource that is replaced the arguments, which say more', () => {
  const resource = (address: string, change: object, more: object) => ({
    ...{ address, type: 'aws_sqs_queue', change: { actions: ['delete', 'create'], ...change }, ...more },
  });
  const action_reason = 'replace_because_cannot_update';
  const { en } = summarise(
    {
      resource_changes: [
        resource('aws_sqs_queue.both', { replace_paths: [['name'], ['subnets', 0]] }, { action_reason }),
        resource('aws_sqs_queue.reason', { replace_paths: [] }, { action_reason }),
        resource('aws_sqs_queue.moved', {}, { action_reason, previous_address: 'aws_sqs_queue.old' }),
        resource('aws_sqs_queue.neither', {}, {}),
        ...[create, update, ['delete'], ['forget'], ['no-op']].map((actions) => ({
          ...resource(`aws_sqs_queue.${actions}`, { actions }, { action_reason: `${actions}_because` }),
          previous_address: 'aws_sqs_queue.old',
        })),
      ],
    },
    'dev',
  );
  // Whatever becomes of a resource, Terraform's reason is told.
  const told = (action: string) =>
    `- \`aws_sqs_queue.${action}\`, before: \`aws_sqs_queue.old\`, because of \`${action}_because\``;
  expect(en.match(/^- `aws_sqs_queue\..*/gm)).toEqual([
    ...['create', 'update'].map(told),
    '- `aws_sqs_queue.both`, because of `name`, `subnets.0`',
    '- `aws_sqs_queue.reason`, because of `replace_because_cannot_update`',
    '- `aws_sqs_queue.moved`, before: `aws_sqs_queue.old`, because of `replace_because_cannot_update`',
    '- `aws_sqs_queue.neither`',
    ...['delete', 'no-op', 'forget'].map(told),
  ]);
});

test('of a replacement all is told that differs, but not what Terraform does not know yet', () => {
  const change = {
    before: { a: 1, gone: 2, password: 'old', same: 3 },
    after: { a: 2, new: 4, password: 'new', same: 3 },
    after_unknown: { id: true },
    before_sensitive: { password: true },
    after_sensitive: { password: true },
  };
  const told = (actions: string[], more: object = {}) =>
    summarise(planOf('aws_lb', actions, { ...change, ...more }), 'dev').en.match(/^ {2}- .*/gm) ?? [];
  const values = ['  - `a`: `1` → `2`', '  - `gone`: `2` → (removed)', '  - `password`: (secret)', '  - `new`: `4`'];
  const later = '  - `id`: (known after apply)';
  expect(told(update)).toEqual([...values, later]);
  expect(told(update, { importing: { id: 'one' } })).toEqual([...values, later]);
  for (const actions of [
    ['delete', 'create'],
    ['create', 'delete'],
  ]) {
    expect(told(actions)).toEqual(values);
  }
  for (const actions of [create, ['delete'], ['forget']]) expect(told(actions)).toEqual([]);
});

const numbered = (count: number, name: string) => Array.from({ length: count }, (_, index) => `${name}-${index}`);

test('of many resources and many of their values, each is told', () => {
  const names = numbered(30, 'one');
  const types: readonly [string, string[], Values][] = [
    ['aws_s3_bucket', ['delete'], {}],
    ['aws_db_instance', ['delete', 'create'], {}],
    ['aws_lb', ['delete'], {}],
    ['aws_iam_policy', update, { before: policy(statement('s3:Get*')), after: policy(statement('*')) }],
  ];
  const plan: Plan = {
    resource_changes: types.flatMap(([type, actions, values]) =>
      names.map((name) => ({ address: `${type}.${name}`, type, change: { actions, ...values } })),
    ),
  };
  for (const text of Object.values(summarise(plan, 'dev'))) {
    // Above the lists of all changes: what is lost, what users notice, and what somebody has to accept.
    const [above = '', ...lists] = text.split('\n\n<details>');
    for (const [type] of types) {
      const told = [...above.matchAll(new RegExp(`\`${type}\\.([^\`]*)\``, 'g'))].map(([, name = '']) => name);
      expect([type, [...new Set(told)].toSorted()]).toEqual([type, names.toSorted()]);
    }
    expect(lists.join('').match(/^- `/gm)).toHaveLength(names.length * types.length);
  }
});

test('each of many values that a change has is told, and each argument that forces a replacement', () => {
  const keys = numbered(60, 'key');
  const of = (value: string) => Object.fromEntries(keys.map((key) => [key, `${value} of ${key}`]));
  for (const [actions, more] of [
    [update, {}],
    [['delete', 'create'], { replace_paths: keys.map((key) => [key]) }],
  ] as const) {
    const change = { before: { ...of('one'), list: keys }, after: { ...of('other'), list: ['x'] }, ...more };
    const { en } = summarise(planOf('aws_lb', actions, change), 'dev');
    const values = keys.map((key) => `  - \`${key}\`: \`one of ${key}\` → \`other of ${key}\``);
    const gone = keys.map((key) => `  - \`list\`: \`${key}\` → (removed)`);
    expect(en.match(/^ {2}- .*/gm)).toEqual([...values, ...gone, '  - `list`: `x`']);
    if (actions !== update) expect(en).toContain(`because of ${keys.map((key) => `\`${key}\``).join(', ')}\n`);
  }
});

test('what is above the lists of a plan is the same, however long the plan and its comment are', () => {
  const change = (type: string, actions: string[], values: Values = {}) => ({
    ...{ address: `${type}.it`, type, change: { actions, ...values } },
  });
  const parts = {
    opens: change(ingress, update, { before: rule('10.0.0.0/8'), after: rule(everybody) }),
    loses: change('aws_s3_bucket', ['delete']),
    replaces: change('aws_db_instance', ['delete', 'create']),
    isNoticed: change('aws_lb', ['delete', 'create']),
    creates: change('aws_iam_role', create),
  };
  const names = Object.keys(parts) as (keyof typeof parts)[];
  const subsets = Array.from({ length: 2 ** names.length }, (_, bits) => names.filter((_, at) => (bits >> at) & 1));
  for (const subset of subsets.filter(({ length }) => length > 0)) {
    for (const isDestroy of [false, true]) {
      const plan = { resource_changes: subset.map((name) => parts[name]) };
      const whole = summarise(plan, 'dev', { isDestroy });
      for (const language of ['pt', 'en'] as const) {
        const [above = ''] = whole[language].split('\n\n<details>');
        const longest = [whole[language].length - 1, 0];
        const shorter = longest.map(
          (characters) => summarise(plan, 'dev', { isDestroy, longest: characters })[language],
        );
        for (const text of shorter) {
          const tooLong = reportTexts.plan.tooLong[language];
          const told = text.split('\n\n<details>')[0]?.replace(`\n\n${tooLong}`, '');
          expect([subset, isDestroy, told, text.endsWith(tooLong)]).toEqual([subset, isDestroy, above, true]);
        }
        expect(above.includes(reportTexts.plan.destroysAll('dev')[language])).toBe(isDestroy);
      }
    }
  }
});

test('no part of a summary names an address with its hash', () => {
  const resource = (type: string, actions: string[], change: object = {}) => ({
    ...{ address: `${type}.it_1A2B3C4D`, previous_address: `${type}.old_5E6F7A8B`, type },
    change: { actions, before: null, after: null, ...change },
  });
  const opened = { before: { publicly_accessible: false }, after: { publicly_accessible: true } };
  const { en, pt } = summarise(
    {
      resource_changes: [
        resource('aws_db_instance', ['delete', 'create'], opened),
        resource('aws_lb', ['delete']),
        resource('aws_lb_listener', ['no-op']),
      ],
    },
    'dev',
  );
  for (const text of [en, pt]) {
    // Its risk, what is lost, what users notice, and its change.
    expect(text.match(/^- .*`aws_db_instance\.it`/gm)).toHaveLength(4);
    expect(text).not.toMatch(/_[0-9A-F]{8}/);
  }
});

test('people read addresses without hashes, also of one among several and of one that moves while it changes', () => {
  const [before, after] = [{ size: 1 }, { size: 2 }];
  const change = { actions: update, before, after };
  const resource_changes = ['', '[0]', '["a"]'].map((index) => ({
    ...{
      address: `aws_lb.new_1A2B3C4D${index}`,
      previous_address: `aws_lb.old_5E6F7A8B${index}`,
      type: 'aws_lb',
      change,
    },
  }));
  const { pt } = summarise({ resource_changes }, 'dev');
  expect(pt.match(/^- .*/gm)).toEqual([
    '- `aws_lb.new`, antes: `aws_lb.old`',
    '- `aws_lb.new[0]`, antes: `aws_lb.old[0]`',
    '- `aws_lb.new["a"]`, antes: `aws_lb.old["a"]`',
  ]);
});
