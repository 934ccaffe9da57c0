import { defineCommand, environmentWord, Refused } from 'command-line';
import { ask } from '../ask.ts';
import { texts } from '../command-texts.ts';
import { costTags } from '../costs/actual.ts';
import { environments } from '../environments/all.ts';
import { prepare } from '../prepare.ts';
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
  options: { yes },
  async run({ environment }, options) {
    const missing = await doctor(environment, 'deployment');
    if (missing !== 0) return missing;
    // Without nodes, no Helm release would become ready.
    if (environments[environment].cluster.sleepsAtNight && !(await wakeAndTell(environment, false))) return 1;
    const terraform = await prepare(environment);
    const charts = changedCharts((await terraform.showState()) as State, terraform.folder);
    if (charts.length > 0) {
      console.log(texts.crds.first(charts));
      if (!options.yes && !isYes.test(await ask(texts.crds.typeToUpdate))) throw new Refused(texts.crds.notUpdated);
      await updateInCluster(environment, charts);
    }
    await terraform.run('apply', ...confirmed(options));
    console.log(texts.confirmAlerts);
    console.log(texts.activateTags(Object.values(costTags)));
    return 0;
  },
});

const isYes = /^(sim|yes)$/i;
