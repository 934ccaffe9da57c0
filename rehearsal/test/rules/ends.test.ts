/** Both ends of every range that the rules know, and every element of their lists. The planted faults have one of each. */
import { describe, expect, test } from '@jest/globals';
import { type Change, leftBehind, type Resource, refusalsOf, type Values, warningsOf } from '../../rules/index.ts';
import { create, live } from './faults/fault.ts';
import { stateFaults } from './faults/state.ts';

const accepts = (type: string, values: Values, world: readonly Resource[] = []): boolean =>
  refusalsOf(create(type, values), world).length === 0;
/** Which of these are refused. */
const refused = <T>(
  all: readonly T[],
  type: string,
  values: (one: T) => Values,
  world: readonly Resource[] = [],
): T[] => all.filter((one) => !accepts(type, values(one), world));

/** A number, and the values that have it. */
type Range = readonly [
  what: string,
  type: string,
  values: (size: number) => Values,
  least: number | undefined,
  most: number | undefined,
];

const text =
  (name: string, more: Values = {}) =>
  (size: number) => ({ ...more, [name]: 'a'.repeat(size) });
const field =
  (name: string, more: Values = {}) =>
  (size: number) => ({ ...more, [name]: size });
const two = (minutes: number) => String(minutes).padStart(2, '0');
const database = 'aws_db_instance';
const mysql = { engine: 'mysql', engine_version: '8.4' };
const group = 'aws_eks_node_group';
const gp3 = (more: Values) => ({ root_block_device: [{ volume_type: 'gp3', volume_size: 2000, ...more }] });
const origin = (more: Values): Values => ({
  origin: [{ origin_id: 'app', domain_name: 'app.example.com', ...more }],
  default_cache_behavior: [{ target_origin_id: 'app' }],
});
const record = { zone_id: 'Z1', name: 'www.example.com', type: 'A', ttl: 60, records: ['203.0.113.1'] };
const rule = { security_group_id: 'sg-1', ip_protocol: 'tcp', cidr_ipv4: '10.0.0.0/16' };

const ranges: readonly Range[] = [
  ['days of backups', database, field('backup_retention_period'), 0, 35],
  ...(['gp2', 'gp3'] as const).map(
    (storage_type): Range => [
      `GiB of a database on ${storage_type}`,
      database,
      field('allocated_storage', { ...mysql, storage_type }),
      20,
      65_536,
    ],
  ),
  ...['mysql', 'mariadb', 'postgres'].flatMap((engine) =>
    ['iops', 'storage_throughput'].map(
      (name): Range => [
        `GiB with ${name} of ${engine}`,
        database,
        field('allocated_storage', { engine, storage_type: 'gp3', [name]: 12_000 }),
        400,
        undefined,
      ],
    ),
  ),
  ['GiB to which a database grows', database, field('max_allocated_storage', { allocated_storage: 20 }), 21, undefined],
  ['the port of a database', database, field('port'), 1150, 65_535],
  ['letters of a database', database, text('db_name', mysql), 1, 64],
  ['letters of its user', database, text('username', mysql), undefined, 16],
  ['letters of a final snapshot', database, text('final_snapshot_identifier'), 1, 255],
  ['letters of a parameter group', 'aws_db_parameter_group', text('name'), 1, 255],
  ['letters of a subnet group', 'aws_db_subnet_group', text('name'), 1, 255],
  ['minutes of a backup', database, (size) => ({ backup_window: `06:00-06:${two(size)}` }), 30, 59],
  ['minutes of a maintenance', database, (size) => ({ maintenance_window: `sat:06:00-sat:06:${two(size)}` }), 30, 59],
  ['the hour of a backup', database, (size) => ({ backup_window: `${two(size)}:00-${two(size)}:30` }), 0, 23],
  ['days until a secret is gone', 'aws_secretsmanager_secret', field('recovery_window_in_days'), 7, 30],
  ['letters of a secret', 'aws_secretsmanager_secret', text('name'), 1, 512],
  ['letters of a bucket', 'aws_s3_bucket', text('bucket'), 3, 63],
  ['letters before a bucket', 'aws_s3_bucket', text('bucket_prefix'), undefined, 37],
  ['letters of a topic', 'aws_sns_topic', text('name'), 1, 256],
  ['letters of a budget', 'aws_budgets_budget', text('name'), undefined, 100],
  [
    'notices of a budget',
    'aws_budgets_budget',
    (size) => ({ notification: Array.from({ length: size }, () => ({ threshold: 80 })) }),
    undefined,
    5,
  ],
  ['seconds of a record', 'aws_route53_record', field('ttl', record), 0, 2_147_483_647],
  ['letters of a label', 'aws_route53_zone', (size) => ({ name: `${'a'.repeat(size)}.com` }), undefined, 63],
  ['letters of a name', 'aws_route53_zone', (size) => ({ name: 'a.'.repeat(200).slice(0, size) }), undefined, 255],
  [
    'letters of a certificate',
    'aws_acm_certificate',
    (size) => ({ domain_name: `${'a'.repeat(size - 12)}.example.com` }),
    undefined,
    64,
  ],
  [
    'regions of a health check',
    'aws_route53_health_check',
    (size) => ({ regions: ['us-east-1', 'eu-west-1', 'sa-east-1'].slice(0, size) }),
    3,
    undefined,
  ],
  ['letters of a load balancer', 'aws_lb', text('name'), 1, 32],
  ['letters of a target group', 'aws_lb_target_group', text('name'), 1, 32],
  ['idle seconds', 'aws_lb', field('idle_timeout'), 1, 4000],
  ['seconds of deregistration', 'aws_lb_target_group', field('deregistration_delay'), 0, 3600],
  [
    'seconds of a check every ten',
    'aws_lb_target_group',
    (timeout) => ({ health_check: [{ interval: 10, timeout }] }),
    undefined,
    9,
  ],
  ...['path_pattern', 'host_header'].flatMap((kind): Range[] => [
    [
      `values of a ${kind}`,
      'aws_lb_listener_rule',
      (size) => ({ condition: [{ [kind]: [{ values: Array.from({ length: size }, (_, index) => `/${index}`) }] }] }),
      undefined,
      5,
    ],
    [
      `letters of a ${kind}`,
      'aws_lb_listener_rule',
      (size) => ({ condition: [{ [kind]: [{ values: ['a'.repeat(size)] }] }] }),
      undefined,
      128,
    ],
  ]),
  ['letters of a node group', group, text('node_group_name'), 1, 63],
  ['letters before a node group', group, text('node_group_name_prefix'), 1, 37],
  ['unavailable nodes', group, (size) => ({ update_config: [{ max_unavailable: size }] }), undefined, 100],
  [
    'types of a node group',
    group,
    (size) => ({ instance_types: Array.from({ length: size }, () => 'm6i.large') }),
    undefined,
    20,
  ],
  [
    'blocks of an API',
    'aws_eks_cluster',
    (size) => ({
      vpc_config: [{ public_access_cidrs: Array.from({ length: size }, (_, index) => `203.0.113.${index}/32`) }],
    }),
    undefined,
    40,
  ],
  ...Object.entries({
    gp2: [1, 16_384],
    gp3: [1, 65_536],
    io1: [4, 16_384],
    io2: [4, 65_536],
    st1: [125, 16_384],
    sc1: [125, 16_384],
    standard: [1, 1024],
  }).flatMap(([volume_type, [least, most]]): Range[] => [
    [
      `GiB of ${volume_type}`,
      'aws_instance',
      (volume_size) => ({ root_block_device: [{ volume_type, volume_size }] }),
      least,
      most,
    ],
    [
      `GiB of ${volume_type} in a template`,
      'aws_launch_template',
      (volume_size) => ({ block_device_mappings: [{ ebs: [{ volume_type, volume_size }] }] }),
      least,
      most,
    ],
  ]),
  [
    'GiB of a volume of no type',
    'aws_instance',
    (volume_size) => ({ root_block_device: [{ volume_size }] }),
    1,
    16_384,
  ],
  ['IOPS', 'aws_instance', (iops) => gp3({ iops }), 3000, 80_000],
  ['IOPS of 20 GiB', 'aws_instance', (iops) => gp3({ volume_size: 20, iops }), 3000, 10_000],
  ['IOPS of 1 GiB', 'aws_instance', (iops) => gp3({ volume_size: 1, iops }), 3000, 3000],
  ['MiB a second', 'aws_instance', (throughput) => gp3({ iops: 80_000, throughput }), 125, 2000],
  ['MiB a second of 4000 IOPS', 'aws_instance', (throughput) => gp3({ iops: 4000, throughput }), 125, 1000],
  [
    'hops to the metadata',
    'aws_instance',
    (http_put_response_hop_limit) => ({ metadata_options: [{ http_put_response_hop_limit }] }),
    1,
    64,
  ],
  ['letters of a template', 'aws_launch_template', text('name'), 3, 128],
  ['bytes for an instance', 'aws_instance', text('user_data'), undefined, 16_384],
  [
    'bytes for the instances of a template',
    'aws_launch_template',
    (size) => ({ user_data: Buffer.alloc(size, '#').toString('base64') }),
    undefined,
    16_384,
  ],
  ['attempts of CloudFront', 'aws_cloudfront_distribution', (size) => origin({ connection_attempts: size }), 1, 3],
  ['seconds of an attempt', 'aws_cloudfront_distribution', (size) => origin({ connection_timeout: size }), 1, 10],
  ...['custom_origin_config', 'vpc_origin_config'].flatMap((kind) =>
    ['origin_read_timeout', 'origin_keepalive_timeout'].map(
      (name): Range => [
        `${name} of a ${kind}`,
        'aws_cloudfront_distribution',
        (size) => origin({ [kind]: [{ [name]: size }] }),
        1,
        180,
      ],
    ),
  ),
  ...['http_port', 'https_port'].map(
    (name): Range => [
      `the ${name} of an origin`,
      'aws_cloudfront_distribution',
      (size) => origin({ custom_origin_config: [{ [name]: size }] }),
      1024,
      65_535,
    ],
  ),
  [
    'letters of a comment',
    'aws_cloudfront_distribution',
    (size) => ({ ...origin({}), comment: 'a'.repeat(size) }),
    undefined,
    128,
  ],
  [
    'letters of an origin',
    'aws_cloudfront_distribution',
    (size) => origin({ domain_name: 'a'.repeat(size) }),
    undefined,
    253,
  ],
  [
    'tags',
    'aws_sns_topic',
    (size) => ({ tags: Object.fromEntries(Array.from({ length: size }, (_, index) => [`tag-${index}`, 'yes'])) }),
    undefined,
    50,
  ],
  ['letters of a tag', 'aws_vpc', (size) => ({ tags: { ['a'.repeat(size)]: '' } }), 1, 128],
  ['letters of a tag’s value', 'aws_vpc', (size) => ({ tags: { a: 'a'.repeat(size) } }), undefined, 256],
  ['the size of a network', 'aws_vpc', (size) => ({ cidr_block: `10.0.0.0/${size}` }), 16, 28],
  ['the size of a subnet', 'aws_subnet', (size) => ({ cidr_block: `10.0.0.0/${size}` }), 16, 28],
  ['letters of a security group', 'aws_security_group', text('name'), undefined, 255],
  ['letters about a security group', 'aws_security_group', text('description'), undefined, 255],
  [
    'letters about a rule',
    'aws_vpc_security_group_egress_rule',
    text('description', { ...rule, from_port: 1, to_port: 1 }),
    undefined,
    255,
  ],
  ...['tcp', 'udp', '6', '17'].flatMap((ip_protocol): Range[] => [
    [
      `the first port of ${ip_protocol}`,
      'aws_vpc_security_group_ingress_rule',
      field('from_port', { ...rule, ip_protocol, to_port: 80 }),
      0,
      80,
    ],
    [
      `the last port of ${ip_protocol}`,
      'aws_vpc_security_group_egress_rule',
      field('to_port', { ...rule, ip_protocol, from_port: 80 }),
      80,
      65_535,
    ],
  ]),
  [
    'widgets',
    'aws_cloudwatch_dashboard',
    (size) => ({ dashboard_body: JSON.stringify({ widgets: Array.from({ length: size }, () => ({})) }) }),
    undefined,
    500,
  ],
  ...Object.entries({ width: [1, 24], x: [0, 23] }).map(
    ([name, [least, most]]): Range => [
      `the ${name} of a widget`,
      'aws_cloudwatch_dashboard',
      (size) => ({ dashboard_body: JSON.stringify({ widgets: [{}, { [name]: size }] }) }),
      least,
      most,
    ],
  ),
  ...Object.entries({ 60: 1440, 300: 288, 3540: 24, 3600: 168, 7200: 84 }).map(
    ([period, most]): Range => [
      `periods of ${period} seconds`,
      'aws_cloudwatch_metric_alarm',
      field('evaluation_periods', { metric_name: 'x', namespace: 'y', statistic: 'Sum', period: Number(period) }),
      undefined,
      most,
    ],
  ),
];

