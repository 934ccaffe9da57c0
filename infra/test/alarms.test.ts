import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { TerraformStack } from 'cdktf';
import { type Application, teamsOf } from 'platform';
import { applications } from 'platform/applications';
import { alarmTexts, teamName } from '../constructs/alerting/alarm-texts.ts';
import { TeamTopics } from '../constructs/alerting/team-topics.ts';
import { connectionsAlarm } from '../constructs/data/database-limits.ts';
import { alone } from './support/terraform.ts';
import { watched } from './support/watched.ts';

const teams = teamsOf(applications, ['api', 'site']);
const runbooks = resolve(import.meta.dirname, '../../docs/runbooks');
const stack = watched();
const alarms = stack.all('aws_cloudwatch_metric_alarm');
const alarm = (name: string) => stack.one('aws_cloudwatch_metric_alarm', `_${name}_`);
const teamOf = (topic: string) => /topics_(\w+)-policy/.exec(topic)?.[1];

describe('every alarm', () => {
  test.each(alarms.map((block) => [block.alarm_name, block]))('%s notifies exactly one team', (_name, block) => {
    expect(block.alarm_actions).toHaveLength(1);
    expect(teams).toContain(teamOf(block.alarm_actions[0]));
    expect(block.ok_actions).toEqual(block.alarm_actions);
  });

  test.each(alarms.map((block) => [block.alarm_name, block]))(
    '%s says what users notice, whom to call and what to do',
    (_name, { alarm_actions, alarm_description: text }) => {
      const team = String(teamOf(alarm_actions[0]));
      expect(text).toMatch(/^O que as pessoas notam: .{20,}/);
      expect(text).toContain(`Quem chamar: ${teamName(team).pt}.`);
      const [, page] = /O que fazer: https:\/\/example\.com\/runbooks\/([\w-]+\.md)/.exec(text) ?? [];
      expect(existsSync(resolve(runbooks, String(page)))).toBe(true);
      // CloudWatch's limit.
      expect(text.length).toBeLessThanOrEqual(1024);
    },
  );

  test('sets explicitly how to treat missing data', () => {
    for (const { treat_missing_data } of alarms) expect(treat_missing_data).toBeDefined();
    const breaching = alarms.filter(({ treat_missing_data }) => treat_missing_data === 'breaching');
    expect(new Set(breaching.map(({ alarm_name }) => alarm_name.replace('desafio-aws-dev-', '')))).toEqual(
      new Set([
        ...applications.flatMap(({ name }) => [`${name}-down`, `${name}-unreachable`]),
        'nat-1-missing',
        'nodes-missing',
        'status-page',
        'storage-node-missing',
      ]),
    );
  });
});

test('each kind of alarm has a short runbook in both languages, listed in the README', () => {
  const table = readFileSync(resolve(runbooks, 'README.md'), 'utf8');
  for (const kind of Object.keys(alarmTexts)) expect(table).toContain(`(${kind}.md)`);
  const pages = readdirSync(runbooks).filter((name) => name !== 'README.md');
  expect(pages.filter((page) => page.endsWith('.en.md'))).toHaveLength(pages.length / 2);
  for (const page of pages) {
    const text = readFileSync(resolve(runbooks, page), 'utf8');
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(40);
    const parts = page.endsWith('.en.md')
      ? ['What people notice', 'Look first', 'Do', 'Call', 'Afterwards']
      : ['O que as pessoas notam', 'Olhe primeiro', 'Faça', 'Chame', 'Depois'];
    for (const part of parts) expect(text).toContain(`**${part}`);
    expect(text).toContain(page.endsWith('.en.md') ? '_In short: ' : '_Em resumo: ');
    expect(table).toContain(`(${page})`);
  }
});

test("an application's alarms notify its own team", () => {
  for (const { name, team } of applications) {
    const own = alarms.filter(({ alarm_name }) => alarm_name.startsWith(`desafio-aws-dev-${name}-`));
    expect(own).toHaveLength(4);
    for (const { alarm_actions } of own) expect(teamOf(alarm_actions[0])).toBe(team);
  }
});

test('health checks request the site and the API over HTTPS at their public address', () => {
  const checks = stack.all('aws_route53_health_check');
  expect(checks.map(({ resource_path }) => resource_path)).toEqual(applications.map(({ healthPath }) => healthPath));
  for (const check of checks) {
    expect(check).toMatchObject({ type: 'HTTPS', port: 443, enable_sni: true, fqdn: 'dev.example.com' });
  }
});

test('an application is down only if it has no healthy pod in any zone', () => {
  expect(alarm('magic-calculator-down')).toMatchObject({
    metric_name: 'HealthyHostCount',
    statistic: 'Maximum',
    threshold: 1,
    comparison_operator: 'LessThanThreshold',
  });
});

