/**
 * Maps Terraform's types and arguments to those of the CloudFormation registry.
 *
 * Names are equal ignoring case and underscores: `db_subnet_group_name` is `DBSubnetGroupName`. Only exceptions are
 * listed, as prefixes of paths on both sides.
 */
export interface Mapping {
  /** The registry's type. */
  readonly type: string;
  /** The property that contains all arguments, unless they are at the top level. */
  readonly root?: string;
  /** Terraform's path to the registry's. A leading slash ignores `root`, and an empty path has no counterpart. */
  readonly paths?: Readonly<Record<string, string>>;
}

/** The registry's resource type for each of Terraform's. */
export const mappings: Readonly<Record<string, Mapping>> = {
  aws_acm_certificate: { type: 'AWS::CertificateManager::Certificate' },
  aws_autoscaling_group: {
    type: 'AWS::AutoScaling::AutoScalingGroup',
    paths: {
      name: 'AutoScalingGroupName',
      enabled_metrics: 'MetricsCollection/Metrics',
      initial_lifecycle_hook: 'LifecycleHookSpecificationList',
      'initial_lifecycle_hook.name': 'LifecycleHookSpecificationList/LifecycleHookName',
      launch_template: 'LaunchTemplate',
      'launch_template.id': 'LaunchTemplate/LaunchTemplateId',
      instance_refresh: '',
      tag: 'Tags',
    },
  },
  aws_autoscaling_schedule: {
    type: 'AWS::AutoScaling::ScheduledAction',
  },
  aws_budgets_budget: {
    type: 'AWS::Budgets::Budget',
    root: 'Budget',
    paths: {
      name: 'BudgetName',
      notification: '/NotificationsWithSubscribers/Notification',
      'notification.subscriber_email_addresses': '/NotificationsWithSubscribers/Subscribers/Address',
      'notification.subscriber_sns_topic_arns': '/NotificationsWithSubscribers/Subscribers/Address',
    },
  },
  aws_cloudfront_distribution: {
    type: 'AWS::CloudFront::Distribution',
    root: 'DistributionConfig',
    paths: {
      ordered_cache_behavior: 'CacheBehaviors',
      custom_error_response: 'CustomErrorResponses',
      origin: 'Origins',
      'origin.origin_id': 'Origins/Id',
      'origin.custom_header': 'Origins/OriginCustomHeaders',
      is_ipv6_enabled: 'IPV6Enabled',
    },
  },
  aws_cloudfront_origin_access_control: {
    type: 'AWS::CloudFront::OriginAccessControl',
    root: 'OriginAccessControlConfig',
  },
  aws_cloudfront_response_headers_policy: {
    type: 'AWS::CloudFront::ResponseHeadersPolicy',
    root: 'ResponseHeadersPolicyConfig',
  },
  aws_cloudfront_vpc_origin: { type: 'AWS::CloudFront::VpcOrigin' },
  aws_cloudwatch_dashboard: { type: 'AWS::CloudWatch::Dashboard' },
  aws_cloudwatch_event_rule: { type: 'AWS::Events::Rule' },
  aws_cloudwatch_event_target: {
    type: 'AWS::Events::Rule',
    root: 'Targets',
    paths: { target_id: 'Id', rule: '/Name', event_bus_name: '/EventBusName', 'input_transformer.input_paths': '' },
  },
  aws_cloudwatch_log_delivery: { type: 'AWS::Logs::Delivery' },
  aws_cloudwatch_log_delivery_destination: {
    type: 'AWS::Logs::DeliveryDestination',
    paths: { 'delivery_destination_configuration.destination_resource_arn': 'DestinationResourceArn' },
  },
  aws_cloudwatch_log_delivery_source: { type: 'AWS::Logs::DeliverySource' },
  aws_cloudwatch_log_group: { type: 'AWS::Logs::LogGroup', paths: { name: 'LogGroupName' } },
  aws_cloudwatch_metric_alarm: {
    type: 'AWS::CloudWatch::Alarm',
    paths: {
      metric_query: 'Metrics',
      'metric_query.metric': 'Metrics/MetricStat',
      'metric_query.metric.metric_name': 'Metrics/MetricStat/Metric/MetricName',
      'metric_query.metric.namespace': 'Metrics/MetricStat/Metric/Namespace',
    },
  },
  aws_codebuild_project: {
    type: 'AWS::CodeBuild::Project',
    paths: { build_timeout: 'TimeoutInMinutes', queued_timeout: 'QueuedTimeoutInMinutes' },
  },
  aws_codebuild_webhook: {
    type: 'AWS::CodeBuild::Project',
    root: 'Triggers',
    paths: { project_name: '/Name', filter_group: 'FilterGroups' },
  },
  aws_db_instance: {
    type: 'AWS::RDS::DBInstance',
    paths: {
      identifier: 'DBInstanceIdentifier',
      instance_class: 'DBInstanceClass',
      username: 'MasterUsername',
      backup_window: 'PreferredBackupWindow',
      maintenance_window: 'PreferredMaintenanceWindow',
      parameter_group_name: 'DBParameterGroupName',
      iam_database_authentication_enabled: 'EnableIAMDatabaseAuthentication',
    },
  },
  aws_db_parameter_group: {
    type: 'AWS::RDS::DBParameterGroup',
    paths: { name: 'DBParameterGroupName' },
  },
  aws_db_subnet_group: {
    type: 'AWS::RDS::DBSubnetGroup',
    paths: { name: 'DBSubnetGroupName', description: 'DBSubnetGroupDescription' },
  },
  aws_ecr_lifecycle_policy: {
    type: 'AWS::ECR::Repository',
    paths: { policy: 'LifecyclePolicy/LifecyclePolicyText', repository: 'RepositoryName' },
  },
  aws_ecr_repository: { type: 'AWS::ECR::Repository', paths: { name: 'RepositoryName' } },
  aws_eip: { type: 'AWS::EC2::EIP' },
  aws_eks_access_entry: { type: 'AWS::EKS::AccessEntry' },
  aws_eks_access_policy_association: {
    type: 'AWS::EKS::AccessEntry',
    paths: { policy_arn: 'AccessPolicies/PolicyArn', access_scope: 'AccessPolicies/AccessScope' },
  },
  aws_eks_addon: {
    type: 'AWS::EKS::Addon',
    paths: { resolve_conflicts_on_create: 'ResolveConflicts', resolve_conflicts_on_update: 'ResolveConflicts' },
  },
  aws_eks_cluster: {
    type: 'AWS::EKS::Cluster',
    paths: { vpc_config: 'ResourcesVpcConfig', enabled_cluster_log_types: 'Logging/ClusterLogging/EnabledTypes/Type' },
  },
  aws_eks_node_group: {
    type: 'AWS::EKS::Nodegroup',
    paths: { node_group_name: 'NodegroupName', node_role_arn: 'NodeRole', subnet_ids: 'Subnets', taint: 'Taints' },
  },
  aws_eks_pod_identity_association: { type: 'AWS::EKS::PodIdentityAssociation' },
  aws_flow_log: {
    type: 'AWS::EC2::FlowLog',
    paths: { iam_role_arn: 'DeliverLogsPermissionArn', vpc_id: 'ResourceId' },
  },
  aws_iam_instance_profile: {
    type: 'AWS::IAM::InstanceProfile',
    paths: { name: 'InstanceProfileName', role: 'Roles' },
  },
  aws_iam_openid_connect_provider: { type: 'AWS::IAM::OIDCProvider' },
  aws_iam_policy: { type: 'AWS::IAM::ManagedPolicy', paths: { name: 'ManagedPolicyName', policy: 'PolicyDocument' } },
  aws_iam_role: {
    type: 'AWS::IAM::Role',
    paths: { name: 'RoleName', assume_role_policy: 'AssumeRolePolicyDocument' },
  },
  aws_iam_role_policy: {
    type: 'AWS::IAM::RolePolicy',
    paths: { name: 'PolicyName', policy: 'PolicyDocument', role: 'RoleName' },
  },
  aws_iam_role_policy_attachment: {
    type: 'AWS::IAM::Role',
    paths: { policy_arn: 'ManagedPolicyArns', role: 'RoleName' },
  },
  aws_internet_gateway: { type: 'AWS::EC2::VPCGatewayAttachment' },
  aws_kms_alias: { type: 'AWS::KMS::Alias', paths: { name: 'AliasName' } },
  aws_kms_key: {
    type: 'AWS::KMS::Key',
    paths: {
      policy: 'KeyPolicy',
      deletion_window_in_days: 'PendingWindowInDays',
      customer_master_key_spec: 'KeySpec',
      is_enabled: 'Enabled',
    },
  },
  aws_lambda_function: { type: 'AWS::Lambda::Function', paths: { filename: '', source_code_hash: '', role: '' } },
  aws_lambda_permission: { type: 'AWS::Lambda::Permission' },
  aws_launch_template: {
    type: 'AWS::EC2::LaunchTemplate',
    root: 'LaunchTemplateData',
    paths: {
      name: '/LaunchTemplateName',
      description: '/VersionDescription',
      vpc_security_group_ids: 'SecurityGroupIds',
    },
  },
  aws_lb: {
    type: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
    paths: { load_balancer_type: 'Type', subnet_mapping: 'SubnetMappings' },
  },
  aws_lb_listener: {
    type: 'AWS::ElasticLoadBalancingV2::Listener',
    paths: {
      default_action: 'DefaultActions',
      'default_action.fixed_response': 'DefaultActions/FixedResponseConfig',
      'default_action.redirect': 'DefaultActions/RedirectConfig',
    },
  },
  aws_lb_listener_certificate: { type: 'AWS::ElasticLoadBalancingV2::ListenerCertificate' },
  aws_lb_listener_rule: {
    type: 'AWS::ElasticLoadBalancingV2::ListenerRule',
    paths: {
      action: 'Actions',
      'action.fixed_response': 'Actions/FixedResponseConfig',
      'action.redirect': 'Actions/RedirectConfig',
      'condition.path_pattern': 'Conditions/PathPatternConfig',
      'condition.host_header': 'Conditions/HostHeaderConfig',
    },
  },
  aws_lb_target_group: {
    type: 'AWS::ElasticLoadBalancingV2::TargetGroup',
    paths: {
      'health_check.healthy_threshold': 'HealthyThresholdCount',
      'health_check.unhealthy_threshold': 'UnhealthyThresholdCount',
      'health_check.interval': 'HealthCheckIntervalSeconds',
      'health_check.timeout': 'HealthCheckTimeoutSeconds',
      'health_check.path': 'HealthCheckPath',
      'health_check.port': 'HealthCheckPort',
      'health_check.protocol': 'HealthCheckProtocol',
      'health_check.matcher': 'Matcher/HttpCode',
    },
  },
  aws_nat_gateway: { type: 'AWS::EC2::NatGateway' },
  aws_network_interface: { type: 'AWS::EC2::NetworkInterface', paths: { security_groups: 'GroupSet' } },
  aws_route: { type: 'AWS::EC2::Route' },
  aws_route53_health_check: {
    type: 'AWS::Route53::HealthCheck',
    root: 'HealthCheckConfig',
    paths: { fqdn: 'FullyQualifiedDomainName' },
  },
  aws_route53_record: {
    type: 'AWS::Route53::RecordSet',
    paths: {
      zone_id: 'HostedZoneId',
      alias: 'AliasTarget',
      records: 'ResourceRecords',
      'alias.name': 'AliasTarget/DNSName',
    },
  },
  aws_route53_zone: {
    type: 'AWS::Route53::HostedZone',
    paths: { comment: 'HostedZoneConfig/Comment', vpc: 'VPCs' },
  },
  aws_route_table: { type: 'AWS::EC2::RouteTable' },
  aws_route_table_association: { type: 'AWS::EC2::SubnetRouteTableAssociation' },
  aws_s3_bucket: { type: 'AWS::S3::Bucket', paths: { bucket: 'BucketName' } },
  aws_s3_bucket_lifecycle_configuration: {
    type: 'AWS::S3::Bucket',
    root: 'LifecycleConfiguration',
    paths: {
      bucket: '',
      rule: 'Rules',
      'rule.expiration.days': 'Rules/ExpirationInDays',
      'rule.filter.prefix': 'Rules/Prefix',
      'rule.noncurrent_version_expiration': 'Rules/NoncurrentVersionExpiration',
    },
  },
  aws_s3_bucket_ownership_controls: {
    type: 'AWS::S3::Bucket',
    root: 'OwnershipControls',
    paths: { bucket: '', rule: 'Rules' },
  },
  aws_s3_bucket_policy: { type: 'AWS::S3::BucketPolicy', paths: { policy: 'PolicyDocument' } },
  aws_s3_bucket_public_access_block: {
    type: 'AWS::S3::Bucket',
    root: 'PublicAccessBlockConfiguration',
    paths: { bucket: '' },
  },
  aws_s3_bucket_server_side_encryption_configuration: {
    type: 'AWS::S3::Bucket',
    root: 'BucketEncryption',
    paths: {
      bucket: '',
      rule: 'ServerSideEncryptionConfiguration',
      'rule.apply_server_side_encryption_by_default': 'ServerSideEncryptionConfiguration/ServerSideEncryptionByDefault',
    },
  },
  aws_s3_bucket_versioning: { type: 'AWS::S3::Bucket', paths: { bucket: '' } },
  aws_scheduler_schedule: { type: 'AWS::Scheduler::Schedule' },
  aws_secretsmanager_secret: { type: 'AWS::SecretsManager::Secret' },
  aws_secretsmanager_secret_rotation: { type: 'AWS::SecretsManager::RotationSchedule' },
  aws_security_group: {
    type: 'AWS::EC2::SecurityGroup',
    paths: {
      name: 'GroupName',
      description: 'GroupDescription',
      ingress: 'SecurityGroupIngress',
      egress: 'SecurityGroupEgress',
      'ingress.cidr_blocks': 'SecurityGroupIngress/CidrIp',
      'egress.cidr_blocks': 'SecurityGroupEgress/CidrIp',
      'ingress.protocol': 'SecurityGroupIngress/IpProtocol',
      'egress.protocol': 'SecurityGroupEgress/IpProtocol',
    },
  },
  aws_sns_topic: { type: 'AWS::SNS::Topic', paths: { name: 'TopicName' } },
  aws_sns_topic_policy: { type: 'AWS::SNS::TopicPolicy', paths: { policy: 'PolicyDocument' } },
  aws_sns_topic_subscription: { type: 'AWS::SNS::Subscription' },
  aws_subnet: { type: 'AWS::EC2::Subnet' },
  aws_vpc: { type: 'AWS::EC2::VPC' },
  aws_vpc_endpoint: { type: 'AWS::EC2::VPCEndpoint' },
  aws_vpc_security_group_egress_rule: {
    type: 'AWS::EC2::SecurityGroupEgress',
    paths: {
      security_group_id: 'GroupId',
      cidr_ipv4: 'CidrIp',
      referenced_security_group_id: 'DestinationSecurityGroupId',
    },
  },
  aws_vpc_security_group_ingress_rule: {
    type: 'AWS::EC2::SecurityGroupIngress',
    paths: {
      security_group_id: 'GroupId',
      cidr_ipv4: 'CidrIp',
      referenced_security_group_id: 'SourceSecurityGroupId',
      prefix_list_id: 'SourcePrefixListId',
    },
  },
  aws_wafv2_web_acl: { type: 'AWS::WAFv2::WebACL', paths: { rule: 'Rules' } },
};

