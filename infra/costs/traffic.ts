import { awakeHoursPerWeek } from '../environments/night.ts';

/** Traffic of a month. Gigabytes are decimal, as AWS bills them. */
export interface Traffic {
  readonly requests: number;
  /** Responses to visitors. */
  readonly deliveredGigabytes: number;
  /** Logs of the applications. */
  readonly logGigabytes: number;
}

/** 1×: a request every 2.6 seconds, with 10 KB of response and 2 KB of logs each. An assumption, not a measurement. */
export const everyday: Traffic = { requests: 1_000_000, deliveredGigabytes: 10, logGigabytes: 2 };

export const times = (factor: number, traffic: Traffic = everyday): Traffic => ({
  requests: traffic.requests * factor,
  deliveredGigabytes: traffic.deliveredGigabytes * factor,
  logGigabytes: traffic.logGigabytes * factor,
});

/** Hours in a month, as in AWS's own pricing examples. */
export const hours = 730;
/** Hours in a month in which an environment that sleeps at night is awake. */
export const workingHours = Math.round((hours * awakeHoursPerWeek) / (24 * 7));

/** Values that are neither in an environment's file nor measured yet. All are printed on the page. */
export const assumptions = {
  /** Ratio of the busiest second to the average. */
  peak: 10,
  /** Requests a second that a node with two vCPUs serves without using CPU credits. */
  requestsPerNode: 250,
  /** Images and packages that a node downloads through NAT. */
  natGigabytesPerNode: 10,
  /** Copies of backups in another region, and what is sent there in a month, as shares of the database's storage. */
  copiedShare: 1,
  sentShare: 1,
  /** Per log type of the control plane. */
  controlPlaneLogGigabytes: 3,
  flowLogGigabytes: 5,
  /** Share of the requests that reach the API; the rest are for the site's files. */
  apiShare: 0.5,
  /** Memory in GB and duration in seconds of one addition in Lambda, including the database query. */
  lambdaGigabytes: 0.25,
  lambdaSeconds: 0.05,
  /** Size of a Fargate task, in vCPUs and GB, and minimum number of tasks per application. */
  taskCpu: 0.25,
  taskGigabytes: 0.5,
  tasksAtLeast: 2,
  requestsPerTask: 60,
  /**
   * Jobs of a month that need the cluster, and minutes of each: releases, changes of the infrastructure (two plans and an
   * apply), and weekly drift checks.
   */
  delivery: { releases: 40, releaseMinutes: 5, changes: 10, changeMinutes: 25, driftRuns: 4, driftMinutes: 5 },
  /** A run of the function of the status page. */
  statusGigabytes: 0.25,
  statusSeconds: 0.5,
  /** Refreshes of the status page in a month: two screens that show it all day. */
  statusVisits: 2 * 2 * 60 * hours,
  /** SigNoz's volumes in the seed: the chart's defaults. */
  seedVolumeGigabytes: 28,
} as const;

/** Number of billed resources per environment. A test counts them in the synthesised stack. */
export const counts = {
  alarms: 17,
  /** An alarm is billed by its metrics, of which one with an expression has several. */
  alarmMetrics: 19,
  dashboards: 1,
  healthChecks: 2,
  firewallRules: 5,
  keys: 2,
  secrets: 3,
  zones: 1,
} as const;

const secondsPerMonth = hours * 3600;

/** Requests in the busiest second. */
export const peakRequests = ({ requests }: Traffic): number => (requests / secondsPerMonth) * assumptions.peak;
