import type { Values } from '../../../rules/change.ts';
import { create, creation, deletion, type Fault, live, update } from './fault.ts';

/** A resource whose name is taken, and live resources with another name. */
const taken = (type: string, wrong: string, values: Values, other: Values): Fault =>
  creation(
    `taken-${type.replace('aws_', '').replaceAll('_', '-')}`,
    wrong,
    type,
    values,
    [live(type, { ...values, id: 'old' })],
    [live(type, { ...values, ...other, id: 'old' })],
  );

/** A deletion while another resource uses this one, and without the other resource. */
const used = (rule: string, wrong: string, type: string, before: Values, by: string, values: Values): Fault =>
  deletion(rule, wrong, type, before, [live(type, before), live(by, values)], [live(type, before)]);

const nodes = (min_size: number, desired_size: number, max_size: number): Values => ({
  id: 'dev:spot',
  scaling_config: [{ min_size, desired_size, max_size }],
});
const vpcOrigin = (port: number): Values => ({ id: 'vo_1', vpc_origin_endpoint_config: [{ https_port: port }] });
const association = { cluster_name: 'dev', namespace: 'calculator', service_account: 'api' };
const entry = { cluster_name: 'dev', principal_arn: 'arn:aws:iam::123456789012:role/Administrator' };

const record = { zone_id: 'Z1', name: '_proof.example.com', type: 'CNAME', ttl: 60 };
const subnet = live('aws_subnet', { id: 'subnet-1', vpc_id: 'vpc-1' });

