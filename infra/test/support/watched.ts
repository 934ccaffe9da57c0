import { type Application, globalRegion } from 'platform';
import { applications as ours } from 'platform/applications';
import { Alarms } from '../../constructs/alerting/alarms.ts';
import { Dashboard } from '../../constructs/alerting/dashboard.ts';
import { dev } from '../../environments/dev.ts';
import type { Region } from '../../environments/regions.ts';
import { readSettings } from '../../settings.ts';
import { alone, type Synthesised } from './terraform.ts';

interface WatchedOptions {
  readonly region?: Region;
  readonly applications?: readonly Application[];
}

/** The alarms and the dashboard of a dev environment, for resources that are only names. */
export function watched({ region = globalRegion, applications = ours }: WatchedOptions = {}): Synthesised {
  return alone((stack, providers) => {
    const watch = {
      prefix: 'desafio-aws-dev',
      settings: {
        ...readSettings('none'),
        region,
        runbooks: 'https://example.com/runbooks',
        alerts: { api: ['api@example.com'], site: [], infrastructure: ['one@example.com', 'two@example.com'] },
      },
      database: { identifier: 'desafio-aws-dev-mysql' },
      loadBalancer: { arnSuffix: 'app/balancer/1' },
      workloads: applications.map((application) => ({
        application,
        targetGroupArnSuffix: `targetgroup/${application.name}/1`,
      })),
    };
    const alarms = new Alarms(stack, 'alarms', {
      ...watch,
      providers,
      network: { natGroups: ['desafio-aws-dev-nat-1'] },
      cluster: {
        name: 'desafio-aws-dev',
        spotAutoScalingGroupName: 'eks-spot',
        baseAutoScalingGroupName: undefined,
        storageAutoScalingGroupName: 'eks-storage',
      },
      clusterChoices: dev.cluster,
      databaseChoices: dev.database,
      databaseLogins: { functionName: 'desafio-aws-dev-database-logins' },
      site: { id: 'E1', host: 'dev.example.com' },
      statusFunction: 'desafio-aws-dev-status',
    });
    new Dashboard(stack, 'dashboard', { ...watch, alarms: alarms.all, teams: alarms.teams });
  }, region);
}
