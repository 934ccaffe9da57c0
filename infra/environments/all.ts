import type { EnvironmentName } from 'platform';
import type { Settings } from '../settings.ts';
import { checkEnvironment } from './check.ts';
import { dev } from './dev.ts';
import type { Environment } from './environment.ts';
import { prd } from './prd.ts';

/** All environments by name. */
export const environments: Readonly<Record<EnvironmentName, Environment>> = { dev, prd };

/**
 * Checks the values of all environments. Every synthesis includes them all.
 *
 * @throws Error that says in both languages what is wrong
 */
export function checkEnvironments(settings: Settings): void {
  for (const environment of Object.values(environments)) checkEnvironment(environment, settings);
}
