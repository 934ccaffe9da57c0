import { DataAwsEc2ManagedPrefixList } from '@cdktf/provider-aws/lib/data-aws-ec2-managed-prefix-list/index.js';
import { Lb } from '@cdktf/provider-aws/lib/lb/index.js';
import { LbListener } from '@cdktf/provider-aws/lib/lb-listener/index.js';
import { LbListenerCertificate } from '@cdktf/provider-aws/lib/lb-listener-certificate/index.js';
import { LbListenerRule } from '@cdktf/provider-aws/lib/lb-listener-rule/index.js';
import { LbTargetGroup } from '@cdktf/provider-aws/lib/lb-target-group/index.js';
import { SecurityGroup } from '@cdktf/provider-aws/lib/security-group/index.js';
import { VpcSecurityGroupEgressRule } from '@cdktf/provider-aws/lib/vpc-security-group-egress-rule/index.js';
import { VpcSecurityGroupIngressRule } from '@cdktf/provider-aws/lib/vpc-security-group-ingress-rule/index.js';
import { Construct } from 'constructs';
import type { Network } from '../network/network.ts';
import { replacedWhileInUse } from '../terraform/replaced-while-in-use.ts';

export interface LoadBalancerProps {
  readonly name: string;
  readonly network: Network;
  readonly nodeSecurityGroupId: string;
  readonly protected: boolean;
  /** Certificate in this region for the custom domain. Without it, CloudFront connects over HTTP, inside AWS. */
  readonly certificateArn?: string;
  readonly accessLogBucket?: string;
}

export interface Target {
  readonly name: string;
  readonly targetGroup: string;
  readonly port: number;
  readonly healthPath: string;
  /** Unique rule priority; lower values are evaluated first. */
  readonly priority: number;
  /** Path patterns of the rule. */
  readonly paths: readonly string[];
  /** Accepts only requests with this value of `originHeader`. Without it, all requests that reach the load balancer. */
  readonly origin?: string;
}

/**
 * Identifies the distribution, so that each one reaches only its own targets. CloudFront overwrites any value that a
 * visitor sends. It need not be secret: from the internet, only our VPC origin can reach the load balancer.
 */
export const originHeader = 'X-Origin';

/** Seconds that a deregistered pod has to finish in-flight requests. The preStop hook sleeps as long. */
export const deregistrationDelay = 15;

/** Seconds without data after which the load balancer closes a connection, or answers 504 to a request on it. */
export const idleTimeout = 60;

/**
 * Of the target groups, which cannot change theirs and cannot be deleted while a rule uses them. It means nothing: pods are
 * registered by address and port (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetDescription.html).
 */
const unusedPort = 80;

/** The internal load balancer of the environment. It has no public address and answers 401 if no rule matches. */
export class LoadBalancer extends Construct {
  readonly arn: string;
  readonly arnSuffix: string;
  readonly dnsName: string;
  readonly port: 80 | 443;
  readonly #props: LoadBalancerProps;
  readonly #securityGroupId: string;
  readonly #listener: LbListener;

  constructor(scope: Construct, id: string, props: LoadBalancerProps) {
    super(scope, id);
    this.#props = props;
    this.port = props.certificateArn ? 443 : 80;
    this.#securityGroupId = new SecurityGroup(this, 'security-group', {
      namePrefix: `${props.name}-`,
      description: 'Load balancer: from CloudFront, to the applications',
      vpcId: props.network.vpcId,
      tags: { Name: props.name },
      lifecycle: replacedWhileInUse,
    }).id;
    // The prefix list counts as 55 of the 60 rules of a security group, so there is room for only one port.
    const cloudfront = new DataAwsEc2ManagedPrefixList(this, 'cloudfront', {
      name: 'com.amazonaws.global.cloudfront.origin-facing',
    });
    new VpcSecurityGroupIngressRule(this, 'from-cloudfront', {
      securityGroupId: this.#securityGroupId,
      prefixListId: cloudfront.id,
      ipProtocol: 'tcp',
      fromPort: this.port,
      toPort: this.port,
      description: 'From CloudFront',
    });
    // The applications reach each other by their private names. With a custom domain that is HTTPS, and the certificate
    // does not contain those names.
    new VpcSecurityGroupIngressRule(this, 'from-nodes', {
      securityGroupId: this.#securityGroupId,
      referencedSecurityGroupId: props.nodeSecurityGroupId,
      ipProtocol: 'tcp',
      fromPort: this.port,
      toPort: this.port,
      description: 'From the nodes',
    });
    const balancer = new Lb(this, 'balancer', {
      name: props.name,
      internal: true,
      loadBalancerType: 'application',
      securityGroups: [this.#securityGroupId],
      subnets: [...props.network.privateSubnetIds],
      dropInvalidHeaderFields: true,
      enableDeletionProtection: props.protected,
      idleTimeout,
      ...(props.accessLogBucket && { accessLogs: { bucket: props.accessLogBucket, prefix: 'alb', enabled: true } }),
    });
    this.arn = balancer.arn;
    this.arnSuffix = balancer.arnSuffix;
    this.dnsName = balancer.dnsName;
    this.#listener = new LbListener(this, 'listener', {
      loadBalancerArn: balancer.arn,
      port: this.port,
      ...(props.certificateArn
        ? { protocol: 'HTTPS', certificateArn: props.certificateArn, sslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06' }
        : { protocol: 'HTTP' }),
      defaultAction: [
        { type: 'fixed-response', fixedResponse: { contentType: 'text/plain', statusCode: '401', messageBody: '401' } },
      ],
    });
  }

  /** Adds a certificate for another host: CloudFront connects with the visitor's host and verifies its certificate. */
  answerFor(id: string, certificateArn: string): void {
    new LbListenerCertificate(this, `${id}-certificate`, { listenerArn: this.#listener.arn, certificateArn });
  }

  /** Creates a target group, its listener rule, and the security group rules between load balancer and nodes. */
  route(target: Target): LbTargetGroup {
    const { name, port } = target;
    const group = new LbTargetGroup(this, `${name}-targets`, {
      name: target.targetGroup,
      targetType: 'ip',
      port: unusedPort,
      protocol: 'HTTP',
      vpcId: this.#props.network.vpcId,
      deregistrationDelay: String(deregistrationDelay),
      healthCheck: {
        path: target.healthPath,
        matcher: '200',
        // The shortest that a load balancer offers: it sends requests to a node that vanished until two checks have failed.
        interval: 5,
        // It has to be shorter than the interval.
        timeout: 4,
        healthyThreshold: 2,
        unhealthyThreshold: 2,
      },
    });
    new LbListenerRule(this, `${name}-rule`, {
      listenerArn: this.#listener.arn,
      priority: target.priority,
      condition: [
        { pathPattern: { values: [...target.paths] } },
        ...(target.origin ? [{ httpHeader: { httpHeaderName: originHeader, values: [target.origin] } }] : []),
      ],
      action: [{ type: 'forward', targetGroupArn: group.arn }],
    });
    const rule = { ipProtocol: 'tcp', fromPort: port, toPort: port, description: `Load balancer to ${name}` };
    new VpcSecurityGroupEgressRule(this, `${name}-out`, {
      securityGroupId: this.#securityGroupId,
      referencedSecurityGroupId: this.#props.nodeSecurityGroupId,
      ...rule,
    });
    new VpcSecurityGroupIngressRule(this, `${name}-in`, {
      securityGroupId: this.#props.nodeSecurityGroupId,
      referencedSecurityGroupId: this.#securityGroupId,
      ...rule,
    });
    return group;
  }
}
