import { existsSync } from 'node:fs';
import { defineCommand } from 'command-line';
import { environmentNames } from 'platform';
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
  words: {},
  options: { yes },
  async run(_, options) {
    checkPrerequisites();
    const { bootstrapState, domain } = readSettings();
    // Loaded only here, because the stacks load CDKTF.
    const { localBootstrapState, nameServersOutput } = await import('../stacks/bootstrap.ts');
    await synthesise();
    const terraform = new Terraform('bootstrap');
    const moves = bootstrapState === 'bucket' && existsSync(localBootstrapState);
    await terraform.run('init', '-input=false', ...(moves ? ['-migrate-state', '-force-copy'] : []));
    await terraform.run('apply', ...confirmed(options));
    if (domain?.createZone) console.log(texts.delegateZone(domain.zone, await terraform.output(nameServersOutput)));
    // The workspaces must exist before `cdktf deploy dev`.
    for (const name of environmentNames) await new Terraform(name).init(name);
    console.log(
      bootstrapState === 'local' ? texts.moveState : moves ? texts.stateMoved(localBootstrapState) : texts.done,
    );
    return 0;
  },
});
