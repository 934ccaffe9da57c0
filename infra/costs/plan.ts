/** The fixed monthly price of any Terraform plan, from the list of prices here: no key, no account, no network. */
import { partsAt } from './parts.ts';
import type { PriceList } from './price.ts';
import { defaultList, type Prices, strictly } from './price-lists.ts';
import { hours } from './traffic.ts';

/** What `terraform show -json` prints, as far as prices need it. */
interface Module {
  readonly resources?: readonly Resource[];
  readonly child_modules?: readonly Module[];
}

interface Resource {
  readonly address: string;
  readonly mode: string;
  readonly type: string;
  readonly values: Values;
}

// biome-ignore lint/suspicious/noExplicitAny: each type of resource has its own
type Values = Readonly<Record<string, any>>;

export interface PlanCosts {
  /** USD a month, dearest first. */
  readonly priced: readonly { readonly address: string; readonly usd: number }[];
  /** Resources that AWS bills by use, such as requests or gigabytes. Their traffic is not in a plan. */
  readonly byUse: readonly string[];
  /** Resources whose price is not in the list, such as other instance types. They may cost money. */
  readonly unpriced: readonly string[];
  /** Resources that cost nothing by themselves. */
  readonly free: number;
}

/** The price in USD a month of resources that AWS bills by the hour or month, by type. */
function fixedAt(prices: Prices): Readonly<Record<string, (values: Values) => number>> {
  const { instance, usd } = prices;
  const { database, nodes, publicAddresses, volume } = partsAt(prices);
  const gp3 = (size: number, type: string | undefined): number => {
    if (type !== 'gp3') throw new Error(`volume ${type}`);
    return volume(size);
  };
  return {
    aws_cloudwatch_dashboard: () => usd('dashboard'),
    // An alarm on an expression costs as many alarms as it has metrics.
    aws_cloudwatch_metric_alarm: ({ metric_query = [] }) =>
      Math.max(1, metric_query.filter(({ metric = [] }: Values) => metric.length > 0).length) * usd('alarm'),
    aws_db_instance: ({ allocated_storage, engine = 'mysql', instance_class, multi_az, storage_type }) => {
      if (engine !== 'mysql') throw new Error(`engine ${engine}`);
      if (storage_type !== 'gp3') throw new Error(`storage ${storage_type}`);
      return database({
        instanceClass: instance_class,
        multiZone: Boolean(multi_az),
        storage: { initial: allocated_storage },
      });
    },
    aws_ebs_volume: ({ size, type }) => gp3(size, type),
    aws_eip: () => publicAddresses(1),
    aws_eks_cluster: () => hours * usd('cluster'),
    // Its disk is in the launch template, if it has one.
    aws_eks_node_group: ({ capacity_type, disk_size, instance_types, scaling_config: [scaling] = [] as Values[] }) =>
      nodes(
        { instanceTypes: instance_types ?? ['t3.medium'], diskSize: disk_size ?? defaultDisk },
        scaling.desired_size,
        capacity_type === 'SPOT' ? 'spot' : 'on-demand',
      ),
    aws_instance: ({ ebs_block_device = [], instance_type, root_block_device = [] }) =>
      hours * instance(instance_type) +
      [...root_block_device, ...ebs_block_device].reduce(
        (sum: number, { volume_size, volume_type }: Values) => sum + gp3(volume_size ?? 8, volume_type),
        0,
      ),
    aws_kms_key: () => usd('key'),
    aws_lb: ({ load_balancer_type = 'application' }) => {
      if (load_balancer_type === 'gateway') throw new Error('a gateway load balancer');
      return hours * usd('loadBalancer');
    },
    aws_nat_gateway: () => hours * usd('natGateway'),
    // HTTPS to an address outside AWS: the more expensive kind.
    aws_route53_health_check: () => usd('healthCheck'),
    aws_route53_zone: () => usd('zone'),
    aws_secretsmanager_secret: () => usd('secret'),
    aws_wafv2_web_acl: ({ rule = [] }) => usd('firewall') + rule.length * usd('firewallRule'),
  };
}

/** GiB: https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html */
const defaultDisk = 20;

/** Billed by use alone. */
const byUse = new Set([
  ...['aws_cloudfront_distribution', 'aws_cloudwatch_log_group', 'aws_codebuild_project', 'aws_dynamodb_table'],
  // Each metric that a filter writes is billed as one of the user's own.
  ...['aws_cloudwatch_log_metric_filter', 'aws_db_instance_automated_backups_replication'],
  'aws_ecr_replication_configuration',
  ...['aws_ecr_repository', 'aws_flow_log', 'aws_lambda_function', 'aws_s3_bucket', 'aws_sns_topic', 'aws_sqs_queue'],
]);

/**
 * Types that cost nothing. One that ends in `_` stands for all that begin so: only where AWS bills none of them. What is not
 * here is named as without a price, which is better than a sum that is too low.
 */
