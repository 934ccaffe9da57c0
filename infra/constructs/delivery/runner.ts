import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group/index.js';
import { CodebuildProject } from '@cdktf/provider-aws/lib/codebuild-project/index.js';
import { CodebuildWebhook } from '@cdktf/provider-aws/lib/codebuild-webhook/index.js';
import { SecurityGroup } from '@cdktf/provider-aws/lib/security-group/index.js';
import { VpcSecurityGroupEgressRule } from '@cdktf/provider-aws/lib/vpc-security-group-egress-rule/index.js';
import { VpcSecurityGroupIngressRule } from '@cdktf/provider-aws/lib/vpc-security-group-ingress-rule/index.js';
import { Construct } from 'constructs';
import { logRetentionDays } from '../../environments/environment.ts';
import type { Region } from '../../environments/regions.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { ServiceRole } from '../identity/service-role.ts';
import type { Network } from '../network/network.ts';
import { replacedWhileInUse } from '../terraform/replaced-while-in-use.ts';

export interface RunnerProps {
  /** Name of the project, which GitHub's jobs name in `runs-on`. */
  readonly name: string;
  readonly accountId: string;
  readonly region: Region;
  /** `OWNER/NAME` on GitHub. */
  readonly repository: string;
  /** ARN of the connection to GitHub in AWS CodeConnections. */
  readonly connectionArn: string;
  readonly network: Network;
  readonly cluster: Cluster;
}

/** Minutes. The longest job, an apply, may take 120. */
const longestBuild = 150;

/**
 * Regions with Arm machines: `ProjectEnvironment` in
 * https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectEnvironment.html
 */
const armRegions: readonly Region[] = [
  'ap-northeast-1',
  'ap-south-1',
  'ap-southeast-2',
  'eu-central-1',
  'eu-west-1',
  'us-east-1',
  'us-east-2',
  'us-west-2',
];

/**
 * Amazon Linux 2023, with git, Node, the AWS CLI, kubectl, gh and jq:
 * https://github.com/aws/aws-codebuild-docker-images
 */
const machines = {
  arm: { type: 'ARM_CONTAINER', image: 'aws/codebuild/amazonlinux-aarch64-standard:3.0' },
  x86: { type: 'LINUX_CONTAINER', image: 'aws/codebuild/amazonlinux-x86_64-standard:5.0' },
} as const;

/** The cheaper kind, where CodeBuild has it. */
export const machineIn = (region: Region) => machines[armRegions.includes(region) ? 'arm' : 'x86'];

/**
 * Runs the GitHub jobs that need the cluster's API inside the VPC, so that the API needs no public endpoint. For each such
 * job, GitHub calls the webhook, and CodeBuild starts a fresh machine that runs this job and ends. Nothing runs in between.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/action-runner.html
 *
 * Jobs get their AWS permissions from the delivery roles, by OIDC, as on GitHub's machines. But every job can also use the
 * role of the machine, and with it the connection to GitHub. So only people who may push to the repository can have jobs
 * here: not for public repositories, in which a fork's pull request could name this runner.
 */
export class Runner extends Construct {
  readonly #props: RunnerProps;

  constructor(scope: Construct, id: string, props: RunnerProps) {
    super(scope, id);
    this.#props = props;
    const { connectionArn, name, network, region, repository } = props;
    // Otherwise CodeBuild creates it, with no expiry, and leaves it behind on destroy.
    const logs = new CloudwatchLogGroup(this, 'logs', {
      name: `/aws/codebuild/${name}`,
      retentionInDays: logRetentionDays,
    });
    const role = this.#role(logs);
    const project = new CodebuildProject(this, 'project', {
      name,
      description: "Runs GitHub's jobs that need the cluster's API",
      serviceRole: role.arn,
      buildTimeout: longestBuild,
      source: {
        type: 'GITHUB',
        location: `https://github.com/${repository}`,
        auth: { type: 'CODECONNECTIONS', resource: connectionArn },
      },
      artifacts: { type: 'NO_ARTIFACTS' },
      environment: {
        ...machineIn(region),
        // 4 vCPUs and 8 GiB, as much memory as GitHub's own machines for private repositories have.
        computeType: 'BUILD_GENERAL1_MEDIUM',
      },
      vpcConfig: {
        vpcId: network.vpcId,
        subnets: [...network.privateSubnetIds],
        securityGroupIds: [this.#securityGroup()],
      },
      logsConfig: { cloudwatchLogs: { groupName: logs.name } },
      // CodeBuild tries the role's permissions when it creates the project.
      dependsOn: [...role.permissions],
    });
    new CodebuildWebhook(this, 'webhook', {
      projectName: project.name,
      buildType: 'BUILD',
      filterGroup: [{ filter: [{ type: 'EVENT', pattern: 'WORKFLOW_JOB_QUEUED' }] }],
    });
  }

  /** The statements about network interfaces are AWS's: https://docs.aws.amazon.com/codebuild/latest/userguide/auth-and-access-control-iam-identity-based-access-control.html#customer-managed-policies-example-create-vpc-network-interface */
  #role(logs: CloudwatchLogGroup): ServiceRole {
    const { accountId, connectionArn, name, network, region } = this.#props;
    const inRegion = (rest: string) => `arn:aws:ec2:${region}:${accountId}:${rest}`;
    return new ServiceRole(this, 'role', {
      name,
      service: 'codebuild.amazonaws.com',
      trustConditions: {
        StringEquals: { 'aws:SourceArn': `arn:aws:codebuild:${region}:${accountId}:project/${name}` },
      },
      statements: [
        { actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [`${logs.arn}:*`] },
        {
          actions: [
            'ec2:CreateNetworkInterface',
            'ec2:DeleteNetworkInterface',
            'ec2:DescribeDhcpOptions',
            'ec2:DescribeNetworkInterfaces',
            'ec2:DescribeSecurityGroups',
            'ec2:DescribeSubnets',
            'ec2:DescribeVpcs',
          ],
          resources: ['*'],
        },
        {
          actions: ['ec2:CreateNetworkInterfacePermission'],
          resources: [inRegion('network-interface/*')],
          conditions: {
            StringEquals: { 'ec2:AuthorizedService': 'codebuild.amazonaws.com' },
            ArnEquals: { 'ec2:Subnet': network.privateSubnetIds.map((subnet) => inRegion(`subnet/${subnet}`)) },
          },
        },
        // https://docs.aws.amazon.com/codebuild/latest/userguide/connections-github-app.html
        {
          actions: ['codeconnections:GetConnection', 'codeconnections:GetConnectionToken'],
          resources: [connectionArn],
        },
      ],
    });
  }

  #securityGroup(): string {
    const { cluster, name, network } = this.#props;
    const { id } = new SecurityGroup(this, 'security-group', {
      namePrefix: `${name}-`,
      description: 'Runner of GitHub jobs: to HTTPS only, which includes the API of the cluster',
      vpcId: network.vpcId,
      tags: { Name: name },
      lifecycle: replacedWhileInUse,
    });
    const https = { ipProtocol: 'tcp', fromPort: 443, toPort: 443 };
    new VpcSecurityGroupEgressRule(this, 'to-https', {
      securityGroupId: id,
      cidrIpv4: '0.0.0.0/0',
      ...https,
      description: 'GitHub, AWS, package and chart registries, and the API of the cluster',
    });
    new VpcSecurityGroupIngressRule(this, 'to-cluster', {
      securityGroupId: cluster.nodeSecurityGroupId,
      referencedSecurityGroupId: id,
      ...https,
      description: 'From the runner of GitHub jobs',
    });
    return id;
  }
}
