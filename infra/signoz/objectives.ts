/**
 * Service level objectives of the sum, and when to alert. docs/slo.md says why.
 *
 * The windows and burn rates are those that Google recommends, for any objective over 30 days:
 * https://sre.google/workbook/alerting-on-slos/ ("Multiwindow, Multi-Burn-Rate Alerts")
 */
import { paths, slow } from 'contract';
import { apiMetrics, type Condition, doesNotMatch, is, labels, matches, selectPart } from './telemetry.ts';

export interface Objective {
  /** First part of the names of its rules. */
  readonly id: 'sum-fails' | 'sum-slow';
  /** Share of sums that must be good, from 0 to 1. */
  readonly target: number;
  /** PromQL: number of sums that count, in a window such as `5m`. */
  readonly all: (window: string) => string;
  /** PromQL: how many of them were bad. No series if none was. */
  readonly bad: (window: string) => string;
}

/** Days that the error budget is for. SigNoz keeps fewer, so what is left of a budget cannot be asked of it. */
export const budgetDays = 30;

/** Requests for a sum. The API's own path answers GET too, for people who look whether it runs. */
export const sums: readonly Condition[] = [is(labels.method, 'POST'), is(labels.route, paths.sum)];
export const failed: Condition = matches(labels.status, '5..');
const answered: Condition = doesNotMatch(labels.status, '5..');
/** Limit of a bucket of the histogram, in seconds. */
const fast: Condition = is('le', String(slow / 1_000));

const count = (conditions: readonly Condition[], window: string) =>
  `sum(increase(${selectPart(apiMetrics.requests, 'count', conditions)}[${window}]))`;

export const sumFails: Objective = {
  id: 'sum-fails',
  target: 0.995,
  all: (window) => count(sums, window),
  // Answers with 5xx. A person's mistake (4xx) is no failure of ours.
  bad: (window) => count([...sums, failed], window),
};

export const sumSlow: Objective = {
  id: 'sum-slow',
  target: 0.99,
  // Failed sums count above, and not twice.
  all: (window) => count([...sums, answered], window),
  bad: (window) =>
    `(${count([...sums, answered], window)} - ` +
    `sum(increase(${selectPart(apiMetrics.requests, 'bucket', [...sums, answered, fast])}[${window}])))`,
};

export const objectives: readonly Objective[] = [sumFails, sumSlow];

export interface BurnRate {
  /** Last part of the names of its rules. */
  readonly id: 'now' | 'today' | 'often';
  /** The budget is spent this many times as fast as in 30 days. */
  readonly factor: number;
  /** Long enough that an alert means something. */
  readonly long: string;
  /** Short enough that the alert ends when the failure does: a twelfth of the long one. */
  readonly short: string;
  /** How often the rule is evaluated. */
  readonly frequency: string;
  readonly severity: 'critical' | 'warning';
}

export const burnRates: readonly BurnRate[] = [
  { id: 'now', factor: 14.4, long: '1h', short: '5m', frequency: '1m', severity: 'critical' },
  { id: 'today', factor: 6, long: '6h', short: '30m', frequency: '5m', severity: 'critical' },
  { id: 'often', factor: 1, long: '3d', short: '6h', frequency: '1h', severity: 'warning' },
];

/** Bad sums without which there is no alert: one in three at night is no outage. The CloudWatch alarms have the same. */
export const minimumBad = 5;

/** Share of bad sums above which a burn rate is exceeded, from 0 to 1. */
export const threshold = ({ target }: Objective, { factor }: BurnRate): number =>
  Number((factor * (1 - target)).toPrecision(6));

/** PromQL: share of bad sums in a window, from 0 to 1. No series if there was no sum, or no bad one. */
export const badShare = ({ all, bad }: Objective, window: string): string => `${bad(window)} / ${all(window)}`;

/** PromQL: the share of bad sums in the long window, if the burn rate is exceeded in both windows; else no series. */
export function burns(objective: Objective, rate: BurnRate): string {
  const limit = threshold(objective, rate);
  return [
    `(${badShare(objective, rate.long)} > ${limit})`,
    `(${badShare(objective, rate.short)} > ${limit})`,
    `(${objective.bad(rate.long)} >= ${minimumBad})`,
  ].join(' and ');
}
