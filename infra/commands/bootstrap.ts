import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { defineCommand, environmentWord, Refused } from 'command-line';
import { givenAccount } from '../accounts.ts';
import { texts } from '../command-texts.ts';
import { checkPrerequisites } from '../prerequisites.ts';
import { readSettings } from '../settings.ts';
import { synthesise, Terraform } from '../terraform.ts';
import { confirmed, yes } from '../yes.ts';

export const command = defineCommand({
  description: {
    pt: 'uma vez por conta: bucket do estado, acesso do GitHub, roles',
    en: 'once per account: state bucket, access for GitHub, roles',
  },
  words: { environment: { ...environmentWord, optional: true } },
  options: { yes },
  async run({ environment }, options) {
    const settings = readSettings();
    if (settings.useSecondRegion) throw new Refused(texts.secondRegion.noBootstrap(settings.region));
    const account = givenAccount(settings, environment);
    checkPrerequisites();
    const { bootstrapState, domain } = settings;
    const { bootstrap, environments, zone } = account;
    // Loaded only here, because the stacks load CDKTF.
    const { localStateOf, nameServersOutput } = await import('../stacks/bootstrap.ts');
    const localState = localStateOf(account);
    await synthesise();
    const terraform = new Terraform(bootstrap);
    const moves = bootstrapState === 'bucket' && existsSync(localState);
    await terraform.run('init', '-input=false', ...(moves ? ['-migrate-state', '-force-copy'] : []));
    await terraform.run('apply', ...confirmed(options));
    if (domain?.createZone && zone) console.log(texts.delegateZone(zone, await terraform.output(nameServersOutput)));
    // The workspaces must exist before `cdktf deploy dev`.
    for (const name of environments) await new Terraform(name).init(name);
    if (bootstrapState === 'local') {
      console.log(texts.moveState(basename(localState), ['pnpm infra bootstrap', environment ?? ''].join(' ').trim()));
      if (settings.accounts) console.log(texts.moveBothStates);
    } else {
      console.log(moves ? texts.stateMoved(localState) : texts.done);
    }
    return 0;
  },
});
