/** What is watched, and when it is bad: pure values, from which `Alarms` makes alarms. */

import type { CloudwatchMetricAlarmConfig } from '@cdktf/provider-aws/lib/cloudwatch-metric-alarm/index.js';
import type { Application } from 'platform';
import type { ClusterChoices, DatabaseChoices } from '../../environments/environment.ts';
import { connectionsAlarm } from '../data/database-limits.ts';
import type { AlarmKind } from './alarm-texts.ts';

type Metric = Omit<
  CloudwatchMetricAlarmConfig,
  'alarmActions' | 'alarmDescription' | 'alarmName' | 'lifecycle' | 'okActions' | 'provider'
>;

export interface AlarmRule {
  readonly kind: AlarmKind;
  /** The one team that can act first; its runbook says when to call the next. */
  readonly team: string;
  /** The application that it is about. */
  readonly subject?: string;
  /** CloudFront and Route53 count in us-east-1 alone, and an alarm lies where its metric does. */
  readonly global?: boolean;
  readonly metric: Metric;
}

/** Answers by an application that take longer are slow to people. */
const slowSeconds = 1;
/** Percent of answers that are errors, and the fewest errors that count: one of three requests at night is no outage. */
const errors = { percent: 5, least: 5 };
const fiveMinutes = 300;
const gibibyte = 1024 ** 3;

/** How an application answers the load balancer. */
export function ofApplication(application: Application, targetGroup: string, loadBalancer: string): AlarmRule[] {
  const about = { team: application.team, subject: application.name };
  const namespace = 'AWS/ApplicationELB';
  const dimensions = { TargetGroup: targetGroup, LoadBalancer: loadBalancer };
  const count = (id: string, metricName: string) => ({
    id,
    metric: { namespace, metricName, dimensions, stat: 'Sum', period: fiveMinutes },
  });
  return [
    {
      ...about,
      kind: 'application-errors',
      metric: {
        metricQuery: [
          count('errors', 'HTTPCode_Target_5XX_Count'),
          count('requests', 'RequestCount'),
          {
            id: 'percent',
            expression: `IF(FILL(errors, 0) >= ${errors.least}, 100 * errors / requests, 0)`,
            label: 'Errors, % of requests',
            returnData: true,
          },
        ],
        comparisonOperator: 'GreaterThanThreshold',
        threshold: errors.percent,
        evaluationPeriods: 1,
        // Nobody asked, so nobody got an error; that nobody can ask is for other alarms to say.
        treatMissingData: 'notBreaching',
      },
    },
    {
      ...about,
      kind: 'application-slow',
      metric: {
        namespace,
        metricName: 'TargetResponseTime',
        dimensions,
        extendedStatistic: 'p99',
        // With few requests the 99th percentile is the slowest of them, and one slow answer wakes nobody.
        evaluateLowSampleCountPercentiles: 'ignore',
        period: fiveMinutes,
        comparisonOperator: 'GreaterThanThreshold',
        threshold: slowSeconds,
        evaluationPeriods: 3,
        // Nobody waited.
        treatMissingData: 'notBreaching',
      },
    },
    {
      ...about,
      kind: 'application-down',
      metric: {
        namespace,
        metricName: 'HealthyHostCount',
        dimensions,
        // Each zone counts its own pods, and a zone may well have none: it is the best zone that must not have none.
        statistic: 'Maximum',
        period: 60,
        comparisonOperator: 'LessThanThreshold',
        threshold: 1,
        evaluationPeriods: 2,
        // A target group that no pod ever joined reports nothing.
        treatMissingData: 'breaching',
      },
    },
  ];
}

/** Whether an application answers on the internet, as a health check of Route53 sees it. */
export function fromOutside(application: Application, healthCheckId: string): AlarmRule {
  return {
    team: application.team,
    subject: application.name,
    kind: 'application-unreachable',
    global: true,
    metric: {
      namespace: 'AWS/Route53',
      metricName: 'HealthCheckStatus',
      dimensions: { HealthCheckId: healthCheckId },
      statistic: 'Minimum',
      period: 60,
      comparisonOperator: 'LessThanThreshold',
      threshold: 1,
      evaluationPeriods: 1,
      // The watchdog itself is gone.
      treatMissingData: 'breaching',
    },
  };
}

