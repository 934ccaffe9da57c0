import { defineCommand, environmentWord, Refused } from 'command-line';
import { ask } from '../ask.ts';
import { texts } from '../command-texts.ts';
import { costTags } from '../costs/actual.ts';
import { environments } from '../environments/all.ts';
import { prepare } from '../prepare.ts';
import { prepareSecondRegion, region, work } from '../second-region.ts';
import { changedCharts, type State, updateInCluster } from '../upgrade/crds.ts';
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
    const charts = changedCharts((await terraform.showState()) as State, terraform.folder);
    if (charts.length > 0) {
      console.log(texts.crds.first(charts));
      if (!options.yes && !isYes.test(await ask(texts.crds.typeToUpdate))) throw new Refused(texts.crds.notUpdated);
      await updateInCluster(environment, charts);
    }
    await terraform.run('apply', ...confirmed(options));
    console.log(texts.confirmAlerts);
    console.log(texts.activateTags(Object.values(costTags)));
    if (options.region !== undefined) console.log(texts.secondRegion.next(options.region));
    return 0;
  },
});

const isYes = /^(sim|yes)$/i;
