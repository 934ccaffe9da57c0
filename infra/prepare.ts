import type { EnvironmentName } from 'platform';
import { checkPrerequisites } from './prerequisites.ts';
import { readSettings } from './settings.ts';
import { synthesise, Terraform } from './terraform.ts';

/**
 * Synthesises the stacks and initialises an environment's.
 *
 * @throws Error that says what is missing, before the synthesis
 */
export async function prepare(name: EnvironmentName): Promise<Terraform> {
  checkPrerequisites();
  await synthesise();
  const terraform = new Terraform(name);
  // The state of each region is in its own bucket, and this folder may be from the other.
  await terraform.init(name, ...(readSettings().secondRegion ? ['-reconfigure'] : []));
  return terraform;
}