describe.each(ranges)('%s', (_, type, values, least, most) => {
  test('is accepted at both ends, and refused beyond them', () => {
    const within = (size: number) => accepts(type, values(size));
    const ends = [least ?? most ?? 0, most ?? least ?? 0];
    expect(ends.map((size) => [size, within(size)])).toEqual(ends.map((size) => [size, true]));
    const beyond = [...(least === undefined ? [] : [least - 1]), ...(most === undefined ? [] : [most + 1])];
    expect(beyond.map((size) => [size, within(size)])).toEqual(beyond.map((size) => [size, false]));
  });
});

/** A text, and the characters that it may have within, as its first, and as its last: classes of a regular expression. */
type Characters = readonly [
  what: string,
  type: string,
  values: (text: string) => Values,
  within: string,
  first?: string,
  last?: string,
];

const alphanumeric = 'A-Za-z0-9';
const anything = String.raw`\s\S`;
const ofGroups = String.raw`a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*`;
const ofTags = String.raw`\p{L}\p{Z}\p{N}_.:/=+\-@`;
const named =
  (name: string, more: Values = {}) =>
  (value: string) => ({ ...more, [name]: value });

const characters: readonly Characters[] = [
  ...['aws_lb', 'aws_lb_target_group'].map(
    (type): Characters => [`the name of ${type}`, type, named('name'), 'A-Za-z0-9-', alphanumeric, alphanumeric],
  ),
  ['the name of a security group', 'aws_security_group', named('name'), ofGroups],
  ['a text about a security group', 'aws_security_group', named('description'), ofGroups],
  [
    'a text about a rule',
    'aws_vpc_security_group_egress_rule',
    named('description', { ...rule, from_port: 1, to_port: 1 }),
    ofGroups,
  ],
  ...['ingress', 'egress'].map(
    (direction): Characters => [
      `a text about an ${direction} rule in a group`,
      'aws_security_group',
      (description) => ({ [direction]: [{ protocol: 'tcp', from_port: 1, to_port: 1, description }] }),
      ofGroups,
    ],
  ),
  ['the name of a secret', 'aws_secretsmanager_secret', named('name'), 'A-Za-z0-9/_+=.@-'],
  ['the name of a topic', 'aws_sns_topic', named('name'), 'A-Za-z0-9_-'],
  ['the name of a budget', 'aws_budgets_budget', named('name'), String.raw`^:\\`],
  ['the name of a bucket', 'aws_s3_bucket', named('bucket'), 'a-z0-9.-', 'a-z0-9', 'a-z0-9'],
  ['the name of a node group', group, named('node_group_name'), 'A-Za-z0-9_-', alphanumeric],
  ['the name of a template', 'aws_launch_template', named('name'), String.raw`A-Za-z0-9().\-/_`],
  ['the name of a database', database, named('db_name', mysql), 'A-Za-z0-9_', 'A-Za-z'],
  ['the name of a snapshot', database, named('final_snapshot_identifier'), 'A-Za-z0-9-', 'A-Za-z', alphanumeric],
  ['the name of a parameter group', 'aws_db_parameter_group', named('name'), 'A-Za-z0-9-', 'A-Za-z', alphanumeric],
  ['the name of a subnet group', 'aws_db_subnet_group', named('name'), 'A-Za-z0-9 ._-', 'A-Za-z'],
  ['a tag', 'aws_sns_topic', (key) => ({ tags: { [key]: '' } }), ofTags],
  ['the value of a tag', 'aws_sns_topic', (value) => ({ tags: { team: value } }), ofTags],
  ['a tag of EC2', 'aws_vpc', (key) => ({ tags: { [key]: '' } }), anything],
  ['the value of a tag of EC2', 'aws_vpc', (value) => ({ tags: { team: value } }), anything],
  [
    'the path of an origin',
    'aws_cloudfront_distribution',
    (origin_path) => origin({ origin_path }),
    anything,
    '/',
    '^/',
  ],
  ['the address of an origin', 'aws_cloudfront_distribution', (domain_name) => origin({ domain_name }), '^:/'],
  [
    'the page of a distribution',
    'aws_cloudfront_distribution',
    (page) => ({ ...origin({}), default_root_object: page }),
    anything,
    '^/',
  ],
  [
    'a label of a certificate',
    'aws_acm_certificate',
    (label) => ({ domain_name: `${label}.example.com` }),
    'A-Za-z0-9.-',
    alphanumeric,
    alphanumeric,
  ],
];

test.each(characters)('%s has only characters that AWS takes, wherever they are', (...given) => {
  const [, type, values, within, first = within, last = within] = given;
  const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index));
  const all = [...printable, 'ç', '→', '\n'];
  // Where a text has to begin in a way, the others do, too.
  const start = new RegExp(`^[${first}]$`, 'u').test('a') ? 'a' : '/';
  for (const [place, allowed, text] of [
    ['within', within, (one: string) => `${start}b${one}c`],
    ['first', first, (one: string) => `${one}bcd`],
    ['last', last, (one: string) => `${start}bc${one}`],
  ] as const) {
    const wrong = all.filter((one) => !new RegExp(`^[${allowed}]$`, 'u').test(one));
    expect([place, refused(all, type, (one) => values(text(one)))]).toEqual([place, wrong]);
  }
});

