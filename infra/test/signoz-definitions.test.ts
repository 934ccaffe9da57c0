/** The definitions themselves. How they reach SigNoz is tested in `functions/signoz`. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { paths } from 'contract';
import { applications } from 'platform/applications';
import { stringify } from 'yaml';
import { startApi, untilReady } from '../../apps/calculadora-api/test/support/api.ts';
import { teamName } from '../constructs/alerting/alarm-texts.ts';
import { definitionsOf } from '../signoz/definitions.ts';
import { budgetDays, burnRates, objectives, threshold } from '../signoz/objectives.ts';
import { type Panel, toDashboard } from '../signoz/panels.ts';
import { apiMetrics, clusterMetrics } from '../signoz/telemetry.ts';

const teams = ['api', 'site', 'infrastructure'];
const { channels, dashboards, rules } = definitionsOf({
  prefix: 'desafio-aws-prd',
  region: 'sa-east-1',
  topics: Object.fromEntries(teams.map((team) => [team, `arn:aws:sns:sa-east-1:111122223333:desafio-aws-prd-${team}`])),
  applications,
  teams,
  addresses: { api: ['api@example.com', 'other@example.com'], site: ['site@example.com'] },
  runbooks: 'https://example.com/runbooks',
});
/** Everything as text, with the quotes of the queries. */
const queries = [...rules, ...dashboards]
  .flatMap((one) => JSON.stringify(one).match(/"query":"(?:\\.|[^"\\])+"/g) ?? [])
  .map((text) => JSON.parse(`{${text}}`).query as string);
const builder = dashboards.flatMap(({ widgets }) =>
  (widgets as { query?: { builder: { queryData: { aggregations: { metricName: string }[]; filter: object }[] } } }[])
    .flatMap(({ query }) => query?.builder.queryData ?? [])
    .map(({ aggregations, filter }) => ({ metric: aggregations[0]?.metricName ?? '', filter: JSON.stringify(filter) })),
);

/** Metrics with the conditions on them, from PromQL. */
const selectors = queries.flatMap((query) =>
  [...query.matchAll(/\{"([\w.]+)"((?:, "[\w.]+"(?:=|!=|=~|!~)"[^"]*")*)\}/g)].map(([, metric = '', rest = '']) => ({
    metric,
    conditions: [...rest.matchAll(/"([\w.]+)"(=|!=|=~|!~)"([^"]*)"/g)].map(
      ([, label = '', operator = '', value = '']) => ({
        label,
        operator,
        value,
      }),
    ),
  })),
);

test('each query of a panel has a name of its own, without which SigNoz shows a single one', () => {
  type Queries = Readonly<Record<'promql' | 'queryData', readonly { name?: string; queryName?: string }[]>>;
  const named = dashboards.flatMap(({ widgets }) =>
    (widgets as { query?: { promql: Queries['promql']; builder: Queries } }[])
      .flatMap(({ query }) => (query ? [query.promql, query.builder.queryData] : []))
      .map((each) => each.map(({ name, queryName }) => name ?? queryName).join('')),
  );
  for (const names of named) expect('ABCDEFGH'.slice(0, names.length)).toBe(names);
  expect(named.filter((names) => names.length > 1).length).toBeGreaterThan(3);
});

test('there are queries, and each selector in them is understood here', () => {
  expect(queries.length).toBeGreaterThan(40);
  expect(builder.length).toBeGreaterThan(4);
  expect(selectors).toHaveLength(queries.join('').split('{').length - 1);
});

