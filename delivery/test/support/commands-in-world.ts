/** All commands of `pnpm delivery`, which run in this process. What they read of the infrastructure is in their folder. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import type { EnvironmentName } from 'platform';
import { type Given, replaceWorld, toldBy } from './world.ts';

export interface Situation extends Given {
  /** Environments whose files have a runner inside the VPC. */
  readonly runners?: readonly EnvironmentName[];
}

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
    dev: { ...dev, protected: false, runner: false },
    prd: { ...prd, protected: true, runner: false },
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
  return (args: string | readonly string[], { runners = [], ...given }: Situation = {}): Promise<string> =>
    toldBy(given, (inFolder) => {
      folder = inFolder;
      for (const name of ['dev', 'prd'] as const) environments[name].runner = runners.includes(name);
      return runProgram('pnpm delivery', commands, typeof args === 'string' ? args.split(' ') : args);
    });
}

/** Snapshots as people read them. */
export const asText = { test: () => true, serialize: (value: unknown) => String(value) };
