import { DataAwsCallerIdentity } from '@cdktf/provider-aws/lib/data-aws-caller-identity/index.js';
import { AwsProvider } from '@cdktf/provider-aws/lib/provider/index.js';
import { HelmProvider } from '@cdktf/provider-helm/lib/provider/index.js';
import { KubernetesProvider } from '@cdktf/provider-kubernetes/lib/provider/index.js';
import { Fn } from 'cdktf';
import { Construct } from 'constructs';
import { globalRegion } from 'platform';
import type { Cluster } from '../cluster/cluster.ts';

export interface ProvidersProps {
  /** The only account whose credentials are accepted. If undefined, any. */
  readonly accountId: string | undefined;
  readonly region: string;
  /** The region that gets the copies of backups. */
  readonly secondRegion?: string | undefined;
  /** Default tags of all AWS resources. */
  readonly tags: Record<string, string>;
}

/** Terraform's providers for AWS and the cluster. */
export class Providers extends Construct {
  /** For resources that CloudFront requires in us-east-1. */
  readonly global: AwsProvider;
  /** For resources in the second region. Undefined without one. */
  readonly second: AwsProvider | undefined;
  readonly accountId: string;
  readonly #region: string;

  constructor(scope: Construct, id: string, { accountId, region, secondRegion, tags }: ProvidersProps) {
    super(scope, id);
    this.#region = region;
    const common = {
      defaultTags: [{ tags }],
      // Terraform refuses credentials of any other account before it reads anything.
      ...(accountId && { allowedAccountIds: [accountId] }),
    };
    const inRegion = (other: string, alias: string) =>
      new AwsProvider(this, `aws-${alias}`, { ...common, region: other, alias });
    const regional = new AwsProvider(this, 'aws', { ...common, region });
    this.global = region === globalRegion ? regional : inRegion(globalRegion, 'global');
    // Even if nothing uses it: Terraform needs it once more to delete what did.
    if (secondRegion) this.second = secondRegion === globalRegion ? this.global : inRegion(secondRegion, 'second');
    this.accountId = new DataAwsCallerIdentity(this, 'caller').accountId;
  }

  /** ARN of a role in this account, such as one created by the bootstrap. */
  roleArn(name: string): string {
    return `arn:aws:iam::${this.accountId}:role/${name}`;
  }

  /** ARN of a policy in this account. */
  policyArn(name: string): string {
    return `arn:aws:iam::${this.accountId}:policy/${name}`;
  }

  /** Configures the Kubernetes and Helm providers for the cluster, with short-lived tokens. */
  connect(cluster: Cluster): void {
    const address = { host: cluster.endpoint, clusterCaCertificate: Fn.base64decode(cluster.certificateAuthority) };
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1beta1',
      command: 'aws',
      args: ['eks', 'get-token', '--cluster-name', cluster.name, '--region', this.#region],
    };
    new KubernetesProvider(this, 'kubernetes', { ...address, exec: [exec] });
    // Helm keeps its releases in secrets by default, which the plan role cannot read.
    new HelmProvider(this, 'helm', { kubernetes: { ...address, exec }, helmDriver: 'configmap' });
  }
}
