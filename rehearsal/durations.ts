/** How long AWS takes to create and delete a resource. */

interface Observed {
  /** Where Terraform's output was published. */
  readonly log: string;
  readonly path: string;
  /** Year and month. */
  readonly date: string;
  /** Seconds by type: the median, if the log has more than one. */
  readonly create?: Readonly<Record<string, number>>;
  readonly delete?: Readonly<Record<string, number>>;
}

/**
 * Terraform's own output ("Creation complete after 10m51s"), published by people who ran it on AWS; read in November
 * 2026. Left out as not typical: an EKS add-on that took 15 minutes and node groups that took 38 minutes to delete.
 */
export const observed: readonly Observed[] = [
  {
    log: 'https://github.com/ignvb/devsu-devops-assessment',
    path: 'IaC/Apply_output.md',
    date: '2023-08',
    create: {
      aws_cloudwatch_log_group: 2,
      aws_default_security_group: 3,
      aws_eip: 1,
      aws_eks_cluster: 644,
      aws_eks_node_group: 80,
      aws_iam_openid_connect_provider: 1,
      aws_iam_policy: 1,
      aws_iam_role: 2,
      aws_iam_role_policy_attachment: 1,
      aws_internet_gateway: 1,
      aws_kms_alias: 0,
      aws_kms_key: 20,
      aws_launch_template: 2,
      aws_nat_gateway: 107,
      aws_route: 2,
      aws_route_table: 1,
      aws_route_table_association: 1,
      aws_security_group: 3,
      aws_subnet: 1,
      aws_vpc: 14,
      helm_release: 102,
      kubernetes_namespace_v1: 3,
      kubernetes_secret_v1: 0,
    },
  },
  {
    log: 'https://github.com/xavyaly/terraform-lab',
    path: 'challenges/6-kubernetes/1-aws-eks-cluster/README.md',
    date: '2023-08',
    create: {
      aws_cloudwatch_log_group: 3,
      aws_default_security_group: 3,
      aws_eip: 1,
      aws_eks_cluster: 651,
      aws_eks_node_group: 92,
      aws_iam_openid_connect_provider: 1,
      aws_iam_policy: 1,
      aws_iam_role: 2,
      aws_iam_role_policy_attachment: 1,
      aws_internet_gateway: 1,
      aws_kms_alias: 0,
      aws_kms_key: 22,
      aws_launch_template: 3,
      aws_nat_gateway: 119,
      aws_route: 2,
      aws_route_table: 2,
      aws_route_table_association: 1,
      aws_security_group: 3,
      aws_subnet: 2,
      aws_vpc: 15,
    },
    delete: {
      aws_cloudwatch_log_group: 1,
      aws_default_security_group: 0,
      aws_eip: 2,
      aws_eks_addon: 9,
      aws_eks_cluster: 459,
      aws_iam_openid_connect_provider: 0,
      aws_iam_policy: 0,
      aws_iam_role: 1,
      aws_iam_role_policy_attachment: 2,
      aws_internet_gateway: 1,
      aws_kms_alias: 0,
      aws_kms_key: 2,
      aws_launch_template: 1,
      aws_nat_gateway: 42,
      aws_route: 2,
      aws_route_table: 1,
      aws_route_table_association: 1,
      aws_security_group: 1,
      aws_subnet: 2,
      aws_vpc: 1,
    },
  },
  {
    log: 'https://github.com/fernandomullerjr/eks-via-terraform-github-actions',
    path: 'rascunho-eks-terraform.md',
    date: '2023-08',
    create: {
      aws_eks_addon: 78,
      aws_eks_cluster: 610,
      aws_eks_node_group: 133,
      aws_nat_gateway: 97,
      aws_route: 1,
      helm_release: 73,
    },
    delete: {
      aws_cloudwatch_log_group: 1,
      aws_eip: 1,
      aws_eks_cluster: 80,
      aws_eks_node_group: 502,
      aws_iam_policy: 0,
      aws_iam_role: 1,
      aws_iam_role_policy_attachment: 0,
      aws_internet_gateway: 1,
      aws_kms_key: 1,
      aws_security_group: 2,
      aws_subnet: 1,
      aws_vpc: 1,
    },
  },
  {
    log: 'https://github.com/Bharathkumarraju/learn_aws_eks',
    path: '8.eks_unmanaged_nodegroups/demos/2.demo.sh',
    date: '2024-10',
    create: {
      aws_eks_cluster: 454,
      aws_iam_role: 0,
      aws_iam_role_policy_attachment: 1,
      aws_launch_template: 0,
      aws_security_group: 2,
      aws_vpc_security_group_egress_rule: 0,
      aws_vpc_security_group_ingress_rule: 0,
    },
  },
  {
    log: 'https://github.com/DavidGPowers/epcvip-devops-assessment',
    path: 'OUTPUT_TERRAFORM_APPLY.md, OUTPUT_TERRAFORM_DESTROY.md',
    date: '2025-07',
    create: {
      aws_cloudwatch_metric_alarm: 0,
      aws_eip: 2,
      aws_iam_role: 1,
      aws_iam_role_policy_attachment: 1,
      aws_internet_gateway: 1,
      aws_launch_template: 6,
      aws_lb: 194,
      aws_lb_listener: 1,
      aws_lb_listener_rule: 1,
      aws_lb_target_group: 2,
      aws_nat_gateway: 126,
      aws_route_table: 2,
      aws_route_table_association: 0,
      aws_s3_bucket: 3,
      aws_s3_bucket_lifecycle_configuration: 58,
      aws_s3_bucket_ownership_controls: 1,
      aws_s3_bucket_policy: 0,
      aws_s3_bucket_server_side_encryption_configuration: 1,
      aws_s3_bucket_versioning: 2,
      aws_security_group: 3,
      aws_subnet: 1,
      aws_vpc: 13,
    },
    delete: {
      aws_cloudwatch_metric_alarm: 0,
      aws_eip: 1,
      aws_iam_role: 0,
      aws_iam_role_policy_attachment: 0,
      aws_internet_gateway: 1,
      aws_launch_template: 0,
      aws_lb: 28,
      aws_lb_listener: 0,
      aws_lb_listener_rule: 1,
      aws_lb_target_group: 0,
      aws_nat_gateway: 72,
      aws_route_table: 1,
      aws_route_table_association: 0,
      aws_s3_bucket: 2,
      aws_s3_bucket_lifecycle_configuration: 1,
      aws_s3_bucket_ownership_controls: 0,
      aws_s3_bucket_policy: 1,
      aws_s3_bucket_server_side_encryption_configuration: 0,
      aws_s3_bucket_versioning: 0,
      aws_security_group: 0,
      aws_subnet: 0,
      aws_vpc: 1,
    },
  },
  {
    log: 'https://github.com/bshehram/devops-aws-tf',
    path: 'SAMPLE_TF_APPLY.md, SAMPLE_TF_DESTROY.md',
    date: '2024-03',
    create: {
      aws_default_security_group: 1,
      aws_eip: 1,
      aws_internet_gateway: 0,
      aws_nat_gateway: 104,
      aws_route: 1,
      aws_route_table: 0,
      aws_route_table_association: 0,
      aws_subnet: 1,
      aws_vpc: 12,
      aws_vpc_endpoint: 6,
    },
    delete: {
      aws_default_security_group: 0,
      aws_eip: 1,
      aws_internet_gateway: 17,
      aws_nat_gateway: 50,
      aws_route: 0,
      aws_route_table: 1,
      aws_route_table_association: 0,
      aws_subnet: 0,
      aws_vpc: 1,
      aws_vpc_endpoint: 5,
    },
  },
  {
    log: 'https://github.com/bshehram/myservice-devops-aws-tf',
    path: 'SAMPLE_TF_APPLY.md, SAMPLE_TF_DESTROY.md',
    date: '2024-03',
    create: {
      aws_db_parameter_group: 0,
      aws_db_subnet_group: 1,
      aws_iam_role: 0,
      aws_iam_role_policy_attachment: 1,
      aws_instance: 22,
      aws_lb: 162,
      aws_lb_listener: 0,
      aws_lb_listener_rule: 0,
      aws_lb_target_group: 0,
      aws_route53_record: 38,
      aws_security_group: 2,
    },
    delete: {
      aws_db_parameter_group: 0,
      aws_db_subnet_group: 1,
      aws_iam_role: 1,
      aws_iam_role_policy_attachment: 0,
      aws_instance: 81,
      aws_lb: 2,
      aws_lb_listener: 0,
      aws_lb_listener_rule: 0,
      aws_lb_target_group: 0,
      aws_route53_record: 38,
      aws_security_group: 1,
    },
  },
  {
    log: 'https://github.com/fernandomullerjr/terraform-aws',
    path: 'aulas/aula29-Certificado-SSL---ACM/rascunho-aula29-SSL-acm.md',
    date: '2022-09',
    create: {
      aws_cloudfront_distribution: 187,
      aws_route53_record: 39,
    },
  },
  {
    log: 'https://github.com/Galser/ptfe-prod-ext',
    path: 'terraform_apply.md, terraform_destroy.md',
    date: '2019-11',
    create: {
      aws_db_instance: 226,
      aws_db_subnet_group: 1,
    },
    delete: {
      aws_db_instance: 226,
      aws_db_subnet_group: 0,
    },
  },
  {
    log: 'https://github.com/dlavric/aws-db-instance-import',
    path: 'README.md',
    date: '2023-11',
    create: {
      aws_db_instance: 246,
    },
  },
  {
    log: 'https://github.com/Jimmy-Xu/learn-terraform',
    path: 'aws/a-complete-aws-environment-with-terraform/README.md',
    date: '2018-08',
    create: {
      aws_route53_zone: 72,
    },
    delete: {
      aws_route53_zone: 4,
    },
  },
  {
    log: 'https://github.com/aggarwal-tanushree/terraform-beginner-bootcamp-2023',
    path: 'journal/week1.md',
    date: '2023-10',
    delete: {
      aws_cloudfront_distribution: 443,
    },
  },
  {
    log: 'https://github.com/Saptak-cyber/DevOps_Assignments',
    path: 'final-devops-project/README.md',
    date: '2026-10',
    create: {
      aws_eks_addon: 24,
      aws_eks_cluster: 562,
      aws_eks_node_group: 130,
      aws_nat_gateway: 94,
      aws_vpc: 6,
    },
    delete: {
      aws_eip: 9,
      aws_eks_addon: 9,
      aws_eks_cluster: 151,
      aws_eks_node_group: 501,
      aws_nat_gateway: 79,
      aws_vpc: 0,
    },
  },
];

/**
 * Seconds that AWS documents as the maximum, for types that no log has: a VPC origin takes up to 15 minutes.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html
 */
export const documented: { readonly create: Readonly<Record<string, number>> } = {
  create: { aws_cloudfront_vpc_origin: 900 },
};

export type Action = 'create' | 'delete';

export interface Duration {
  readonly seconds: number;
  /** Whether it is a documented maximum, and not what people saw. */
  readonly isMaximum: boolean;
}

/** What a change of this type typically takes: the median of the logs. Undefined if no source has it. */
export function durationOf(type: string, action: Action): Duration | undefined {
  const seen = median(observed.flatMap(({ [action]: seconds = {} }) => seconds[type] ?? []));
  if (seen !== undefined) return { seconds: seen, isMaximum: false };
  const seconds = action === 'create' ? documented.create[type] : undefined;
  return seconds === undefined ? undefined : { seconds, isMaximum: true };
}

function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((one, other) => one - other);
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}
