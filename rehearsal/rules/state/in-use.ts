import type { Resource, Values } from '../change.ts';
import type { Rule } from '../rule.ts';
import { deleteRule } from '../rule.ts';
import { cloudFront, ec2, eks, elb, iam, rds, waf } from '../sources.ts';
import { isTrue, text, texts } from '../values.ts';

/** Resources that prevent the deletion of another. */
interface Use {
  readonly id: string;
  readonly type: string;
  /** The argument that others refer to: `arn`. */
  readonly named: string;
  /** By type, the arguments that refer to it. */
  readonly by: Readonly<Record<string, readonly string[]>>;
  readonly code: string;
  readonly message: (name: string) => string;
  readonly source: string;
}

const dependency = (what: string) => (id: string) => `The ${what} '${id}' has dependencies and cannot be deleted.`;

/** Resources in a subnet. */
const inSubnet: Readonly<Record<string, readonly string[]>> = {
  aws_lb: ['subnets', 'subnet_mapping.subnet_id'],
  aws_nat_gateway: ['subnet_id'],
  aws_instance: ['subnet_id'],
  aws_network_interface: ['subnet_id'],
  aws_eks_cluster: ['vpc_config.subnet_ids'],
  aws_eks_node_group: ['subnet_ids'],
  aws_vpc_endpoint: ['subnet_ids'],
};