/** AWS types in use without a counterpart in the registry, and why. */
export const unmapped: Readonly<Record<string, string>> = {
  aws_acm_certificate_validation: 'waits for a certificate, and is no resource of AWS',
  aws_autoscaling_group_tag: 'adds a tag to a group that EKS made',
  aws_default_security_group: 'adopts the group that AWS made with the VPC',
  aws_ec2_tag: 'adds a tag to something that AWS made',
  aws_s3_object: 'is content of a bucket, for which the registry has no type',
};

/** All mapped types of the registry. */
export const registryTypes = (): string[] => [...new Set(Object.values(mappings).map(({ type }) => type))].sort();

/**
 * The registry's path in lower case and without list elements, to compare it with `keyOf`.
 *
 * @example registryKey('ResourcesVpcConfig/SubnetIds/*') // resourcesvpcconfig/subnetids
 */
export const registryKey = (path: string): string => path.replaceAll('/*', '').toLowerCase();

/**
 * An argument's path in the registry, in the form of `registryKey`, or undefined if it has none.
 *
 * @param path Terraform's, without indexes: `scaling_config.min_size`
 */
export function keyOf({ paths = {}, root }: Mapping, path: string): string | undefined {
  const names = path.split('.');
  for (let length = names.length; length > 0; length--) {
    const to = paths[names.slice(0, length).join('.')];
    if (to === '') return undefined;
    if (to !== undefined) return normal(root, to, names.slice(length));
  }
  return normal(root, '', names);
}

function normal(root: string | undefined, to: string, names: readonly string[]): string {
  const parts = [...(to === '' ? [] : [to]), ...names.map((name) => name.replaceAll('_', ''))];
  const path = parts.join('/').toLowerCase();
  if (path.startsWith('/')) return path.slice(1);
  return root === undefined ? path : `${root.toLowerCase()}/${path}`;
}