/** SigNoz stores a query that it cannot parse, and such a rule never fires. */
test('each query closes what it opens, and has no operator or comma without something behind it', () => {
  for (const query of queries) {
    const rest = query.replace(/"[^"]*"/g, 'x');
    let inner = rest;
    for (let before = ''; before !== inner; ) {
      before = inner;
      inner = inner.replace(/\([^()[\]{}]*\)|\[[^()[\]{}]*\]|\{[^()[\]{}]*\}/g, 'x');
    }
    expect([query, inner]).toEqual([query, expect.not.stringMatching(/[()[\]{}"]/)]);
    expect([query, rest]).toEqual([
      query,
      expect.not.stringMatching(/(?:[-+*/<>=,]|\b(?:and|or|by|on))\s*(?:[),\]}]|$)/),
    ]);
  }
});

describe('what the API measures', () => {
  const folder = mkdtempSync(join(tmpdir(), 'signoz-'));
  /** Values of each label, by metric. */
  const sent = new Map<string, Map<string, Set<string>>>();
  beforeAll(async () => {
    const api = await startApi({
      DB_FILE: join(folder, 'database.sqlite'),
      // Nothing listens there. Without it, the API counts no traces.
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
    });
    await untilReady(api);
    const post = (path: string, body: object) =>
      fetch(api.url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', connection: 'close' },
        body: JSON.stringify(body),
      });
    const sum = await post(paths.sum, { nome: 'Wander', operador1: 20, operador2: 22 });
    expect(await sum.json()).toEqual({ resultado: 42 });
    const visit = {
      traceId: 'a'.repeat(32),
      spanId: 'b'.repeat(16),
      start: 0,
      duration: 20,
    };
    const outcomes = ['ok', 'offline', 'refused'].map((outcome) => ({ ...visit, outcome }));
    const reported = await post(paths.visits, {
      time: 10_000,
      load: 400,
      sums: [...outcomes, { ...visit, duration: 2_000, outcome: 'ok' }],
    });
    expect(reported.status).toBe(204);
    const text = await (await fetch(api.url + paths.metrics, { headers: { connection: 'close' } })).text();
    for (const [, name = '', of = ''] of text.matchAll(/^(\w+)(?:\{(.*)\})? \S+$/gm)) {
      // As SigNoz stores the parts of a histogram.
      const metric = name.replace(/(_seconds)_(bucket|count|sum)$/, '$1.$2');
      const known = sent.get(metric) ?? new Map<string, Set<string>>();
      sent.set(metric, known);
      for (const [, label = '', value = ''] of of.matchAll(/(\w+)="([^"]*)"/g)) {
        known.set(label, (known.get(label) ?? new Set()).add(value));
      }
    }
    await api.stop();
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const namesOf = (metrics: Readonly<Record<string, string>>) => Object.values(metrics);
  const isOfApi = (metric: string) => namesOf(apiMetrics).includes(metric.replace(/\.\w+$/, ''));

  test('is what the rules and panels ask for, and nothing else is asked of it', () => {
    const asked = [...selectors, ...builder].map(({ metric }) => metric);
    expect(asked.filter(isOfApi).filter((metric) => !sent.has(metric))).toEqual([]);
    expect(asked.filter((metric) => !isOfApi(metric) && !namesOf(clusterMetrics).includes(metric))).toEqual([]);
    for (const metric of [...namesOf(apiMetrics), ...namesOf(clusterMetrics)]) {
      expect(asked.map((name) => name.replace(/\.(bucket|count)$/, ''))).toContain(metric);
    }
  });

  test('has the labels and the values that conditions name', () => {
    const wrong = selectors
      .filter(({ metric }) => isOfApi(metric))
      .flatMap(({ conditions, metric }) =>
        conditions
          .filter(({ label, operator, value }) => {
            const values = sent.get(metric)?.get(label);
            return values === undefined || (operator === '=' && !values.has(value));
          })
          .map((condition) => [metric, condition]),
      );
    expect(wrong).toEqual([]);
    for (const { filter, metric } of builder) {
      for (const [, label = '', value = ''] of filter.matchAll(/(\w+) = '([^']*)'/g)) {
        expect([metric, label, [...(sent.get(metric)?.get(label) ?? [])]]).toEqual([
          metric,
          label,
          expect.arrayContaining([value]),
        ]);
      }
    }
  });

  test('has the labels by which panels group it', () => {
    const groups = queries.flatMap((query) => [...query.matchAll(/by \((\w[^)]*)\)/g)].map(([, names = '']) => names));
    expect(groups.length).toBeGreaterThan(5);
    const labels = new Set([...sent.values()].flatMap((of) => [...of.keys()]));
    // Added by the agent that scrapes.
    labels.add('k8s_pod_name');
    for (const names of groups) for (const name of names.split(', ')) expect([...labels]).toContain(name);
  });
});

