import { CloudwatchEventRule } from '@cdktf/provider-aws/lib/cloudwatch-event-rule/index.js';
import { CloudwatchEventTarget } from '@cdktf/provider-aws/lib/cloudwatch-event-target/index.js';
import { CloudwatchMetricAlarm } from '@cdktf/provider-aws/lib/cloudwatch-metric-alarm/index.js';
import { Route53HealthCheck } from '@cdktf/provider-aws/lib/route53-health-check/index.js';
import type { TerraformProvider } from 'cdktf';
import { Construct } from 'constructs';
import { type Application, globalRegion, infrastructureTeam, teamsOf } from 'platform';
import type { ClusterChoices, DatabaseChoices } from '../../environments/environment.ts';
import type { Settings } from '../../settings.ts';
import type { Workload } from '../applications/workload.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { Database } from '../data/database.ts';
import type { DatabaseLogins } from '../data/database-logins.ts';
import type { Distribution } from '../edge/edge.ts';
import type { LoadBalancer } from '../edge/load-balancer.ts';
import type { Network } from '../network/network.ts';
import type { Providers } from '../terraform/providers.ts';
import {
  type AlarmRule,
  fromOutside,
  ofApplication,
  ofController,
  ofDatabase,
  ofDatabaseLogins,
  ofEntrance,
  ofNat,
  ofNodes,
  ofStatusPage,
} from './alarm-rules.ts';
import { type AlarmKind, type AlarmText, alarmTexts, awsNotice, describeAlarm, onOneLine } from './alarm-texts.ts';
import { TeamTopics } from './team-topics.ts';

export interface AlarmsProps {
  readonly prefix: string;
  readonly settings: Pick<Settings, 'alerts' | 'github' | 'region' | 'runbooks'>;
  readonly providers: Pick<Providers, 'accountId' | 'global'>;
  readonly network: Pick<Network, 'natGroups'>;
  readonly cluster: Pick<
    Cluster,
    'baseAutoScalingGroupName' | 'name' | 'spotAutoScalingGroupName' | 'storageAutoScalingGroupName'
  >;
  readonly clusterChoices: Pick<ClusterChoices, 'baseNodes' | 'nodes' | 'storageNodes'>;
  readonly database: Pick<Database, 'identifier'>;
  readonly databaseChoices: Pick<DatabaseChoices, 'instanceClass' | 'storage'>;
  readonly databaseLogins: Pick<DatabaseLogins, 'functionName'>;
  readonly loadBalancer: Pick<LoadBalancer, 'arnSuffix'>;
  readonly workloads: readonly Pick<Workload, 'application' | 'targetGroupArnSuffix'>[];
  readonly site: Pick<Distribution, 'host' | 'id'>;
  /** Name of the function that writes the status page, if there is one. */
  readonly statusFunction: string | undefined;
}

export interface Alarm {
  readonly arn: string;
  readonly name: string;
  readonly kind: AlarmKind;
  /** The application or the NAT instance, if there is an alarm for each. */
  readonly subject: string;
  readonly team: string;
  readonly text: AlarmText;
  /** Provider of the alarm's region, if it is not the stack's. */
  readonly provider?: TerraformProvider;
}

/**
 * CloudWatch alarms. They run outside the cluster, so they work even when the cluster is down; SigNoz, inside it, helps
 * to find the cause. Each alarm notifies one team, in words that need no technical knowledge.
 */
export class Alarms extends Construct {
  readonly all: readonly Alarm[];
  /** All teams that can be notified, infrastructure last. */
  readonly teams: readonly string[];
  readonly #props: AlarmsProps;
  readonly #topics: { readonly here: TeamTopics; readonly global: TeamTopics };

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    this.#props = props;
    const { cluster, loadBalancer, prefix, providers, settings, workloads } = props;
    this.teams = teamsOf(
      workloads.map(({ application }) => application),
      Object.keys(settings.alerts),
    );
    const topics = { prefix, accountId: providers.accountId, teams: this.teams, addresses: settings.alerts };
    const here = new TeamTopics(this, 'topics', topics);
    // An alarm can only publish to topics of its own region.
    const global = this.#isGlobal
      ? here
      : new TeamTopics(this, 'global-topics', { ...topics, provider: providers.global });
    this.#topics = { here, global };