describe('of a list, what is in it is refused or accepted, and its neighbours are not:', () => {
  test.each([
    ['10.0.0.0', '10.255.255.255', '9.255.255.255', '11.0.0.0'],
    ['172.16.0.0', '172.31.255.255', '172.15.255.255', '172.32.0.0'],
    ['192.168.0.0', '192.168.255.255', '192.167.255.255', '192.169.0.0'],
    ['127.0.0.0', '127.255.255.255', '126.255.255.255', '128.0.0.0'],
    ['169.254.0.0', '169.254.255.255', '169.253.255.255', '169.255.0.0'],
    ['100.64.0.0', '100.127.255.255', '100.63.255.255', '100.128.0.0'],
  ])('private addresses, from %s to %s', (first, last, before, after) => {
    const values = (address: string) => ({ vpc_config: [{ public_access_cidrs: [`${address}/32`] }] });
    expect(refused([first, last, before, after], 'aws_eks_cluster', values)).toEqual([first, last]);
  });

  test('groups of Kubernetes', () => {
    const prefixes = ['system:', 'eks:', 'aws:', 'amazon:', 'iam:'];
    const right = ['system', 'my-system:x', 'eks', 'administrators'];
    const values = (name: string) => ({ kubernetes_groups: [name] });
    const all = [...prefixes.map((prefix) => `${prefix}x`), ...right];
    expect(refused(all, 'aws_eks_access_entry', values)).toEqual(all.slice(0, prefixes.length));
  });

  test('names of users, buckets and groups', () => {
    const users = ['rdsadmin', 'select', 'Table', 'group', 'ORDER'];
    const user = (username: string) => ({ ...mysql, username });
    expect(refused([...users, 'admin', 'tables', 'rdsadmin1'], database, user)).toEqual(users);
    const buckets = [
      ...['xn--state', 'sthree-state', 'amzn-s3-demo-state'],
      ...['state-s3alias', 'state--ol-s3', 'state.mrap', 'state--x-s3', 'state--table-s3'],
      ...['-state', 'state-', '.state', 'state.', 'st..ate', 'st_ate', 'State', '192.168.5.4'],
    ];
    const right = ['state-xn--x', 'state-sthree-1', 'mrap', 's3alias', '1state', 'state1', 'st.ate', '192.168.5'];
    const bucket = (name: string) => ({ bucket: name });
    expect(refused([...buckets, ...right], 'aws_s3_bucket', bucket)).toEqual(buckets);
    for (const type of ['aws_db_subnet_group', 'aws_db_parameter_group']) {
      expect(refused(['default', 'Default', 'defaults', 'my-default'], type, (name) => ({ name }))).toEqual([
        ...['default', 'Default'],
      ]);
    }
  });

  test('windows, engines, versions and owners of parameters of a database', () => {
    const backup = (backup_window: string) => ({ backup_window });
    const maintenance = (maintenance_window: string) => ({ maintenance_window });
    const backups = ['06:00-06:300', 'x06:00-06:30', '06:00', '06:00-', '24:00-24:30', '06:60-07:30', ''];
    expect(refused(['23:45-00:15', ...backups], database, backup)).toEqual(backups);
    const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => `${day}:06:00-${day}:06:30`);
    const wrong = [
      'sux:06:00-sun:06:30',
      'sun:06:00-sux:06:30',
      'sun:6:00-sun:6:30',
      '06:00-06:30',
      'xsun:06:00-sun:06:30',
    ];
    expect(refused([...days, 'Sun:23:45-Mon:00:15', ...wrong, 'sun:06:00-sun:06:301'], database, maintenance)).toEqual([
      ...wrong,
      'sun:06:00-sun:06:301',
    ]);
    // Both go on over the end of a day and of a week.
    const both = ([backup_window = '', maintenance_window = '']: readonly string[]) => ({
      backup_window,
      maintenance_window,
    });
    const apart = [
      ['00:15-00:45', 'sun:23:45-mon:00:15'],
      ['23:00-23:45', 'sun:23:45-mon:00:15'],
    ];
    const together = [
      ['00:00-00:30', 'sun:23:45-mon:00:15'],
      ['23:30-00:00', 'sun:23:45-mon:00:15'],
      ['12:00-12:30', 'mon:00:00-sun:23:00'],
    ];
    expect(refused([...apart, ...together], database, both)).toEqual(together);

    const small = (engine: string) => ({ engine, storage_type: 'gp3', allocated_storage: 20, iops: 3000 });
    expect(refused(['mysql', 'mariadb', 'postgres', 'oracle-ee'], database, small)).toEqual([
      'mysql',
      'mariadb',
      'postgres',
    ]);
    const group = (family: string) => live('aws_db_parameter_group', { name: family, family });
    const families = ['mysql8.0', 'mysql8.4', 'mysql9.4', 'mysql8.40', 'mariadb11.4'];
    const of = (engine: string, engine_version: string) =>
      families.filter((parameter_group_name) =>
        accepts(database, { engine, engine_version, parameter_group_name }, [...families.map(group)]),
      );
    expect([of('mysql', '8.4'), of('mysql', '8.4.10'), of('mysql', '8.40.1')]).toEqual([
      ...[['mysql8.4'], ['mysql8.4'], ['mysql8.40']],
    ]);
    expect(of('mariadb', '11.4')).toEqual(families);
  });

  test('blocks of addresses, and subnets within a network and beside others', () => {
    const wrong = [
      ...['10.0.0.0/33', '256.0.0.0/16', '10.0.0.256/24', '10.0.300.0/16', '1.10.0.0.0/16', '10.0.0/16'],
      ...['10.0.0.0/16x', '10.0.0.0', '10.0.0.0/', ''],
    ];
    const right = ['10.0.0.0/16', '0.0.0.0/16', '255.255.255.240/28', '10.0.0.5/16'];
    expect(refused([...right, ...wrong], 'aws_vpc', (cidr_block) => ({ cidr_block }))).toEqual(wrong);

    const subnet = (cidr_block: string) => ({ vpc_id: 'vpc-1', cidr_block });
    const network = live('aws_vpc', { id: 'vpc-1', cidr_block: '10.0.16.0/20' });
    const other = live('aws_vpc', { id: 'vpc-2', cidr_block: '10.0.0.0/16' });
    const outside = ['10.0.15.0/24', '10.0.32.0/24', '10.0.16.0/19', '10.0.0.0/16', '10.1.16.0/24'];
    const inside = ['10.0.16.0/24', '10.0.31.0/24', '10.0.31.240/28', '10.0.16.0/20'];
    expect(refused([...inside, ...outside], 'aws_subnet', subnet, [other, network])).toEqual(outside);
    const beside = live('aws_subnet', { id: 'subnet-1', ...subnet('10.0.20.0/22') });
    const ofAnother = live('aws_subnet', { id: 'subnet-2', vpc_id: 'vpc-2', cidr_block: '10.0.16.0/20' });
    const free = ['10.0.16.0/22', '10.0.24.0/22', '10.0.19.240/28', '10.0.24.0/28'];
    const taken = ['10.0.20.0/22', '10.0.20.0/24', '10.0.22.0/24', '10.0.23.240/28', '10.0.16.0/20', '10.0.16.0/21'];
    expect(refused([...free, ...taken], 'aws_subnet', subnet, [ofAnother, network, beside])).toEqual(taken);
  });

  test('routes, ports of a group, and names that only some may not have', () => {
    const routes: readonly Values[] = [
      { route_table_id: 'rtb-1', destination_prefix_list_id: 'pl-2' },
      { route_table_id: 'rtb-1', destination_cidr_block: '10.0.0.0/16' },
      { route_table_id: 'rtb-2', destination_cidr_block: '0.0.0.0/0' },
      { route_table_id: 'rtb-1', destination_cidr_block: '0.0.0.0/0' },
    ];
    const existing = [
      live('aws_route', { id: 'r-1', route_table_id: 'rtb-1', destination_prefix_list_id: 'pl-1' }),
      live('aws_route', { id: 'r-2', route_table_id: 'rtb-1', destination_cidr_block: '0.0.0.0/0' }),
    ];
    expect(refused(routes, 'aws_route', (one) => one, existing)).toEqual(routes.slice(3));
    for (const direction of ['ingress', 'egress']) {
      const ports = [
        ...[
          [0, 65_535],
          [80, 80],
        ],
        ...[
          [81, 80],
          [-1, 80],
          [80, 65_536],
        ],
      ];
      const rules = ([from_port = 0, to_port = 0]: number[]) => ({
        [direction]: [
          { protocol: '-1', from_port: 0, to_port: 0 },
          { protocol: 'tcp', from_port, to_port },
        ],
      });
      expect([direction, refused(ports, 'aws_security_group', rules)]).toEqual([direction, ports.slice(2)]);
    }
    const name = (value: string) => ({ name: value });
    const named = (type: string, values: readonly string[]) => refused(values, type, name);
    expect(named('aws_lb', ['internal', 'my-internal-lb', 'internal-lb'])).toEqual(['internal-lb']);
    expect(named('aws_lb_target_group', ['internal-lb'])).toEqual([]);
    expect(named('aws_sns_topic', ['a', 'a.fifo', 'fifo', 'a.fifo.b', 'a.fifo1', 'a.b'])).toEqual([
      'a.fifo.b',
      'a.fifo1',
      'a.b',
    ]);
    expect(named('aws_budgets_budget', ['a/actions', 'action', 'a/action/b'])).toEqual(['a/action/b']);
    expect(named('aws_security_group', ['my-sg-1', 'sg', 'sg-1'])).toEqual(['sg-1']);
    expect(named('aws_cloudwatch_log_group', ['/aws/x', 'my/aws/x', 'aws', 'aws/x'])).toEqual(['aws/x']);
    expect(named('aws_kms_alias', ['alias/aws', 'alias/my/aws/x', 'alias/aws/x'])).toEqual(['alias/aws/x']);
    const buckets = ['state-192.168.5.4', '192.168.5.4', '192.168.55.4', '192.168.5.44', '10.168.55.44'];
    expect(refused(buckets, 'aws_s3_bucket', (bucket) => ({ bucket }))).toEqual(buckets.slice(1));
    const domains = [
      ...['example.com', '*.example.com', 'a.b-c.example.com', '1.example.com'],
      ...['**.example.com', 'a.*.example.com', '*', 'example', '-a.example.com', 'a-.example.com', '.example.com'],
      ...['example.com.', 'a..example.com', 'example.c'],
    ];
    expect(refused(domains, 'aws_acm_certificate', (domain_name) => ({ domain_name }))).toEqual(domains.slice(4));
    const tags = (own: string, all: string) => ({ tags: { team: own }, tags_all: { team: own, owner: all } });
    expect(refused(['API', 'R&D'], 'aws_sns_topic', (all) => tags('API', all))).toEqual(['R&D']);
  });

  test('zones without a control plane, and without origins of CloudFront', () => {
    const zones = ['use1-az1', 'use1-az2', 'use1-az3', 'usw1-az1', 'usw1-az2', 'cac1-az3', 'cac1-az2', 'apne1-az3'];
    const world = zones.flatMap((zone, index) => [
      live('aws_subnet', { id: zone, availability_zone: `zone-${index}`, availability_zone_id: zone }),
      live('aws_lb', { arn: `arn:${zone}`, subnets: ['sure', zone] }),
    ]);
    const sure = live('aws_subnet', { id: 'sure', availability_zone: 'sure', availability_zone_id: 'euc1-az1' });
    const cluster = (zone: string) => ({ vpc_config: [{ subnet_ids: ['sure', zone] }] });
    expect(refused(zones, 'aws_eks_cluster', cluster, [...world, sure])).toEqual(['use1-az3', 'usw1-az2', 'cac1-az3']);
    const vpcOrigin = (zone: string) => ({ vpc_origin_endpoint_config: [{ arn: `arn:${zone}` }] });
    expect(refused(zones, 'aws_cloudfront_vpc_origin', vpcOrigin, [...world, sure])).toEqual(['use1-az3', 'apne1-az3']);
  });

  test('statuses, ports, methods and lifetimes of a distribution', () => {
    const distribution = 'aws_cloudfront_distribution';
    const statuses = Array.from({ length: 200 }, (_, index) => 400 + index);
    const response = (error_code: number) => ({ ...origin({}), custom_error_response: [{ error_code }] });
    const known = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];
    const unknown = new Set(refused(statuses, distribution, response));
    expect(statuses.filter((status) => !unknown.has(status))).toEqual(known);
    const port = (http_port: number) => origin({ custom_origin_config: [{ http_port }] });
    expect(refused([79, 80, 81, 442, 443, 444], distribution, port)).toEqual([79, 81, 442, 444]);

    const paths = ['', '/app', '/app/v1', 'app', 'app/v1', '/', '/app/'];
    expect(refused(paths, distribution, (origin_path) => origin({ origin_path }))).toEqual(paths.slice(3));
    const page = (response_page_path: string) => ({
      ...origin({}),
      custom_error_response: [{ error_code: 404, response_code: 404, response_page_path }],
    });
    expect(refused(['/404.html', '/errors/404.html', '404.html', 'errors/404.html', ''], distribution, page)).toEqual([
      ...['404.html', 'errors/404.html', ''],
    ]);
    const acls = [
      ...['', 'classic', 'arn:aws:wafv2:us-east-1:123456789012:global/webacl/a/b'],
      ...[
        'arn:aws:wafv2:us-east-1:123456789012:regional/webacl/a/b',
        'arn:aws:wafv2:sa-east-1:123456789012:global/webacl/a/b',
      ],
    ];
    expect(refused(acls, distribution, (web_acl_id) => ({ ...origin({}), web_acl_id }))).toEqual(acls.slice(3));
    const certificates = [
      'arn:aws:acm:us-east-1:123456789012:certificate/a',
      'arn:aws:acm:sa-east-1:123456789012:certificate/a',
    ];
    const viewer = (acm_certificate_arn: string) => ({ ...origin({}), viewer_certificate: [{ acm_certificate_arn }] });
    expect(refused(certificates, distribution, viewer)).toEqual(certificates.slice(1));
    const inGroup = (target_origin_id: string) => ({
      ...origin({}),
      origin_group: [{ origin_id: 'group' }],
      default_cache_behavior: [{ target_origin_id }],
    });
    expect(refused(['app', 'group', 'other'], distribution, inGroup)).toEqual(['other']);

    const behaviour = (more: Values) => ({
      ...origin({}),
      default_cache_behavior: [{ target_origin_id: 'app', ...more }],
    });
    const sets = ['GET HEAD', 'GET HEAD OPTIONS', 'DELETE GET HEAD OPTIONS PATCH POST PUT', 'GET', 'GET HEAD POST'];
    const allowed = (methods: string) => behaviour({ allowed_methods: methods.split(' ').toReversed() });
    expect(refused(sets, distribution, allowed)).toEqual(sets.slice(3));
    const cached = (methods: string) =>
      behaviour({ allowed_methods: (sets[2] ?? '').split(' '), cached_methods: methods.split(' ') });
    expect(refused(sets, distribution, cached)).toEqual(sets.slice(2));

    const lifetimes: readonly (readonly (number | null)[])[] = [
      ...[
        [0, 0, 0],
        [1, 2, 3],
        [5, null, 5],
        [null, 5, 5],
        [5, 5, null],
      ],
      ...[
        [2, 1, 3],
        [1, 3, 2],
        [6, null, 5],
        [null, 6, 5],
        [6, 5, null],
      ],
    ];
    const order = ([min_ttl = null, default_ttl = null, max_ttl = null]: readonly (number | null)[]) =>
      behaviour({ min_ttl, default_ttl, max_ttl });
    expect(refused(lifetimes, distribution, order)).toEqual(lifetimes.slice(5));
  });

  test('statistics of an alarm', () => {
    const kinds = ['p', 'tm', 'tc', 'ts', 'wm'].flatMap((kind) => [0, 90, 99.9, 100].map((most) => `${kind}${most}`));
    const ranges = ['PR', 'TC', 'TM', 'TS', 'WM'].map((kind) => `${kind}(10:20)`);
    const wrong = ['p', 'p101', 'p100.1', 'p-1', 'P99', 'xm90', 'IQR', 'iqm', 'PR(10)', 'P(10:20)', 'Average'];
    const alarm = (extended_statistic: string) => ({ metric_name: 'x', namespace: 'y', extended_statistic });
    expect(refused([...kinds, 'IQM', ...ranges, ...wrong], 'aws_cloudwatch_metric_alarm', alarm)).toEqual(wrong);
  });

  test('periods of an alarm, windows of a limit, and intervals of a check', () => {
    const alarm = (period: number) => ({ metric_name: 'x', namespace: 'y', statistic: 'Sum', period });
    const periods = [10, 20, 30, 60, 120, 3600, 86_400];
    expect(refused([...periods, -60, 0, 5, 40, 59, 61, 90], 'aws_cloudwatch_metric_alarm', alarm)).toEqual([
      ...[-60, 0, 5, 40, 59, 61, 90],
    ]);
    for (const query of [(period: number) => ({ period }), (period: number) => ({ metric: [{ period }] })]) {
      const math = (period: number) => ({ metric_query: [{ id: 'a', return_data: true, ...query(period) }] });
      expect(refused([...periods, 5, 40, 90], 'aws_cloudwatch_metric_alarm', math)).toEqual([5, 40, 90]);
      for (const [period, most] of [
        [300, 288],
        [3600, 168],
      ] as const) {
        const evaluated = (evaluation_periods: number) => ({ ...math(period), evaluation_periods });
        expect(refused([most, most + 1], 'aws_cloudwatch_metric_alarm', evaluated)).toEqual([most + 1]);
      }
    }
    const bodies = ['{"widgets":[]}', '{}', '{"widgets":{}}', '[]', 'null', '1', '{', ''];
    const dashboard = (dashboard_body: string) => ({ dashboard_body });
    expect(refused(bodies, 'aws_cloudwatch_dashboard', dashboard)).toEqual(bodies.slice(1));
    const windows = [60, 120, 300, 600];
    const limit = (evaluation_window_sec: number) => ({
      rule: [
        {
          ...{ name: 'rate', priority: 1, action: [{ block: [{}] }] },
          statement: [{ rate_based_statement: [{ limit: 2000, aggregate_key_type: 'IP', evaluation_window_sec }] }],
        },
      ],
    });
    expect(refused([...windows, 30, 180, 240, 900], 'aws_wafv2_web_acl', limit)).toEqual([30, 180, 240, 900]);
    const check = (request_interval: number) => ({ type: 'HTTPS', request_interval });
    expect(refused([10, 30, 0, 20, 60], 'aws_route53_health_check', check)).toEqual([0, 20, 60]);
  });

  test('rule groups of a firewall, which have 5,000 units of capacity together', () => {
    const units = {
      CommonRuleSet: 700,
      ...{ AdminProtectionRuleSet: 100, KnownBadInputsRuleSet: 200, SQLiRuleSet: 200, LinuxRuleSet: 200 },
      ...{ UnixRuleSet: 100, WindowsRuleSet: 200, PHPRuleSet: 100, WordPressRuleSet: 100 },
      ...{ AmazonIpReputationList: 25, AnonymousIpList: 50 },
    };
    for (const [name, capacity] of Object.entries(units)) {
      const groups = (count: number) => ({
        rule: Array.from({ length: count }, (_, priority) => ({
          ...{ name: `rule-${priority}`, priority, override_action: [{ none: [{}] }] },
          statement: [{ managed_rule_group_statement: [{ name: `AWSManagedRules${name}`, vendor_name: 'AWS' }] }],
        })),
      });
      const most = Math.floor(5000 / capacity);
      expect([name, refused([most, most + 1], 'aws_wafv2_web_acl', groups)]).toEqual([name, [most + 1]]);
    }
  });

  test('characters of tags, of which EC2 takes all', () => {
    const tagged = (value: string) => ({ tags: { team: value } });
    const right = ['API', 'São Paulo', 'a_.:/=+-@1', ''];
    const wrong = ['a&b', 'a(b)', 'a,b', 'a#b', 'a*b', 'a\nb'];
    for (const type of ['aws_sns_topic', 'aws_lb', 'aws_eks_cluster']) {
      expect([type, refused([...right, ...wrong], type, tagged)]).toEqual([type, wrong]);
      expect(refused(['aws:x', 'AWS:x', 'aws', 'x:aws:'], type, (key) => ({ tags: { [key]: '' } }))).toEqual([
        ...['aws:x', 'AWS:x'],
      ]);
    }
    for (const type of [
      ...['aws_vpc', 'aws_subnet', 'aws_eip', 'aws_nat_gateway', 'aws_launch_template', 'aws_default_security_group'],
      ...['aws_flow_log', 'aws_instance', 'aws_internet_gateway', 'aws_network_interface', 'aws_route_table'],
      ...['aws_security_group', 'aws_vpc_endpoint', 'aws_vpc_security_group_egress_rule'],
      'aws_vpc_security_group_ingress_rule',
    ]) {
      const rule = { cidr_ipv4: '10.0.0.0/16' };
      expect([type, refused([...right, ...wrong], type, (value) => ({ ...rule, ...tagged(value) }))]).toEqual([
        type,
        [],
      ]);
    }
  });
});

