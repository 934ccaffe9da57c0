import type { EnvironmentName } from 'platform';
import { checkPrerequisites } from './prerequisites.ts';
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
  await terraform.init(name);
  return terraform;
}
