/**
 * Each rule of SigNoz with series of its metrics, evaluated by Prometheus, whose engine SigNoz uses for PromQL: it fires
 * in the stated minute of its fault, and is silent otherwise.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { paths, slow } from 'contract';
import { namespaces } from 'platform';
import { applications } from 'platform/applications';
import { describeWith, findTool } from '../../test/support/tools.ts';
import { rulesOf } from '../signoz/rules.ts';
import { apiMetrics, attributes, clusterMetrics, is, labels, select, selectPart } from '../signoz/telemetry.ts';

/** A number of minutes with the value of each: of a counter, by how much it rises. Undefined if there is no sample. */
type Values = readonly (readonly [minutes: number, value: number | undefined])[];
/** Series by selector, one sample a minute. */
type Recorded = Readonly<Record<string, Values>>;

interface Watch {
  /** Title, series, the minute in which the rule first fires, and the one in which it no longer does. */
  readonly red: readonly (readonly [title: string, recorded: Recorded, minute: number, end?: number])[];
  readonly green: readonly (readonly [title: string, recorded: Recorded])[];
}

const hour = 60;
const day = 24 * hour;

type Sums = readonly (readonly [minutes: number, fast: number, other?: number])[];
const of = (name: 'bucket' | 'count', status: number, ...more: readonly string[]) =>
  selectPart(apiMetrics.requests, name, [
    is(labels.method, 'POST'),
    is(labels.route, paths.sum),
    is(labels.status, `${status}`),
    ...more,
  ]);
const fastBucket = (status: number) => of('bucket', status, is('le', `${slow / 1_000}`));
const fast = (sums: Sums): Values => sums.map(([minutes, count]) => [minutes, count]);
const other = (sums: Sums): Values => sums.map(([minutes, , count = 0]) => [minutes, count]);
const both = (sums: Sums): Values => sums.map(([minutes, one, two = 0]) => [minutes, one + two]);
/** Sums a minute that work, and that get this status. */
const sums = (status: number, ...each: Sums): Recorded => ({
  [of('count', 200)]: fast(each),
  [fastBucket(200)]: fast(each),
  [of('count', status)]: other(each),
  [fastBucket(status)]: other(each),
});
/** Sums a minute that work in time, and that work late. */
const lateSums = (...each: Sums): Recorded => ({ [of('count', 200)]: both(each), [fastBucket(200)]: fast(each) });

const pod = (name: string, restarts: Values, namespace: string = namespaces.applications): Recorded => ({
  [select(clusterMetrics.restarts, [is(attributes.namespace, namespace), is(attributes.container, name)])]: restarts,
});
const waiting = (...values: Values): Recorded => ({ [select(apiMetrics.waitingForConnection)]: values });
const nodes = (...each: Values[]): Recorded =>
  Object.fromEntries(each.map((values, index) => [ready(`node-${index}`), values]));
const ready = (node: string) => select(clusterMetrics.nodeReady, [is(attributes.node, node)]);
/** The free part of a volume of 100. */
const volume = (claim: string, free: Values, namespace: string = namespaces.observability): Recorded => {
  const conditions = [is(attributes.namespace, namespace), is(attributes.claim, claim)];
  return {
    [select(clusterMetrics.volumeAvailable, conditions)]: free,
    [select(clusterMetrics.volumeCapacity, conditions)]: free.map(([minutes]) => [minutes, 100]),
  };
};
const api = (...values: Values): Recorded => ({ [select(apiMetrics.connectionLimit)]: values });