/** By the rule, each argument of another resource that prevents a deletion. */
const users: Readonly<Record<string, readonly string[]>> = {
  'target-group-in-use': [
    ...['aws_lb_listener.default_action.target_group_arn', 'aws_lb_listener.default_action.forward.target_group.arn'],
    ...['aws_lb_listener_rule.action.target_group_arn', 'aws_lb_listener_rule.action.forward.target_group.arn'],
  ],
  'load-balancer-in-use': ['aws_cloudfront_vpc_origin.vpc_origin_endpoint_config.arn'],
  'certificate-in-use': [
    ...['aws_lb_listener.certificate_arn', 'aws_lb_listener_certificate.certificate_arn'],
    'aws_cloudfront_distribution.viewer_certificate.acm_certificate_arn',
  ],
  'security-group-in-use': [
    ...['aws_lb.security_groups', 'aws_db_instance.vpc_security_group_ids', 'aws_instance.vpc_security_group_ids'],
    ...['aws_network_interface.security_groups', 'aws_eks_cluster.vpc_config.security_group_ids'],
    ...['aws_vpc_endpoint.security_group_ids', 'aws_vpc_security_group_ingress_rule.referenced_security_group_id'],
    'aws_vpc_security_group_egress_rule.referenced_security_group_id',
  ],
  'subnet-in-use': [
    ...['aws_lb.subnets', 'aws_lb.subnet_mapping.subnet_id', 'aws_nat_gateway.subnet_id', 'aws_instance.subnet_id'],
    ...['aws_network_interface.subnet_id', 'aws_eks_cluster.vpc_config.subnet_ids', 'aws_eks_node_group.subnet_ids'],
    'aws_vpc_endpoint.subnet_ids',
  ],
  'vpc-in-use': [
    ...['aws_subnet.vpc_id', 'aws_internet_gateway.vpc_id', 'aws_security_group.vpc_id', 'aws_route_table.vpc_id'],
    'aws_vpc_endpoint.vpc_id',
  ],
  'route-table-in-use': ['aws_route_table_association.route_table_id'],
  'address-in-use': ['aws_nat_gateway.allocation_id'],
  'parameter-group-in-use': ['aws_db_instance.parameter_group_name'],
  'database-subnets-in-use': ['aws_db_instance.db_subnet_group_name'],
  'cluster-in-use': ['aws_eks_node_group.cluster_name', 'aws_eks_fargate_profile.cluster_name'],
  'vpc-origin-in-use': ['aws_cloudfront_distribution.origin.vpc_origin_config.vpc_origin_id'],
  'headers-policy-in-use': [
    'aws_cloudfront_distribution.default_cache_behavior.response_headers_policy_id',
    'aws_cloudfront_distribution.ordered_cache_behavior.response_headers_policy_id',
  ],
  'access-control-in-use': ['aws_cloudfront_distribution.origin.origin_access_control_id'],
  'firewall-in-use': ['aws_cloudfront_distribution.web_acl_id', 'aws_wafv2_web_acl_association.web_acl_arn'],
  'role-with-inline-policy': ['aws_iam_role_policy.role'],
  'role-with-attached-policy': ['aws_iam_role_policy_attachment.role'],
  'role-in-instance-profile': ['aws_iam_instance_profile.role'],
  'policy-in-use': ['aws_iam_role_policy_attachment.policy_arn', 'aws_iam_role.permissions_boundary'],
  'event-rule-with-target': ['aws_cloudwatch_event_target.rule'],
  'log-destination-in-use': ['aws_cloudwatch_log_delivery.delivery_destination_arn'],
  'log-source-in-use': ['aws_cloudwatch_log_delivery.delivery_source_name'],
};

