import type { Problem, Rule } from '../rule.ts';
import { valueRule } from '../rule.ts';
import { rds } from '../sources.ts';
import { number, text, texts } from '../values.ts';
import { overlapInWeek, parseDaily, parseWeekly, week } from './windows.ts';

const types = ['aws_db_instance'];
const invalid = (message: string, path: string, code = 'InvalidParameterValue'): Problem[] => [{ code, message, path }];
/** RDS's own user, and some reserved words of MySQL. */
const reservedUsers = ['rdsadmin', 'select', 'table', 'group', 'order'];

/** The backup and maintenance windows last at least 30 minutes and do not overlap. */
const windows = valueRule({
  id: 'database-windows',
  types,
  source: rds('CreateDBInstance'),
  check: (after) => {
    const [backupText, maintenanceText] = [text(after, 'backup_window'), text(after, 'maintenance_window')];
    const backup = backupText === undefined ? undefined : parseDaily(backupText);
    const maintenance = maintenanceText === undefined ? undefined : parseWeekly(maintenanceText);
    if (backupText !== undefined && !backup)
      return invalid(`Invalid backup window format: ${backupText}`, 'backup_window');
    if (maintenanceText !== undefined && !maintenance) {
      return invalid(`Invalid maintenance window format: ${maintenanceText}`, 'maintenance_window');
    }
    if (backup && backup.minutes < 30) {
      return invalid('The backup window must be at least 30 minutes.', 'backup_window');
    }
    if (maintenance && maintenance.minutes < 30) {
      return invalid('The maintenance window must be at least 30 minutes.', 'maintenance_window');
    }
    const together = backup && maintenance && week(backup).some((day) => overlapInWeek(day, maintenance));
    return together ? invalid('The backup window and maintenance window must not overlap.', 'maintenance_window') : [];
  },
});

/** Automated backups are kept for 0 to 35 days. */
const retention = valueRule({
  id: 'database-backup-retention',
  types,
  source: rds('CreateDBInstance'),
  check: (after) => {
    const days = number(after, 'backup_retention_period');
    return days === undefined || (days >= 0 && days <= 35)
      ? []
      : invalid(`Invalid backup retention period: ${days}. Must be between 0 and 35.`, 'backup_retention_period');
  },
});

/** Storage is 20 to 65,536 GiB, and the autoscaling limit is greater than the allocated storage. */
const storage = valueRule({
  id: 'database-storage',
  types,
  source: `${rds('CreateDBInstance')} and https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html`,
  check: (after) => {
    const [first, most] = [number(after, 'allocated_storage'), number(after, 'max_allocated_storage')];
    const isGeneral = ['gp2', 'gp3'].includes(text(after, 'storage_type') ?? '');
    if (isGeneral && first !== undefined && (first < 20 || first > 65_536)) {
      const message = `Invalid storage size for engine name ${text(after, 'engine')} and storage type ${text(after, 'storage_type')}: ${first}`;
      return invalid(message, 'allocated_storage');
    }
    // 0 disables storage autoscaling.
    return first !== undefined && most !== undefined && most !== 0 && most <= first
      ? invalid(
          'Max storage size must be greater than storage size',
          'max_allocated_storage',
          'InvalidParameterCombination',
        )
      : [];
  },
});

/** Storage cannot be reduced. */
const growth = valueRule({
  id: 'database-storage-shrinks',
  types,
  source: 'https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.ModifyingExisting.html',
  check: (after, _, { before }) => {
    const [from, to] = [number(before, 'allocated_storage'), number(after, 'allocated_storage')];
    return from === undefined || to === undefined || to >= from
      ? []
      : invalid(
          `Requested storage size (${to}) cannot be less than the current storage size (${from})`,
          'allocated_storage',
          'InvalidParameterCombination',
        );
  },
});

/** Below 400 GiB, gp3 storage of MySQL, MariaDB and PostgreSQL has only the baseline performance. */
const performance = valueRule({
  id: 'database-gp3',
  types,
  source: 'https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html#gp3-storage',
  check: (after) => {
    const [gib, engine] = [number(after, 'allocated_storage'), text(after, 'engine')];
    const given = number(after, 'iops') ?? number(after, 'storage_throughput');
    if (text(after, 'storage_type') !== 'gp3' || gib === undefined || gib >= 400 || given === undefined) return [];
    return ['mysql', 'mariadb', 'postgres'].includes(engine ?? '')
      ? invalid(
          `You can't specify IOPS or storage throughput for engine ${engine} and a storage size less than 400.`,
          'iops',
          'InvalidParameterCombination',
        )
      : [];
  },
});

