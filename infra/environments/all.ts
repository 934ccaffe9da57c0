import type { EnvironmentName } from 'platform';
import { dev } from './dev.ts';
import type { Environment } from './environment.ts';
import { prd } from './prd.ts';

/** All environments by name. */
export const environments: Readonly<Record<EnvironmentName, Environment>> = { dev, prd };