test.each(Object.entries(users))('%s is refused by %j', (rule, all) => {
  const change = stateFaults.find((fault) => fault.rule === rule)?.change as Change;
  const [name = ''] = Object.values(change.before ?? {});
  const within = ([first = '', ...rest]: readonly string[], value: string): Values => ({
    [first]: rest.length === 0 ? value : [within(rest, value)],
  });
  const isRefused = (user: string, value: string, by = change) => {
    const [type = '', ...path] = user.split('.');
    return refusalsOf(by, [live(type, within(path, value))]).length > 0;
  };
  for (const user of all) {
    expect([user, isRefused(user, String(name))]).toEqual([user, true]);
    expect([user, isRefused(user, `${String(name)}-2`)]).toEqual([user, false]);
    // A plan may delete the user first.
    expect([user, isRefused(user, String(name), { ...change, phase: 'plan' })]).toEqual([user, false]);
  }
});

/** Types whose names AWS compares whatever their case. */
const ignoringCase = [
  ...['aws_iam_role', 'aws_iam_policy', 'aws_iam_instance_profile', 'aws_security_group', 'aws_db_instance'],
  ...['aws_db_parameter_group', 'aws_db_subnet_group', 'aws_route53_record'],
];

test('a name is taken whatever its case only where AWS says so, and in another region only for a bucket', () => {
  const taken = stateFaults.filter(
    ({ change, rule }) =>
      rule.startsWith('taken-') && change.action === 'create' && rule !== 'taken-distribution-alias',
  );
  const upper = (values: Values): Values =>
    Object.fromEntries(
      Object.entries(values).map(([key, value]) => [key, typeof value === 'string' ? value.toUpperCase() : value]),
    );
  const isTaken = (type: string, own: Values, other: Values) => !accepts(type, own, [live(type, other)]);
  const byType = Map.groupBy(taken, ({ change: { type } }) => type);
  expect(byType.size).toBeGreaterThan(25);
  for (const [type, [fault]] of byType) {
    const { region: _, ...own } = fault?.change.after ?? {};
    expect([type, isTaken(type, own, own)]).toEqual([type, true]);
    const hasText = JSON.stringify(own) !== JSON.stringify(upper(own));
    if (hasText) expect([type, isTaken(type, own, upper(own))]).toEqual([type, ignoringCase.includes(type)]);
    const [here, there] = ['us-east-1', 'sa-east-1'].map((region) => ({ ...own, region }));
    expect([type, isTaken(type, here ?? {}, there ?? {})]).toEqual([type, type === 'aws_s3_bucket']);
  }
});

