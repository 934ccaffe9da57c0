import { type Fault, live, update, value } from './fault.ts';

const size = (min_size: number, desired_size: number, max_size: number) => ({
  scaling_config: [{ min_size, desired_size, max_size }],
});
const disk = (ebs: object) => ({
  block_device_mappings: [{ device_name: '/dev/xvda', ebs: [{ volume_type: 'gp3', ...ebs }] }],
});
const cluster = (version: string) => ({ id: 'dev', name: 'dev', version });
const proxy = (addon_version: string) => ({ cluster_name: 'dev', addon_name: 'kube-proxy', addon_version });
const group = 'aws_eks_node_group';

export const computeFaults: readonly Fault[] = [
  value('node-group-sizes', 'a minimum of nodes above the maximum', group, size(4, 4, 3), size(3, 3, 3)),
  value('node-group-sizes', 'a minimum of nodes above the desired number', group, size(3, 2, 4), size(2, 2, 4)),
  value('node-group-sizes', 'a desired number of nodes above the maximum', group, size(1, 5, 4), size(1, 4, 4)),
  value(
    'node-group-update',
    '101 unavailable nodes during an update',
    group,
    { update_config: [{ max_unavailable: 101 }] },
    { update_config: [{ max_unavailable: 100 }] },
  ),
  value(
    'node-group-update',
    'unavailable nodes as a number and a percentage',
    group,
    { update_config: [{ max_unavailable: 1, max_unavailable_percentage: 33 }] },
    { update_config: [{ max_unavailable_percentage: 33 }] },
  ),
  value(
    'node-group-name',
    "a prefix that is too long for Terraform's suffix",
    group,
    { node_group_name_prefix: `${'a'.repeat(37)}-` },
    { node_group_name_prefix: `${'a'.repeat(36)}-` },
  ),
  value(
    'node-group-architecture',
    'an arm64 instance type with an x86_64 AMI',
    group,
    { ami_type: 'AL2023_x86_64_STANDARD', instance_types: ['t3.large', 't4g.large'] },
    { ami_type: 'AL2023_x86_64_STANDARD', instance_types: ['t3.large', 'g5.xlarge', 'm6i.large'] },
  ),
  value(
    'node-group-architecture',
    'an x86_64 instance type with an arm64 AMI',
    group,
    { ami_type: 'AL2023_ARM_64_STANDARD', instance_types: ['m6i.large'] },
    { ami_type: 'AL2023_ARM_64_STANDARD', instance_types: ['m7gd.large', 'c6gn.large', 'a1.large'] },
  ),
  value(
    'node-group-instance-types',
    '21 instance types',
    group,
    { instance_types: Array.from({ length: 21 }, (_, index) => `m${index}.large`) },
    { instance_types: Array.from({ length: 20 }, (_, index) => `m${index}.large`) },
  ),
  value(
    'node-group-launch-template',
    'a disk size beside a launch template',
    group,
    { disk_size: 20, launch_template: [{ id: 'lt-1' }] },
    { disk_size: 20 },
  ),
  value(
    'node-group-launch-template',
    'SSH access beside a launch template',
    group,
    { remote_access: [{ ec2_ssh_key: 'key' }], launch_template: [{ id: 'lt-1' }] },
    { launch_template: [{ id: 'lt-1' }] },
  ),
  value(
    'node-group-disk',
    'a root volume that is smaller than the AMI',
    group,
    { ami_type: 'AL2023_x86_64_STANDARD', launch_template: [{ id: 'lt-19' }] },
    { ami_type: 'AL2023_x86_64_STANDARD', launch_template: [{ id: 'lt-20' }] },
    [
      live('aws_launch_template', { id: 'lt-19', ...disk({ volume_size: 19 }) }),
      live('aws_launch_template', { id: 'lt-20', ...disk({ volume_size: 20 }) }),
    ],
  ),
  value(
    'node-group-version',
    'a new node group with another version than its cluster',
    group,
    { cluster_name: 'dev', version: '1.35' },
    { cluster_name: 'dev', version: '1.36' },
    [live('aws_eks_cluster', cluster('1.36'))],
  ),
  update(
    'node-group-version',
    'nodes that are upgraded before their cluster',
    group,
    { cluster_name: 'dev', version: '1.35' },
    { cluster_name: 'dev', version: '1.36' },
    { cluster_name: 'dev', version: '1.35' },
    [live('aws_eks_cluster', cluster('1.35'))],
  ),
  update(
    'addon-kube-proxy-version',
    'a kube-proxy that is upgraded before its cluster',
    'aws_eks_addon',
    proxy('v1.35.9-eksbuild.9'),
    proxy('v1.36.0-eksbuild.1'),
    proxy('v1.35.10-eksbuild.1'),
    [live('aws_eks_cluster', cluster('1.35'))],
  ),
  value(
    'cluster-public-blocks',
    'a private CIDR for the public endpoint',
    'aws_eks_cluster',
    { vpc_config: [{ public_access_cidrs: ['10.0.0.0/8'] }] },
    { vpc_config: [{ public_access_cidrs: ['203.0.113.7/32', '0.0.0.0/0'] }] },
  ),
  value(
    'cluster-public-blocks',
    '41 CIDRs for the public endpoint',
    'aws_eks_cluster',
    { vpc_config: [{ public_access_cidrs: Array.from({ length: 41 }, (_, index) => `203.0.113.${index}/32`) }] },
    { vpc_config: [{ public_access_cidrs: Array.from({ length: 40 }, (_, index) => `203.0.113.${index}/32`) }] },
  ),
  value(
    'cluster-endpoints',
    'a cluster without an endpoint',
    'aws_eks_cluster',
    { vpc_config: [{ endpoint_public_access: false, endpoint_private_access: false }] },
    { vpc_config: [{ endpoint_public_access: false, endpoint_private_access: true }] },
  ),
  update(
    'cluster-version',
    'a cluster upgrade by two minor versions',
    'aws_eks_cluster',
    cluster('1.34'),
    cluster('1.36'),
    cluster('1.35'),
  ),
  update(
    'cluster-version',
    'a cluster downgrade',
    'aws_eks_cluster',
    cluster('1.36'),
    cluster('1.35'),
    cluster('1.36'),
  ),
  value(
    'access-entry-principal',
    'an access entry for an STS session',
    'aws_eks_access_entry',
    { principal_arn: 'arn:aws:sts::123456789012:assumed-role/Administrator/ana' },
    { principal_arn: 'arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/Administrator' },
  ),
  value(
    'access-entry-principal',
    'a role of IAM Identity Center without its path',
    'aws_eks_access_entry',
    { principal_arn: 'arn:aws:iam::123456789012:role/AWSReservedSSO_Administrator_0123456789abcdef' },
    {
      principal_arn:
        'arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Administrator_0123456789abcdef',
    },
  ),
  value(
    'access-entry-principal',
    'a service-linked role',
    'aws_eks_access_entry',
    { principal_arn: 'arn:aws:iam::123456789012:role/aws-service-role/eks.amazonaws.com/AWSServiceRoleForAmazonEKS' },
    { principal_arn: 'arn:aws:iam::123456789012:role/AWSServiceRole' },
  ),
  value(
    'access-entry-groups',
    'an access entry with a built-in group of Kubernetes',
    'aws_eks_access_entry',
    { kubernetes_groups: ['system:masters'] },
    { kubernetes_groups: ['deployers'] },
  ),
  value(
    'volume-size',
    'a volume of 65,537 GiB',
    'aws_launch_template',
    disk({ volume_size: 65_537 }),
    disk({ volume_size: 65_536 }),
  ),
  value(
    'volume-size',
    'a hard disk of 100 GiB',
    'aws_instance',
    { root_block_device: [{ volume_type: 'st1', volume_size: 100 }] },
    { root_block_device: [{ volume_type: 'st1', volume_size: 125 }] },
  ),
  value('volume-gp3', '2,999 IOPS for gp3', 'aws_launch_template', disk({ iops: 2999 }), disk({ iops: 3000 })),
  value(
    'volume-gp3',
    'more than 500 IOPS per GiB',
    'aws_launch_template',
    disk({ volume_size: 10, iops: 5001 }),
    disk({ volume_size: 10, iops: 5000 }),
  ),
  value(
    'volume-gp3',
    'more throughput than a quarter of the IOPS',
    'aws_launch_template',
    disk({ volume_size: 100, iops: 3000, throughput: 751 }),
    disk({ volume_size: 100, iops: 3000, throughput: 750 }),
  ),
  value('volume-gp3', '124 MiB/s for gp3', 'aws_launch_template', disk({ throughput: 124 }), disk({ throughput: 125 })),
  value(
    'metadata-hop-limit',
    'a metadata hop limit of 65',
    'aws_launch_template',
    { metadata_options: [{ http_put_response_hop_limit: 65 }] },
    { metadata_options: [{ http_put_response_hop_limit: 64 }] },
  ),
  value(
    'metadata-hop-limit',
    'a metadata hop limit of 0',
    'aws_instance',
    { metadata_options: [{ http_put_response_hop_limit: 0 }] },
    { metadata_options: [{ http_put_response_hop_limit: 1 }] },
  ),
  value('launch-template-name', 'a launch template named nó', 'aws_launch_template', { name: 'nó' }, { name: 'node' }),
  value(
    'user-data-size',
    'user data of 16,385 bytes',
    'aws_instance',
    { user_data: '#'.repeat(16_385) },
    { user_data: '#'.repeat(16_384) },
  ),
  ...(
    [
      ['a subnet', { vpc_zone_identifier: ['subnet-1'] }, { availability_zones: ['us-east-1a'] }],
      ['two instances', { max_size: 2 }, { max_size: 1 }],
    ] as const
  ).map(([what, wrong, right]) =>
    value(
      'auto-scaling-group-interface',
      `${what} for a group whose launch template has a network interface`,
      'aws_autoscaling_group',
      { launch_template: [{ id: 'lt-1' }], ...wrong },
      { launch_template: [{ id: 'lt-1' }], ...right },
      [live('aws_launch_template', { id: 'lt-1', network_interfaces: [{ network_interface_id: 'eni-1' }] })],
    ),
  ),
  value(
    'launch-template-security-groups',
    'a security group beside a network interface',
    'aws_launch_template',
    { network_interfaces: [{ network_interface_id: 'eni-1' }], vpc_security_group_ids: ['sg-1'] },
    { network_interfaces: [{ network_interface_id: 'eni-1' }] },
  ),
  ...['10.1.0.0/16', '172.31.0.0/16', '192.168.1.0/24', '127.0.0.1/32', '169.254.169.254/32', '100.64.0.1/32'].map(
    (block) =>
      value(
        'cluster-public-blocks',
        `${block} for the public endpoint`,
        'aws_eks_cluster',
        { vpc_config: [{ public_access_cidrs: ['203.0.113.7/32', block] }] },
        { vpc_config: [{ public_access_cidrs: ['203.0.113.7/32', '172.32.0.0/16', '100.128.0.1/32'] }] },
      ),
  ),
  value(
    'node-group-name',
    'nodes with a name of 64 characters',
    group,
    { node_group_name: 'a'.repeat(64) },
    { node_group_name: 'a'.repeat(63) },
  ),
];
