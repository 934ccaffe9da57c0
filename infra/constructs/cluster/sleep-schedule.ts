import { AutoscalingSchedule } from '@cdktf/provider-aws/lib/autoscaling-schedule/index.js';
import { SchedulerSchedule } from '@cdktf/provider-aws/lib/scheduler-schedule/index.js';
import type { TerraformProvider } from 'cdktf';
import { Construct } from 'constructs';
import type { ClusterChoices, NodeChoices } from '../../environments/environment.ts';
import { evening, minutesOf, morning, timeZone } from '../../environments/night.ts';
import type { Alarm } from '../alerting/alarms.ts';
import type { Database } from '../data/database.ts';
import { ServiceRole } from '../identity/service-role.ts';
import type { Providers } from '../terraform/providers.ts';
import type { Cluster } from './cluster.ts';

const workingDays = 'MON-FRI';
type Days = typeof workingDays | '*';

export interface SleepScheduleProps {
  readonly prefix: string;
  readonly providers: Pick<Providers, 'accountId'>;
  readonly cluster: Pick<
    Cluster,
    'baseAutoScalingGroupName' | 'spotAutoScalingGroupName' | 'storageAutoScalingGroupName'
  >;
  /** Sizes of the groups in the morning. */
  readonly clusterChoices: Pick<ClusterChoices, 'baseNodes' | 'nodes' | 'storageNodes'>;
  readonly database: Pick<Database, 'identifier'>;
  /** Alarms whose actions are disabled at night. */
  readonly alarms: readonly Pick<Alarm, 'arn' | 'name' | 'provider'>[];
}

/**
 * Stops all nodes and the database at night and at weekends. The control plane, volumes, NAT and load balancer cost the
 * same as before. `pnpm infra wake` ends the night early. The evening comes every day, so that what was woken at a weekend
 * sleeps again.
 *
 * - A group's maximum is set to zero too. Otherwise the cluster autoscaler would add nodes for the pending pods.
 * - RDS starts a stopped instance by itself after seven days; here it is stopped for a weekend at most.
 * - RDS does no backup or maintenance of a stopped instance, so the windows must be on weekdays between 7 and 20 h.
 * - An alarm that is already red when its actions are enabled again sends no e-mail. The dashboard shows it.
 * - A deployment needs nodes, because Helm waits for pods: `pnpm infra wake` comes first, as in the workflows.
 */
export class SleepSchedule extends Construct {
  readonly #prefix: string;
  readonly #role: ServiceRole;

  constructor(scope: Construct, id: string, props: SleepScheduleProps) {
    super(scope, id);
    const { alarms, cluster, clusterChoices, database, prefix, providers } = props;
    this.#prefix = prefix;
    this.#role = new ServiceRole(this, 'role', {
      name: `${prefix}-sleep-schedule`,
      service: 'scheduler.amazonaws.com',
      trustConditions: { StringEquals: { 'aws:SourceAccount': providers.accountId } },
      statements: [
        {
          actions: ['rds:StartDBInstance', 'rds:StopDBInstance'],
          resources: [`arn:aws:rds:*:${providers.accountId}:db:${database.identifier}`],
        },
        {
          actions: ['cloudwatch:DisableAlarmActions', 'cloudwatch:EnableAlarmActions'],
          resources: alarms.map(({ arn }) => arn),
        },
      ],
    });

    const { baseNodes, nodes, storageNodes } = clusterChoices;
    this.#sleep('', 'nodes', cluster.spotAutoScalingGroupName, nodes);
    if (cluster.baseAutoScalingGroupName !== undefined && baseNodes) {
      this.#sleep('base-', 'nodes', cluster.baseAutoScalingGroupName, baseNodes);
    }
    this.#sleep('storage-', 'storageNodes', cluster.storageAutoScalingGroupName, storageNodes);
    const instance = { DbInstanceIdentifier: database.identifier };
    this.#call('database-stops', evening.database, '*', 'rds:stopDBInstance', instance);
    this.#call('database-starts', morning.database, workingDays, 'rds:startDBInstance', instance);
    // A schedule can only call the API of its own region.
    for (const [provider, group] of Map.groupBy(alarms, (alarm) => alarm.provider)) {
      const id = provider ? 'global-alarms' : 'alarms';
      const names = { AlarmNames: group.map(({ name }) => name) };
      this.#call(`${id}-rest`, evening.silence, '*', 'cloudwatch:disableAlarmActions', names, provider);
      this.#call(`${id}-speak`, morning.alarms, workingDays, 'cloudwatch:enableAlarmActions', names, provider);
    }
  }

  #sleep(prefix: string, step: 'nodes' | 'storageNodes', group: string, size: NodeChoices): void {
    this.#nodes(`${prefix}evening`, evening[step], '*', group, { minimum: 0, desired: 0, maximum: 0 });
    this.#nodes(`${prefix}morning`, morning[step], workingDays, group, size);
  }

  #nodes(
    id: string,
    at: string,
    days: Days,
    group: string,
    size: Pick<NodeChoices, 'minimum' | 'desired' | 'maximum'>,
  ): void {
    const minutes = minutesOf(at);
    new AutoscalingSchedule(this, id, {
      scheduledActionName: `${this.#prefix}-${id}`,
      autoscalingGroupName: group,
      recurrence: `${minutes % 60} ${Math.floor(minutes / 60)} * * ${days}`,
      timeZone,
      minSize: size.minimum,
      desiredCapacity: size.desired,
      maxSize: size.maximum,
    });
  }

  #call(id: string, at: string, days: Days, action: string, input: object, provider?: TerraformProvider): void {
    const minutes = minutesOf(at);
    new SchedulerSchedule(this, id, {
      ...(provider && { provider }),
      name: `${this.#prefix}-${id}`,
      scheduleExpression: `cron(${minutes % 60} ${Math.floor(minutes / 60)} ? * ${days} *)`,
      scheduleExpressionTimezone: timeZone,
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: `arn:aws:scheduler:::aws-sdk:${action}`,
        roleArn: this.#role.arn,
        input: JSON.stringify(input),
        // A late retry does harm: the database could stop when people are back at work.
        retryPolicy: { maximumEventAgeInSeconds: 600, maximumRetryAttempts: 5 },
      },
      dependsOn: [...this.#role.permissions],
    });
  }
}
