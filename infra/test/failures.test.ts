/** docs/failures.md against the alarms and rules that exist. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { applications } from 'platform/applications';
import * as alarms from '../constructs/alerting/alarm-rules.ts';
import { alarmTexts } from '../constructs/alerting/alarm-texts.ts';
import { faultNames } from '../drill/faults/fault-drill.ts';
import { prd } from '../environments/prd.ts';
import { rulesOf } from '../signoz/rules.ts';

const [application] = applications;
if (application === undefined) throw new Error('There is no application');
const alarmRules = [
  ...alarms.ofApplication(application, 'targetgroup/one/1', 'app/balancer/1'),
  alarms.fromOutside(application, 'check-1'),
  ...alarms.ofEntrance('E1', 'app/balancer/1'),
  ...alarms.ofDatabase('mysql', prd.database),
  alarms.ofDatabaseLogins('logins'),
  alarms.ofStatusPage('status'),
  alarms.ofController('cluster'),
  ...alarms.ofNodes({ spot: 'spot', base: 'base', storage: 'storage' }, prd.cluster),
  ...alarms.ofNat(['nat-1']),
];
const rules = rulesOf({ applications, runbooks: 'https://example.com/runbooks' });
const ruleKinds = Map.groupBy(rules, ({ labels: { rule } }) => {
  const of = applications.find(({ name }) => rule.startsWith(`${name}-`));
  return of ? rule.replace(of.name, 'application') : rule;
});

const [noticed = '', caused = ''] = readFileSync(resolve(import.meta.dirname, '../../docs/failures.md'), 'utf8').split(
  '\n## Caused on purpose\n',
);
/** Cells of each row. */
const rows = noticed
  .split('\n')
  .filter((line) => /^\|.*`/.test(line))
  .map((line) => {
    const [, failure = '', seenBy = '', name = '', after = '', team = ''] = line.split('|').map((cell) => cell.trim());
    return { failure, seenBy, name: name.replaceAll('`', ''), after, team };
  });
const seenBy = (...places: string[]) => rows.filter((row) => places.includes(row.seenBy));
const names = (some: readonly { readonly name: string }[]) => some.map(({ name }) => name).toSorted();

/** As the table says a time. */
const timeOf = (seconds: number) =>
  [seconds >= 60 ? `${Math.floor(seconds / 60)} min` : '', seconds % 60 > 0 ? `${seconds % 60} s` : '']
    .join(' ')
    .trim();

test('each alarm is in the table once, and each row of CloudWatch names an alarm', () => {
  const kinds = Object.keys(alarmTexts).toSorted();
  expect(kinds.length).toBeGreaterThan(10);
  expect(names(seenBy('CloudWatch', 'outside check'))).toEqual(kinds);
  expect([...new Set(alarmRules.map(({ kind }) => kind))].toSorted()).toEqual(kinds);
});

test("each kind of SigNoz's rules is in the table once, and each row of SigNoz names one", () => {
  expect(ruleKinds.size).toBeGreaterThan(9);
  expect(names(seenBy('SigNoz'))).toEqual([...ruleKinds.keys()].toSorted());
  expect(rows).toHaveLength(seenBy('CloudWatch', 'outside check', 'SigNoz').length);
});

test('each fault that can be caused on purpose has its row, and no other', () => {
  expect([...caused.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name)).toEqual(faultNames);
});

describe('the row of', () => {
  test.each(alarmRules.map((rule) => [rule.kind, rule] as const))(
    '%s says after how long, and who is called',
    (kind, { metric, subject, team }) => {
      const row = rows.find(({ name }) => name === kind);
      const seconds = Math.max(
        metric.period ?? 0,
        ...[metric.metricQuery ?? []].flat().map((query) => ('metric' in query ? (query.metric?.period ?? 0) : 0)),
      );
      // Three failed checks, 30 s apart, before the metric changes.
      const before = kind === 'application-unreachable' ? 90 : 0;
      expect(row?.after).toBe(timeOf(before + seconds * Number(metric.evaluationPeriods)));
      const isOfApplication = subject === application.name;
      expect(row?.team).toBe(isOfApplication ? "the application's" : team);
    },
  );

  test.each([...ruleKinds])('%s says after how long, and who is called', (kind, [rule]) => {
    const row = rows.find(({ name }) => name === kind);
    const short = row?.after.replace(' min', 'm').replace(' ', '');
    const { condition, evaluation, labels } = rule as typeof rule & {
      condition: { compositeQuery: { queries: { spec: { query: string } }[] } };
      evaluation: { spec: { frequency: string } };
    };
    const windows = JSON.stringify(condition.compositeQuery.queries).matchAll(/\[(\d+[mhd])\]/g);
    expect([...[...windows].map(([, window]) => window), evaluation.spec.frequency]).toContain(short);
    const teams = { api: 'API', infrastructure: 'infrastructure' } as Record<string, string>;
    expect(row?.team).toBe(kind.startsWith('application-') ? "the application's" : teams[String(labels.team)]);
  });
});