    const groups = {
      spot: cluster.spotAutoScalingGroupName,
      base: cluster.baseAutoScalingGroupName,
      storage: cluster.storageAutoScalingGroupName,
    };
    this.all = [
      ...workloads.flatMap(({ application, targetGroupArnSuffix }) => [
        ...ofApplication(application, targetGroupArnSuffix, loadBalancer.arnSuffix),
        fromOutside(application, this.#healthCheck(application)),
      ]),
      ...ofEntrance(props.site.id, loadBalancer.arnSuffix),
      ...ofDatabase(props.database.identifier, props.databaseChoices),
      ofDatabaseLogins(props.databaseLogins.functionName),
      ...(props.statusFunction ? [ofStatusPage(props.statusFunction)] : []),
      ofController(cluster.name),
      ...ofNodes(groups, props.clusterChoices),
      ...ofNat(props.network.natGroups),
    ].map((rule) => this.#alarm(rule));
    this.#forwardNotices();
  }

  topicArn(team: string): string {
    return this.#topics.here.arn(team);
  }

  /** The key of the topics, without which nobody can publish to them. */
  get topicKeyArn(): string {
    return this.#topics.here.keyArn;
  }

  /** URL of the folder with the runbooks, without a trailing slash. */
  get runbooks(): string {
    const { github, runbooks } = this.#props.settings;
    return runbooks ?? `https://github.com/${github.repository}/blob/main/docs/runbooks`;
  }

  #alarm({ global = false, kind, metric, subject = '', team }: AlarmRule): Alarm {
    const { prefix, providers } = this.#props;
    const id = subject ? kind.replace(/^[a-z]+/, subject) : kind;
    const name = `${prefix}-${id}`;
    const text = alarmTexts[kind](subject);
    const topic = this.#topics[global ? 'global' : 'here'].arn(team);
    const region = global && !this.#isGlobal ? { provider: providers.global } : {};
    const { arn } = new CloudwatchMetricAlarm(this, id, {
      ...metric,
      ...region,
      alarmName: name,
      alarmDescription: describeAlarm(text, team, `${this.runbooks}/${kind}.md`),
      alarmActions: [topic],
      okActions: [topic],
      // The sleep schedule disables the actions at night.
      lifecycle: { ignoreChanges: ['actions_enabled'] },
    });
    return { arn, name, kind, subject, team, text, ...region };
  }

  /** A request like a visitor's, from three continents. It detects most outages, whatever their cause. */
  #healthCheck({ healthPath, name }: Application): string {
    return new Route53HealthCheck(this, `${name}-check`, {
      type: 'HTTPS',
      fqdn: this.#props.site.host,
      port: 443,
      enableSni: true,
      resourcePath: healthPath,
      requestInterval: 30,
      failureThreshold: 3,
      // AWS requires at least three. From all regions, the checks alone would be a request every two seconds.
      regions: ['us-east-1', 'sa-east-1', 'eu-west-1'],
      tags: { Name: `${this.#props.prefix}-${name}` },
    }).id;
  }

  /** AWS Health events: outages, instances scheduled for retirement, versions at their end of support. */
  #forwardNotices(): void {
    const rule = new CloudwatchEventRule(this, 'aws-notices', {
      name: `${this.#props.prefix}-aws-notices`,
      description: 'AWS Health, for the infrastructure team',
      eventPattern: JSON.stringify({ source: ['aws.health'] }),
    });
    new CloudwatchEventTarget(this, 'aws-notices-target', {
      rule: rule.name,
      arn: this.topicArn(infrastructureTeam),
      inputTransformer: {
        inputPaths: { service: '$.detail.service', code: '$.detail.eventTypeCode', start: '$.detail.startTime' },
        inputTemplate: JSON.stringify(onOneLine(awsNotice)),
      },
    });
  }

  get #isGlobal(): boolean {
    return this.#props.settings.region === globalRegion;
  }
}
