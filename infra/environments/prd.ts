import type { Environment } from './environment.ts';

/** For users: survives a zone failure, keeps logs, and protects the database from deletion. */
export const prd: Environment = {
  name: 'prd',
  protected: true,
  network: { cidr: '192.168.0.0/16', nat: 'per-zone', flowLogs: true },
  cluster: {
    version: '1.36',
    architecture: 'x86_64',
    nodes: {
      instanceTypes: ['t3.large', 't3a.large', 'm5.large', 'm5a.large', 'm6i.large'],
      minimum: 3,
      desired: 3,
      maximum: 6,
      diskSize: 20,
    },
    storageNodes: { instanceTypes: ['t3.large'], minimum: 1, desired: 1, maximum: 1, diskSize: 20 },
    logTypes: ['api', 'audit', 'authenticator'],
    sleepsAtNight: false,
  },
  database: {
    instanceClass: 'db.t4g.micro',
    storage: { initial: 20, maximum: 100 },
    multiZone: true,
    backupDays: 14,
    finalSnapshot: true,
  },
  edge: { hstsDays: 1, waf: true, accessLogs: true },
  observability: { storage: 50, retentionDays: 7 },
  costs: { monthlyBudget: 600, approvalAbove: 50 },
};
