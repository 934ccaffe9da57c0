import { defineCommand, environmentWord } from 'command-line';
import { prepare } from '../prepare.ts';
import { region, work } from '../second-region.ts';

export const command = defineCommand({
  description: { pt: 'mostra o que mudaria', en: 'shows what would change' },
  words: { environment: environmentWord },
  options: { region },
  async run({ environment }, options) {
    work(options.region);
    const terraform = await prepare(environment);
    await terraform.run('plan', '-input=false');
    return 0;
  },
});
