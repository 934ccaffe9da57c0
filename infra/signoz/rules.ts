import { paths } from 'contract';
import { type Application, infrastructureTeam } from 'platform';
import { mark, type Rule } from '../functions/signoz/src/definitions.ts';
import { channelOf } from './channels.ts';
import { burnRates, burns, objectives } from './objectives.ts';
import { describeRule, type RuleKind, ruleTexts, titleOf } from './rule-texts.ts';
import { apiMetrics, attributes, clusterMetrics, is, ofApplications, ofSignoz, select } from './telemetry.ts';

export interface RuleProps {
  readonly applications: readonly Pick<Application, 'name' | 'path' | 'team'>[];
  /** URL of the folder with the runbooks, without a trailing slash. */
  readonly runbooks: string;
}

interface Watched {
  readonly kind: RuleKind;
  /** The application, if there is a rule for each. Replaces the first word of the kind. */
  readonly subject?: string;
  readonly team: string;
  /** Page in docs/runbooks, without its extension. */
  readonly runbook: string;
  readonly severity: 'critical' | 'warning';
  /** PromQL. Any series that it returns is an alert. It must aggregate, or each series would be an alert of its own. */
  readonly query: string;
  /** How often it is evaluated. */
  readonly frequency?: string;
  /** Of the value, for SigNoz's texts. */
  readonly unit?: string;
}

/** Share of a volume above which there is time to enlarge it, from 0 to 1. */
const almostFull = 0.8;
/** Restarts of a container in 15 minutes. Kubernetes waits ever longer between them, so more would rarely be reached. */
const restarts = 3;

/** All rules of an environment. */
export function rulesOf({ applications, runbooks }: RuleProps): Rule[] {
  return watched(applications).map((rule) => toRule(rule, runbooks));
}

function watched(applications: RuleProps['applications']): Watched[] {
  // Of the application that adds numbers.
  const api = applications.find(({ path }) => path === paths.sum)?.team ?? infrastructureTeam;
  const nodeReady = select(clusterMetrics.nodeReady);
  const waiting = select(apiMetrics.waitingForConnection);
  return [
    ...objectives.flatMap((objective) =>
      burnRates.map(
        (rate): Watched => ({
          kind: `${objective.id}-${rate.id}`,
          team: api,
          runbook: objective.id === 'sum-fails' ? 'application-errors' : 'application-slow',
          severity: rate.severity,
          query: burns(objective, rate),
          frequency: rate.frequency,
          unit: 'percentunit',
        }),
      ),
    ),
    {
      kind: 'database-waits',
      team: api,
      runbook: 'database-connections',
      severity: 'critical',
      // At no moment of five minutes was there a free connection. A new pod has not been asked for so long.
      query: `max(min_over_time(${waiting}[5m]) and ${waiting} offset 4m) > 0`,
    },
    ...applications.map((application): Watched => {
      const of = select(clusterMetrics.restarts, [...ofApplications, is(attributes.container, application.name)]);
      return {
        kind: 'application-restarts',
        subject: application.name,
        team: application.team,
        runbook: 'application-down',
        severity: 'critical',
        query: `max(max_over_time(${of}[15m]) - min_over_time(${of}[15m])) >= ${restarts}`,
      };
    }),
    {
      kind: 'node-not-ready',
      team: infrastructureTeam,
      runbook: 'nodes-missing',
      severity: 'critical',
      // 1 is ready, 0 is not, -1 is unknown. EKS replaces a node that stays so. New nodes begin with 0, and nodes that are
      // replaced end with it: only one that was there before and is there now counts.
      query: `count((max_over_time(${nodeReady}[10m]) < 1) and ${nodeReady} offset 9m and ${nodeReady}) > 0`,
    },
    {
      kind: 'signoz-volume',
      team: infrastructureTeam,
      runbook: 'signoz',
      severity: 'warning',
      query: `max(${usedShare()}) > ${almostFull}`,
      frequency: '5m',
      unit: 'percentunit',
    },
    {
      kind: 'telemetry-missing',
      team: infrastructureTeam,
      runbook: 'signoz',
      severity: 'warning',
      // Only if the cluster was seen before: SigNoz itself may just have started, as in the morning.
      query:
        `absent_over_time(${select(apiMetrics.connectionLimit)}[15m]) and ` +
        `on() (count(${select(clusterMetrics.nodeReady)} offset 15m) > 0)`,
      frequency: '5m',
    },
  ];
}

/** PromQL: used share of each of SigNoz's volumes, ClickHouse's among them, from 0 to 1. */
export function usedShare(): string {
  const of = (metric: string) => `min by ("${attributes.claim}") (${select(metric, ofSignoz)})`;
  return `1 - ${of(clusterMetrics.volumeAvailable)} / ${of(clusterMetrics.volumeCapacity)}`;
}

/**
 * In the form of SigNoz's API. The comparison is in the query, so the threshold only asks whether there is a value.
 * https://github.com/SigNoz/signoz/blob/v0.131.0/pkg/apiserver/signozapiserver/ruler_examples.go
 */
function toRule(rule: Watched, runbooks: string): Rule {
  const { frequency = '1m', kind, query, runbook, severity, subject = '', team, unit } = rule;
  const text = ruleTexts[kind](subject);
  return {
    alert: titleOf(text),
    alertType: 'METRIC_BASED_ALERT',
    ruleType: 'promql_rule',
    version: 'v5',
    schemaVersion: 'v2alpha1',
    disabled: false,
    condition: {
      compositeQuery: {
        queryType: 'promql',
        panelType: 'graph',
        ...(unit && { unit }),
        queries: [{ type: 'promql', spec: { name: 'A', query } }],
      },
      selectedQueryName: 'A',
      thresholds: {
        kind: 'basic',
        spec: [{ name: severity, op: 'above', matchType: 'at_least_once', target: 0, channels: [channelOf(team)] }],
      },
    },
    // Only the latest value: the windows are in the query.
    evaluation: { kind: 'rolling', spec: { evalWindow: '1m', frequency } },
    notificationSettings: { renotify: { enabled: true, interval: '4h', alertStates: ['firing'] } },
    labels: { ...mark.rule, rule: subject ? kind.replace(/^[a-z]+/, subject) : kind, severity, team },
    annotations: {
      summary: titleOf(text),
      description: describeRule(text, team, `${runbooks}/${runbook}.md`, unit !== undefined),
    },
  };
}