describe('rules', () => {
  test.each(rules.map((rule) => [rule.labels.rule, rule] as const))(
    '%s says what people notice, how bad it is, whom to call and what to do',
    (_, { annotations, labels }) => {
      const { description: text } = annotations as { description: string };
      expect(text).toMatch(/^O que as pessoas notam: .{20,}/);
      expect(text).toMatch(/^Quão grave: .{20,}/m);
      expect(text).toContain(`Quem chamar: ${teamName(String(labels.team)).pt}.`);
      const [, page] = /^O que fazer: https:\/\/example\.com\/runbooks\/([\w-]+\.md)$/m.exec(text) ?? [];
      expect(existsSync(resolve(import.meta.dirname, '../../docs/runbooks', String(page)))).toBe(true);
      expect(text).toMatch(/^\(What users notice: .{20,} How bad: .{20,} Whom to call: .{5,}\)$/m);
    },
  );

  test('have an identity of their own each, names that SigNoz accepts for labels, and a channel that exists', () => {
    expect(rules.length).toBeGreaterThan(9);
    expect(new Set(rules.map(({ labels }) => labels.rule)).size).toBe(rules.length);
    const names = channels.map(({ name }) => name);
    for (const { condition, labels } of rules) {
      for (const name of Object.keys(labels)) expect(name).toMatch(/^[a-zA-Z_.][a-zA-Z0-9_.]*$/);
      const [{ channels: used, name: severity }] = (condition as Block).thresholds.spec;
      expect(used).toEqual([`repository: ${labels.team}`]);
      expect(names).toContain(used[0]);
      expect(severity).toBe(labels.severity);
    }
  });

  test("alert an application's own team if it keeps restarting", () => {
    expect(applications.length).toBeGreaterThan(1);
    for (const { name, team } of applications) {
      expect(rules.find(({ labels }) => labels.rule === `${name}-restarts`)?.labels.team).toBe(team);
    }
  });

  test("watch every volume of SigNoz, so ClickHouse's too, in time to enlarge it", () => {
    const rule = rules.find(({ labels }) => labels.rule === 'signoz-volume');
    expect((rule?.condition as Block)?.compositeQuery.queries[0].spec.query).toBe(
      'max(1 - min by ("k8s.persistentvolumeclaim.name") ({"k8s.volume.available", "k8s.namespace.name"="observability"})' +
        ' / min by ("k8s.persistentvolumeclaim.name") ({"k8s.volume.capacity", "k8s.namespace.name"="observability"}))' +
        ' > 0.8',
    );
    expect(rule?.labels.team).toBe('infrastructure');
  });

  test('aggregate, so that many series give one alert', () => {
    const asked = rules.map(({ condition }) => (condition as Block).compositeQuery.queries[0].spec.query as string);
    for (const query of asked) expect(query).toMatch(/^\(?\(?(sum|max|count|absent_over_time)\(/);
  });
});

describe('objectives', () => {
  test('have the windows and burn rates of the SRE workbook, of which the short window is a twelfth', () => {
    expect(burnRates.map(({ factor, long, short }) => [factor, long, short])).toEqual([
      [14.4, '1h', '5m'],
      [6, '6h', '30m'],
      [1, '3d', '6h'],
    ]);
  });

  test('alert above these shares of bad sums', () => {
    const found = objectives.map((one) => [one.id, ...burnRates.map((rate) => threshold(one, rate))]);
    expect(found).toEqual([
      ['sum-fails', 0.072, 0.03, 0.005],
      ['sum-slow', 0.144, 0.06, 0.01],
    ]);
  });

  test('are those of the page that explains them', () => {
    const rows = readFileSync(resolve(import.meta.dirname, '../../docs/slo.md'), 'utf8')
      .split('\n')
      .filter((line) => /^\|.*`/.test(line))
      .map((line) => line.split('|').map((cell) => cell.trim()));
    const percent = (share: number) => `${Number((share * 100).toPrecision(4))} %`;
    expect(
      rows.slice(0, objectives.length).map(([, name, , share]) => [/`(.*)`/.exec(name ?? '')?.[1], share]),
    ).toEqual(objectives.map(({ id, target }) => [id, percent(target)]));
    const hours = (window: string) => Number.parseInt(window, 10) * (window.endsWith('d') ? 24 : 1);
    expect(rows.slice(objectives.length).map((cells) => cells.slice(1, -2))).toEqual(
      burnRates.map((rate) => [
        `\`-${rate.id}\``,
        String(rate.factor),
        [rate.long, rate.short]
          .map((window) => window.replace('m', 'min').replace(/(?<=\d)(?=[a-z])/, ' '))
          .join(' and '),
        percent((rate.factor * hours(rate.long)) / (24 * budgetDays)),
        ...objectives.map((one) => percent(threshold(one, rate))),
      ]),
    );
  });
});

describe('channels', () => {
  test("are the alarms' topics of each team", () => {
    expect(channels.map(({ name }) => name)).toEqual(teams.map((team) => `repository: ${team}`));
    for (const [index, { sns_configs }] of channels.entries()) {
      expect(sns_configs).toEqual([
        expect.objectContaining({
          topic_arn: `arn:aws:sns:sa-east-1:111122223333:desafio-aws-prd-${teams[index]}`,
          sigv4: { Region: 'sa-east-1' },
          send_resolved: true,
        }),
      ]);
    }
  });

  test('have a subject of one line and fewer than 100 characters for each rule', () => {
    for (const { labels } of rules) {
      const subject = String((channels[0] as Block).sns_configs[0].subject)
        .replace('{{ .Status | toUpper }}', 'RESOLVED')
        .replace('{{ .CommonLabels.rule }}', labels.rule);
      expect(subject).toMatch(/^RESOLVED: desafio-aws-prd-[a-z-]{5,}$/);
      expect(subject.length).toBeLessThan(100);
    }
  });
});

describe('dashboards', () => {
  test('begin with one for people without technical knowledge, which says whom to call', () => {
    expect(dashboards.map(({ tags }) => tags[1])).toEqual(
      ['overview', 'api', 'site', 'database', 'cluster', 'costs'].map((id) => `dashboard:${id}`),
    );
    const text = JSON.stringify(dashboards[0]);
    for (const team of teams) expect(text).toContain(`Quem chamar: ${teamName(team).pt}`);
    for (const reach of ['(api@example.com, other@example.com)', '(site@example.com)']) expect(text).toContain(reach);
  });

  const about = { pt: 'Sobre', en: 'About' };
  const panel = (kind: Panel['kind'], name: string): Panel => {
    const title = { pt: name, en: name };
    if (kind === 'heading') return { kind, title };
    return kind === 'graph' ? { kind, title, about, lines: [] } : { kind, title, about, counts: [], formula: 'A' };
  };
  /** Panels of different heights follow each other in all ways. */
  const mixed = toDashboard({
    id: 'mixed',
    title: { pt: 'Misturado', en: 'Mixed' },
    about,
    panels: (
      ['figure', 'graph', 'graph', 'graph', 'figure', 'figure', 'heading', 'figure', 'heading', 'graph'] as const
    ).map((kind, index) => panel(kind, `${kind} ${index}`)),
  });

  test('put panels of one kind side by side, and those of another kind below them', () => {
    expect((mixed.layout as Block[]).map(({ x, y }) => [x, y])).toEqual([
      ...[
        [0, 0],
        [0, 3],
        [6, 3],
        [0, 9],
        [0, 15],
      ],
      ...[
        [3, 15],
        [0, 18],
        [0, 19],
        [0, 22],
        [0, 23],
      ],
    ]);
  });

  test.each([...dashboards, mixed].map((dashboard) => [dashboard.title, dashboard] as const))(
    '%s has a place for each panel, and panels do not overlap',
    (_, { layout, widgets }) => {
      const places = layout as { i: string; x: number; y: number; w: number; h: number }[];
      const ids = (widgets as { id: string }[]).map(({ id }) => id);
      expect(ids.length).toBeGreaterThan(2);
      expect(new Set(ids).size).toBe(ids.length);
      expect(places.map(({ i }) => i)).toEqual(ids);
      const cells = places.flatMap(({ h, w, x, y }) =>
        Array.from({ length: w * h }, (_, index) => `${x + (index % w)} ${y + Math.floor(index / w)}`),
      );
      expect(new Set(cells).size).toBe(cells.length);
      for (const { w, x } of places) expect(x + w).toBeLessThanOrEqual(12);
    },
  );
});

describe('in the snapshot', () => {
  const yaml = (value: object) => stringify(value, { lineWidth: 0 });

  // What people read, and what is asked for it. The rest of a panel is that of all panels of its kind.
  test.each(dashboards.map((dashboard) => [dashboard.tags[1], dashboard] as const))(
    '%s has these panels',
    (_, { description, title, widgets }) => {
      const panels = (widgets as Block[]).map((widget) => ({
        title: widget.title,
        ...(widget.query && {
          about: widget.description,
          unit: widget.yAxisUnit,
          ...(widget.thresholds[0] && {
            red: `${widget.thresholds[0].thresholdOperator} ${widget.thresholds[0].thresholdValue}`,
          }),
          ...Object.fromEntries(widget.query.promql.map((line: Block) => [line.legend, line.query])),
          ...Object.fromEntries(
            widget.query.builder.queryData.map((count: Block) => [
              count.queryName,
              `${count.aggregations[0].metricName}: ${count.filter.expression}`,
            ]),
          ),
          ...Object.fromEntries(
            widget.query.builder.queryFormulas.map((formula: Block) => [formula.queryName, formula.expression]),
          ),
        }),
      }));
      expect(yaml({ title, description, panels })).toMatchSnapshot();
    },
  );

  test('all panels are alike in what the snapshot leaves out', () => {
    const leftOut = dashboards.flatMap(({ widgets }) =>
      (widgets as Block[])
        .filter(({ query }) => query)
        .flatMap(({ description: _, id, query, thresholds, title, yAxisUnit, ...panel }) => {
          const { builder, id: queryId, promql, ...asked } = query;
          const { queryData, queryFormulas, ...ofBuilder } = builder;
          // A limit without the panel's unit would be a line at another height.
          const limits = thresholds.map(
            ({ index, thresholdOperator, thresholdUnit, thresholdValue, ...rest }: Block) => ({
              ...rest,
              hasUnit: thresholdUnit === yAxisUnit,
            }),
          );
          const lines = promql.map(({ legend, name, query: text, ...rest }: Block) => rest);
          const counts = queryData.map(({ aggregations, expression, filter, queryName, ...rest }: Block) => ({
            ...rest,
            isNamed: expression === queryName,
            aggregations: aggregations.map(({ metricName, ...how }: Block) => how),
          }));
          const formulas = queryFormulas.map(({ expression, ...rest }: Block) => rest);
          const kind = panel.panelTypes;
          return [
            [`${kind}: panel`, { ...panel, asked, ofBuilder }],
            ...[...limits, ...lines, ...counts, ...formulas].map((part) => [`${kind}: ${Object.keys(part)}`, part]),
          ].map(([part, content]) => ({ part, content: JSON.stringify(content) }));
        }),
    );
    const forms = [...Map.groupBy(leftOut, ({ part }) => part)].map(([part, found]) => [
      part,
      new Set(found.map(({ content }) => content)).size,
    ]);
    expect(forms.length).toBeGreaterThan(6);
    for (const [part, count] of forms) expect([part, count]).toEqual([part, 1]);
    expect(leftOut.filter(({ content }) => /"(hasUnit|isNamed)":false/.test(content))).toEqual([]);
  });

  test('there is one whole panel of each kind', () => {
    const { layout, widgets, ...others } = dashboards[0] as Block;
    const kinds = Map.groupBy(widgets as Block[], ({ panelTypes }) => panelTypes);
    expect([...kinds.keys()]).toEqual(['row', 'value', 'graph']);
    const panels = [...kinds.values()].map(([panel]) => ({
      place: layout.find(({ i }: Block) => i === panel?.id),
      panel,
    }));
    expect(yaml({ ...others, panels })).toMatchSnapshot();
  });
});

// biome-ignore lint/suspicious/noExplicitAny: the form of SigNoz's API, which only SigNoz checks
type Block = any;
