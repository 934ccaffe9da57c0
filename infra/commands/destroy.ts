import { defineCommand, environmentWord, Refused } from 'command-line';
import { ask } from '../ask.ts';
import { texts } from '../command-texts.ts';
import { environments } from '../environments/all.ts';
import { prepare } from '../prepare.ts';
import { checkPrerequisites } from '../prerequisites.ts';
import { yes } from '../yes.ts';
import { wakeAndTell } from './wake.ts';

export const command = defineCommand({
  description: { pt: 'apaga o ambiente', en: 'deletes the environment' },
  words: { environment: environmentWord },
  options: { yes },
  async run({ environment }, options) {
    if (environments[environment].protected) throw new Refused(texts.protected(environment));
    // Nobody should confirm what then cannot be done.
    checkPrerequisites();
    if (!options.yes && (await ask(texts.typeToDestroy(environment))) !== environment) {
      throw new Refused(texts.notDestroyed);
    }
    // The load balancer controller, a pod, has to let go of the target groups first.
    if (environments[environment].cluster.sleepsAtNight && !(await wakeAndTell(environment, false))) return 1;
    const terraform = await prepare(environment);
    await terraform.run('destroy', '-input=false', '-auto-approve');
    return 0;
  },
});