const free = [
  ...['aws_acm_certificate', 'aws_acm_certificate_validation', 'aws_autoscaling_group_tag', 'aws_autoscaling_policy'],
  ...[
    'aws_autoscaling_lifecycle_hook',
    'aws_autoscaling_schedule',
    'aws_budgets_budget',
    'aws_cloudfront_cache_policy',
    'aws_cloudfront_origin_',
    'aws_cloudfront_response_headers_policy',
    'aws_cloudfront_vpc_origin',
    'aws_cloudwatch_event_rule',
    'aws_cloudwatch_event_target',
    'aws_cloudwatch_log_delivery',
    'aws_cloudwatch_log_delivery_',
    'aws_cloudwatch_log_resource_policy',
    'aws_cloudwatch_log_stream',
    'aws_cloudwatch_log_subscription_filter',
  ],
  ...[
    'aws_codebuild_webhook',
    'aws_db_parameter_group',
    'aws_db_subnet_group',
    'aws_default_',
    'aws_ec2_tag',
    'aws_ecr_',
  ],
  ...['aws_eip_association', 'aws_eks_access_', 'aws_eks_addon', 'aws_eks_pod_identity_association', 'aws_iam_'],
  ...['aws_internet_gateway', 'aws_kms_alias', 'aws_kms_key_policy', 'aws_lambda_permission', 'aws_launch_template'],
  ...['aws_lb_listener', 'aws_lb_listener_', 'aws_lb_target_group', 'aws_lb_target_group_', 'aws_network_acl'],
  ...[
    'aws_network_acl_',
    'aws_network_interface',
    'aws_route',
    'aws_route_table',
    'aws_route_table_',
    'aws_route53_record',
  ],
  // Not analytics, inventory, metrics, tiering, replication and acceleration, which are billed.
  ...['aws_s3_bucket_abac', 'aws_s3_bucket_acl', 'aws_s3_bucket_cors_configuration'],
  ...['aws_s3_bucket_lifecycle_configuration', 'aws_s3_bucket_logging', 'aws_s3_bucket_notification'],
  ...['aws_s3_bucket_object', 'aws_s3_bucket_object_lock_configuration', 'aws_s3_bucket_ownership_controls'],
  ...['aws_s3_bucket_policy', 'aws_s3_bucket_public_access_block', 'aws_s3_bucket_request_payment_configuration'],
  ...['aws_s3_bucket_server_side_encryption_configuration', 'aws_s3_bucket_versioning'],
  ...['aws_s3_bucket_website_configuration', 'aws_s3_object'],
  ...['aws_scheduler_', 'aws_secretsmanager_secret_', 'aws_security_group'],
  ...['aws_security_group_', 'aws_sns_', 'aws_sqs_', 'aws_subnet', 'aws_volume_attachment', 'aws_vpc'],
  ...[
    'aws_vpc_security_group_',
    'aws_wafv2_ip_set',
    'aws_wafv2_web_acl_association',
    'aws_wafv2_web_acl_logging_configuration',
    'archive_',
    'helm_',
    'kubernetes_',
    'local_',
  ],
  ...['null_', 'random_', 'terraform_data', 'time_', 'tls_'],
];

/** Types that cost nothing with some values alone. */
const freeWith: Readonly<Record<string, (values: Values) => boolean>> = {
  // The others are billed, or may be: https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html
  aws_ssm_parameter: ({ tier }) => (tier ?? 'Standard') === 'Standard',
};

const isFree = (type: string, values: Values): boolean =>
  freeWith[type]?.(values) ?? free.some((known) => (known.endsWith('_') ? type.startsWith(known) : type === known));

/**
 * The prices of what a plan leaves in place, at the list prices of a region.
 *
 * @param plan the JSON of `terraform show -json PLAN`, or of OpenTofu's
 * @returns undefined if it is not such a plan
 */
export function planCosts(plan: unknown, list: PriceList = defaultList): PlanCosts | undefined {
  const root = (plan as { planned_values?: { root_module?: Module } } | null)?.planned_values?.root_module;
  if (root === undefined) return undefined;
  const fixed = fixedAt(strictly(list));
  const priced: { address: string; usd: number }[] = [];
  const used: string[] = [];
  const unpriced: string[] = [];
  let freeCount = 0;
  for (const { address, type, values } of resourcesOf(root)) {
    const price = fixed[type];
    if (price) {
      try {
        const usd = price(values);
        if (Number.isFinite(usd)) priced.push({ address, usd });
        else unpriced.push(address);
      } catch {
        unpriced.push(address);
      }
    } else if (byUse.has(type)) used.push(address);
    else if (isFree(type, values)) freeCount++;
    else unpriced.push(address);
  }
  return { priced: priced.toSorted((a, b) => b.usd - a.usd), byUse: used, unpriced, free: freeCount };
}

const resourcesOf = ({ child_modules = [], resources = [] }: Module): Resource[] => [
  ...resources.filter(({ mode }) => mode === 'managed'),
  ...child_modules.flatMap(resourcesOf),
];
