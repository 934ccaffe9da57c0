import { type Fault, value } from './fault.ts';

const wrong = (says: string, type: string, values: Fault['change']['after'], right: Fault['change']['after']): Fault =>
  value('registry', says, type, values ?? {}, right ?? {});

export const registryFaults: readonly Fault[] = [
  wrong('a role with a name of 65 characters', 'aws_iam_role', { name: 'a'.repeat(65) }, { name: 'a'.repeat(64) }),
  wrong('a space in the name of a role', 'aws_iam_role', { name: 'my role' }, { name: 'my-role' }),
  wrong(
    'a session duration of 12 hours and a second',
    'aws_iam_role',
    { max_session_duration: 43_201 },
    { max_session_duration: 43_200 },
  ),
  wrong('a log retention of 31 days', 'aws_cloudwatch_log_group', { retention_in_days: 31 }, { retention_in_days: 30 }),
  wrong(
    'a line break in the name of a log group',
    'aws_cloudwatch_log_group',
    { name: '/aws/eks\n' },
    { name: '/aws/eks/dev/cluster' },
  ),
  wrong(
    'a health check every 301 seconds',
    'aws_lb_target_group',
    { health_check: [{ interval: 301 }] },
    { health_check: [{ interval: 300 }] },
  ),
  wrong('port 0', 'aws_lb_listener', { port: 0, protocol: 'HTTP' }, { port: 1, protocol: 'HTTP' }),
  wrong('an unknown capacity type', 'aws_eks_node_group', { capacity_type: 'CHEAP' }, { capacity_type: 'SPOT' }),
  wrong('a database named 1st', 'aws_db_instance', { identifier: '1st' }, { identifier: 'first' }),
  wrong(
    'two hyphens in the name of a database',
    'aws_db_instance',
    { identifier: 'dev--mysql' },
    { identifier: 'dev-mysql' },
  ),
  wrong(
    'a key deletion window of six days',
    'aws_kms_key',
    { deletion_window_in_days: 6 },
    { deletion_window_in_days: 7 },
  ),
  wrong(
    'an alarm with a name of 256 characters',
    'aws_cloudwatch_metric_alarm',
    { alarm_name: 'a'.repeat(256) },
    { alarm_name: 'a'.repeat(255) },
  ),
  wrong(
    'an unknown price class',
    'aws_cloudfront_distribution',
    { price_class: 'PriceClass_300' },
    { price_class: 'PriceClass_200' },
  ),
  wrong('a limit of nine requests', 'aws_wafv2_web_acl', limit(9), limit(10)),
  wrong('a VPC with an invalid CIDR', 'aws_vpc', { cidr_block: '10.0.0.0' }, { cidr_block: '10.0.0.0/16' }),
  wrong(
    'two keys for the secrets of a cluster',
    'aws_eks_cluster',
    { encryption_config: [{}, {}] },
    { encryption_config: [{}] },
  ),
  wrong('a schedule of 65 characters', 'aws_scheduler_schedule', { name: 'a'.repeat(65) }, { name: 'a'.repeat(64) }),
  wrong('an unknown domain of an Elastic IP', 'aws_eip', { domain: 'classic' }, { domain: 'VPC' }),
];

function limit(requests: number): Fault['change']['after'] {
  const statement = [{ rate_based_statement: [{ aggregate_key_type: 'IP', limit: requests }] }];
  return { rule: [{ name: 'rate', priority: 0, action: [{ block: [{}] }], statement }] };
}