/** MySQL user names have at most 16 characters, database names at most 64. Some names are reserved. */
const names = valueRule({
  id: 'database-names',
  types,
  source: rds('CreateDBInstance'),
  check: (after) => {
    if (text(after, 'engine') !== 'mysql') return [];
    const [user, database] = [text(after, 'username'), text(after, 'db_name')];
    return [
      ...(user !== undefined && user.length > 16
        ? invalid('The parameter MasterUsername must be at most 16 characters.', 'username')
        : []),
      ...(user !== undefined && reservedUsers.includes(user.toLowerCase())
        ? invalid(`MasterUsername ${user} cannot be used as it is a reserved word used by the engine`, 'username')
        : []),
      ...(database !== undefined && !/^[A-Za-z][A-Za-z0-9_]{0,63}$/.test(database)
        ? invalid('DBName must begin with a letter and contain only alphanumeric characters.', 'db_name')
        : []),
    ];
  },
});

/** The port is 1150 to 65535. */
const port = valueRule({
  id: 'database-port',
  types,
  source: rds('CreateDBInstance'),
  check: (after) => {
    const wanted = number(after, 'port');
    return wanted === undefined || (wanted >= 1150 && wanted <= 65_535)
      ? []
      : invalid(`Invalid port: ${wanted}. Must be between 1150 and 65535.`, 'port');
  },
});

/** The final snapshot's name has letters, digits and single hyphens. */
const snapshotName = valueRule({
  id: 'final-snapshot-name',
  types,
  source: rds('DeleteDBInstance'),
  check: (after) =>
    texts(after, 'final_snapshot_identifier')
      .filter(({ value }) => value.length > 255 || !/^[A-Za-z](-?[A-Za-z0-9])*$/.test(value))
      .flatMap(({ path, value }) => invalid(`The parameter FinalDBSnapshotIdentifier ${value} is not valid`, path)),
});

/** Group names have at most 255 characters and are not `default`. */
const groupNames = valueRule({
  id: 'database-group-names',
  types: ['aws_db_subnet_group', 'aws_db_parameter_group'],
  source: `${rds('CreateDBSubnetGroup')} and ${rds('CreateDBParameterGroup')}`,
  check: (after, _, { type }) => {
    const form =
      type === 'aws_db_subnet_group' ? /^[A-Za-z][A-Za-z0-9 ._-]{0,254}$/ : /^(?=.{1,255}$)[A-Za-z](-?[A-Za-z0-9])*$/;
    return texts(after, 'name')
      .filter(({ value }) => value.toLowerCase() === 'default' || !form.test(value))
      .flatMap(({ path, value }) => invalid(`The name ${value} of the group is not valid`, path));
  },
});

/** The parameter group's family matches the engine version. */
const family = valueRule({
  id: 'database-parameter-family',
  types,
  source: rds('CreateDBParameterGroup'),
  check: (after, world) => {
    const [engine, version, name] = ['engine', 'engine_version', 'parameter_group_name'].map((path) =>
      text(after, path),
    );
    const group = world.find(({ type, values }) => type === 'aws_db_parameter_group' && values.name === name)?.values;
    const given = text(group, 'family');
    const major = engine === 'mysql' ? /^\d+\.\d+/.exec(version ?? '')?.[0] : undefined;
    if (name === undefined || given === undefined || major === undefined || given === `mysql${major}`) return [];
    const message = `The Parameter Group ${name} with DBParameterGroupFamily ${given} cannot be used for this instance. Please use a Parameter Group with DBParameterGroupFamily mysql${major}`;
    return invalid(message, 'parameter_group_name', 'InvalidParameterCombination');
  },
});

/** A major version upgrade needs `allow_major_version_upgrade`. */
const majorVersion = valueRule({
  id: 'database-major-version',
  types,
  source: rds('ModifyDBInstance'),
  check: (after, _, { before }) => {
    const [from, to] = [major(text(before, 'engine_version')), major(text(after, 'engine_version'))];
    return from === undefined || to === undefined || from === to || after.allow_major_version_upgrade === true
      ? []
      : invalid(
          'The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version.',
          'engine_version',
          'InvalidParameterCombination',
        );
  },
});

export const databaseRules: readonly Rule[] = [
  windows,
  retention,
  storage,
  growth,
  performance,
  names,
  port,
  snapshotName,
  groupNames,
  family,
  majorVersion,
];

const major = (version: string | undefined): string | undefined => /^\d+\.\d+/.exec(version ?? '')?.[0];
