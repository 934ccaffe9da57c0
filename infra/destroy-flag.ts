import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type EnvironmentName, environmentNames } from 'platform';

/** What `destroy_config.json` asks for. If the file is ambiguous, nothing is done, and `reason` says why. */
export type DestroyFlag =
  | { readonly action: 'deploy' }
  | { readonly action: 'destroy' }
  | { readonly action: 'nothing'; readonly reason: string };

const file = resolve(import.meta.dirname, 'destroy_config.json');

/**
 * Reads whether to deploy (`false`) or destroy (`true`) an environment. Only the exact form is valid: an object with
 * `true` or `false` for each environment, and nothing else. A typing error must neither destroy nor create anything.
 */
export function readDestroyFlag(environment: string, path = file): DestroyFlag {
  const nothing = (reason: string): DestroyFlag => ({ action: 'nothing', reason: `${path}: ${reason}` });
  let flags: unknown;
  try {
    flags = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    return nothing((error as Error).message);
  }
  if (typeof flags !== 'object' || flags === null || Array.isArray(flags)) return nothing('not an object');
  const unknown = Object.keys(flags).filter((name) => !isEnvironment(name));
  if (unknown.length > 0) return nothing(`unknown environment: ${unknown.join(', ')}`);
  for (const name of environmentNames) {
    const flag = (flags as Record<string, unknown>)[name];
    if (typeof flag !== 'boolean') return nothing(`${name} is ${JSON.stringify(flag)}, not true or false`);
  }
  if (!isEnvironment(environment)) return nothing(`unknown environment: ${environment}`);
  return { action: (flags as Record<EnvironmentName, boolean>)[environment] ? 'destroy' : 'deploy' };
}

function isEnvironment(name: string): name is EnvironmentName {
  return environmentNames.includes(name as EnvironmentName);
}
