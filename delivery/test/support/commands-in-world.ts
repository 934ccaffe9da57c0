/** All commands of `pnpm delivery`, which run in this process. What they read of the infrastructure is in their folder. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, jest } from '@jest/globals';
import type { EnvironmentName } from 'platform';
import { type Given, replaceWorld, toldBy } from './world.ts';

export interface Situation extends Given {
  /** Environments whose files have a runner inside the VPC. */
  readonly runners?: readonly EnvironmentName[];
  /** Environments that must not be destroyed. */
  readonly protects?: readonly EnvironmentName[];
  /** Lines that are other ones for the other environment, or all. All the rest must be the same. */
  readonly differs?: RegExp | 'all';
}

const exchanged: Readonly<Record<string, string>> = {
  ...{ dev: 'prd', prd: 'dev', DEV: 'PRD', PRD: 'DEV', develop: 'main', main: 'develop' },
};
const names = /(?<![a-zA-Z])(dev|prd|DEV|PRD|develop|main(?!\.ts))(?![a-zA-Z])/g;

/** The same with the other environment in the place of each, and its branch. */
function mirrored<T>(given: T): T;
function mirrored(given: unknown): unknown {
  if (typeof given === 'string') return given.replaceAll(names, (name) => exchanged[name] ?? name);
  if (Array.isArray(given)) return given.map((item) => mirrored(item));
  if (typeof given === 'function') {
    return (args: unknown, input: unknown, memory: unknown) => mirrored(given(mirrored(args), mirrored(input), memory));
  }
  if (typeof given !== 'object' || given === null || given instanceof RegExp) return given;
  return Object.fromEntries(Object.entries(given).map(([key, value]) => [mirrored(key), mirrored(value)]));
}

const without = (differs: RegExp | undefined, told: string) =>
  differs ? told.split('\n').filter((line) => line.trim() !== '' && !differs.test(line)) : told;

/** The folder in cdktf.out of an environment's stack that nobody deploys. */
export const stackOf = (environment: EnvironmentName) => `whole-commands-${environment}`;

/** @returns what runs a command, as in `run('plan dev --out plan.json', {})`, and tells all that it did */
export async function loadCommands() {
  replaceWorld();
  // The same for all requests of a run.
  process.env.GITHUB_RUN_ID = '12';
  const [settings, flags, all, { Terraform }] = await Promise.all([
    import('../../../infra/settings.ts'),
    import('../../../infra/destroy-flag.ts'),
    import('../../../infra/environments/all.ts'),
    import('../../../infra/terraform.ts'),
  ]);
  let folder = '';
  const { dev, prd } = all.environments;
  const environments = {
    dev: { ...dev },
    prd: { ...prd },
  };
  jest.unstable_mockModule('../../../infra/environments/all.ts', () => ({ ...all, environments }));
  // The file of the repository is for real deployments.
  const file = () => join(folder, 'infra/settings.json');
  jest.unstable_mockModule('../../../infra/settings.ts', () => ({
    ...settings,
    readSettings: (path = file()) => settings.readSettings(path),
    get settingsFile() {
      return file();
    },
  }));
  jest.unstable_mockModule('../../../infra/destroy-flag.ts', () => ({
    ...flags,
    readDestroyFlag(environment: EnvironmentName) {
      const path = join(folder, 'infra/destroy_config.json');
      return existsSync(path) ? flags.readDestroyFlag(environment, path) : { action: 'deploy' };
    },
  }));
  // The synthesis takes half a minute, and other tests compare what it writes.
  jest.unstable_mockModule('../../../infra/prepare.ts', () => ({
    prepare: async (environment: EnvironmentName) => new Terraform(stackOf(environment)),
  }));
  const { runProgram } = await import('command-line');
  const { commands } = await import('../../all-commands.ts');
  // jest cannot load modules that import each other at the same time.
  for (const load of Object.values(commands)) await load();
  const told = (args: readonly string[], { runners = [], protects = ['prd'], ...given }: Situation) =>
    toldBy(given, (inFolder) => {
      folder = inFolder;
      for (const name of ['dev', 'prd'] as const) {
        environments[name].runner = runners.includes(name);
        environments[name].protected = protects.includes(name);
      }
      return runProgram('pnpm delivery', commands, args);
    });
  return async (args: string | readonly string[], given: Situation = {}): Promise<string> => {
    const all = typeof args === 'string' ? args.split(' ') : args;
    const whole = await told(all, given);
    const { differs } = given;
    // With the other environment's name it does the same, but for the name.
    if (all.some((arg) => arg === 'dev' || arg === 'prd') && differs !== 'all') {
      const other = await told(mirrored(all), mirrored({ protects: ['prd'] as const, ...given }));
      expect(without(differs, mirrored(other))).toEqual(without(differs, whole));
    }
    return whole;
  };
}

/** Snapshots as people read them. */
export const asText = { test: () => true, serialize: (value: unknown) => String(value) };
