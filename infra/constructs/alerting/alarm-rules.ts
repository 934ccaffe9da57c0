/** Metrics and thresholds of all alarms, as plain values. `Alarms` creates the alarms from them. */

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
  /** The team that is notified. Its runbook says when to call the next one. */
  readonly team: string;
  /** The application, or the NAT instance, if there is an alarm for each. Replaces the first word of the kind. */
  readonly subject?: string;
  /** CloudFront and Route53 report only in us-east-1, and an alarm must be in the region of its metric. */
  readonly global?: boolean;
  readonly metric: Metric;
}

/** Threshold for the 99th percentile of an application's response time. */
const slowSeconds = 1;
/** Percentage of error responses, and their minimum count: one failure in three requests at night is no outage. */
const errors = { percent: 5, minimum: 5 };
const fiveMinutes = 300;
const gibibyte = 1024 ** 3;

/** An application's responses, as the load balancer sees them. */
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
            expression: `IF(FILL(errors, 0) >= ${errors.minimum}, 100 * errors / requests, 0)`,
            label: 'Errors, % of requests',
            returnData: true,
          },
        ],
        comparisonOperator: 'GreaterThanThreshold',
        threshold: errors.percent,
        evaluationPeriods: 1,
        // No requests, no errors. If requests cannot arrive at all, other alarms fire.
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
        // 'ignore' would keep the alarm silent below 1,000 requests in a period. With fewer than 100, the 99th
        // percentile is the slowest response: the alarm then means a slow one in each of three periods, which is more
        // than one in a hundred. A single slow response is still no alarm.
        evaluateLowSampleCountPercentiles: 'evaluate',
        period: fiveMinutes,
        comparisonOperator: 'GreaterThanThreshold',
        threshold: slowSeconds,
        evaluationPeriods: 3,
        // No requests.
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
        // Reported per zone, and a zone may have no pods. The maximum is zero only if all zones have none.
        statistic: 'Maximum',
        period: 60,
        comparisonOperator: 'LessThanThreshold',
        threshold: 1,
        evaluationPeriods: 2,
        // A target group that never had a target reports nothing.
        treatMissingData: 'breaching',
      },
    },
  ];
}

/** Whether an application answers on the internet, as measured by a Route53 health check. */
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
      // No data means that the health check itself is gone.
      treatMissingData: 'breaching',
    },
  };
}

/** Errors that CloudFront returns, and errors that the load balancer generates itself. */
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
        threshold: errors.minimum,
        evaluationPeriods: 1,
        // Reported only when there were errors.
        treatMissingData: 'notBreaching',
      },
    },
  ];
}

/** Early warnings of the database. When it fails, the API is not ready and its alarm fires. */
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
      // A stopped database reports nothing: the alarm has insufficient data and is grey on the dashboard.
      treatMissingData: 'missing',
    },
  });
  return [
    // RDS autoscaling grows the volume below 10 % free. Below 5 % it did not, or has reached its maximum.
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

/** Rotations that failed. Secrets Manager repeats them, and the current logins stay valid meanwhile. */
export function ofDatabaseLogins(functionName: string): AlarmRule {
  return {
    team: 'infrastructure',
    kind: 'database-logins',
    metric: {
      namespace: 'AWS/Lambda',
      metricName: 'Errors',
      dimensions: { FunctionName: functionName },
      statistic: 'Sum',
      period: 3600,
      comparisonOperator: 'GreaterThanThreshold',
      threshold: 0,
      evaluationPeriods: 1,
      // Runs, and so reports, only once a month.
      treatMissingData: 'notBreaching',
    },
  };
}

/** A status page that is not written, because its function fails or is not called. */
export function ofStatusPage(functionName: string): AlarmRule {
  const count = (id: string, metricName: string) => ({
    id,
    metric: {
      namespace: 'AWS/Lambda',
      metricName,
      dimensions: { FunctionName: functionName },
      stat: 'Sum',
      period: fiveMinutes,
    },
  });
  return {
    team: 'infrastructure',
    kind: 'status-page',
    metric: {
      metricQuery: [
        count('runs', 'Invocations'),
        count('failures', 'Errors'),
        { id: 'written', expression: 'runs - failures', label: 'Successful runs', returnData: true },
      ],
      comparisonOperator: 'LessThanThreshold',
      threshold: 1,
      evaluationPeriods: 2,
      // No runs at all.
      treatMissingData: 'breaching',
    },
  };
}

/**
 * Pods that Kubernetes could not create, because the load balancer controller did not answer its webhook. Nothing else
 * in the cluster refuses pods in this way. EKS reports it free of charge:
 * https://docs.aws.amazon.com/eks/latest/userguide/cloudwatch.html
 */
export function ofController(clusterName: string): AlarmRule {
  return {
    team: 'infrastructure',
    kind: 'controller-away',
    metric: {
      namespace: 'AWS/EKS',
      metricName: 'apiserver_admission_webhook_rejection_count_ADMIT',
      dimensions: { ClusterName: clusterName },
      statistic: 'Sum',
      period: fiveMinutes,
      // Kubernetes tries a dozen times in the first minute, and then ever less often.
      comparisonOperator: 'GreaterThanOrEqualToThreshold',
      threshold: 5,
      evaluationPeriods: 1,
      // No new pods, no refusals.
      treatMissingData: 'notBreaching',
    },
  };
}

/**
 * Missing nodes. CloudWatch knows whether a node is Ready only with Container Insights, which costs extra. SigNoz shows
 * it, and EKS replaces a node that stays NotReady (node auto repair).
 */
export function ofNodes(
  groups: { readonly spot: string; readonly base: string | undefined; readonly storage: string },
  choices: Pick<ClusterChoices, 'baseNodes' | 'nodes' | 'storageNodes'>,
): AlarmRule[] {
  const watch = (kind: AlarmKind, autoScalingGroup: string, minimum: number): AlarmRule => ({
    team: 'infrastructure',
    kind,
    metric: {
      namespace: 'AWS/EC2',
      // Each running instance reports once a minute, so the number of samples is the number of instances.
      // GroupInServiceInstances would have to be enabled on the group, which EKS creates without an option for it.
      metricName: 'StatusCheckFailed',
      dimensions: { AutoScalingGroupName: autoScalingGroup },
      statistic: 'SampleCount',
      period: 60,
      comparisonOperator: 'LessThanThreshold',
      threshold: minimum,
      // An interrupted spot node is replaced within minutes.
      evaluationPeriods: 10,
      // Without instances nothing is reported.
      treatMissingData: 'breaching',
    },
  });
  return [
    watch('nodes-missing', groups.spot, choices.nodes.minimum),
    ...(groups.base && choices.baseNodes ? [watch('base-node-missing', groups.base, choices.baseNodes.minimum)] : []),
    watch('storage-node-missing', groups.storage, choices.storageNodes.minimum),
  ];
}

/** NAT instances that are not in service: gone, or not forwarding because their script failed. */
export const ofNat = (autoScalingGroups: readonly string[]): AlarmRule[] =>
  autoScalingGroups.map((autoScalingGroup, index) => ({
    team: 'infrastructure',
    kind: 'nat-missing',
    subject: `nat-${index + 1}`,
    metric: {
      namespace: 'AWS/AutoScaling',
      metricName: 'GroupInServiceInstances',
      dimensions: { AutoScalingGroupName: autoScalingGroup },
      statistic: 'Minimum',
      period: 60,
      comparisonOperator: 'LessThanThreshold',
      threshold: 1,
      // A replacement takes three to five minutes.
      evaluationPeriods: 10,
      // No data means that the group is gone.
      treatMissingData: 'breaching',
    },
  }));
