import { Testing } from 'cdktf';
import { accountOf } from '../../accounts.ts';
import { dev } from '../../environments/dev.ts';
import type { Environment } from '../../environments/environment.ts';
import { prd } from '../../environments/prd.ts';
import { readSettings, type Settings } from '../../settings.ts';
import { BootstrapStack } from '../../stacks/bootstrap.ts';
import { EnvironmentStack } from '../../stacks/environment.ts';
import { Synthesised } from './terraform.ts';

export type { Block, Synthesised } from './terraform.ts';

/** dev or prd of the repository, with some values or settings changed. */
export function synthesise(
  name: 'dev' | 'prd',
  changes: { environment?: Partial<Environment>; settings?: Partial<Settings> } = {},
): Synthesised {
  const environment = { ...(name === 'dev' ? dev : prd), ...changes.environment };
  const settings = { ...readSettings('', {}), ...changes.settings };
  return new Synthesised(Testing.synth(new EnvironmentStack(Testing.app(), name, { environment, settings })));
}

/** The bootstrap stack of an environment's account, with some settings changed. */
export function synthesiseBootstrap(changes: Partial<Settings> = {}, environment: 'dev' | 'prd' = 'prd'): Synthesised {
  const settings = { ...readSettings('', {}), ...changes };
  const account = accountOf(settings, environment);
  return new Synthesised(Testing.synth(new BootstrapStack(Testing.app(), account.bootstrap, { account, settings })));
}
