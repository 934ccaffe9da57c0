import { type Fault, value } from './fault.ts';

const type = 'aws_cloudwatch_metric_alarm';
const metric = { metric_name: 'CPUUtilization', namespace: 'AWS/RDS', statistic: 'Average' };
const query = (id: string, return_data: boolean) => ({ id, return_data, expression: 'a + b' });
const dashboard = (...widgets: object[]) => ({ dashboard_body: JSON.stringify({ widgets }) });

export const monitoringFaults: readonly Fault[] = [
  value('alarm-period', 'a period of 90 seconds', type, { ...metric, period: 90 }, { ...metric, period: 120 }),
  value(
    'alarm-period',
    'a period of 15 seconds in a metric query',
    type,
    { metric_query: [{ id: 'a', return_data: true, metric: [{ metric_name: 'x', namespace: 'y', period: 15 }] }] },
    { metric_query: [{ id: 'a', return_data: true, metric: [{ metric_name: 'x', namespace: 'y', period: 30 }] }] },
  ),
  value(
    'alarm-evaluation-window',
    'periods of five minutes over more than a day',
    type,
    { ...metric, period: 300, evaluation_periods: 289 },
    { ...metric, period: 300, evaluation_periods: 288 },
  ),
  value(
    'alarm-evaluation-window',
    'periods of an hour over more than a week',
    type,
    { ...metric, period: 3600, evaluation_periods: 169 },
    { ...metric, period: 3600, evaluation_periods: 168 },
  ),
  value(
    'alarm-datapoints',
    'four datapoints of three periods',
    type,
    { ...metric, datapoints_to_alarm: 4, evaluation_periods: 3 },
    { ...metric, datapoints_to_alarm: 3, evaluation_periods: 3 },
  ),
  value('alarm-statistic', 'a metric without a statistic', type, { ...metric, statistic: null }, metric),
  value(
    'alarm-statistic',
    'the 101st percentile',
    type,
    { ...metric, statistic: null, extended_statistic: 'p101' },
    { ...metric, statistic: null, extended_statistic: 'p99.9' },
  ),
  value(
    'alarm-statistic',
    'a statistic and an extended statistic',
    type,
    { ...metric, extended_statistic: 'p99' },
    { ...metric, extended_statistic: '' },
  ),
  value(
    'alarm-queries',
    'two metric queries that return data',
    type,
    { metric_query: [query('a', true), query('b', true)] },
    { metric_query: [query('a', true), query('b', false)] },
  ),
  value(
    'dashboard-body',
    'a dashboard that is not JSON',
    'aws_cloudwatch_dashboard',
    { dashboard_body: '{' },
    dashboard(),
  ),
  value(
    'dashboard-body',
    'a widget of 25 columns',
    'aws_cloudwatch_dashboard',
    dashboard({ width: 25 }),
    dashboard({ width: 24 }),
  ),
  value(
    'dashboard-body',
    '501 widgets',
    'aws_cloudwatch_dashboard',
    dashboard(...Array.from({ length: 501 }, () => ({}))),
    dashboard(...Array.from({ length: 500 }, () => ({}))),
  ),
  value(
    'dashboard-body',
    'a widget in column 24',
    'aws_cloudwatch_dashboard',
    dashboard({ x: 24 }),
    dashboard({ x: 23 }),
  ),
  value('alarm-period', 'a period of 11 seconds', type, { ...metric, period: 11 }, { ...metric, period: 10 }),
];
