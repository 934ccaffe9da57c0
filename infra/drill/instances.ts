import { Refused } from 'command-line';
import { type EnvironmentName, names, tagsOf } from 'platform';
import { texts } from '../command-texts.ts';
import { drillTag, endAfter, endMark, isOver, type Tag, tagOf } from './marks.ts';
import { type Aws, CallFailed } from './programs.ts';

const text = texts.drill;

/** What RDS says of an instance, as far as it is used here. */
interface Described {
  readonly DBInstanceIdentifier: string;
  readonly DBInstanceStatus: string;
  readonly MultiAZ?: boolean;
  readonly AvailabilityZone?: string;
  readonly DBInstanceClass: string;
  readonly LatestRestorableTime?: string;
  readonly CACertificateIdentifier: string;
  readonly DBSubnetGroup: { readonly DBSubnetGroupName: string };
  readonly DBParameterGroups: readonly { readonly DBParameterGroupName: string }[];
  readonly VpcSecurityGroups: readonly { readonly VpcSecurityGroupId: string }[];
  readonly Endpoint?: { readonly Address: string };
  readonly TagList?: readonly Tag[];
}

/** The instance that serves the environment, and the last time to which it can be restored. */
export interface Live {
  readonly instance: Described;
  readonly restorable: Date;
}

/** Milliseconds that a drill takes at most, with its deletion. */
const longestDrill = 2 * 60 * 60_000;

/** States in which a restore has failed: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html */
const failed =
  /^(failed|upgrade-failed|incompatible-.*|inaccessible-.*|insufficient-capacity|storage-full|restore-error)$/;

/** States in which an instance accepts connections. RDS may load or spread its storage for hours after a restore. */
const usable = /^(available|storage-initialization|storage-optimization)$/;

/** @throws {Refused} if it is missing, asleep or has no backup */
export async function findLive(aws: Aws, environment: EnvironmentName): Promise<Live> {
  const name = names(environment).database;
  const instance = await describe(aws, name);
  if (instance === undefined) throw new Refused(text.noDatabase(environment, name));
  const { DBInstanceStatus: status, LatestRestorableTime: restorable } = instance;
  if (/^stop/.test(status)) throw new Refused(text.asleep(environment, name));
  if (restorable === undefined) throw new Refused(text.noBackup(name));
  return { instance, restorable: new Date(restorable) };
}

/** What earlier drills left, the running ones included. */
export async function findCopies(
  aws: Aws,
  environment: EnvironmentName,
): Promise<readonly { readonly name: string; readonly isOver: boolean; readonly isGoing: boolean }[]> {
  const answer = (await aws('rds', 'describe-db-instances')) as { readonly DBInstances: readonly Described[] };
  return answer.DBInstances.flatMap(({ DBInstanceIdentifier: name, DBInstanceStatus: status, TagList = [] }) => {
    // By name too, so that no tag on another instance can make a drill delete it.
    if (tagOf(TagList, drillTag) !== 'restore' || !name.startsWith(prefixOf(environment))) return [];
    return [{ name, isOver: isOver(tagOf(TagList, endMark)), isGoing: status === 'deleting' }];
  });
}

/** The name of a new copy. Only instances with such names may be created or deleted by the role of the drill. */
export const newCopyName = (environment: EnvironmentName): string =>
  `${prefixOf(environment)}${new Date().toISOString().replaceAll(/\D/g, '').slice(0, 14)}`;

const prefixOf = (environment: EnvironmentName) => names(environment).drillPrefix;

/**
 * Begins to restore the live instance to a new one. RDS gives it the default network, firewall and parameters unless they
 * are named, and the users and passwords of the restore point.
 */
export async function startRestore(
  aws: Aws,
  { instance }: Live,
  { environment, name, owner, to }: { environment: EnvironmentName; name: string; owner: string; to: Date },
): Promise<void> {
  const [parameters] = instance.DBParameterGroups;
  const tags = {
    ...tagsOf(environment, owner),
    [drillTag]: 'restore',
    [endMark]: endAfter(longestDrill),
  };
  await aws(
    ...['rds', 'restore-db-instance-to-point-in-time'],
    ...['--source-db-instance-identifier', instance.DBInstanceIdentifier],
    ...['--target-db-instance-identifier', name],
    ...['--restore-time', to.toISOString()],
    ...['--db-instance-class', instance.DBInstanceClass],
    ...['--db-subnet-group-name', instance.DBSubnetGroup.DBSubnetGroupName],
    ...['--vpc-security-group-ids', ...instance.VpcSecurityGroups.map(({ VpcSecurityGroupId }) => VpcSecurityGroupId)],
    ...(parameters ? ['--db-parameter-group-name', parameters.DBParameterGroupName] : []),
    ...['--ca-certificate-identifier', instance.CACertificateIdentifier],
    ...['--engine-lifecycle-support', 'open-source-rds-extended-support-disabled'],
    ...['--no-multi-az', '--no-publicly-accessible', '--no-deletion-protection', '--no-auto-minor-version-upgrade'],
    ...['--tags', ...Object.entries(tags).map(([key, value]) => `Key=${key},Value=${value}`)],
  );
}

/** The address of the copy, once it accepts connections. Undefined while it does not. @throws if it never will */
export async function addressOf(aws: Aws, name: string): Promise<string | undefined> {
  const copy = await describe(aws, name);
  const status = copy?.DBInstanceStatus ?? 'missing';
  if (copy === undefined || failed.test(status)) throw new Error(text.restoreFailed(name, status));
  return usable.test(status) ? copy.Endpoint?.Address : undefined;
}

/** Begins to delete a copy. @returns false if RDS accepts that only later */
export async function startDeletion(aws: Aws, name: string): Promise<boolean> {
  try {
    await aws(
      ...['rds', 'delete-db-instance', '--db-instance-identifier', name],
      ...['--skip-final-snapshot', '--delete-automated-backups'],
    );
    return true;
  } catch (error) {
    if (isError(error, 'DBInstanceNotFound')) return true;
    if (!isError(error, 'InvalidDBInstanceState')) throw error;
    return (await describe(aws, name))?.DBInstanceStatus === 'deleting';
  }
}

export const isGone = async (aws: Aws, name: string): Promise<boolean> => (await describe(aws, name)) === undefined;

/** Undefined if there is no such instance. */
export async function describe(aws: Aws, name: string): Promise<Described | undefined> {
  try {
    const answer = await aws('rds', 'describe-db-instances', '--db-instance-identifier', name);
    return (answer as { readonly DBInstances: readonly Described[] }).DBInstances[0];
  } catch (error) {
    if (isError(error, 'DBInstanceNotFound')) return undefined;
    throw error;
  }
}

const isError = (error: unknown, code: string) => error instanceof CallFailed && error.message.includes(`(${code}`);
