/**
 * Panels of SigNoz's dashboards, in the form of version v5 of its page:
 * https://github.com/SigNoz/signoz/blob/v0.131.0/frontend/src/types/api/dashboard/getAll.ts
 */
import { createHash } from 'node:crypto';
import type { Text } from 'command-line';
import { onOneLine } from '../constructs/alerting/alarm-texts.ts';
import { type Dashboard, dashboardTag, mark } from '../functions/signoz/src/definitions.ts';

/** A line of text over the panels below it. */
interface Heading {
  readonly kind: 'heading';
  readonly title: Text;
}

/** Lines over time. */
interface Graph {
  readonly kind: 'graph';
  readonly title: Text;
  /** What the figure means, for readers without technical knowledge. */
  readonly about: Text;
  /** PromQL, with a legend. `{{label}}` in it is replaced by the label's value. */
  readonly lines: readonly { readonly query: string; readonly legend: string }[];
  readonly unit?: string;
  /** A red line, above which it is bad, or below which. */
  readonly limit?: { readonly value: number; readonly isMinimum?: true };
}

/** One number, red where it is bad. It is asked of SigNoz's query builder: PromQL has no single number there. */
interface Figure {
  readonly kind: 'figure';
  readonly title: Text;
  readonly about: Text;
  readonly counts: readonly Count[];
  /** From the counts, which are A, B and so on. */
  readonly formula: string;
  readonly unit?: string;
  readonly limit?: { readonly value: number; readonly isMinimum?: true };
}

/** The increase of a counter in the last hour. */
interface Count {
  readonly metric: string;
  /** In the language of the query builder. */
  readonly filter: string;
}

export type Panel = Heading | Graph | Figure;

export interface DashboardProps {
  /** Never changes: the identity of the dashboard. */
  readonly id: string;
  readonly title: Text;
  readonly about: Text;
  readonly panels: readonly Panel[];
}

/** Of SigNoz's grid. */
const fullWidth = 12;
const sizes = { heading: { w: fullWidth, h: 1 }, graph: { w: 6, h: 6 }, figure: { w: 3, h: 3 } } as const;

export function toDashboard({ about, id, panels, title }: DashboardProps): Dashboard {
  const widgets = panels.map((panel) => ({ id: idOf(`${id} ${panel.title.en}`), panel }));
  return {
    title: onOneLine(title),
    description: onOneLine(about),
    tags: [mark.dashboard, dashboardTag(id)],
    version: 'v5',
    variables: {},
    widgets: widgets.map((widget) => toWidget(widget.id, widget.panel)),
    layout: layoutOf(widgets),
  };
}

/** Side by side, as many as fit. Another kind of panel begins a new line. */
function layoutOf(widgets: readonly { readonly id: string; readonly panel: Panel }[]): object[] {
  let [x, y, height] = [0, 0, 0];
  return widgets.map(({ id, panel }) => {
    const { h, w } = sizes[panel.kind];
    if (x + w > fullWidth || h !== height) {
      y += height;
      x = 0;
    }
    const place = { i: id, x, y, w, h, moved: false, static: false };
    x += w;
    height = h;
    return place;
  });
}

function toWidget(id: string, panel: Panel): object {
  if (panel.kind === 'heading') {
    return { id, panelTypes: 'row', title: onOneLine(panel.title), description: '' };
  }
  const { about, limit, title, unit = 'none' } = panel;
  return {
    id,
    panelTypes: panel.kind === 'graph' ? 'graph' : 'value',
    title: onOneLine(title),
    description: onOneLine(about),
    yAxisUnit: unit,
    opacity: '1',
    nullZeroValues: 'zero',
    timePreferance: panel.kind === 'graph' ? 'GLOBAL_TIME' : 'LAST_1_HR',
    fillSpans: false,
    softMin: panel.kind === 'graph' ? 0 : null,
    softMax: null,
    selectedLogFields: [],
    selectedTracesFields: [],
    thresholds: limit ? [toThreshold(id, limit, unit, panel.kind)] : [],
    query: panel.kind === 'graph' ? graphQuery(id, panel) : figureQuery(id, panel),
  };
}

function toThreshold(
  id: string,
  { isMinimum, value }: NonNullable<Graph['limit']>,
  unit: string,
  kind: 'figure' | 'graph',
): object {
  return {
    index: idOf(`${id} limit`),
    keyIndex: 0,
    isEditEnabled: false,
    selectedGraph: kind === 'graph' ? 'graph' : 'value',
    thresholdOperator: isMinimum ? '<' : '>',
    thresholdValue: value,
    thresholdUnit: unit,
    thresholdColor: 'Red',
    thresholdFormat: 'Text',
    thresholdLabel: '',
  };
}

const nameOf = (index: number) => String.fromCharCode('A'.charCodeAt(0) + index);

function graphQuery(id: string, { lines }: Graph): object {
  return {
    id: idOf(`${id} query`),
    queryType: 'promql',
    promql: lines.map(({ legend, query }, index) => ({ name: nameOf(index), query, legend, disabled: false })),
    clickhouse_sql: [],
    builder: { queryData: [], queryFormulas: [], queryTraceOperator: [] },
  };
}

function figureQuery(id: string, { counts, formula }: Figure): object {
  return {
    id: idOf(`${id} query`),
    queryType: 'builder',
    promql: [],
    clickhouse_sql: [],
    builder: {
      queryData: counts.map(({ filter, metric }, index) => ({
        queryName: nameOf(index),
        expression: nameOf(index),
        dataSource: 'metrics',
        aggregations: [
          {
            metricName: metric,
            timeAggregation: 'increase',
            spaceAggregation: 'sum',
            reduceTo: 'sum',
            temporality: null,
          },
        ],
        filter: { expression: filter },
        groupBy: [],
        having: { expression: '' },
        orderBy: [],
        limit: null,
        stepInterval: 60,
        legend: '',
        disabled: true,
      })),
      queryFormulas: [{ queryName: 'F1', expression: formula, legend: '', disabled: false }],
      queryTraceOperator: [],
    },
  };
}

/** The same text gives the same id, so that a dashboard that did not change is left alone. In the form of a UUID. */
function idOf(text: string): string {
  const digits = createHash('sha256').update(text).digest('hex');
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    digits.slice(12, 16),
    digits.slice(16, 20),
    digits.slice(20, 32),
  ].join('-');
}