/** The way in: errors that CloudFront passes on or makes, and those that the load balancer makes by itself. */
export function ofEntrance(distributionId: string, loadBalancer: string): AlarmRule[] {
  return [
    {
      team: 'infrastructure',
      kind: 'edge-errors',
      global: true,
      metric: {
        namespace: 'AWS/CloudFront',
        metricName: '5xxErrorRate',
        dimensions: { DistributionId: distributionId, Region: 'Global' },
        statistic: 'Average',
        period: fiveMinutes,
        comparisonOperator: 'GreaterThanThreshold',
        threshold: errors.percent,
        evaluationPeriods: 2,
        // No visitors, no errors.
        treatMissingData: 'notBreaching',
      },
    },
    {
      team: 'infrastructure',
      kind: 'load-balancer-errors',
      metric: {
        namespace: 'AWS/ApplicationELB',
        metricName: 'HTTPCode_ELB_5XX_Count',
        dimensions: { LoadBalancer: loadBalancer },
        statistic: 'Sum',
        period: fiveMinutes,
        comparisonOperator: 'GreaterThanOrEqualToThreshold',
        threshold: errors.least,
        evaluationPeriods: 1,
        // It is reported only when there were some.
        treatMissingData: 'notBreaching',
      },
    },
  ];
}

/** The database, before it fails. That it failed is seen by the API, which is not ready without it. */
export function ofDatabase(
  identifier: string,
  choices: Pick<DatabaseChoices, 'instanceClass' | 'storage'>,
): AlarmRule[] {
  const watch = (
    kind: AlarmKind,
    metricName: string,
    comparisonOperator: 'GreaterThanThreshold' | 'LessThanThreshold',
    threshold: number,
  ): AlarmRule => ({
    team: 'infrastructure',
    kind,
    metric: {
      namespace: 'AWS/RDS',
      metricName,
      dimensions: { DBInstanceIdentifier: identifier },
      statistic: 'Average',
      period: fiveMinutes,
      comparisonOperator,
      threshold,
      evaluationPeriods: 3,
      // A stopped database says nothing: neither good nor bad, and grey on the dashboard.
      treatMissingData: 'missing',
    },
  });
  return [
    // RDS grows the volume by itself below a tenth: below a twentieth it did not, or may not any more.
    watch('database-storage', 'FreeStorageSpace', 'LessThanThreshold', choices.storage.initial * gibibyte * 0.05),
    watch('database-cpu', 'CPUUtilization', 'GreaterThanThreshold', 80),
    watch(
      'database-connections',
      'DatabaseConnections',
      'GreaterThanThreshold',
      connectionsAlarm(choices.instanceClass),
    ),
  ];
}

/**
 * Nodes that are not there. Whether Kubernetes calls a node ready, CloudWatch learns only from Container Insights, which
 * is paid for: SigNoz shows it, and EKS replaces a node that stays not ready (node repair).
 */
export function ofNodes(
  groups: { readonly spot: string; readonly storage: string },
  choices: Pick<ClusterChoices, 'nodes' | 'storageNodes'>,
): AlarmRule[] {
  const watch = (kind: AlarmKind, autoScalingGroup: string, minimum: number): AlarmRule => ({
    team: 'infrastructure',
    kind,
    metric: {
      namespace: 'AWS/EC2',
      // Each running instance reports once a minute, so that the reports counted are the instances. The group's own
      // GroupInServiceInstances must be switched on, and EKS, which made the group, has no switch for it.
      metricName: 'StatusCheckFailed',
      dimensions: { AutoScalingGroupName: autoScalingGroup },
      statistic: 'SampleCount',
      period: 60,
      comparisonOperator: 'LessThanThreshold',
      threshold: minimum,
      // A spot node that AWS takes back is replaced within minutes.
      evaluationPeriods: 10,
      // No instance, no report.
      treatMissingData: 'breaching',
    },
  });
  return [
    watch('nodes-missing', groups.spot, choices.nodes.minimum),
    watch('storage-node-missing', groups.storage, choices.storageNodes.minimum),
  ];
}