test('a new account is warned of every origin, behaviour and alias too many, and of vCPUs by the size of an instance', () => {
  const counts = { origin: 25, ordered_cache_behavior: 75, aliases: 100 };
  for (const [name, most] of Object.entries(counts)) {
    const warned = (length: number) =>
      warningsOf(create('aws_cloudfront_distribution', { [name]: Array.from({ length }, () => 'x') }), []).length;
    expect([name, warned(most), warned(most + 1)]).toEqual([name, 0, 1]);
  }
  const vcpus = {
    ...{ 'm6g.medium': 1, 't4g.medium': 2, 't4g.micro': 2, 'm6g.large': 2, 'm6g.xlarge': 4 },
    ...{ 'm6g.2xlarge': 8, 'm6g.12xlarge': 48 },
  };
  for (const [type, count] of Object.entries(vcpus)) {
    const nodes = (max_size: number, world: readonly Resource[] = []) =>
      warningsOf(create(group, { instance_types: ['t4g.nano', type], scaling_config: [{ max_size }] }), world)
        .map(({ message }) => message)
        .filter((message) => message.includes('vCPUs'));
    const largest = Math.max(2, count);
    const most = Math.floor(5 / largest);
    expect([type, nodes(most), nodes(most + 1)]).toEqual([
      ...[
        type,
        [],
        [expect.stringContaining(`grow to ${largest * (most + 1)} vCPUs (ON_DEMAND); a new account has 5`)],
      ],
    ]);
  }
});

describe('expressions of schedules', () => {
  const year = new Date().getUTCFullYear();
  const expressions: Readonly<
    Record<string, readonly [type: string, argument: string, right: string[], wrong: string[]]>
  > = {
    'of EventBridge': [
      'aws_cloudwatch_event_rule',
      'schedule_expression',
      [
        ...[`cron(0 12 1 12 ? ${year})`, 'cron(0 12 ? * SUN#1 *)', 'cron(0 12 ? * 6#5 *)', 'cron(0 12 ? * L *)'],
        ...[
          'cron(0 12 ? * FRIL *)',
          'cron(0 12 LW * ? *)',
          'cron(59 23 31 12 ? 1970-2199)',
          'cron(*/5 0-23/2 * * ? *)',
        ],
        ...[
          'cron(0 0 29 FEB ? *)',
          'cron(0 12 ? JAN-DEC SUN-SAT *)',
          'rate(1 hour)',
          'rate(2 days)',
          'rate(10 minutes)',
        ],
        ...['rate(1 minute)', 'rate(5 hours)', 'rate(1 day)', 'cron(0 12 ? jan-dec mon-fri *)', 'cron(0 12 15W * ? *)'],
        ...['cron(0 12 30,31 2,4 ? *)', 'cron(0 12 30,31 APR ? *)'],
      ],
      [
        ...[`cron(0 12 1 12 ? ${year - 1})`, 'cron(0 12 ? * 6#6 *)', 'cron(0 12 ? * 0 *)', 'cron(0 12 0 * ? *)'],
        ...['cron(0 12 1 0 ? *)', 'cron(-1 12 * * ? *)', 'cron(0 12 * FOO ? *)', 'cron(0 12 31 FEB,APR ? *)'],
        ...['cron(0 12 * * ? 1969)', 'cron(0 12 * * ? * *)', 'rate(1 hours)', 'rate(2 day)', 'rate(1 week)', 'rate(x)'],
        ...['xrate(1 hour)', 'rate(1 hour)x', 'xcron(0 12 * * ? *)', 'cron(0 12 * * ? *)x', 'cron(*-5 12 * * ? *)'],
        ...['cron(0 12 XL * ? *)', 'cron(0 12 LX * ? *)', 'cron(0 12 ? * XXXXL *)', 'cron(0 12 ? * 6#5x *)'],
        ...['cron(0/5x 12 * * ? *)', 'cron(0/x5 12 * * ? *)', 'cron(1x 12 * * ? *)', 'cron(x1 12 * * ? *)'],
        ...['cron (0 12 * * ? *)', 'at(2030-01-01T00:00:00)', 'cron(0 12 * * ? */0)', 'cron(0 12 SAT-SUN * ? *)'],
      ],
    ],
    'of the scheduler': [
      'aws_scheduler_schedule',
      'schedule_expression',
      [
        ...['rate(1 minutes)', 'rate(1 minute)', 'rate(1 hour)', 'rate(2 hours)', 'rate(1 day)', 'rate(30 days)'],
        ...['at(2030-01-01T00:00:00)', 'cron(0 20 ? * MON-FRI *)'],
      ],
      [
        ...['xrate(1 hour)', 'xat(2030-01-01T00:00:00)', 'rate(1 week)'],
        ...['rate(0 minute)', 'rate(01 minute)', 'at(2030-1-1T00:00:00)', 'at(2030-01-01 00:00:00)', '0 20 * * *', ''],
      ],
    ],
    'of Auto Scaling': [
      'aws_autoscaling_schedule',
      'recurrence',
      [
        ...[
          '0 20 * * 0',
          '0 20 * * 7',
          '0 20 * * SUN',
          '0 20 * * SAT-6',
          '59 23 31 12 *',
          '*/15 0-23 1-31 JAN-DEC 1-5',
        ],
        ...['0 0 29 2 *', '0 0 31 2,3 *', '0 0 31 2 MON'],
      ],
      [
        ...['0 24 * * *', '0 20 0 * *', '0 20 32 * *', '0 20 * 0 *', '0 20 * 13 *', '0 20 * * 8', '0 20 * * 7-SAT'],
        ...['0 0 31 2,4 *', '0 20 * *', '0 20 * * * *', '0 20 L * *', '0 20 ? * *', '5- 20 * * *', '-5 20 * * *'],
      ],
    ],
    'in a time zone': [
      'aws_scheduler_schedule',
      'schedule_expression_timezone',
      ['America/Sao_Paulo', 'UTC', 'Europe/Berlin'],
      ['America/Sao Paulo', 'Sao_Paulo', 'UTC+25'],
    ],
  };
  test.each(Object.entries(expressions))('%s', (_, [type, argument, right, wrong]) => {
    expect(refused([...right, ...wrong], type, (text) => ({ [argument]: text }))).toEqual(wrong);
  });

  test('and patterns of events, windows and sizes', () => {
    const right = [
      '{"source":["aws.health"]}',
      '{"detail":{"service":["EC2"],"code":[{"prefix":"A"}]},"source":["a"]}',
    ];
    const wrong = [
      '',
      '{',
      '[]',
      '{}',
      'null',
      '"text"',
      '{"source":[]}',
      '{"source":"a"}',
      '{"detail":{"a":[]}}',
      '{"source":["a"],"detail":"b"}',
      '{"detail":{"a":["b"],"c":[]}}',
      '[["a"]]',
    ];
    const rule = (event_pattern: string) => ({ event_pattern, schedule_expression: 'rate(1 hour)' });
    expect(refused([...right, ...wrong], 'aws_cloudwatch_event_rule', rule)).toEqual(wrong);
    const windows: readonly Values[] = [
      ...[{ mode: 'OFF' }, { mode: 'OFF', maximum_window_in_minutes: null }],
      ...[{ mode: 'FLEXIBLE', maximum_window_in_minutes: 1 }, { mode: 'FLEXIBLE' }],
      { mode: 'OFF', maximum_window_in_minutes: 15 },
    ];
    const flexible = (window: Values) => ({ flexible_time_window: [window] });
    expect(refused(windows, 'aws_scheduler_schedule', flexible)).toEqual(windows.slice(3));
    const sizes = [
      ...[
        [0, 0, 0],
        [1, 1, 1],
        [1, 2, 3],
        [-1, 5, -1],
        [2, -1, 2],
        [3, -1, -1],
        [-1, -1, 0],
      ],
      ...[
        [2, 2, 1],
        [2, 1, 3],
        [1, 4, 3],
        [-1, 2, 1],
        [3, 2, -1],
        [2, -1, 1],
      ],
    ];
    const scheduled = ([min_size = 0, desired_capacity = 0, max_size = 0]: number[]) => ({
      min_size,
      desired_capacity,
      max_size,
    });
    expect(refused(sizes, 'aws_autoscaling_schedule', scheduled)).toEqual(sizes.slice(7));
  });
});