test('the connections threshold is 60 % of what RDS admits by default with the memory of each instance class', () => {
  // GiB, by https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Summary.html
  const classes = {
    ...{ 'db.t4g.micro': 1, 'db.t4g.small': 2, 'db.t4g.medium': 4, 'db.t4g.large': 8, 'db.m7g.large': 8 },
    ...{ 'db.m7g.xlarge': 16, 'db.m7g.2xlarge': 32, 'db.m7g.4xlarge': 64 },
  };
  for (const [name, gibibytes] of Object.entries(classes)) {
    const admitted = (gibibytes * 2 ** 30) / 12_582_880;
    expect([name, connectionsAlarm(name) / admitted]).toEqual([name, expect.closeTo(0.6, 1)]);
  }
  // With another amount of memory at the same size, or of no size that we know.
  for (const name of [
    'db.x2g.large',
    'db.r7g.large',
    'db.m7g.8xlarge',
    'db.m5.large.tpc',
    'other.db.m7g.large',
    'm7g.large',
  ])
    expect(() => connectionsAlarm(name)).toThrow(`The memory of ${name} is not known`);
});

describe('topics', () => {
  test('are encrypted with a key that alarms, budgets and event rules can use', () => {
    for (const topic of stack.some('aws_sns_topic')) expect(topic.kms_master_key_id).toContain('aws_kms_key');
    const { Statement } = JSON.parse(stack.one('aws_kms_key').policy);
    expect(Statement[1].Principal.Service).toEqual(
      expect.arrayContaining(['cloudwatch.amazonaws.com', 'budgets.amazonaws.com', 'events.amazonaws.com']),
    );
  });

  test('have exactly the subscribers of the settings', () => {
    const subscriptions = stack.all('aws_sns_topic_subscription').map(({ endpoint, protocol }) => [protocol, endpoint]);
    expect(subscriptions.sort()).toEqual([
      ['email', 'api@example.com'],
      ['email', 'one@example.com'],
      ['email', 'two@example.com'],
    ]);
  });

  test('are there for known teams only: to ask for another is an error', () => {
    const topics = (stack: TerraformStack) =>
      new TeamTopics(stack, 'topics', {
        ...{ prefix: 'desafio-aws-dev', accountId: '123456789012', addresses: {}, teams: ['api', 'infrastructure'] },
      });
    alone((scope) => {
      expect(() => topics(scope).arn('site')).toThrow('Unknown team site: use one of api, infrastructure');
    });
  });

  test('accept only AWS services, and alarms and budgets only of this account', () => {
    for (const { policy } of stack.some('aws_sns_topic_policy')) {
      const [own, events] = JSON.parse(policy).Statement;
      expect(own.Condition.StringEquals['aws:SourceAccount']).toBe('123456789012');
      expect(events.Principal).toEqual({ Service: 'events.amazonaws.com' });
    }
  });
});

test('in other regions, alarms on metrics of us-east-1 are created there and notify the same teams', () => {
  const otherRegion = watched({ region: 'sa-east-1' });
  const globalAlarms = otherRegion
    .all('aws_cloudwatch_metric_alarm')
    .filter(({ provider }) => provider === 'aws.global');
  expect(new Set(globalAlarms.map(({ namespace }) => namespace))).toEqual(new Set(['AWS/CloudFront', 'AWS/Route53']));
  for (const { alarm_actions } of globalAlarms) expect(alarm_actions[0]).toContain('global-topics');
  expect(otherRegion.all('aws_sns_topic')).toHaveLength(2 * teams.length);
  expect(stack.all('aws_sns_topic')).toHaveLength(teams.length);
});

test('"Quem chamar" shows every alarm once, and no widgets overlap', () => {
  const { widgets } = JSON.parse(stack.one('aws_cloudwatch_dashboard').dashboard_body);
  const shown = widgets.flatMap(({ properties }: { properties: { alarms?: string[] } }) => properties.alarms ?? []);
  expect(shown).toHaveLength(alarms.length);
  expect(new Set(shown).size).toBe(alarms.length);
  const cells = new Set<string>();
  let area = 0;
  for (const { x, y, width, height } of widgets) {
    expect(x + width).toBeLessThanOrEqual(24);
    area += width * height;
    for (let row = y; row < y + height; row++)
      for (let column = x; column < x + width; column++) cells.add(`${row},${column}`);
  }
  expect(cells.size).toBe(area);
});

test('every team named by an application or in the settings is notified', () => {
  const [some] = applications;
  const found = watched({ applications: [{ ...some, name: 'shop', team: 'sales' } as Application] });
  const topics = found.all('aws_sns_topic').map(({ name }) => name);
  expect(topics).toEqual(expect.arrayContaining(['desafio-aws-dev-sales', 'desafio-aws-dev-site']));
  const down = found.one('aws_cloudwatch_metric_alarm', '_shop-down_');
  expect(down.alarm_actions).toEqual([expect.stringContaining('topics_sales-policy')]);
  expect(down.alarm_description).toContain('Quem chamar: time sales.');
  expect(found.one('aws_cloudwatch_dashboard').dashboard_body).toContain('## Time sales');
});
