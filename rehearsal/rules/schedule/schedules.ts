import { sizesInDisorder } from '../compute/node-groups.ts';
import type { Problem, Rule } from '../rule.ts';
import { valueRule } from '../rule.ts';
import { blocks, text, texts } from '../values.ts';
import { wrongAwsCron, wrongCrontab } from './cron.ts';

/** EventBridge rules have a `cron(…)` or `rate(…)` expression. A rate of 1 has a singular unit, others a plural one. */
const eventRules = valueRule({
  id: 'event-rule-schedule',
  types: ['aws_cloudwatch_event_rule'],
  source: 'https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html',
  check: (after) => {
    const problems = texts(after, 'schedule_expression').flatMap(({ path, value }): Problem[] => {
      const [, amount, unit] = /^rate\((\d+) (minutes?|hours?|days?)\)$/.exec(value) ?? [];
      const isRate = amount !== undefined && Number(amount) > 0 && (Number(amount) === 1) === !unit?.endsWith('s');
      const wrong = isRate ? undefined : wrongCron(value);
      const message = `Parameter ScheduleExpression is not valid. ${value} ${wrong}`;
      return wrong === undefined ? [] : [{ code: 'ValidationException', message, path }];
    });
    const isNone = !given(after.schedule_expression) && !given(after.event_pattern);
    const message = 'Parameter(s) EventPattern or ScheduleExpression must be specified.';
    return isNone ? [{ code: 'ValidationException', message }] : problems;
  },
});

/** Event patterns are JSON objects whose fields are non-empty lists. */
const eventPatterns = valueRule({
  id: 'event-pattern',
  types: ['aws_cloudwatch_event_rule'],
  source: 'https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html',
  check: (after) => {
    const pattern = text(after, 'event_pattern');
    const wrong = pattern === undefined ? undefined : wrongPattern(pattern);
    const message = `Event pattern is not valid. Reason: ${wrong}`;
    return wrong === undefined ? [] : [{ code: 'InvalidEventPatternException', message, path: 'event_pattern' }];
  },
});

/** EventBridge Scheduler has `at(…)`, `rate(…)` or `cron(…)` expressions in an IANA time zone. */
const schedules = valueRule({
  id: 'scheduler-expression',
  types: ['aws_scheduler_schedule'],
  source: 'https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html',
  check: (after) => [
    ...texts(after, 'schedule_expression').flatMap(({ path, value }): Problem[] => {
      const isOther =
        /^rate\([1-9]\d* (minutes?|hours?|days?)\)$/.test(value) ||
        /^at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\)$/.test(value);
      const wrong = isOther ? undefined : wrongCron(value);
      const message = `Invalid Schedule Expression ${value}. It ${wrong}`;
      return wrong === undefined ? [] : [{ code: 'ValidationException', message, path }];
    }),
    ...texts(after, 'schedule_expression_timezone')
      .filter(({ value }) => !isZone(value))
      .map(({ path, value }) => ({
        code: 'ValidationException',
        message: `The time zone ${value} is not a valid IANA time zone`,
        path,
      })),
  ],
});

/** Only a flexible time window has a length. */
const windows = valueRule({
  id: 'scheduler-window',
  types: ['aws_scheduler_schedule'],
  source: 'https://docs.aws.amazon.com/scheduler/latest/APIReference/API_FlexibleTimeWindow.html',
  check: (after) =>
    blocks(after, 'flexible_time_window').flatMap(({ path, value }) => {
      const mode = text(value, 'mode');
      const hasLength = given(value.maximum_window_in_minutes);
      const problem = (message: string) => [
        { code: 'ValidationException', message, path: `${path}.maximum_window_in_minutes` },
      ];
      if (mode === 'FLEXIBLE' && !hasLength) return problem('A flexible window needs a length');
      return mode === 'OFF' && hasLength ? problem('A window that is OFF has no length') : [];
    }),
});

/** Scheduled actions of Auto Scaling have a five-field cron expression, and sizes in order. */
const actions = valueRule({
  id: 'autoscaling-schedule',
  types: ['aws_autoscaling_schedule'],
  source: 'https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutScheduledUpdateGroupAction.html',
  check: (after) => [
    ...texts(after, 'recurrence').flatMap(({ path, value }): Problem[] => {
      const wrong = wrongCrontab(value);
      const message = `Given recurrence string: ${value} is invalid: it ${wrong}`;
      return wrong === undefined ? [] : [{ code: 'ValidationError', message, path }];
    }),
    ...texts(after, 'time_zone')
      .filter(({ value }) => !isZone(value))
      .map(({ path, value }) => ({ code: 'ValidationError', message: `Invalid time zone: ${value}`, path })),
    ...sizesInDisorder(after),
  ],
});

export const scheduleRules: readonly Rule[] = [eventRules, eventPatterns, schedules, windows, actions];

function wrongCron(expression: string): string | undefined {
  const [, fields] = /^cron\((.*)\)$/.exec(expression) ?? [];
  return fields === undefined
    ? 'is neither a rate nor a cron expression'
    : wrongAwsCron(fields, new Date().getUTCFullYear());
}

function wrongPattern(pattern: string): string | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(pattern);
  } catch {
    return 'it is no JSON';
  }
  const isField = (value: unknown): boolean =>
    Array.isArray(value)
      ? value.length > 0
      : typeof value === 'object' && value !== null && Object.values(value).every(isField);
  const isPattern = !Array.isArray(parsed) && isField(parsed) && Object.keys(parsed as object).length > 0;
  return isPattern ? undefined : 'fields must be non-empty arrays or objects';
}

const given = (value: unknown): boolean => value !== undefined && value !== null && value !== '';

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
