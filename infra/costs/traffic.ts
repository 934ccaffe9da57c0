/** What visitors ask for in a month. Gigabytes are decimal, as AWS bills them. */
export interface Traffic {
  readonly requests: number;
  /** Answers that leave for visitors. */
  readonly deliveredGigabytes: number;
  /** What the applications write to their logs. */
  readonly logGigabytes: number;
}

/** The traffic called 1× : a request every 2.6 seconds, ten kilobytes in each answer and two in the log. An assumption, not a measurement. */
export const everyday: Traffic = { requests: 1_000_000, deliveredGigabytes: 10, logGigabytes: 2 };

export const times = (factor: number, traffic: Traffic = everyday): Traffic => ({
  requests: traffic.requests * factor,
  deliveredGigabytes: traffic.deliveredGigabytes * factor,
  logGigabytes: traffic.logGigabytes * factor,
});

/** Hours of a month, as AWS counts them in its own examples. */
export const hours = 730;
/** Hours of a month in which somebody works: twelve on each of five days a week. */
export const workingHours = Math.round((hours * 12 * 5) / (24 * 7));

/** What no environment file says and nobody has measured yet; each is printed on the page. */
export const assumptions = {
  /** The busiest second beside the average one. */
  peak: 10,
  /** Requests a second that one node of two vCPUs answers without spending its CPU credits. */
  requestsPerNode: 250,
  /** Images and packages that a node fetches through NAT. */
  natGigabytesPerNode: 10,
  /** For each of the control plane's log types. */
  controlPlaneLogGigabytes: 3,
  flowLogGigabytes: 5,
  /** Share of the requests that reach the API; the rest asks for the site's files. */
  apiShare: 0.5,
  /** Memory in GB and time in seconds of one addition in Lambda, the database's answer included. */
  lambdaGigabytes: 0.25,
  lambdaSeconds: 0.05,
  /** One Fargate task: a quarter of a vCPU, half a GB; two of each application at least. */
  taskCpu: 0.25,
  taskGigabytes: 0.5,
  tasksAtLeast: 2,
  requestsPerTask: 60,
  /** SigNoz's volumes in the seed's design: the chart's defaults. */
  seedVolumeGigabytes: 28,
} as const;

/** How many of each an environment has; a test counts them in the synthesised stack. */
export const counts = {
  alarms: 15,
  dashboards: 1,
  healthChecks: 2,
  firewallRules: 5,
  keys: 2,
  secrets: 2,
  zones: 1,
} as const;

const secondsPerMonth = hours * 3600;

/** Requests in the busiest second. */
export const peakRequests = ({ requests }: Traffic): number => (requests / secondsPerMonth) * assumptions.peak;
