import { defineCommand, environmentWord } from 'command-line';
import { texts } from '../command-texts.ts';
import { environments } from '../environments/all.ts';
import { prepare } from '../prepare.ts';
import { prepareSecondRegion, region, work } from '../second-region.ts';
import { confirmed, yes } from '../yes.ts';
import { doctor } from './doctor.ts';
import { wakeAndTell } from './wake.ts';

export const command = defineCommand({
  description: {
    pt: 'mostra o que vai mudar, pede confirmação e aplica',
    en: 'shows the changes, asks for confirmation and applies them',
  },
  words: { environment: environmentWord },
  options: {
    yes,
    region,
    'empty-database': {
      description: {
        pt: 'com --region, aceita um banco vazio se não há cópia dos backups',
        en: 'with --region, accepts an empty database if there is no copy of the backups',
      },
    },
  },
  async run({ environment }, options) {
    const settings = work(options.region);
    const isSecond = settings.useSecondRegion;
    if (isSecond) await prepareSecondRegion(environment, settings, options['empty-database']);
    // The bootstrap has created the workspaces of the first region only.
    const early = isSecond ? await prepare(environment) : undefined;
    const missing = await doctor(environment, 'deployment');
    if (missing !== 0) return missing;
    // Without nodes, no Helm release would become ready.
    if (environments[environment].cluster.sleepsAtNight && !(await wakeAndTell(environment, false))) return 1;
    const terraform = early ?? (await prepare(environment));
    await terraform.run('apply', ...confirmed(options));
    console.log(texts.confirmAlerts);
    console.log(texts.activateTag);
    if (options.region !== undefined) console.log(texts.secondRegion.next(options.region));
    return 0;
  },
});
