import { type EnvironmentName, names } from 'platform';
import { applications } from 'platform/applications';
import type { NodeChoices } from '../../environments/environment.ts';
import { describe } from '../instances.ts';
import type { Aws } from '../programs.ts';
import { controller, type Deployment, deploymentsIn, nodesIn, system } from './cluster.ts';
import type { Place } from './fault.ts';

/** What must be back after a fault. */
export const parts = ['nodes', 'replicas', 'targets', 'database', 'answers'] as const;
export type Part = (typeof parts)[number];

export interface Missing {
  readonly part: Part;
  /** Names and numbers, which are the same in both languages. */
  readonly what: string;
}

/** What the environment lacks now: nodes, replicas, targets of the load balancer, and the database. */
export async function missingIn(place: Place): Promise<readonly Missing[]> {
  const deployments = await deploymentsIn(place.kubectl);
  const found = await Promise.all([
    nodes(place),
    replicas(place, deployments),
    targets(place, deployments),
    database(place),
  ]);
  return found.flatMap((whats, index) => whats.map((what) => ({ part: parts[index] as Part, what })));
}

/** A node that is gone is missing only below the minimum: the autoscaler sets the number above it. */
async function nodes(place: Place): Promise<readonly string[]> {
  const all = await nodesIn(place);
  const { baseNodes, nodes: spot, storageNodes } = place.environment.cluster;
  const choices: readonly (readonly [string, NodeChoices])[] = [
    ['spot', spot],
    ...(baseNodes ? ([['base', baseNodes]] as const) : []),
    ['storage', storageNodes],
  ];
  return [
    ...all.filter(({ isOpen, isReady }) => !isOpen || !isReady).map(({ name }) => name),
    ...choices.flatMap(([kind, { minimum }]) => {
      const ready = all.filter((node) => node.kind === kind && node.isReady).length;
      return ready < minimum ? [`${kind}: ${ready}/${minimum}`] : [];
    }),
  ];
}

async function replicas({ kubectl }: Place, deployments: readonly Deployment[]): Promise<readonly string[]> {
  const all = [...deployments, ...(await deploymentsIn(kubectl, system))];
  const needed = [...applications.map(({ name }) => name), controller];
  return [
    ...needed.filter((name) => !all.some((each) => each.name === name && each.wanted > 0)),
    ...all.filter(({ available, wanted }) => available < wanted).map(({ name }) => name),
  ];
}

async function targets({ aws, environment }: Place, deployments: readonly Deployment[]): Promise<readonly string[]> {
  const found = applications.map(async ({ name }) => {
    const wanted = deployments.find((each) => each.name === name)?.wanted ?? 0;
    const healthy = await healthyTargets(aws, environment.name, name);
    return healthy < wanted ? [`${names(environment.name).targetGroup(name)}: ${healthy}/${wanted}`] : [];
  });
  return (await Promise.all(found)).flat();
}

async function healthyTargets(aws: Aws, environment: EnvironmentName, application: string): Promise<number> {
  const group = names(environment).targetGroup(application);
  const { TargetGroups } = (await aws('elbv2', 'describe-target-groups', '--names', group)) as {
    readonly TargetGroups: readonly { readonly TargetGroupArn: string }[];
  };
  const [arn = ''] = TargetGroups.map(({ TargetGroupArn }) => TargetGroupArn);
  const { TargetHealthDescriptions } = (await aws('elbv2', 'describe-target-health', '--target-group-arn', arn)) as {
    readonly TargetHealthDescriptions: readonly { readonly TargetHealth: { readonly State: string } }[];
  };
  return TargetHealthDescriptions.filter(({ TargetHealth }) => TargetHealth.State === 'healthy').length;
}

async function database({ aws, environment }: Place): Promise<readonly string[]> {
  const name = names(environment.name).database;
  const status = (await describe(aws, name))?.DBInstanceStatus;
  return status === 'available' ? [] : [`${name}: ${status}`];
}
