/** What AWS's services ask of others in the name of the caller, or of a role that the caller passes. */
import type { Change } from '../rules/index.ts';
import { blocks } from '../rules/values.ts';
import { accountId } from './targets.ts';

interface Asked {
  /** The role of the service, of which AWS makes one for each account. */
  readonly serviceLinkedRole?: { readonly service: string; readonly name: string; readonly actions: readonly string[] };
  /** Actions that the passed role needs itself. */
  readonly ofPassedRole?: readonly string[];
  readonly when?: (change: Change) => boolean;
  readonly source: string;
}

/** By Terraform's type, on its creation. */
export const askedAsTheCaller: Readonly<Record<string, readonly Asked[]>> = {
  aws_eks_cluster: [
    {
      ...serviceLinked('eks.amazonaws.com', 'AWSServiceRoleForAmazonEKS'),
      source: 'https://docs.aws.amazon.com/eks/latest/userguide/using-service-linked-roles-eks.html',
    },
  ],
  aws_eks_node_group: [
    {
      ...serviceLinked('eks-nodegroup.amazonaws.com', 'AWSServiceRoleForAmazonEKSNodegroup', ['iam:GetRole']),
      source:
        'https://docs.aws.amazon.com/eks/latest/userguide/using-service-linked-roles-eks-nodegroups.html and, for iam:GetRole, https://github.com/terraform-aws-modules/terraform-aws-eks/issues/823',
    },
  ],
  aws_db_instance: [
    {
      ...serviceLinked('rds.amazonaws.com', 'AWSServiceRoleForRDS'),
      source: 'https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAM.ServiceLinkedRoles.html',
    },
  ],
  aws_db_parameter_group: [
    {
      ...serviceLinked('rds.amazonaws.com', 'AWSServiceRoleForRDS'),
      source: 'the handlers of AWS::RDS::DBParameterGroup in the CloudFormation registry',
    },
  ],
  aws_db_subnet_group: [
    {
      ...serviceLinked('rds.amazonaws.com', 'AWSServiceRoleForRDS'),
      source: 'the handlers of AWS::RDS::DBSubnetGroup in the CloudFormation registry',
    },
  ],
  aws_lb: [
    {
      ...serviceLinked('elasticloadbalancing.amazonaws.com', 'AWSServiceRoleForElasticLoadBalancing'),
      source: 'https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-service-linked-roles.html',
    },
  ],
  aws_cloudfront_vpc_origin: [
    {
      ...serviceLinked('vpcorigin.cloudfront.amazonaws.com', 'AWSServiceRoleForCloudFrontVPCOrigin'),
      source: 'https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-service-linked-roles.html',
    },
  ],
  aws_codebuild_project: [
    {
      // CreateProject is refused if the project's role cannot do this.
      ofPassedRole: ['ec2:DescribeSecurityGroups', 'ec2:DescribeSubnets', 'ec2:DescribeVpcs'],
      when: ({ after }) => blocks(after, 'vpc_config').length > 0,
      source: 'https://github.com/aws/aws-cdk/issues/2652',
    },
  ],
  aws_lambda_function: [
    {
      // CreateFunction is refused if the function's role cannot do this.
      ofPassedRole: ['ec2:CreateNetworkInterface', 'ec2:DeleteNetworkInterface', 'ec2:DescribeNetworkInterfaces'],
      when: ({ after }) => blocks(after, 'vpc_config').length > 0,
      source: 'https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions',
    },
  ],
};

/**
 * By Terraform's type, actions of the handlers about resources that the change does not name: AWS's own keys, the
 * secrets that RDS makes, the progress of a change.
 */
export const unnamed: Readonly<Record<string, readonly string[]>> = {
  aws_budgets_budget: ['billing:GetBillingViewData'],
  // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html#rds-secrets-manager-permissions
  aws_db_instance: [
    'ec2:DescribeVpcAttribute',
    'kms:CreateGrant',
    'kms:DescribeKey',
    'secretsmanager:CreateSecret',
    'secretsmanager:TagResource',
  ],
  // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/AutomatedBackups.Replicating.Enable.html
  aws_db_instance_automated_backups_replication: ['kms:CreateGrant', 'kms:DescribeKey'],
  aws_route53_record: ['route53:GetChange'],
  aws_route53_zone: ['route53:GetChange'],
};

/** The service that a role is passed to, where its trust policy names another. */
export const passedTo: Readonly<Record<string, string>> = {
  // https://docs.aws.amazon.com/eks/latest/userguide/security-iam-id-based-policy-examples.html
  aws_eks_node_group: 'eks.amazonaws.com',
};

/** @param more what the service does with an existing role */
function serviceLinked(service: string, name: string, more: readonly string[] = []) {
  return { serviceLinkedRole: { service, name, actions: ['iam:CreateServiceLinkedRole', ...more] } };
}

export const serviceLinkedRoleArn = (service: string, name: string): string =>
  `arn:aws:iam::${accountId}:role/aws-service-role/${service}/${name}`;
