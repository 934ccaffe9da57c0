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
  /** E-mail addresses of each team; each gets a message that asks to confirm, and nothing else until it is answered. */
  readonly addresses: Readonly<Record<string, readonly string[]>>;
  readonly teams: readonly string[];
  /** Of another region than the stack's. */
  readonly provider?: TerraformProvider;
}

/** One topic for each team, which this account's alarms, budgets and event rules may write to. */
export class TeamTopics extends Construct {
  readonly #props: TeamTopicsProps;
  readonly #region: { readonly provider?: TerraformProvider };
  readonly #arns: ReadonlyMap<string, string>;

  constructor(scope: Construct, id: string, props: TeamTopicsProps) {
    super(scope, id);
    this.#props = props;
    this.#region = props.provider ? { provider: props.provider } : {};
    const key = this.#key();
    this.#arns = new Map(props.teams.map((team) => [team, this.#topic(team, key)]));
  }

  /** @throws if there is no such team */
  arn(team: string): string {
    const arn = this.#arns.get(team);
    if (arn === undefined) throw new Error(`There is no team ${team}: only ${this.#props.teams.join(', ')}`);
    return arn;
  }

  /** Alarms cannot write to a topic under AWS's own key for SNS, whose policy admits no other service. */
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
        // EventBridge does not say for which account it writes.
        { ...publish, principals: { Service: 'events.amazonaws.com' } },
      ]),
    });
    // By address, not by place in the list: whoever stays need not confirm again when another leaves.
    for (const endpoint of addresses[team] ?? []) {
      new SnsTopicSubscription(this, `${team}-${endpoint}`, {
        ...this.#region,
        topicArn: arn,
        protocol: 'email',
        endpoint,
      });
    }
    // A budget is refused while its topic does not admit it: whoever takes the ARN waits for the policy.
    return ready;
  }
}