describe('documents of policies', () => {
  const allow = { Effect: 'Allow', Action: 's3:GetObject' };
  const all: Readonly<Record<string, object | string>> = {
    identity: { Statement: [{ ...allow, Resource: '*' }] },
    'one statement': { Statement: { Effect: 'Deny', NotAction: 's3:*', NotResource: '*' } },
    trust: { Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: '*' }] },
    'other trust': { Statement: [{ Effect: 'Deny', Action: 'sts:AssumeRole', NotPrincipal: { AWS: 'a' } }] },
    both: { Statement: [{ ...allow, Principal: '*', Resource: '*' }] },
    'both, of others': { Statement: [{ ...allow, NotPrincipal: '*', NotResource: '*' }] },
    'a second that is wrong': {
      Statement: [
        { ...allow, Resource: '*', Principal: '*' },
        { ...allow, Effect: 'Maybe' },
      ],
    },
    'no action': { Statement: [{ Effect: 'Allow', Resource: '*', Principal: '*' }] },
    'no statement': { Statement: [] },
    nothing: {},
    'a list': [],
    'a list of statements': [{ Statement: [{ ...allow, Resource: '*' }] }],
    'no object': 'null',
    'a text': '"Statement"',
    'a number': '1',
    'statements that are none': { Statement: [null, 'Allow', 1] },
    'no JSON': '{',
  };
  const resourcePolicies = ['trust', 'other trust', 'both', 'both, of others'];
  test.each([
    ['aws_iam_policy', 'policy', 'MalformedPolicyDocument', ['identity', 'one statement']],
    ['aws_iam_role_policy', 'policy', 'MalformedPolicyDocument', ['identity', 'one statement']],
    ['aws_iam_role', 'assume_role_policy', 'MalformedPolicyDocument', ['trust', 'other trust']],
    ['aws_s3_bucket_policy', 'policy', 'MalformedPolicy', resourcePolicies],
    ['aws_kms_key', 'policy', 'MalformedPolicyDocumentException', resourcePolicies],
    ['aws_sns_topic_policy', 'policy', 'InvalidParameter', resourcePolicies],
  ])('%s', (type, argument, code, right) => {
    const problems = (name: string) => {
      const document = all[name];
      const text = typeof document === 'string' ? document : JSON.stringify(document);
      return refusalsOf(create(type, { [argument]: text, name: 'x', role: 'x' }), []).map((one) => [
        one.code,
        one.path,
      ]);
    };
    const names = Object.keys(all);
    expect(names.filter((name) => problems(name).length === 0)).toEqual(right);
    for (const name of names.filter((each) => !right.includes(each))) {
      expect([name, problems(name)]).toEqual([name, [[code, argument]]]);
    }
  });
});

test('what is to be deleted with all that is in it is deleted, and a gateway once nothing has an address', () => {
  const remove = (type: string, before: Values, world: readonly Resource[], phase: Change['phase'] = 'apply') =>
    refusalsOf({ action: 'delete', phase, type, before }, world).length > 0;
  for (const [type, values, force, content] of [
    ['aws_s3_bucket', { bucket: 'b' }, 'force_destroy', live('aws_s3_object', { bucket: 'b' })],
    ['aws_route53_zone', { zone_id: 'Z1' }, 'force_destroy', live('aws_route53_record', { zone_id: 'Z1' })],
    ['aws_ecr_repository', { name: 'r' }, 'force_delete', live('aws_ecr_image', { repository_name: 'r' })],
  ] as const) {
    expect([type, remove(type, values, [content]), remove(type, { ...values, [force]: false }, [content])]).toEqual([
      ...[type, true, true],
    ]);
    expect([type, remove(type, { ...values, [force]: true }, [content])]).toEqual([type, false]);
    expect([type, remove(type, values, [content], 'plan')]).toEqual([type, false]);
  }
  const subnets = ['vpc-1', 'vpc-2'].map((vpc_id) => live('aws_subnet', { id: `of-${vpc_id}`, vpc_id }));
  const isHeld = (type: string, values: Values, ...more: Resource[]) =>
    ['vpc-1', 'vpc-2'].map((vpc) =>
      remove('aws_internet_gateway', { vpc_id: 'vpc-1' }, [
        ...[...subnets, ...more],
        live(type, { ...values, ...(type === 'aws_lb' ? { subnets: [`of-${vpc}`] } : { subnet_id: `of-${vpc}` }) }),
      ]),
    );
  expect(isHeld('aws_nat_gateway', {})).toEqual([true, false]);
  expect(isHeld('aws_nat_gateway', { connectivity_type: 'public' })).toEqual([true, false]);
  expect(isHeld('aws_nat_gateway', { connectivity_type: 'private' })).toEqual([false, false]);
  expect(isHeld('aws_instance', { id: 'i-1', associate_public_ip_address: true })).toEqual([true, false]);
  expect(isHeld('aws_instance', { id: 'i-1' })).toEqual([false, false]);
  expect(isHeld('aws_instance', { id: 'i-1' }, live('aws_eip', { instance: 'i-1' }))).toEqual([true, false]);
  expect(isHeld('aws_network_interface', { id: 'e-1' }, live('aws_eip', { network_interface: 'e-1' }))).toEqual([
    true,
    false,
  ]);
  expect(isHeld('aws_network_interface', { id: 'e-1' }, live('aws_eip', { instance: 'e-1' }))).toEqual([false, false]);
  expect(isHeld('aws_lb', { internal: false })).toEqual([true, false]);
  expect(isHeld('aws_lb', { internal: true })).toEqual([false, false]);
});

test('the live number of nodes may be at either end of new limits', () => {
  const nodes = (min_size: number, desired_size: number, max_size: number): Values => ({
    ...{ id: 'dev:spot', scaling_config: [{ min_size, desired_size, max_size }] },
  });
  const isRefused = (size: number, least: number, most: number) =>
    refusalsOf(
      { action: 'update', phase: 'apply', type: group, before: nodes(1, 4, 9), after: nodes(least, 4, most) },
      [live(group, nodes(1, size, 9))],
    ).length > 0;
  expect([isRefused(3, 3, 9), isRefused(6, 1, 6), isRefused(2, 3, 9), isRefused(7, 1, 6)]).toEqual([
    ...[false, false, true, true],
  ]);
});

test('a secret without a recovery window has that of AWS', () => {
  const before = { name: 'prd/database' };
  expect(leftBehind({ action: 'delete', phase: 'apply', type: 'aws_secretsmanager_secret', before })).toEqual([
    live('scheduled secret', before),
  ]);
});

/** What can be updated, and what cannot, each from the same values. */
const updates: readonly (readonly [
  what: string,
  type: string,
  before: Values,
  right: readonly Values[],
  wrong: readonly Values[],
  world: readonly Resource[],
])[] = [
  [
    'the storage of a database',
    database,
    { allocated_storage: 30 },
    [{ allocated_storage: 30 }, { allocated_storage: 31 }],
    [{ allocated_storage: 29 }],
    [],
  ],
  [
    'the version of a database',
    database,
    { ...mysql, engine_version: '8.4.3' },
    [
      { ...mysql, engine_version: '8.4.10' },
      { ...mysql, engine_version: '9.7', allow_major_version_upgrade: true },
      {},
    ],
    [
      { ...mysql, engine_version: '8.5.3' },
      { ...mysql, engine_version: '8.40.3' },
      { ...mysql, engine_version: '18.4.3' },
    ],
    [],
  ],
  [
    'the version of nodes',
    group,
    { cluster_name: 'dev', version: '1.35' },
    [
      { cluster_name: 'dev', version: '1.35', labels: { a: 'b' } },
      { cluster_name: 'dev', version: '1.36' },
      { cluster_name: 'new', version: '1.37' },
      { cluster_name: 'dev' },
    ],
    [{ cluster_name: 'dev', version: '1.37' }],
    [live('aws_eks_cluster', { name: 'dev', version: '1.36' })],
  ],
  [
    'the version of a cluster',
    'aws_eks_cluster',
    { name: 'dev', version: '1.35' },
    [{ name: 'dev', version: '1.35' }, { name: 'dev', version: '1.36' }, { name: 'dev' }],
    [
      { name: 'dev', version: '1.34' },
      { name: 'dev', version: '1.37' },
    ],
    [live(group, { cluster_name: 'dev', version: '1.35' }), live(group, { cluster_name: 'other', version: '1.30' })],
  ],
  [
    'add-ons',
    'aws_eks_addon',
    { cluster_name: 'dev', addon_name: 'kube-proxy', addon_version: 'v1.35.0-eksbuild.1' },
    [
      { cluster_name: 'dev', addon_name: 'kube-proxy', addon_version: 'v1.36.9-eksbuild.1' },
      { cluster_name: 'dev', addon_name: 'aws-ebs-csi-driver', addon_version: 'v1.66.0-eksbuild.1' },
    ],
    [{ cluster_name: 'dev', addon_name: 'kube-proxy', addon_version: 'v1.37.0-eksbuild.1' }],
    [live('aws_eks_cluster', { name: 'dev', version: '1.36' })],
  ],
];