const uses: readonly Use[] = [
  {
    id: 'target-group-in-use',
    type: 'aws_lb_target_group',
    named: 'arn',
    by: {
      aws_lb_listener: ['default_action.target_group_arn', 'default_action.forward.target_group.arn'],
      aws_lb_listener_rule: ['action.target_group_arn', 'action.forward.target_group.arn'],
    },
    code: 'ResourceInUse',
    message: (arn) => `Target group '${arn}' is currently in use by a listener or a rule`,
    source: elb('DeleteTargetGroup'),
  },
  {
    id: 'load-balancer-in-use',
    type: 'aws_lb',
    named: 'arn',
    by: { aws_cloudfront_vpc_origin: ['vpc_origin_endpoint_config.arn'] },
    code: 'ResourceInUse',
    message: (arn) => `Load balancer '${arn}' is currently associated with another service`,
    source: `${elb('DeleteLoadBalancer')} and https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html`,
  },
  {
    id: 'certificate-in-use',
    type: 'aws_acm_certificate',
    named: 'arn',
    by: {
      aws_lb_listener: ['certificate_arn'],
      aws_lb_listener_certificate: ['certificate_arn'],
      aws_cloudfront_distribution: ['viewer_certificate.acm_certificate_arn'],
    },
    code: 'ResourceInUseException',
    message: (arn) => `Certificate ${arn} is in use.`,
    source: 'https://docs.aws.amazon.com/acm/latest/APIReference/API_DeleteCertificate.html',
  },
  {
    id: 'security-group-in-use',
    type: 'aws_security_group',
    named: 'id',
    by: {
      aws_lb: ['security_groups'],
      aws_db_instance: ['vpc_security_group_ids'],
      aws_instance: ['vpc_security_group_ids'],
      aws_network_interface: ['security_groups'],
      aws_eks_cluster: ['vpc_config.security_group_ids'],
      aws_vpc_endpoint: ['security_group_ids'],
      aws_vpc_security_group_ingress_rule: ['referenced_security_group_id'],
      aws_vpc_security_group_egress_rule: ['referenced_security_group_id'],
    },
    code: 'DependencyViolation',
    message: (id) => `resource ${id} has a dependent object`,
    source: ec2('DeleteSecurityGroup'),
  },
  {
    id: 'subnet-in-use',
    type: 'aws_subnet',
    named: 'id',
    by: inSubnet,
    code: 'DependencyViolation',
    message: dependency('subnet'),
    source: ec2('DeleteSubnet'),
  },
  {
    id: 'vpc-in-use',
    type: 'aws_vpc',
    named: 'id',
    by: {
      aws_subnet: ['vpc_id'],
      aws_internet_gateway: ['vpc_id'],
      aws_security_group: ['vpc_id'],
      aws_route_table: ['vpc_id'],
      aws_vpc_endpoint: ['vpc_id'],
    },
    code: 'DependencyViolation',
    message: dependency('vpc'),
    source: ec2('DeleteVpc'),
  },
  {
    id: 'route-table-in-use',
    type: 'aws_route_table',
    named: 'id',
    by: { aws_route_table_association: ['route_table_id'] },
    code: 'DependencyViolation',
    message: dependency('routeTable'),
    source: ec2('DeleteRouteTable'),
  },
  {
    id: 'address-in-use',
    type: 'aws_eip',
    named: 'id',
    by: { aws_nat_gateway: ['allocation_id'] },
    code: 'InvalidIPAddress.InUse',
    message: (id) => `The address with allocation id [${id}] cannot be released because it is in use`,
    source: ec2('ReleaseAddress'),
  },
  {
    id: 'parameter-group-in-use',
    type: 'aws_db_parameter_group',
    named: 'name',
    by: { aws_db_instance: ['parameter_group_name'] },
    code: 'InvalidDBParameterGroupState',
    message: (name) =>
      `One or more database instances are still members of this parameter group ${name}, so the group cannot be deleted`,
    source: rds('DeleteDBParameterGroup'),
  },
  {
    id: 'database-subnets-in-use',
    type: 'aws_db_subnet_group',
    named: 'name',
    by: { aws_db_instance: ['db_subnet_group_name'] },
    code: 'InvalidDBSubnetGroupStateFault',
    message: (name) =>
      `Cannot delete the subnet group '${name}' because at least one database instance is still using it.`,
    source: rds('DeleteDBSubnetGroup'),
  },
  {
    id: 'cluster-in-use',
    type: 'aws_eks_cluster',
    named: 'name',
    by: { aws_eks_node_group: ['cluster_name'], aws_eks_fargate_profile: ['cluster_name'] },
    code: 'ResourceInUseException',
    message: () => 'Cluster has nodegroups attached',
    source: eks('DeleteCluster'),
  },
  {
    id: 'vpc-origin-in-use',
    type: 'aws_cloudfront_vpc_origin',
    named: 'id',
    by: { aws_cloudfront_distribution: ['origin.vpc_origin_config.vpc_origin_id'] },
    code: 'CannotDeleteEntityWhileInUse',
    message: () => 'The entity cannot be deleted while it is in use.',
    source: cloudFront('DeleteVpcOrigin'),
  },
  {
    id: 'headers-policy-in-use',
    type: 'aws_cloudfront_response_headers_policy',
    named: 'id',
    by: {
      aws_cloudfront_distribution: [
        'default_cache_behavior.response_headers_policy_id',
        'ordered_cache_behavior.response_headers_policy_id',
      ],
    },
    code: 'ResponseHeadersPolicyInUse',
    message: () =>
      'Cannot delete the response headers policy because it is attached to one or more cache behaviors in a CloudFront distribution.',
    source: cloudFront('DeleteResponseHeadersPolicy'),
  },
  {
    id: 'access-control-in-use',
    type: 'aws_cloudfront_origin_access_control',
    named: 'id',
    by: { aws_cloudfront_distribution: ['origin.origin_access_control_id'] },
    code: 'OriginAccessControlInUse',
    message: () => 'Cannot delete the origin access control because it is in use by one or more distributions.',
    source: cloudFront('DeleteOriginAccessControl'),
  },
  {
    id: 'firewall-in-use',
    type: 'aws_wafv2_web_acl',
    named: 'arn',
    by: { aws_cloudfront_distribution: ['web_acl_id'], aws_wafv2_web_acl_association: ['web_acl_arn'] },
    code: 'WAFAssociatedItemException',
    message: () =>
      'AWS WAF couldn’t perform the operation because your resource is being used by another resource or it’s associated with another resource.',
    source: waf('DeleteWebACL'),
  },
  {
    id: 'role-with-inline-policy',
    type: 'aws_iam_role',
    named: 'name',
    by: { aws_iam_role_policy: ['role'] },
    code: 'DeleteConflict',
    message: () => 'Cannot delete entity, must delete policies first.',
    source: iam('DeleteRole'),
  },
  {
    id: 'role-with-attached-policy',
    type: 'aws_iam_role',
    named: 'name',
    by: { aws_iam_role_policy_attachment: ['role'] },
    code: 'DeleteConflict',
    message: () => 'Cannot delete entity, must detach all policies first.',
    source: iam('DeleteRole'),
  },
  {
    id: 'role-in-instance-profile',
    type: 'aws_iam_role',
    named: 'name',
    by: { aws_iam_instance_profile: ['role'] },
    code: 'DeleteConflict',
    message: () => 'Cannot delete entity, must remove roles from instance profile first.',
    source: iam('DeleteRole'),
  },
  {
    id: 'policy-in-use',
    type: 'aws_iam_policy',
    named: 'arn',
    by: { aws_iam_role_policy_attachment: ['policy_arn'], aws_iam_role: ['permissions_boundary'] },
    code: 'DeleteConflict',
    message: () => 'Cannot delete a policy attached to entities.',
    source: iam('DeletePolicy'),
  },
  {
    id: 'event-rule-with-target',
    type: 'aws_cloudwatch_event_rule',
    named: 'name',
    by: { aws_cloudwatch_event_target: ['rule'] },
    code: 'ValidationException',
    message: () => "Rule can't be deleted since it has targets.",
    source: 'https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeleteRule.html',
  },
  {
    id: 'log-destination-in-use',
    type: 'aws_cloudwatch_log_delivery_destination',
    named: 'arn',
    by: { aws_cloudwatch_log_delivery: ['delivery_destination_arn'] },
    code: 'ConflictException',
    message: () => 'The delivery destination is used by a delivery.',
    source: 'https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteDeliveryDestination.html',
  },
  {
    id: 'log-source-in-use',
    type: 'aws_cloudwatch_log_delivery_source',
    named: 'name',
    by: { aws_cloudwatch_log_delivery: ['delivery_source_name'] },
    code: 'ConflictException',
    message: () => 'The delivery source is used by a delivery.',
    source: 'https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteDeliverySource.html',
  },
];

