import { KmsAlias } from '@cdktf/provider-aws/lib/kms-alias/index.js';
import { KmsKey } from '@cdktf/provider-aws/lib/kms-key/index.js';
import { SnsTopic } from '@cdktf/provider-aws/lib/sns-topic/index.js';
import { SnsTopicPolicy } from '@cdktf/provider-aws/lib/sns-topic-policy/index.js';
import { SnsTopicSubscription } from '@cdktf/provider-aws/lib/sns-topic-subscription/index.js';
import type { TerraformProvider } from 'cdktf';
import { Construct } from 'constructs';
import { policy } from '../identity/policy.ts';

export interface TeamTopicsProps {
  readonly prefix: string;
  readonly accountId: string;
  /** E-mail addresses by team. AWS asks each to confirm the subscription and sends nothing else until then. */
  readonly addresses: Readonly<Record<string, readonly string[]>>;
  readonly teams: readonly string[];
  /** Provider of another region than the stack's. */
  readonly provider?: TerraformProvider;
}

/** One SNS topic per team. Alarms, budgets and event rules of this account may publish to it. */
export class TeamTopics extends Construct {
  /** The key that encrypts the topics. A role that publishes to them needs access to it, too. */
  readonly keyArn: string;
  readonly #props: TeamTopicsProps;
  readonly #region: { readonly provider?: TerraformProvider };
  readonly #arns: ReadonlyMap<string, string>;

  constructor(scope: Construct, id: string, props: TeamTopicsProps) {
    super(scope, id);
    this.#props = props;
    this.#region = props.provider ? { provider: props.provider } : {};
    this.keyArn = this.#key();
    this.#arns = new Map(props.teams.map((team) => [team, this.#topic(team, this.keyArn)]));
  }

  /** @throws if there is no such team */
  arn(team: string): string {
    const arn = this.#arns.get(team);
    if (arn === undefined) throw new Error(`Unknown team ${team}: use one of ${this.#props.teams.join(', ')}`);
    return arn;
  }

  /** The AWS managed key for SNS admits no other service, so alarms cannot publish to a topic encrypted with it. */
  #key(): string {
    const { accountId, prefix } = this.#props;
    const key = new KmsKey(this, 'key', {
      ...this.#region,
      description: `${prefix}: messages to the teams`,
      enableKeyRotation: true,
      deletionWindowInDays: 7,
      policy: policy([
        { actions: ['kms:*'], resources: ['*'], principals: { AWS: `arn:aws:iam::${accountId}:root` } },
        {
          actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
          resources: ['*'],
          principals: { Service: ['cloudwatch.amazonaws.com', 'budgets.amazonaws.com', 'events.amazonaws.com'] },
        },
      ]),
    });
    new KmsAlias(this, 'key-alias', { ...this.#region, name: `alias/${prefix}-alerts`, targetKeyId: key.id });
    return key.arn;
  }

  #topic(team: string, kmsMasterKeyId: string): string {
    const { accountId, addresses, prefix } = this.#props;
    const { arn } = new SnsTopic(this, team, { ...this.#region, name: `${prefix}-${team}`, kmsMasterKeyId });
    const publish = { actions: ['sns:Publish'], resources: [arn] };
    const { arn: ready } = new SnsTopicPolicy(this, `${team}-policy`, {
      ...this.#region,
      arn,
      policy: policy([
        {
          ...publish,
          principals: { Service: ['cloudwatch.amazonaws.com', 'budgets.amazonaws.com'] },
          conditions: { StringEquals: { 'aws:SourceAccount': accountId } },
        },
        // EventBridge does not send aws:SourceAccount.
        { ...publish, principals: { Service: 'events.amazonaws.com' } },
      ]),
    });
    // Ids contain the address, not the index: removing one subscriber does not recreate the others' subscriptions.
    for (const endpoint of addresses[team] ?? []) {
      new SnsTopicSubscription(this, `${team}-${endpoint}`, {
        ...this.#region,
        topicArn: arn,
        protocol: 'email',
        endpoint,
      });
    }
    // AWS rejects a budget whose topic does not admit it yet. This ARN makes dependents wait for the policy.
    return ready;
  }
}