test.each(updates)('%s can be changed as far as AWS allows', (_, type, before, right, wrong, world) => {
  const isRefused = (after: Values) =>
    refusalsOf({ action: 'update', phase: 'apply', type, before: { id: 'it', ...before }, after }, world).length > 0;
  expect([...right, ...wrong].filter(isRefused)).toEqual(wrong);
});

test('a live resource does not conflict with itself, as it was read last or is now', () => {
  const vpc = live('aws_vpc', { id: 'vpc-1', cidr_block: '10.0.0.0/16' });
  const subnet: Values = { id: 'subnet-1', vpc_id: 'vpc-1', cidr_block: '10.0.1.0/24' };
  const isRefused = (values: Values, now: Values) =>
    refusalsOf({ action: 'update', phase: 'apply', type: 'aws_subnet', before: subnet, after: values }, [
      vpc,
      live('aws_subnet', now),
    ]).length > 0;
  expect(isRefused({ ...subnet, tags: { Name: 'a' } }, subnet)).toBe(false);
  expect(isRefused({ ...subnet, tags: { Name: 'a' } }, { ...subnet, tags: { Name: 'b' } })).toBe(false);
  expect(isRefused({ ...subnet, tags: { Name: 'a' } }, { ...subnet, id: 'subnet-2' })).toBe(true);
});

test('white space in policies does not count, however much there is', () => {
  const statement = { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' };
  const policy = JSON.stringify({ Statement: Array.from({ length: 95 }, () => statement) }, undefined, 4);
  expect(policy.length).toBeGreaterThan(10_240);
  expect(accepts('aws_iam_policy', { policy })).toBe(true);
  expect(accepts('aws_iam_role_policy', { policy, role: 'app', name: 'app' })).toBe(true);
  const others = live('aws_iam_role_policy', { policy, name: 'of-another-role-that-is-not-known' });
  expect(accepts('aws_iam_role_policy', { policy, name: 'app' }, [others])).toBe(true);
});

test('instance types of Arm and x86 go with an AMI of their architecture, and the disk with that of Amazon Linux', () => {
  const arm = [
    't4g.large',
    'm7gd.large',
    'c6gn.large',
    'a1.large',
    'im4gn.large',
    'is4gen.large',
    'hpc7g.4xlarge',
    'c10g.large',
  ];
  const x86 = [
    't3.large',
    't3a.large',
    'g5.xlarge',
    'g4dn.xlarge',
    'm6i.large',
    'c5.large',
    'p4d.24xlarge',
    'm7i-flex.large',
  ];
  const nodes = (ami_type: string) => (type: string) => ({ ami_type, instance_types: ['custom', type].slice(-1) });
  expect(refused([...arm, ...x86], group, nodes('AL2023_ARM_64_STANDARD'))).toEqual(x86);
  expect(refused([...arm, ...x86], group, nodes('AL2023_x86_64_STANDARD'))).toEqual(arm);
  expect(refused([...arm, ...x86], group, nodes('CUSTOM'))).toEqual([]);

  const template = (device_name: string, volume_size: number) =>
    live('aws_launch_template', { id: 'lt', block_device_mappings: [{ device_name, ebs: [{ volume_size }] }] });
  const isTooSmall = (ami_type: string, disk: Resource) =>
    !accepts(group, { ami_type, launch_template: [{ id: 'lt' }] }, [disk]);
  expect(isTooSmall('AL2023_ARM_64_STANDARD', template('/dev/xvda', 19))).toBe(true);
  expect(isTooSmall('AL2023_ARM_64_STANDARD', template('/dev/xvdb', 19))).toBe(false);
  expect(isTooSmall('BOTTLEROCKET_ARM_64', template('/dev/xvda', 19))).toBe(false);
});

test('of two alternatives each may be taken alone', () => {
  const endpoint = (endpoint_public_access: boolean, endpoint_private_access: boolean) => ({
    vpc_config: [{ endpoint_public_access, endpoint_private_access }],
  });
  const endpoints = [endpoint(true, true), endpoint(true, false), endpoint(false, true), endpoint(false, false)];
  expect(refused(endpoints, 'aws_eks_cluster', (one) => one)).toEqual(endpoints.slice(3));
  const update = (max_unavailable: number | null, max_unavailable_percentage: number | null) => ({
    update_config: [{ max_unavailable, max_unavailable_percentage }],
  });
  const shares = [update(1, null), update(null, 1), update(1, 1)];
  expect(refused(shares, group, (one) => one)).toEqual(shares.slice(2));
  const interfaces = [
    { network_interfaces: [{ network_interface_id: 'eni-1' }] },
    { vpc_security_group_ids: ['sg-1'] },
    { network_interfaces: [{ network_interface_id: 'eni-1' }], vpc_security_group_ids: ['sg-1'] },
  ];
  expect(refused(interfaces, 'aws_launch_template', (one) => one)).toEqual(interfaces.slice(2));
  // Only gp3 has its limits of throughput.
  const volumes = ['gp3', 'io1', 'io2', 'gp2'];
  const fast = (volume_type: string) => ({ root_block_device: [{ volume_type, volume_size: 100, iops: 64_000 }] });
  expect(refused(volumes, 'aws_instance', fast)).toEqual(['gp3']);
  const rule = (statement: Values, more: Values) => ({
    rule: [{ name: 'a', priority: 1, statement: [statement], ...more }],
  });
  const reference = { rule_group_reference_statement: [{ arn: 'arn:aws:wafv2:us-east-1:1:global/rulegroup/a/b' }] };
  const rules = [
    rule(reference, { override_action: [{ none: [{}] }] }),
    rule(reference, { action: [{ block: [{}] }] }),
  ];
  expect(refused(rules, 'aws_wafv2_web_acl', (one) => one)).toEqual(rules.slice(1));
});

test('a new account is warned in these words, and not of what is changed', () => {
  const warnings = (
    type: string,
    values: Values,
    world: readonly Resource[] = [],
    action: Change['action'] = 'create',
  ) =>
    warningsOf(
      { action, phase: 'apply', type, after: values, ...(action === 'update' && { before: values }) },
      world,
    ).map(({ code, message, path }) => `${path}: ${code}: ${message}`);
  const nodes = (capacity_type: string, max_size: number, type: string): Values => ({
    ...{ capacity_type, scaling_config: [{ max_size }], instance_types: [type] },
  });
  const ofProcessors = (...given: Parameters<typeof nodes>) =>
    warnings(group, nodes(...given)).filter((one) => one.includes('vCPUs'));
  expect(ofProcessors('SPOT', 6, 'm6g.medium')).toEqual([
    'scaling_config[0].max_size: MaxSpotInstanceCountExceeded: The node groups may grow to 6 vCPUs (SPOT); a new account has 5',
  ]);
  expect(ofProcessors('ON_DEMAND', 3, 't4g.medium')).toEqual([
    'scaling_config[0].max_size: VcpuLimitExceeded: The node groups may grow to 6 vCPUs (ON_DEMAND); a new account has 5',
  ]);
  expect([ofProcessors('SPOT', 5, 'm6g.medium'), ofProcessors('SPOT', 2, 't4g.medium')]).toEqual([[], []]);

  const many = Array.from({ length: 60 }, (_, index) =>
    live('aws_vpc_security_group_egress_rule', { ...rule, id: `${index}`, from_port: index }),
  );
  expect(warnings('aws_vpc_security_group_egress_rule', rule, many)).toEqual([
    'undefined: RulesPerSecurityGroupLimitExceeded: The security group has rules of weight 61; the quota is 60',
  ]);
  expect(warnings('aws_vpc_security_group_egress_rule', rule, many, 'update')).toEqual([]);
  const vpcs = Array.from({ length: 5 }, (_, index) => live('aws_vpc', { id: `${index}` }));
  expect(warnings('aws_vpc', {}, vpcs)).toEqual(['undefined: VpcLimitExceeded: There are more than 5 VPCs']);
  expect(warnings('aws_vpc', {}, vpcs, 'update')).toEqual([]);
  const codes = {
    origin: 'TooManyOrigins',
    ordered_cache_behavior: 'TooManyCacheBehaviors',
    aliases: 'TooManyDistributionCNAMEs',
  };
  const quotas = { origin: 25, ordered_cache_behavior: 75, aliases: 100 };
  for (const [name, most] of Object.entries(quotas)) {
    const list = Array.from({ length: most + 1 }, () => 'x');
    expect(warnings('aws_cloudfront_distribution', { [name]: list })).toEqual([
      `${name}: ${codes[name as keyof typeof codes]}: ${most + 1} are more than the quota of ${most}`,
    ]);
  }
});
