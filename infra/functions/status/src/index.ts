/**
 * Writes the figures of the status page, every minute. It runs outside the VPC and reads only what AWS measures itself,
 * so it is right when the cluster is gone.
 *
 * Any failure leaves the figures as they were. The page then says how old they are, and an alarm reports it.
 */
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { DBInstanceNotFoundFault, DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import { GetObjectCommand, NoSuchKey, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { addMeasurement, type Figures } from './figures.ts';
import { type AlarmState, type Checks, measure } from './measure.ts';

/** Names that CloudWatch takes in one request. */
const namesAtOnce = 100;
/** Milliseconds. By default, the SDK waits for AWS without a limit. */
export const timeLimits = { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true };

interface Settings {
  readonly bucket: string;
  readonly key: string;
  readonly timeZone: string;
  readonly checks: Checks;
  /** Regions of the alarms. */
  readonly regions: readonly string[];
}

export const handler = (): Promise<void> => record(new Date());

/** Measures now, and writes the figures. */
export async function record(now: Date): Promise<void> {
  const settings = readSettings(process.env);
  const parts = Object.values(settings.checks);
  const names = parts.flatMap(({ outage, warnings }) => [...outage, ...warnings]);
  const [stored, databases, ...alarms] = await Promise.all([
    read(settings),
    describeDatabases(parts.flatMap(({ database }) => database ?? [])),
    ...settings.regions.map((region) => describeAlarms(region, [...new Set(names)])),
  ]);
  const byName = new Map(alarms.flatMap((ofRegion) => [...ofRegion]));
  const measured = Object.fromEntries(
    Object.entries(settings.checks).map(([id, checks]) => [id, measure(checks, byName, databases)]),
  );
  await write(settings, addMeasurement(stored.figures, measured, now, settings.timeZone), stored.etag);
}

function readSettings({
  ALARM_REGIONS = '',
  BUCKET = '',
  CHECKS = '{}',
  KEY = '',
  TIME_ZONE = '',
}: NodeJS.ProcessEnv): Settings {
  return {
    bucket: BUCKET,
    key: KEY,
    timeZone: TIME_ZONE,
    checks: JSON.parse(CHECKS),
    regions: ALARM_REGIONS.split(','),
  };
}

/** The alarms that exist, by name. */
async function describeAlarms(region: string, names: readonly string[]): Promise<Map<string, AlarmState>> {
  const client = new CloudWatchClient({ region, requestHandler: timeLimits });
  const states = new Map<string, AlarmState>();
  for (let first = 0; first < names.length; first += namesAtOnce) {
    const { MetricAlarms = [] } = await client.send(
      new DescribeAlarmsCommand({
        AlarmNames: names.slice(first, first + namesAtOnce),
        AlarmTypes: ['MetricAlarm'],
        MaxRecords: namesAtOnce,
      }),
    );
    for (const { AlarmName = '', StateTransitionedTimestamp, StateUpdatedTimestamp, StateValue } of MetricAlarms) {
      states.set(AlarmName, {
        state: StateValue ?? 'INSUFFICIENT_DATA',
        changedAt: (StateTransitionedTimestamp ?? StateUpdatedTimestamp ?? new Date(0)).toISOString(),
      });
    }
  }
  return states;
}

/** States on RDS by identifier. A database that does not exist is missing. */
async function describeDatabases(identifiers: readonly string[]): Promise<Map<string, string>> {
  const client = new RDSClient({ requestHandler: timeLimits });
  const states = new Map<string, string>();
  for (const identifier of identifiers) {
    try {
      const answer = await client.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: identifier }));
      for (const { DBInstanceStatus } of answer.DBInstances ?? []) states.set(identifier, DBInstanceStatus ?? '');
    } catch (error) {
      if (!(error instanceof DBInstanceNotFoundFault)) throw error;
    }
  }
  return states;
}

async function read({ bucket, key }: Settings): Promise<{ figures?: Figures; etag?: string }> {
  try {
    const { Body, ETag } = await s3().send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return { figures: JSON.parse((await Body?.transformToString()) ?? ''), ...(ETag && { etag: ETag }) };
  } catch (error) {
    if (error instanceof NoSuchKey) return {};
    throw error;
  }
}

/** Fails if another run has written since `etag` was read, so that no minute is lost. */
async function write({ bucket, key }: Settings, figures: Figures, etag: string | undefined): Promise<void> {
  await s3().send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: key,
      Body: JSON.stringify(figures),
      ContentType: 'application/json',
      CacheControl: 'no-cache',
      ...(etag === undefined ? { IfNoneMatch: '*' } : { IfMatch: etag }),
    }),
  );
}

const s3 = () => new S3Client({ requestHandler: timeLimits });