const watches: Readonly<Record<string, Watch>> = {
  'sum-fails-now': {
    red: [
      ['every sum fails', sums(503, [2 * hour, 10], [10, 0, 10]), 2 * hour + 4],
      [
        'every sum failed, until they worked again',
        sums(503, [2 * hour, 10], [10, 0, 10], [10, 10]),
        2 * hour + 4,
        2 * hour + 13,
      ],
    ],
    green: [
      ['one sum in a hundred fails', sums(503, [3 * hour, 99, 1])],
      ['four sums fail at night, and none works', sums(503, [hour, 0], [4, 0, 1], [20, 0])],
      ['people send what is wrong', sums(422, [2 * hour, 0, 10])],
    ],
  },
  'sum-fails-today': {
    red: [['four sums in a hundred fail', sums(503, [day, 100], [8 * hour, 96, 4]), day + 4.5 * hour]],
    green: [['two sums in a hundred fail', sums(503, [day, 98, 2])]],
  },
  'sum-fails-often': {
    red: [['one sum in a hundred fails', sums(503, [4 * day, 100], [2 * day, 99, 1]), 5.5 * day]],
    green: [['one sum in a thousand fails', sums(503, [4 * day, 999, 1])]],
  },
  'sum-slow-now': {
    red: [['every sum is late', lateSums([2 * hour, 10], [20, 0, 10]), 2 * hour + 8]],
    green: [
      ['one sum in ten is late', lateSums([2 * hour, 9, 1])],
      ['all sums fail at once, which counts as failed', sums(503, [2 * hour, 10], [20, 0, 10])],
    ],
  },
  'sum-slow-today': {
    red: [['one sum in ten is late', lateSums([day, 10], [8 * hour, 9, 1]), day + 215]],
    green: [['five sums in a hundred are late', lateSums([day, 95, 5])]],
  },
  'sum-slow-often': {
    red: [['two sums in a hundred are late', lateSums([4 * day, 100], [3 * day, 98, 2]), 5.5 * day - 1]],
    green: [['one sum in two hundred is late', lateSums([4 * day, 199, 1])]],
  },
  'database-waits': {
    red: [['requests wait at every moment', waiting([30, 0], [10, 3]), 34]],
    green: [
      ['requests wait, and then none', waiting([30, 0], [4, 3], [1, 0], [4, 3])],
      ['a new pod waits while it starts', waiting([30, undefined], [4, 3], [5, 0])],
    ],
  },
  ...Object.fromEntries(
    applications.map(({ name }): [string, Watch] => [
      `${name}-restarts`,
      {
        red: [
          [
            'it restarts three times',
            pod(name, [
              [30, 0],
              [4, 1],
              [4, 2],
              [9, 3],
            ]),
            38,
          ],
        ],
        green: [
          [
            'it restarts twice',
            pod(name, [
              [30, 0],
              [4, 1],
              [20, 2],
            ]),
          ],
          ['it restarted often, long ago', pod(name, [[60, 7]])],
          [
            'it restarts once an hour',
            pod(name, [
              [30, 0],
              [hour, 1],
              [hour, 2],
              [hour, 3],
            ]),
          ],
          [
            'something else restarts',
            pod('other', [
              [30, 0],
              [9, 3],
            ]),
          ],
          [
            'one of that name restarts elsewhere',
            pod(
              name,
              [
                [30, 0],
                [9, 3],
              ],
              'default',
            ),
          ],
        ],
      },
    ]),
  ),
  'node-not-ready': {
    red: [
      [
        'it stops responding',
        nodes(
          [[60, 1]],
          [
            [30, 1],
            [30, -1],
          ],
        ),
        39,
      ],
      [
        'it says that it is not ready',
        nodes(
          [[60, 1]],
          [
            [30, 1],
            [30, 0],
          ],
        ),
        39,
      ],
    ],
    green: [
      [
        'a new one gets ready',
        nodes(
          [[60, 1]],
          [
            [30, undefined],
            [5, 0],
            [25, 1],
          ],
        ),
      ],
      [
        'it is replaced',
        nodes(
          [[60, 1]],
          [
            [30, 1],
            [5, 0],
            [25, undefined],
          ],
        ),
      ],
      [
        'it comes back',
        nodes(
          [[60, 1]],
          [
            [30, 1],
            [8, 0],
            [22, 1],
          ],
        ),
      ],
    ],
  },
  'signoz-volume': {
    red: [
      [
        'one of two is almost full',
        {
          ...volume('data', [
            [30, 21],
            [30, 19],
          ]),
          ...volume('logs', [[60, 90]]),
        },
        30,
      ],
    ],
    green: [
      ['both have room', { ...volume('data', [[60, 21]]), ...volume('logs', [[60, 90]]) }],
      ['another one in the cluster is full', volume('data', [[60, 0]], 'default')],
    ],
  },
  'telemetry-missing': {
    red: [['the API is silent', { ...nodes([[60, 1]]), ...api([30, 100], [30, undefined]) }, 44]],
    green: [
      ['the API is silent for a release', { ...nodes([[60, 1]]), ...api([30, 100], [10, undefined], [20, 100]) }],
      [
        'the cluster wakes, and the API is not there yet',
        {
          ...nodes([
            [30, undefined],
            [14, 1],
          ]),
          ...api([44, undefined]),
        },
      ],
    ],
  },
};

