/** The runner of GitHub's jobs inside the VPC: whole resources, as AWS gets them. */
import { describe, expect, test } from '@jest/globals';
import { machineIn } from '../constructs/delivery/runner.ts';
import { estimate } from '../costs/estimate.ts';
import { total } from '../costs/parts.ts';
import { dev } from '../environments/dev.ts';
import { regions } from '../environments/regions.ts';
import { github } from './support/choices.ts';
import { type Synthesised, synthesise } from './support/synthesised.ts';

const environment = { runner: true };
const stack = synthesise('dev', { environment, settings: { github, accountId: '123456789012' } });
const name = 'desafio-aws-dev-runner';
const reference = (type: string, attribute = 'id') => `\${${stack.one(type, 'runner_').address}.${attribute}}`;
const privateSubnets = (of: Synthesised) =>
  of
    .some('aws_subnet')
    .filter(({ tags }) => 'kubernetes.io/role/internal-elb' in tags)
    .map(({ address }) => `\${${address}.id}`);

test('without the choice there is no runner', () => {
  const without = synthesise('dev', { environment: { runner: false }, settings: { github } });
  expect([...without.all('aws_codebuild_project'), ...without.all('aws_codebuild_webhook')]).toEqual([]);
});

describe('the runner', () => {
  test('is a project with an Arm machine in the private subnets, the connection, and logs that expire', () => {
    const { address, depends_on, ...project } = stack.one('aws_codebuild_project');
    expect(project).toEqual({
      name,
      description: expect.any(String),
      service_role: reference('aws_iam_role', 'arn'),
      build_timeout: 150,
      source: {
        type: 'GITHUB',
        location: 'https://github.com/owner/name',
        auth: { type: 'CODECONNECTIONS', resource: github.connections.dev },
      },
      artifacts: { type: 'NO_ARTIFACTS' },
      environment: {
        type: 'ARM_CONTAINER',
        image: 'aws/codebuild/amazonlinux-aarch64-standard:3.0',
        compute_type: 'BUILD_GENERAL1_MEDIUM',
      },
      vpc_config: {
        vpc_id: `\${${stack.one('aws_vpc').address}.id}`,
        subnets: privateSubnets(stack),
        security_group_ids: [reference('aws_security_group')],
      },
      logs_config: { cloudwatch_logs: { group_name: reference('aws_cloudwatch_log_group', 'name') } },
    });
    expect(stack.one('aws_cloudwatch_log_group', 'runner_')).toMatchObject({
      name: `/aws/codebuild/${name}`,
      retention_in_days: 30,
    });
    // CodeBuild tries the permissions when it creates the project.
    expect(depends_on).toEqual([stack.one('aws_iam_role_policy', 'runner_').address]);
  });

  test('starts for a job that GitHub has queued, and for nothing else', () => {
    const { address, ...webhook } = stack.one('aws_codebuild_webhook');
    expect(webhook).toEqual({
      project_name: reference('aws_codebuild_project', 'name'),
      build_type: 'BUILD',
      filter_group: [{ filter: [{ type: 'EVENT', pattern: 'WORKFLOW_JOB_QUEUED' }] }],
    });
  });

  test('may only connect to HTTPS, and the cluster admits it there and nowhere else', () => {
    const rules = (['egress', 'ingress'] as const).flatMap((direction) =>
      stack.some(`aws_vpc_security_group_${direction}_rule`).filter(({ address }) => address.includes('runner_')),
    );
    const https = { ip_protocol: 'tcp', from_port: 443, to_port: 443 };
    const group = reference('aws_security_group');
    const cluster = `\${${stack.one('aws_eks_cluster').address}.vpc_config[0].cluster_security_group_id}`;
    expect(rules).toEqual([
      expect.objectContaining({ ...https, security_group_id: group, cidr_ipv4: '0.0.0.0/0' }),
      expect.objectContaining({ ...https, security_group_id: cluster, referenced_security_group_id: group }),
    ]);
    const { egress, ingress } = stack.one('aws_security_group', 'runner_');
    expect([egress, ingress]).toEqual([undefined, undefined]);
  });

  test("has the environment's permissions boundary, as the apply role requires", () => {
    const { name: role, permissions_boundary } = stack.one('aws_iam_role', 'runner_');
    expect([role, permissions_boundary]).toEqual([name, expect.stringMatching(/:policy\/desafio-aws-dev-boundary$/)]);
  });

  test('has an Arm machine in all regions in which CodeBuild has them, and only there', () => {
    expect(regions.length).toBeGreaterThan(10);
    const arm = regions.filter((region) => machineIn(region).type === 'ARM_CONTAINER');
    // AWS's list, for these regions: https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectEnvironment.html
    expect(arm.toSorted()).toEqual([
      ...['ap-northeast-1', 'ap-south-1', 'ap-southeast-2', 'eu-central-1', 'eu-west-1'],
      ...['us-east-1', 'us-east-2', 'us-west-2'],
    ]);
  });

  test('has an x86 machine in regions where CodeBuild has no Arm machines', () => {
    const elsewhere = synthesise('dev', { environment, settings: { github, region: 'sa-east-1' } });
    expect(elsewhere.one('aws_codebuild_project').environment).toEqual({
      type: 'LINUX_CONTAINER',
      image: 'aws/codebuild/amazonlinux-x86_64-standard:5.0',
      compute_type: 'BUILD_GENERAL1_MEDIUM',
    });
  });
});

// 40 releases of 5 minutes, 10 changes of the infrastructure of 25 minutes, 4 drift checks of 5 minutes: 470 × 0.0068.
test('the runner costs what its minutes cost', () => {
  const [without = 0, having = 0] = [false, true].map((runner) => total(estimate({ ...dev, runner })));
  expect(having - without).toBeCloseTo(3.196, 3);
});
