import { DataAwsCallerIdentity } from '@cdktf/provider-aws/lib/data-aws-caller-identity/index.js';
import { AwsProvider } from '@cdktf/provider-aws/lib/provider/index.js';
import { HelmProvider } from '@cdktf/provider-helm/lib/provider/index.js';
import { KubernetesProvider } from '@cdktf/provider-kubernetes/lib/provider/index.js';
import { RandomProvider } from '@cdktf/provider-random/lib/provider/index.js';
import { Fn } from 'cdktf';
import { Construct } from 'constructs';
import { globalRegion } from 'platform';
import type { Settings } from '../../settings.ts';
import type { Cluster } from '../cluster/cluster.ts';

export interface ProvidersProps {
  readonly settings: Pick<Settings, 'accountId' | 'region'>;
  /** On everything that AWS can tag. */
  readonly tags: Record<string, string>;
}

/** How Terraform reaches AWS and, through it, the cluster. */
export class Providers extends Construct {
  /** For what belongs to CloudFront. */
  readonly global: AwsProvider;
  readonly accountId: string;
  readonly #region: string;

  constructor(scope: Construct, id: string, { settings, tags }: ProvidersProps) {
    super(scope, id);
    this.#region = settings.region;
    const common = {
      defaultTags: [{ tags }],
      // Credentials of another account are refused before anything is read with them.
      ...(settings.accountId && { allowedAccountIds: [settings.accountId] }),
    };
    const regional = new AwsProvider(this, 'aws', { ...common, region: settings.region });
    this.global =
      settings.region === globalRegion
        ? regional
        : new AwsProvider(this, 'aws-global', { ...common, region: globalRegion, alias: 'global' });
    new RandomProvider(this, 'random');
    this.accountId = new DataAwsCallerIdentity(this, 'caller').accountId;
  }

  /** A role of this account, such as one that the bootstrap made. */
  roleArn(name: string): string {
    return `arn:aws:iam::${this.accountId}:role/${name}`;
  }

  /** A policy of this account, likewise. */
  policyArn(name: string): string {
    return `arn:aws:iam::${this.accountId}:policy/${name}`;
  }

  /** Lets Kubernetes and Helm resources of this stack be made in the cluster, with a token that lasts minutes. */
  connect(cluster: Cluster): void {
    const address = { host: cluster.endpoint, clusterCaCertificate: Fn.base64decode(cluster.certificateAuthority) };
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1beta1',
      command: 'aws',
      args: ['eks', 'get-token', '--cluster-name', cluster.name, '--region', this.#region],
    };
    new KubernetesProvider(this, 'kubernetes', { ...address, exec: [exec] });
    new HelmProvider(this, 'helm', { kubernetes: { ...address, exec } });
  }
}
