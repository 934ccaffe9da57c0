import { defineCommand, environmentWord } from 'command-line';
import { prepare } from '../prepare.ts';
import { region, work } from '../second-region.ts';

export const command = defineCommand({
  description: { pt: 'mostra endereços e nomes do ambiente', en: "shows the environment's addresses and names" },
  words: { environment: environmentWord },
  options: { region },
  async run({ environment }, options) {
    work(options.region);
    const terraform = await prepare(environment);
    await terraform.run('output');
    return 0;
  },
});
