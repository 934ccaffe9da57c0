import { type Fault, value } from './fault.ts';

const rule = (schedule_expression: string) => ({ schedule_expression });
const event = (wrong: string, expression: string, right: string): Fault =>
  value('event-rule-schedule', wrong, 'aws_cloudwatch_event_rule', rule(expression), rule(right));
const scheduler = (wrong: string, expression: string, right: string): Fault =>
  value('scheduler-expression', wrong, 'aws_scheduler_schedule', rule(expression), rule(right));
const action = (wrong: string, recurrence: string, right: string): Fault =>
  value('autoscaling-schedule', wrong, 'aws_autoscaling_schedule', { recurrence }, { recurrence: right });

export const scheduleFaults: readonly Fault[] = [
  event('a cron expression of five fields for EventBridge', 'cron(0 12 * * ?)', 'cron(0 12 * * ? *)'),
  event('a cron expression without a question mark', 'cron(0 12 * * * *)', 'cron(0 12 ? * MON-FRI *)'),
  event('the 30th of February', 'cron(0 12 30 2 ? *)', 'cron(0 12 29 2 ? *)'),
  event('a past year', 'cron(0 12 1 1 ? 2020)', 'cron(0 12 L * ? *)'),
  event('the eighth day of the week', 'cron(0 12 ? * 8 *)', 'cron(0 12 ? * 6#3 *)'),
  event('minute 60', 'cron(60 12 * * ? *)', 'cron(0/15 8-18 1W JAN,JUL ? 2199)'),
  event('1 minutes', 'rate(1 minutes)', 'rate(1 minute)'),
  event('5 minute', 'rate(5 minute)', 'rate(5 minutes)'),
  value(
    'event-rule-schedule',
    'a rule without pattern and schedule',
    'aws_cloudwatch_event_rule',
    { event_pattern: null, schedule_expression: null },
    { event_pattern: '{"source":["aws.health"]}', schedule_expression: null },
  ),
  value(
    'event-pattern',
    'an event pattern with a field that is not a list',
    'aws_cloudwatch_event_rule',
    { event_pattern: '{"source":"aws.health"}' },
    { event_pattern: '{"source":["aws.health"],"detail":{"service":["EC2"]}}' },
  ),
  scheduler('the 31st of the short months', 'cron(0 20 31 4,6,9,11 ? *)', 'cron(0 20 31 4,6,9,12 ? *)'),
  scheduler('a time without seconds', 'at(2030-01-01T00:00)', 'at(2030-01-01T00:00:00)'),
  scheduler('a reversed range', 'cron(0 20-8 * * ? *)', 'cron(0 8-20 * * ? *)'),
  value(
    'scheduler-expression',
    'a time zone that does not exist',
    'aws_scheduler_schedule',
    { schedule_expression_timezone: 'America/Campinas' },
    { schedule_expression_timezone: 'America/Sao_Paulo' },
  ),
  value(
    'scheduler-window',
    'a flexible window without a length',
    'aws_scheduler_schedule',
    { flexible_time_window: [{ mode: 'FLEXIBLE' }] },
    { flexible_time_window: [{ mode: 'FLEXIBLE', maximum_window_in_minutes: 15 }] },
  ),
  action('a cron expression of six fields for Auto Scaling', '0 20 ? * MON-FRI *', '0 20 * * MON-FRI'),
  action('the 30th of February for Auto Scaling', '0 20 30 2 *', '0 20 30 2 1'),
  action('a question mark for Auto Scaling', '0 20 ? * 1-5', '0 20 1,15 */2 0-7'),
  value(
    'autoscaling-schedule',
    'a scheduled minimum above the maximum',
    'aws_autoscaling_schedule',
    { min_size: 3, desired_capacity: 3, max_size: 2 },
    { min_size: 3, desired_capacity: 3, max_size: -1 },
  ),
  value(
    'autoscaling-schedule',
    'a scheduled number of nodes above the maximum',
    'aws_autoscaling_schedule',
    { min_size: 0, desired_capacity: 1, max_size: 0 },
    { min_size: 0, desired_capacity: 0, max_size: 0 },
  ),
  value(
    'autoscaling-schedule',
    'a time zone abbreviation',
    'aws_autoscaling_schedule',
    { time_zone: 'BRT' },
    { time_zone: 'America/Sao_Paulo' },
  ),
  event('the 32nd of a month', 'cron(0 12 32 * ? *)', 'cron(0 12 31 * ? *)'),
  event('a cron expression with two question marks', 'cron(0 12 ? * ? *)', 'cron(0 12 ? * 1-7 *)'),
  event('hour 24', 'cron(0 24 * * ? *)', 'cron(0 23 * * ? *)'),
  event('month 13', 'cron(0 12 1 13 ? *)', 'cron(0 12 1 12 ? *)'),
  event('the year 2200', 'cron(0 12 1 1 ? 2200)', 'cron(0 12 1 1 ? 2199)'),
  event('a step of 0', 'cron(0/0 12 * * ? *)', 'cron(0/1 12 * * ? *)'),
  event('two slashes', 'cron(0/5/5 12 * * ? *)', 'cron(0/5 12 * * ? *)'),
  event('two hyphens', 'cron(0 1-2-3 * * ? *)', 'cron(0 1-2,3 * * ? *)'),
  event('every 0 minutes', 'rate(0 minutes)', 'rate(2 minutes)'),
  scheduler('every 0 minutes for the scheduler', 'rate(0 minutes)', 'rate(1 minutes)'),
  action('minute 60 for Auto Scaling', '60 20 * * *', '59 20 * * *'),
  action('the eighth day for Auto Scaling', '0 20 * * 8', '0 20 * * 7'),
];
