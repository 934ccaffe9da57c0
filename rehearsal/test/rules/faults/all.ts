import { computeFaults } from './compute.ts';
import { databaseFaults } from './database.ts';
import { edgeFaults } from './edge.ts';
import type { Fault } from './fault.ts';
import { identityFaults } from './identity.ts';
import { loadBalancingFaults } from './load-balancing.ts';
import { monitoringFaults } from './monitoring.ts';
import { namingFaults } from './naming.ts';
import { networkFaults } from './network.ts';
import { registryFaults } from './registry.ts';
import { scheduleFaults } from './schedule.ts';
import { stateFaults } from './state.ts';

/** By the folder of the rules. */
export const plantedIn: Readonly<Record<string, readonly Fault[]>> = {
  compute: computeFaults,
  database: databaseFaults,
  edge: edgeFaults,
  identity: identityFaults,
  'load-balancing': loadBalancingFaults,
  monitoring: monitoringFaults,
  naming: namingFaults,
  network: networkFaults,
  registry: registryFaults,
  schedule: scheduleFaults,
  state: stateFaults,
};

export const planted = Object.values(plantedIn).flat();
