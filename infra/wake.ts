import type { Text } from 'command-line';
import { type EnvironmentName, names } from 'platform';
import { applications } from 'platform/applications';
import { texts } from './command-texts.ts';
import type { Environment, NodeChoices } from './environments/environment.ts';

const text = texts.wake;

/** What the AWS CLI prints for these arguments. @throws Error whose message contains what it printed as the error */
export type Call = (...args: readonly string[]) => Promise<string>;

export interface WakeProps {
  readonly name: EnvironmentName;
  readonly cluster: Environment['cluster'];
  readonly call: Call;
  readonly say: (message: string) => void;
  /** Waits before AWS is asked again. False once it has taken too long. */
  readonly pause: () => Promise<boolean>;
  /** Whether to wait until the applications answer. Otherwise only until nodes and database are there. */
  readonly forApplications: boolean;
}

interface Group {
  readonly AutoScalingGroupName: string;
  readonly MaxSize: number;
  readonly Instances?: readonly { readonly LifecycleState: string }[];
}

/**
 * Undoes the evening of `SleepSchedule`: starts the database and gives the node groups their sizes. It takes the same order
 * as the morning, in which SigNoz's node comes last, because DNS runs on the others. It changes nothing that is awake.
 *
 * @returns whether the environment is awake, or there is none
 */
export async function wake(props: WakeProps): Promise<boolean> {
  const { cluster, name, say } = props;
  const { baseNodes, nodes, storageNodes } = cluster;
  if (!cluster.sleepsAtNight) {
    say(text.neverSleeps(name));
    return true;
  }
  const isAsleep = await hasStoppedDatabase(props);
  if (isAsleep === undefined) {
    say(text.notThere(name));
    return true;
  }
  if (isAsleep) say(text.database);
  const wokenSpot = await start(props, 'spot', nodes);
  const wokenBase = baseNodes ? await start(props, 'base', baseNodes) : false;
  if (wokenSpot || wokenBase) say(text.nodes);
  const areReady = async () =>
    (await isComplete(props, 'spot', nodes)) && (!baseNodes || (await isComplete(props, 'base', baseNodes)));
  if (!(await until(areReady, props, text.waiting.nodes))) return false;
  if (await start(props, 'storage', storageNodes)) say(text.storageNode);
  if (!(await until(() => startedDatabase(props), props, text.waiting.database))) return false;
  if (props.forApplications) {
    for (const { name: application } of applications) {
      const answers = () => hasHealthyTarget(props, names(name).targetGroup(application));
      if (!(await until(answers, props, text.waiting.application(application)))) return false;
    }
  }
  say(text.awake(name));
  return true;
}

async function until(isDone: () => Promise<boolean>, { pause, say }: WakeProps, waiting: Text): Promise<boolean> {
  while (!(await isDone())) {
    if (await pause()) continue;
    say(text.tooLong(waiting));
    return false;
  }
  return true;
}

/** RDS accepts a start only of an instance that has stopped. Undefined if there is no database. */
async function hasStoppedDatabase(props: WakeProps): Promise<boolean | undefined> {
  const status = await databaseStatus(props);
  if (status === undefined) return undefined;
  if (status === 'stopped') await startDatabase(props);
  return status === 'stopped' || status === 'stopping';
}

/** Whether the database is there. One that was still stopping is started once it has stopped. */
async function startedDatabase(props: WakeProps): Promise<boolean> {
  const status = await databaseStatus(props);
  if (status === 'stopped') await startDatabase(props);
  return status === 'available';
}

const databaseOf = (name: EnvironmentName): string[] => ['--db-instance-identifier', names(name).database];

async function databaseStatus({ call, name }: WakeProps): Promise<string | undefined> {
  try {
    const { DBInstances } = JSON.parse(await call('rds', 'describe-db-instances', ...databaseOf(name)));
    return DBInstances[0].DBInstanceStatus;
  } catch (error) {
    if ((error as Error).message.includes('DBInstanceNotFound')) return undefined;
    throw error;
  }
}

async function startDatabase({ call, name }: WakeProps): Promise<void> {
  await call('rds', 'start-db-instance', ...databaseOf(name));
}

type Kind = 'spot' | 'base' | 'storage';

/** The Auto Scaling groups of a kind of nodes. There are two while a changed group replaces another. */
async function groupsOf({ call, name }: WakeProps, kind: Kind): Promise<readonly Group[]> {
  const { cluster } = names(name);
  const filter = `Name=tag:eks:cluster-name,Values=${cluster}`;
  const { AutoScalingGroups } = JSON.parse(
    await call('autoscaling', 'describe-auto-scaling-groups', '--filters', filter),
  ) as { AutoScalingGroups: readonly Group[] };
  return AutoScalingGroups.filter((group) => group.AutoScalingGroupName.startsWith(`eks-${cluster}-${kind}-`));
}

/** @returns whether a group slept: then its maximum is zero, too */
async function start(props: WakeProps, kind: Kind, { desired, maximum, minimum }: NodeChoices): Promise<boolean> {
  const asleep = (await groupsOf(props, kind)).filter(({ MaxSize }) => MaxSize === 0);
  for (const { AutoScalingGroupName } of asleep) {
    const sizes = { 'min-size': minimum, 'max-size': maximum, 'desired-capacity': desired };
    await props.call(
      ...['autoscaling', 'update-auto-scaling-group', '--auto-scaling-group-name', AutoScalingGroupName],
      ...Object.entries(sizes).flatMap(([option, value]) => [`--${option}`, `${value}`]),
    );
  }
  return asleep.length > 0;
}

/** A kind without any group is not there yet, or no longer: the first deployment has not made it. */
async function isComplete(props: WakeProps, kind: Kind, { minimum }: NodeChoices): Promise<boolean> {
  const groups = await groupsOf(props, kind);
  if (groups.length === 0) return true;
  const inService = groups
    .flatMap(({ Instances = [] }) => Instances)
    .filter(({ LifecycleState }) => LifecycleState === 'InService');
  return inService.length >= minimum;
}

async function hasHealthyTarget({ call }: WakeProps, targetGroup: string): Promise<boolean> {
  const found = JSON.parse(await call('elbv2', 'describe-target-groups', '--names', targetGroup));
  const arn = found.TargetGroups[0].TargetGroupArn;
  const { TargetHealthDescriptions } = JSON.parse(
    await call('elbv2', 'describe-target-health', '--target-group-arn', arn),
  ) as { TargetHealthDescriptions: readonly { readonly TargetHealth: { readonly State: string } }[] };
  return TargetHealthDescriptions.some(({ TargetHealth }) => TargetHealth.State === 'healthy');
}