/** An internet gateway cannot be deleted while the VPC has public addresses. */
const gateway = deleteRule({
  id: 'internet-gateway-in-use',
  types: ['aws_internet_gateway'],
  source: ec2('DetachInternetGateway'),
  check: (before, world) => {
    const vpc = text(before, 'vpc_id');
    const inVpc = new Set(
      world
        .filter(({ type, values }) => type === 'aws_subnet' && values.vpc_id === vpc)
        .map(({ values }) => text(values, 'id')),
    );
    const isPublic = ({ type, values }: Resource): boolean =>
      (type === 'aws_nat_gateway' && values.connectivity_type !== 'private') ||
      (type === 'aws_instance' && hasAddress(values, world)) ||
      (type === 'aws_network_interface' && isAddressed('network_interface', values, world)) ||
      (type === 'aws_lb' && values.internal === false);
    const held = world.some(
      (resource) =>
        isPublic(resource) &&
        ['subnet_id', 'subnets'].some((path) => texts(resource.values, path).some(({ value }) => inVpc.has(value))),
    );
    const message = `Network ${vpc} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.`;
    return held ? [{ code: 'DependencyViolation', message }] : [];
  },
});

const hasAddress = (instance: Values, world: readonly Resource[]): boolean =>
  isTrue(instance, 'associate_public_ip_address') || isAddressed('instance', instance, world);

const isAddressed = (by: 'instance' | 'network_interface', { id }: Values, world: readonly Resource[]): boolean =>
  world.some(({ type, values }) => type === 'aws_eip' && values[by] === id);

/** Checked in an apply only: a plan can delete the users first. */
export const inUseRules: readonly Rule[] = [
  ...uses.map((use) =>
    deleteRule({
      id: use.id,
      types: [use.type],
      source: use.source,
      check: (before, world) => {
        const name = text(before, use.named);
        if (name === undefined || !world.some((resource) => isUser(resource, use, name))) return [];
        return [{ code: use.code, message: use.message(name) }];
      },
    }),
  ),
  gateway,
];

/** A security group's own rules do not prevent its deletion. */
const isUser = ({ type, values }: Resource, { by }: Use, name: string): boolean =>
  values.security_group_id !== name &&
  (by[type] ?? []).some((path) => texts(values, path).some(({ value }) => value === name));