export const stateFaults: readonly Fault[] = [
  taken('aws_autoscaling_group', 'an Auto Scaling group of the same name', { name: 'nat' }, { name: 'other' }),
  taken('aws_lb', 'a load balancer of the same name', { name: 'app' }, { name: 'other' }),
  taken('aws_lb_target_group', 'a target group of the same name', { name: 'api' }, { name: 'other' }),
  taken('aws_lb_listener', 'a second listener on a port', { load_balancer_arn: 'arn:1', port: 80 }, { port: 81 }),
  taken('aws_lb_listener_rule', 'a second rule of a priority', { listener_arn: 'arn:1', priority: 1 }, { priority: 2 }),
  taken('aws_iam_role', 'a role of the same name', { name: 'app' }, { name: 'other' }),
  taken('aws_iam_policy', 'a policy of the same name', { name: 'app' }, { name: 'other' }),
  taken(
    'aws_iam_openid_connect_provider',
    "a second provider for GitHub's tokens",
    { url: 'https://token.actions.githubusercontent.com' },
    { url: 'https://example.com' },
  ),
  taken('aws_iam_instance_profile', 'an instance profile of the same name', { name: 'app' }, { name: 'other' }),
  taken(
    'aws_security_group',
    'a security group of the same name in a VPC',
    { vpc_id: 'vpc-1', name: 'web' },
    { vpc_id: 'vpc-2' },
  ),
  taken('aws_launch_template', 'a launch template of the same name', { name: 'spot' }, { name: 'other' }),
  taken('aws_db_instance', 'a database of the same name', { identifier: 'dev' }, { identifier: 'other' }),
  update(
    'taken-db-instance',
    'renaming a database to the name of another',
    'aws_db_instance',
    { id: 'db-1', identifier: 'dev-old' },
    { id: 'db-1', identifier: 'dev' },
    { id: 'db-1', identifier: 'dev-older' },
    [live('aws_db_instance', { id: 'db-2', identifier: 'dev' })],
  ),
  taken('aws_db_parameter_group', 'a parameter group of the same name', { name: 'dev' }, { name: 'other' }),
  taken('aws_db_subnet_group', 'a DB subnet group of the same name', { name: 'dev' }, { name: 'other' }),
  taken('aws_eks_cluster', 'a cluster of the same name', { name: 'dev' }, { name: 'other' }),
  taken(
    'aws_eks_node_group',
    'a node group of the same name',
    { cluster_name: 'dev', node_group_name: 'spot' },
    { node_group_name: 'other' },
  ),
  taken(
    'aws_eks_addon',
    'a second add-on of a kind',
    { cluster_name: 'dev', addon_name: 'coredns' },
    { addon_name: 'vpc-cni' },
  ),
  taken('aws_eks_access_entry', 'a second entry of a role', entry, { cluster_name: 'prd' }),
  taken('aws_eks_pod_identity_association', 'a second role for a service account', association, { namespace: 'other' }),
  taken(
    'aws_cloudwatch_log_group',
    'a log group of the same name',
    { name: '/aws/eks/dev/cluster' },
    { name: '/other' },
  ),
  taken('aws_s3_bucket', 'a bucket of the same name', { bucket: 'app-state' }, { bucket: 'other' }),
  taken('aws_kms_alias', 'a key alias of the same name', { name: 'alias/dev' }, { name: 'alias/other' }),
  taken(
    'aws_kms_alias',
    'a key alias of the same name in the same region',
    { name: 'alias/dev', region: 'us-east-1' },
    { region: 'sa-east-1' },
  ),
  creation(
    'taken-s3-bucket',
    'a bucket of the same name in another region',
    'aws_s3_bucket',
    { bucket: 'app-state', region: 'us-east-1' },
    [live('aws_s3_bucket', { bucket: 'app-state', region: 'sa-east-1' })],
  ),
  taken('aws_secretsmanager_secret', 'a secret of the same name', { name: 'dev/database' }, { name: 'other' }),
  taken(
    'aws_route53_record',
    'a record of the same name and type',
    { zone_id: 'Z1', name: 'www.example.com', type: 'A', ttl: 60 },
    { type: 'AAAA' },
  ),
  taken(
    'aws_cloudfront_response_headers_policy',
    'a response headers policy of the same name',
    { name: 'dev' },
    { name: 'other' },
  ),
  taken(
    'aws_cloudfront_origin_access_control',
    'an origin access control of the same name',
    { name: 'dev' },
    { name: 'other' },
  ),
  taken('aws_wafv2_web_acl', 'a web ACL of the same name', { scope: 'CLOUDFRONT', name: 'prd' }, { scope: 'REGIONAL' }),
  taken('aws_budgets_budget', 'a budget of the same name', { name: 'dev' }, { name: 'other' }),
  taken('aws_ecr_repository', 'a repository of the same name', { name: 'api' }, { name: 'other' }),
  taken('aws_scheduler_schedule', 'a schedule of the same name', { name: 'evening' }, { name: 'other' }),
  creation(
    'taken-distribution-alias',
    'the alias of another distribution',
    'aws_cloudfront_distribution',
    { aliases: ['example.com'] },
    [live('aws_cloudfront_distribution', { id: 'E1', aliases: ['example.com'] })],
    [live('aws_cloudfront_distribution', { id: 'E1', aliases: ['dev.example.com'] })],
  ),
  creation(
    'secret-scheduled-for-deletion',
    'a secret whose name is scheduled for deletion',
    'aws_secretsmanager_secret',
    { name: 'dev/database' },
    [live('scheduled secret', { name: 'dev/database' })],
    [live('scheduled secret', { name: 'prd/database' })],
  ),
  creation(
    'access-entry-missing',
    'an access policy for a principal without an entry',
    'aws_eks_access_policy_association',
    entry,
    [],
    [live('aws_eks_access_entry', entry)],
  ),
  used(
    'target-group-in-use',
    'deleting a target group with a rule',
    'aws_lb_target_group',
    { arn: 'arn:tg' },
    'aws_lb_listener_rule',
    {
      action: [{ type: 'forward', target_group_arn: 'arn:tg' }],
    },
  ),
  used(
    'load-balancer-in-use',
    'deleting a load balancer behind CloudFront',
    'aws_lb',
    { arn: 'arn:lb' },
    'aws_cloudfront_vpc_origin',
    {
      vpc_origin_endpoint_config: [{ arn: 'arn:lb' }],
    },
  ),
  used(
    'certificate-in-use',
    'deleting a certificate in use',
    'aws_acm_certificate',
    { arn: 'arn:cert' },
    'aws_lb_listener',
    {
      certificate_arn: 'arn:cert',
    },
  ),
  used(
    'security-group-in-use',
    'deleting a security group of a database',
    'aws_security_group',
    { id: 'sg-1' },
    'aws_db_instance',
    {
      vpc_security_group_ids: ['sg-1'],
    },
  ),
  deletion(
    'security-group-in-use',
    "deleting a security group that another's rule names",
    'aws_security_group',
    { id: 'sg-1' },
    [live('aws_vpc_security_group_ingress_rule', { security_group_id: 'sg-2', referenced_security_group_id: 'sg-1' })],
    [live('aws_vpc_security_group_ingress_rule', { security_group_id: 'sg-1', referenced_security_group_id: 'sg-1' })],
  ),
  used('subnet-in-use', 'deleting a subnet with nodes', 'aws_subnet', { id: 'subnet-1' }, 'aws_eks_node_group', {
    subnet_ids: ['subnet-1'],
  }),
  used('vpc-in-use', 'deleting a VPC with a subnet', 'aws_vpc', { id: 'vpc-1' }, 'aws_subnet', { vpc_id: 'vpc-1' }),
  used(
    'route-table-in-use',
    'deleting a route table in use',
    'aws_route_table',
    { id: 'rtb-1' },
    'aws_route_table_association',
    {
      route_table_id: 'rtb-1',
    },
  ),
  used('address-in-use', 'deleting an address of a NAT gateway', 'aws_eip', { id: 'eip-1' }, 'aws_nat_gateway', {
    allocation_id: 'eip-1',
  }),
  used(
    'parameter-group-in-use',
    'deleting the parameters of a database',
    'aws_db_parameter_group',
    { name: 'dev' },
    'aws_db_instance',
    { parameter_group_name: 'dev' },
  ),
  used(
    'database-subnets-in-use',
    'deleting the subnets of a database',
    'aws_db_subnet_group',
    { name: 'dev' },
    'aws_db_instance',
    { db_subnet_group_name: 'dev' },
  ),
  used('cluster-in-use', 'deleting a cluster with nodes', 'aws_eks_cluster', { name: 'dev' }, 'aws_eks_node_group', {
    cluster_name: 'dev',
  }),
  used(
    'vpc-origin-in-use',
    'deleting a VPC origin in use',
    'aws_cloudfront_vpc_origin',
    { id: 'vo_1' },
    'aws_cloudfront_distribution',
    {
      origin: [{ vpc_origin_config: [{ vpc_origin_id: 'vo_1' }] }],
    },
  ),
  used(
    'headers-policy-in-use',
    'deleting a response headers policy in use',
    'aws_cloudfront_response_headers_policy',
    { id: 'rhp-1' },
    'aws_cloudfront_distribution',
    { default_cache_behavior: [{ response_headers_policy_id: 'rhp-1' }] },
  ),
  used(
    'access-control-in-use',
    'deleting an origin access control in use',
    'aws_cloudfront_origin_access_control',
    { id: 'E1' },
    'aws_cloudfront_distribution',
    { origin: [{ origin_access_control_id: 'E1' }] },
  ),
  used(
    'firewall-in-use',
    'deleting a web ACL in use',
    'aws_wafv2_web_acl',
    { arn: 'arn:acl' },
    'aws_cloudfront_distribution',
    {
      web_acl_id: 'arn:acl',
    },
  ),
  used(
    'role-with-inline-policy',
    'deleting a role with a policy',
    'aws_iam_role',
    { name: 'app' },
    'aws_iam_role_policy',
    {
      role: 'app',
    },
  ),
  used(
    'role-with-attached-policy',
    'deleting a role with an attached policy',
    'aws_iam_role',
    { name: 'app' },
    'aws_iam_role_policy_attachment',
    { role: 'app' },
  ),
  used(
    'role-in-instance-profile',
    'deleting a role in an instance profile',
    'aws_iam_role',
    { name: 'app' },
    'aws_iam_instance_profile',
    { role: 'app' },
  ),
  used('policy-in-use', 'deleting the boundary of a role', 'aws_iam_policy', { arn: 'arn:policy' }, 'aws_iam_role', {
    permissions_boundary: 'arn:policy',
  }),
  used(
    'event-rule-with-target',
    'deleting a rule with a target',
    'aws_cloudwatch_event_rule',
    { name: 'notices' },
    'aws_cloudwatch_event_target',
    { rule: 'notices' },
  ),
  used(
    'log-destination-in-use',
    'deleting a destination of logs in use',
    'aws_cloudwatch_log_delivery_destination',
    { arn: 'arn:destination' },
    'aws_cloudwatch_log_delivery',
    { delivery_destination_arn: 'arn:destination' },
  ),
  used(
    'log-source-in-use',
    'deleting a source of logs in use',
    'aws_cloudwatch_log_delivery_source',
    { name: 'applications' },
    'aws_cloudwatch_log_delivery',
    { delivery_source_name: 'applications' },
  ),
  deletion(
    'internet-gateway-in-use',
    'deleting an internet gateway while a NAT gateway has an address',
    'aws_internet_gateway',
    { vpc_id: 'vpc-1' },
    [live('aws_subnet', { id: 'subnet-1', vpc_id: 'vpc-1' }), live('aws_nat_gateway', { subnet_id: 'subnet-1' })],
    [live('aws_subnet', { id: 'subnet-1', vpc_id: 'vpc-2' }), live('aws_nat_gateway', { subnet_id: 'subnet-1' })],
  ),
  protectedFrom(
    'load-balancer-protected',
    'deleting a protected load balancer',
    'aws_lb',
    'enable_deletion_protection',
    { arn: 'arn:lb' },
  ),
  protectedFrom('database-protected', 'deleting a protected database', 'aws_db_instance', 'deletion_protection', {
    identifier: 'prd',
    skip_final_snapshot: true,
  }),
  protectedFrom('cluster-protected', 'deleting a protected cluster', 'aws_eks_cluster', 'deletion_protection', {
    name: 'prd',
  }),
  deletion(
    'final-snapshot',
    'deleting a database whose last snapshot has the name of another',
    'aws_db_instance',
    { final_snapshot_identifier: 'prd-final', skip_final_snapshot: false },
    [live('aws_db_snapshot', { db_snapshot_identifier: 'prd-final' })],
    [live('aws_db_snapshot', { db_snapshot_identifier: 'prd-final-1' })],
  ),
  deletion(
    'bucket-not-empty',
    'deleting a bucket with objects',
    'aws_s3_bucket',
    { bucket: 'app' },
    [live('aws_s3_object', { bucket: 'app' })],
    [live('aws_s3_object', { bucket: 'other' })],
  ),
  deletion(
    'zone-not-empty',
    'deleting a zone with records',
    'aws_route53_zone',
    { zone_id: 'Z1' },
    [live('aws_route53_record', { zone_id: 'Z1' })],
    [live('aws_route53_record', { zone_id: 'Z2' })],
  ),
  {
    ...creation(
      'taken-route53-record',
      'a record that exists and may not be overwritten',
      'aws_route53_record',
      record,
      [live('aws_route53_record', record)],
    ),
    right: {
      change: create('aws_route53_record', { ...record, allow_overwrite: true }),
      world: [live('aws_route53_record', record)],
    },
  },
  deletion(
    'repository-not-empty',
    'deleting a repository with images',
    'aws_ecr_repository',
    { name: 'api' },
    [live('aws_ecr_image', { repository_name: 'api' })],
    [live('aws_ecr_image', { repository_name: 'site' })],
  ),
  update(
    'node-group-live-size',
    'a minimum above the current number of nodes',
    'aws_eks_node_group',
    nodes(1, 2, 3),
    nodes(2, 2, 3),
    nodes(1, 2, 4),
    [live('aws_eks_node_group', nodes(1, 1, 3))],
  ),
  update(
    'node-group-live-size',
    'a maximum below the current number of nodes',
    'aws_eks_node_group',
    nodes(1, 2, 3),
    nodes(1, 2, 2),
    nodes(1, 2, 4),
    [live('aws_eks_node_group', nodes(1, 3, 3))],
  ),
  update(
    'vpc-origin-update-in-use',
    'another port of a VPC origin in use',
    'aws_cloudfront_vpc_origin',
    vpcOrigin(443),
    vpcOrigin(8443),
    vpcOrigin(443),
    [live('aws_cloudfront_distribution', { origin: [{ vpc_origin_config: [{ vpc_origin_id: 'vo_1' }] }] })],
  ),
  update(
    'cluster-version-of-nodes',
    'a cluster upgrade with older node groups',
    'aws_eks_cluster',
    { id: 'dev', name: 'dev', version: '1.35' },
    { id: 'dev', name: 'dev', version: '1.36' },
    { id: 'dev', name: 'dev', version: '1.35' },
    [live('aws_eks_node_group', { cluster_name: 'dev', node_group_name: 'spot', version: '1.34' })],
  ),
  deletion(
    'internet-gateway-in-use',
    'deleting an internet gateway before a load balancer of the internet',
    'aws_internet_gateway',
    { vpc_id: 'vpc-1' },
    [subnet, live('aws_lb', { internal: false, subnets: ['subnet-1'] })],
    [subnet, live('aws_lb', { internal: true, subnets: ['subnet-1'] })],
  ),
  deletion(
    'internet-gateway-in-use',
    'deleting an internet gateway before an instance with an address',
    'aws_internet_gateway',
    { vpc_id: 'vpc-1' },
    [subnet, live('aws_instance', { id: 'i-1', subnet_id: 'subnet-1' }), live('aws_eip', { instance: 'i-1' })],
    [subnet, live('aws_instance', { id: 'i-1', subnet_id: 'subnet-1' }), live('aws_eip', { instance: 'i-2' })],
  ),
  deletion(
    'internet-gateway-in-use',
    'deleting an internet gateway before a network interface with an address',
    'aws_internet_gateway',
    { vpc_id: 'vpc-1' },
    [
      subnet,
      live('aws_network_interface', { id: 'eni-1', subnet_id: 'subnet-1' }),
      live('aws_eip', { network_interface: 'eni-1' }),
    ],
    [subnet, live('aws_network_interface', { id: 'eni-1', subnet_id: 'subnet-1' })],
  ),
  {
    ...deletion(
      'final-snapshot',
      'deleting a database without a name for its last snapshot',
      'aws_db_instance',
      {},
      [],
    ),
    right: {
      change: { action: 'delete', phase: 'apply', type: 'aws_db_instance', before: { skip_final_snapshot: true } },
      world: [],
    },
  },
];

function protectedFrom(rule: string, wrong: string, type: string, argument: string, values: Values): Fault {
  const before = (isProtected: boolean): Values => ({ ...values, [argument]: isProtected });
  return {
    ...deletion(rule, wrong, type, before(true), []),
    right: { change: { action: 'delete', phase: 'apply', type, before: before(false) }, world: [] },
  };
}
