import { CloudwatchDashboard } from '@cdktf/provider-aws/lib/cloudwatch-dashboard/index.js';
import { Construct } from 'constructs';
import { globalRegion } from 'platform';
import type { Settings } from '../../settings.ts';
import { onOneLine, dashboardTexts as texts } from './alarm-texts.ts';
import type { Alarm, AlarmsProps } from './alarms.ts';

export interface DashboardProps extends Pick<AlarmsProps, 'database' | 'loadBalancer' | 'prefix' | 'workloads'> {
  readonly settings: Pick<Settings, 'alerts' | 'region'>;
  readonly alarms: readonly Alarm[];
  /** In the order of the rows. */
  readonly teams: readonly string[];
}

type Widget = { readonly type: 'alarm' | 'metric' | 'text'; readonly properties: object };
/** Widths divide the full one. */
type Size = { readonly width: 6 | 8 | 12 | 24; readonly height: number };
type Metric = readonly (string | { readonly label: string; readonly color?: string })[];

/** Width of a CloudWatch dashboard, in its grid units. */
const fullWidth = 24;

/**
 * "Quem chamar" (whom to call): one row per team, with its addresses, red if it must be called; traffic and cost below.
 * For people who know neither AWS nor the applications, and for times when SigNoz itself is down.
 */
export class Dashboard extends Construct {
  readonly #props: DashboardProps;
  readonly #widgets: (Widget & Size & { readonly x: number; readonly y: number })[] = [];
  #y = 0;

  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id);
    this.#props = props;
    this.#row({ width: fullWidth, height: 3 }, [markdown(`${texts.intro.pt}\n\n${texts.intro.en}`)]);
    for (const team of props.teams) this.#team(team);
    this.#applications();
    new CloudwatchDashboard(this, 'dashboard', {
      dashboardName: `${props.prefix}-${texts.name}`,
      dashboardBody: JSON.stringify({ widgets: this.#widgets }),
    });
  }

  #team(team: string): void {
    const { alarms, settings } = this.#props;
    const { pt, en } = texts.call(team, settings.alerts[team] ?? []);
    this.#row({ width: fullWidth, height: 2 }, [markdown(`${pt}\n${en}`)]);
    this.#row(
      { width: 6, height: 2 },
      alarms
        .filter((alarm) => alarm.team === team)
        .map(({ arn, text }) => ({ type: 'alarm', properties: { title: onOneLine(text.title), alarms: [arn] } })),
    );
  }

  #applications(): void {
    const { database, loadBalancer, workloads } = this.#props;
    const perApplication = (name: string): Metric[] =>
      workloads.map(({ application, targetGroupArnSuffix }) => [
        'AWS/ApplicationELB',
        name,
        'TargetGroup',
        targetGroupArnSuffix,
        'LoadBalancer',
        loadBalancer.arnSuffix,
        { label: application.name },
      ]);
    const ofDatabase = (name: string): Metric => [
      'AWS/RDS',
      name,
      'DBInstanceIdentifier',
      database.identifier,
      { label: name },
    ];
    this.#row({ width: 8, height: 6 }, [
      this.#graph(onOneLine(texts.requests), perApplication('RequestCount'), { stat: 'Sum', period: 60 }),
      this.#graph(onOneLine(texts.errors), perApplication('HTTPCode_Target_5XX_Count'), { stat: 'Sum', period: 60 }),
      this.#graph(onOneLine(texts.speed), perApplication('TargetResponseTime'), { stat: 'p99', period: 60 }),
    ]);
    this.#row({ width: 12, height: 6 }, [
      this.#graph(onOneLine(texts.database), [ofDatabase('CPUUtilization'), ofDatabase('DatabaseConnections')], {
        stat: 'Average',
        period: 300,
      }),
      // Whole account, and only once "Receive billing alerts" is enabled in it. The budget counts per environment.
      this.#graph(onOneLine(texts.cost), [['AWS/Billing', 'EstimatedCharges', 'Currency', 'USD', { label: 'USD' }]], {
        stat: 'Maximum',
        period: 21_600,
        region: globalRegion,
      }),
    ]);
  }

  #graph(
    title: string,
    metrics: readonly Metric[],
    options: { readonly stat: string; readonly period: number; readonly region?: string },
  ): Widget {
    return {
      type: 'metric',
      properties: { title, metrics, view: 'timeSeries', region: this.#props.settings.region, ...options },
    };
  }

  /** Places widgets of one size side by side, and wraps to the next line when the width is full. */
  #row(size: Size, widgets: readonly Widget[]): void {
    const columns = fullWidth / size.width;
    for (const [index, widget] of widgets.entries()) {
      const x = (index % columns) * size.width;
      const y = this.#y + Math.floor(index / columns) * size.height;
      this.#widgets.push({ ...widget, ...size, x, y });
    }
    this.#y += Math.ceil(widgets.length / columns) * size.height;
  }
}

const markdown = (text: string): Widget => ({ type: 'text', properties: { markdown: text } });
