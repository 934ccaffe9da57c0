import { AutoscalingSchedule } from '@cdktf/provider-aws/lib/autoscaling-schedule/index.js';
import { SchedulerSchedule } from '@cdktf/provider-aws/lib/scheduler-schedule/index.js';
import type { TerraformProvider } from 'cdktf';
import { Construct } from 'constructs';
import type { NodeChoices } from '../../environments/environment.ts';
import type { Alarm } from '../alerting/alarms.ts';
import type { Database } from '../data/database.ts';
import { ServiceRole } from '../identity/service-role.ts';
import type { Providers } from '../terraform/providers.ts';
import type { Cluster } from './cluster.ts';

export interface SleepScheduleProps {
  readonly prefix: string;
  readonly providers: Pick<Providers, 'accountId'>;
  readonly cluster: Pick<Cluster, 'spotAutoScalingGroupName'>;
  /** What the spot group wakes up to. */
  readonly nodes: NodeChoices;
  readonly database: Pick<Database, 'identifier'>;
  /** Silenced while everything rests. */
  readonly alarms: readonly Pick<Alarm, 'arn' | 'name' | 'provider'>[];
}

const timeZone = 'America/Sao_Paulo';

/** In the order that spares false alarms and failed requests: silence, nodes, database; and back. From Monday to Friday. */
const evening = { silence: '19:50', nodes: '20:00', database: '20:10' } as const;
const morning = { database: '06:40', nodes: '07:00', alarms: '07:30' } as const;

/**
 * Rest at night and at weekends: of a week's 168 hours, 55 with spot nodes and database. The cluster itself, the storage
 * nodes, volumes, NAT and load balancer cost as before.
 *
 * - The group's maximum goes to zero too. With room left, the cluster autoscaler would start nodes for the pods that wait.
 * - RDS starts a stopped instance by itself after seven days; the longest rest here is a weekend.
 * - RDS makes no backup and no maintenance of a stopped instance: their windows must lie between Monday and Friday, 7 to 20 h.
 * - An alarm that is still red when the alarms speak again tells nobody by e-mail. The dashboard shows it.
 * - A deploy at night changes nothing of this, but one that changes the node group wakes its nodes until the next evening.
 */
export class SleepSchedule extends Construct {
  readonly #prefix: string;
  readonly #role: ServiceRole;

  constructor(scope: Construct, id: string, props: SleepScheduleProps) {
    super(scope, id);
    const { alarms, cluster, database, nodes, prefix, providers } = props;
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

    this.#nodes('evening', evening.nodes, cluster.spotAutoScalingGroupName, { minimum: 0, desired: 0, maximum: 0 });
    this.#nodes('morning', morning.nodes, cluster.spotAutoScalingGroupName, nodes);
    const instance = { DbInstanceIdentifier: database.identifier };
    this.#call('database-stops', evening.database, 'rds:stopDBInstance', instance);
    this.#call('database-starts', morning.database, 'rds:startDBInstance', instance);
    // A schedule reaches the alarms of its own region.
    for (const [provider, group] of Map.groupBy(alarms, (alarm) => alarm.provider)) {
      const id = provider ? 'global-alarms' : 'alarms';
      const names = { AlarmNames: group.map(({ name }) => name) };
      this.#call(`${id}-rest`, evening.silence, 'cloudwatch:disableAlarmActions', names, provider);
      this.#call(`${id}-speak`, morning.alarms, 'cloudwatch:enableAlarmActions', names, provider);
    }
  }

  #nodes(id: string, at: string, group: string, size: Pick<NodeChoices, 'minimum' | 'desired' | 'maximum'>): void {
    const [hour, minute] = at.split(':').map(Number);
    new AutoscalingSchedule(this, id, {
      scheduledActionName: `${this.#prefix}-${id}`,
      autoscalingGroupName: group,
      recurrence: `${minute} ${hour} * * MON-FRI`,
      timeZone,
      minSize: size.minimum,
      desiredCapacity: size.desired,
      maxSize: size.maximum,
    });
  }

  #call(id: string, at: string, action: string, input: object, provider?: TerraformProvider): void {
    const [hour, minute] = at.split(':').map(Number);
    new SchedulerSchedule(this, id, {
      ...(provider && { provider }),
      name: `${this.#prefix}-${id}`,
      scheduleExpression: `cron(${minute} ${hour} ? * MON-FRI *)`,
      scheduleExpressionTimezone: timeZone,
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: `arn:aws:scheduler:::aws-sdk:${action}`,
        roleArn: this.#role.arn,
        input: JSON.stringify(input),
        // An hour later it would do harm: a database that stops when people are back.
        retryPolicy: { maximumEventAgeInSeconds: 600, maximumRetryAttempts: 5 },
      },
      dependsOn: [...this.#role.permissions],
    });
  }
}
