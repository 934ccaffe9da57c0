/**
 * Evaluates a CloudWatch alarm over a recorded metric, as CloudWatch documents it:
 *
 * - periods, evaluation range and missing data: "Configuring how CloudWatch alarms treat missing data" and "Avoiding
 *   premature transitions to alarm state" (CloudWatch User Guide, alarms-and-missing-data). AWS does not state the size
 *   of the evaluation range. Its examples retrieve two periods more than it evaluates, and so does this.
 * - percentiles with few samples: "Percentile-based alarms and low data samples" (percentiles-with-low-samples). They
 *   are evaluated like any other.
 * - expressions: "Using math expressions" (using-metric-math): a point exists only where its operands do.
 *
 * What no alarm has is refused: "M out of N", missing data and percentiles of few samples as "ignore", and functions
 * other than IF and FILL.
 */
import type { Block } from './terraform.ts';

export type State = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
/** For each minute the samples that were reported. Empty if there were none. */
export type Samples = readonly (readonly number[])[];
type Point = number | undefined;

/** How many periods CloudWatch retrieves beyond those that it evaluates. */
const extraPeriods = 2;

/**
 * The alarm's state at the end of each of its periods. Before the first there is no data.
 * @param recorded samples by the metric's name
 */
export function states(alarm: Block, recorded: Readonly<Record<string, Samples>>): State[] {
  const { evaluation_periods: wanted, treat_missing_data: treatment = 'missing' } = alarm;
  if (alarm.datapoints_to_alarm !== undefined) throw new Error('"M out of N" alarms are not supported');
  if (treatment === 'ignore') throw new Error('Missing data as "ignore" is not supported');
  if (alarm.evaluate_low_sample_count_percentiles === 'ignore') throw new Error('Silent while there are few samples');
  const points = pointsOf(alarm, recorded);
  let state: State = 'INSUFFICIENT_DATA';
  return points.map((_, index) => {
    const range = points.slice(Math.max(0, index + 1 - wanted - extraPeriods), index + 1);
    const existing = range.filter((point) => point !== undefined);
    const evaluated = existing.slice(-wanted).map((point) => breaches(alarm, point));
    const missing = wanted - evaluated.length;
    if (evaluated.includes(false)) state = 'OK';
    else if (missing === 0) state = 'ALARM';
    else if (treatment === 'breaching') state = 'ALARM';
    else if (treatment === 'notBreaching') state = 'OK';
    else if (existing.length > 0) {
      // Only breaching points, and too few of them: they count if the oldest is as old as the required number.
      const age = range.length - range.findIndex((point) => point !== undefined);
      if (age >= wanted) state = 'ALARM';
    } else if (treatment === 'missing') state = 'INSUFFICIENT_DATA';
    return state;
  });
}

function pointsOf(alarm: Block, recorded: Readonly<Record<string, Samples>>): Point[] {
  const queries: Block[] = alarm.metric_query ?? [];
  const read = (name: string, period: number, statistic: string) => {
    const samples = recorded[name];
    if (!samples) throw new Error(`${alarm.alarm_name} reads ${name}, which was not recorded`);
    return groups(samples, period / 60).map((group) => aggregate(group, statistic));
  };
  const result = queries.find(({ return_data }) => return_data);
  if (!result) {
    const { extended_statistic, metric_name, period, statistic } = alarm;
    return read(metric_name, period, extended_statistic ?? statistic);
  }
  const metrics = new Map(
    queries.flatMap(({ id, metric }) => (metric ? [[id, read(metric.metric_name, metric.period, metric.stat)]] : [])),
  );
  const [first = []] = metrics.values();
  return first.map((_, index) =>
    calculate(result.expression, (id) => {
      const series = metrics.get(id);
      if (!series) throw new Error(`${result.expression} refers to no metric ${id}`);
      return series[index];
    }),
  );
}

const groups = (samples: Samples, minutes: number): number[][] =>
  Array.from({ length: Math.floor(samples.length / minutes) }, (_, index) =>
    samples.slice(index * minutes, (index + 1) * minutes).flat(),
  );

function aggregate(samples: readonly number[], statistic: string): Point {
  if (samples.length === 0) return undefined;
  const sum = samples.reduce((total, sample) => total + sample, 0);
  if (statistic === 'SampleCount') return samples.length;
  if (statistic === 'Sum') return sum;
  if (statistic === 'Average') return sum / samples.length;
  const sorted = samples.toSorted((one, other) => one - other);
  if (statistic === 'Minimum') return sorted[0];
  if (statistic === 'Maximum') return sorted.at(-1);
  const [, percentile] = /^p(\d+)$/.exec(statistic) ?? [];
  if (percentile === undefined) throw new Error(`The statistic ${statistic} is not supported`);
  return sorted[Math.ceil((Number(percentile) / 100) * sorted.length) - 1];
}

function breaches({ comparison_operator: operator, threshold }: Block, value: number): boolean {
  const compare = comparisons[operator.replace('Threshold', '')];
  if (!compare) throw new Error(`The operator ${operator} is not supported`);
  return compare(value, threshold);
}

const comparisons: Readonly<Record<string, (one: number, other: number) => boolean>> = {
  GreaterThan: (one, other) => one > other,
  GreaterThanOrEqualTo: (one, other) => one >= other,
  LessThan: (one, other) => one < other,
  LessThanOrEqualTo: (one, other) => one <= other,
};

const operators: Readonly<Record<string, (one: number, other: number) => Point>> = {
  '>=': (one, other) => Number(one >= other),
  '<=': (one, other) => Number(one <= other),
  '>': (one, other) => Number(one > other),
  '<': (one, other) => Number(one < other),
  '+': (one, other) => one + other,
  '-': (one, other) => one - other,
  '*': (one, other) => one * other,
  '/': (one, other) => (other === 0 ? undefined : one / other),
};
/** Operators by precedence, the weakest first. */
const levels = [
  ['>=', '<=', '>', '<'],
  ['+', '-'],
  ['*', '/'],
];

/** The expression's value at one point in time. */
function calculate(expression: string, metric: (id: string) => Point): Point {
  const tokens = expression.match(/[a-zA-Z]\w*|[\d.]+|>=|<=|[<>+\-*/(),]/g) ?? [];
  const take = () => tokens.shift() ?? '';
  const expectToken = (wanted: string) => {
    const found = take();
    if (found !== wanted) throw new Error(`${expression}: "${found}" instead of "${wanted}"`);
  };
  const term = (): Point => {
    const token = take();
    if (/^[\d.]/.test(token)) return Number(token);
    if (token === '(') {
      const value = binary(0);
      expectToken(')');
      return value;
    }
    if (token !== 'IF' && token !== 'FILL') return metric(token);
    expectToken('(');
    const values = [binary(0)];
    while (tokens[0] === ',') {
      take();
      values.push(binary(0));
    }
    expectToken(')');
    const [first, second, third] = values;
    if (token === 'FILL') return first ?? second;
    if (first === undefined) return undefined;
    return first === 0 ? third : second;
  };
  const binary = (level: number): Point => {
    const own = levels[level];
    if (!own) return term();
    let left = binary(level + 1);
    while (own.includes(tokens[0] ?? '')) {
      const operator = operators[take()];
      const right = binary(level + 1);
      left = left === undefined || right === undefined ? undefined : operator?.(left, right);
    }
    return left;
  };
  const value = binary(0);
  if (tokens.length > 0) throw new Error(`${expression}: "${tokens.join(' ')}" was not understood`);
  return value;
}
