import type { Definitions } from '../functions/signoz/src/definitions.ts';
import { type ChannelProps, channelsOf } from './channels.ts';
import { type DashboardProps, dashboardsOf } from './dashboards.ts';
import { type RuleProps, rulesOf } from './rules.ts';

/** Everything that the repository defines in SigNoz, for one environment. */
export const definitionsOf = (props: ChannelProps & DashboardProps & RuleProps): Definitions => ({
  channels: channelsOf(props),
  rules: rulesOf(props),
  dashboards: dashboardsOf(props),
});