const queries = Object.fromEntries(
  rulesOf({ applications, runbooks: 'https://example.com' }).map(({ condition, labels: { rule } }) => {
    const { compositeQuery } = condition as { compositeQuery: { queries: [{ spec: { query: string } }] } };
    return [rule, compositeQuery.queries[0].spec.query];
  }),
);

test('every rule has red and green series, and every series a rule', () => {
  expect(Object.keys(watches).toSorted()).toEqual(Object.keys(queries).toSorted());
  for (const { green, red } of Object.values(watches)) expect([red.length, green.length]).not.toContain(0);
});

describeWith('promql-series', findTool('promql-series'), 'By Prometheus', (program) => {
  const folder = mkdtempSync(join(tmpdir(), 'rule-series-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(rows('red'))('%s fires when %s', (name, _, recorded, minute, end) => {
    check(name, recorded, [
      [minute - 1, false],
      [minute, true],
      ...(end === undefined
        ? []
        : ([
            [end - 1, true],
            [end, false],
          ] as const)),
    ]);
  });

  test.each(rows('green'))('%s is silent when %s', (name, _, recorded) => {
    const lengths = Object.values(recorded).map((values) => values.reduce((sum, [count]) => sum + count, 0));
    const length = Math.max(...lengths);
    expect(length).toBeGreaterThan(9);
    // Every minute of a short series, and some of a long one.
    const step = length > 4 * hour ? hour * Math.ceil(length / day) : 1;
    check(
      name,
      recorded,
      Array.from({ length: Math.floor(length / step) }, (_, index) => [index * step, false]),
    );
  });

  /** @throws Error with what Prometheus says, if the rule has another state in one of these minutes */
  function check(rule: string, recorded: Recorded, states: readonly (readonly [minute: number, fires: boolean])[]) {
    const script = [
      // Prometheus stores nothing that is much older than its first sample.
      'load 1m',
      '  start 0',
      '',
      'load 1m',
      ...Object.entries(recorded).map(([series, values]) => `  ${series} ${samples(series, values)}`),
      '',
      ...states.flatMap(([minute, fires]) => [
        `eval instant at ${minute}m count(${queries[rule]})`,
        ...(fires ? ['  {} 1'] : []),
        '',
      ]),
    ];
    const file = join(folder, 'series.test');
    writeFileSync(file, script.join('\n'));
    const { error, status, stdout } = spawnSync(program, ['-test.run=TestSeries'], {
      encoding: 'utf8',
      env: { SERIES: file },
    });
    if (error) throw error;
    expect([status, stdout]).toEqual([0, 'PASS\n']);
  }
});

/** Rows of a table of tests. A green one has no minutes. */
function rows(color: 'green' | 'red') {
  return Object.entries(watches).flatMap(([name, watch]) =>
    watch[color].map(([title, recorded, minute = 0, end]) => [name, title, recorded, minute, end] as const),
  );
}

/** In Prometheus's notation. A counter's series begins when it first rises. */
function samples(series: string, values: Values): string {
  const each = values.flatMap(([minutes, value]) => Array.from({ length: minutes }, () => value));
  if (!series.includes(apiMetrics.requests)) return each.map((value) => value ?? '_').join(' ');
  let total = 0;
  return each
    .map((value = 0) => {
      total += value;
      return total === 0 ? '_' : total;
    })
    .join(' ');
}
