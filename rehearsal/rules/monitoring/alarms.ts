import type { Problem, Rule } from '../rule.ts';
import { valueRule } from '../rule.ts';
import { cloudWatch } from '../sources.ts';
import { number, numbers, text, texts } from '../values.ts';

const source = cloudWatch('PutMetricAlarm');
const code = 'ValidationError';
const day = 86_400;
/** p99.9, tm90, IQM, PR(10:20), … */
const extendedStatistic = /^(p|tm|tc|ts|wm)(100|\d{1,2}(\.\d{1,10})?)$|^IQM$|^(PR|TC|TM|TS|WM)\(.*:.*\)$/;

/** Periods are 10, 20 or 30 seconds, or whole minutes. */
const periods = valueRule({
  id: 'alarm-period',
  types: ['aws_cloudwatch_metric_alarm'],
  source,
  check: (after) =>
    ['period', 'metric_query.period', 'metric_query.metric.period']
      .flatMap((path) => numbers(after, path))
      .filter(({ value }) => ![10, 20, 30].includes(value) && (value % 60 !== 0 || value <= 0))
      .map(({ path, value }) => ({
        code,
        message: `Period must be 10, 20, 30 or a multiple of 60, not ${value}`,
        path,
      })),
});

/** The evaluation window is at most a day, or seven days with periods of an hour or more. */
const evaluation = valueRule({
  id: 'alarm-evaluation-window',
  types: ['aws_cloudwatch_metric_alarm'],
  source,
  check: (after) => {
    const count = number(after, 'evaluation_periods') ?? 1;
    const lengths = ['period', 'metric_query.period', 'metric_query.metric.period'].flatMap((path) =>
      numbers(after, path),
    );
    const longest = Math.max(0, ...lengths.map(({ value }) => value));
    const most = longest >= 3600 ? 7 * day : day;
    const message = `Metrics cannot be checked across more than ${most === day ? 'a day' : '7 days'} (EvaluationPeriods * Period must be <= ${most})`;
    return count * longest > most ? [{ code, message, path: 'evaluation_periods' }] : [];
  },
});

/** Datapoints to alarm are at most the evaluation periods. */
const datapoints = valueRule({
  id: 'alarm-datapoints',
  types: ['aws_cloudwatch_metric_alarm'],
  source,
  check: (after) => {
    const [asked, looked] = [number(after, 'datapoints_to_alarm'), number(after, 'evaluation_periods')];
    return asked !== undefined && looked !== undefined && asked > looked
      ? [
          {
            code,
            message: 'DatapointsToAlarm must be less than or equal to EvaluationPeriods',
            path: 'datapoints_to_alarm',
          },
        ]
      : [];
  },
});

/** A metric has a statistic or an extended statistic, not both. */
const statistic = valueRule({
  id: 'alarm-statistic',
  types: ['aws_cloudwatch_metric_alarm'],
  source,
  check: (after): Problem[] => {
    const given = (name: string) => after[name] !== undefined && after[name] !== null && after[name] !== '';
    if (!given('metric_name')) return [];
    const [plain, extended] = [given('statistic'), given('extended_statistic')];
    if (plain && extended) {
      return [{ code: 'InvalidParameterCombination', message: 'Statistic and ExtendedStatistic exclude each other' }];
    }
    if (!plain && !extended) {
      return [{ code, message: 'Statistic or ExtendedStatistic must be specified', path: 'statistic' }];
    }
    return texts(after, 'extended_statistic')
      .filter(({ value }) => value !== '' && !extendedStatistic.test(value))
      .map(({ path, value }) => ({
        code,
        message: `The value ${value} for ExtendedStatistic is not supported.`,
        path,
      }));
  },
});

/** Exactly one metric query returns data. */
const oneResult = valueRule({
  id: 'alarm-queries',
  types: ['aws_cloudwatch_metric_alarm'],
  source,
  check: (after) => {
    const queries = Array.isArray(after.metric_query) ? after.metric_query : [];
    if (queries.length === 0) return [];
    const results = queries.filter((query) => typeof query === 'object' && query?.return_data === true);
    return results.length === 1
      ? []
      : [
          {
            code,
            message: 'Exactly one element of the metrics list should return data.',
            path: 'metric_query',
          },
        ];
  },
});

/** A dashboard is JSON with a list of widgets. */
const dashboards = valueRule({
  id: 'dashboard-body',
  types: ['aws_cloudwatch_dashboard'],
  source: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html',
  check: (after) => {
    const body = text(after, 'dashboard_body');
    const wrong = body === undefined ? undefined : wrongBody(body);
    return wrong === undefined ? [] : [{ code: 'InvalidParameterInput', message: wrong, path: 'dashboard_body' }];
  },
});

export const alarmRules: readonly Rule[] = [periods, evaluation, datapoints, statistic, oneResult, dashboards];

function wrongBody(body: string): string | undefined {
  const message = 'The dashboard body is invalid, there are validation errors:';
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return `${message} it is no JSON`;
  }
  const widgets = (parsed as { widgets?: unknown } | null)?.widgets;
  if (!Array.isArray(widgets)) return `${message} it has no widgets`;
  if (widgets.length > 500) return `${message} ${widgets.length} widgets are more than 500`;
  const wide = widgets.find(({ x = 0, width = 6 }) => width < 1 || width > 24 || x < 0 || x > 23);
  return wide === undefined ? undefined : `${message} a widget is outside the 24 columns`;
}
