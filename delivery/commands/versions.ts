import { defineCommand, requireProgram } from 'command-line';
import { applicationWord } from '../arguments.ts';
import { texts } from '../delivery-texts.ts';
import { versionsOf } from '../versions.ts';

export const command = defineCommand({
  description: {
    pt: 'lista as versões a que o comando rollback pode voltar',
    en: 'lists the versions to which the command rollback can return',
  },
  words: { application: applicationWord },
  options: {},
  async run({ application: { name } }) {
    requireProgram('kubectl');
    const versions = await versionsOf(name);
    if (versions.length === 0) console.log(texts.release.noVersions(name));
    for (const { created, image, isCurrent, name } of versions) {
      console.log([name.padEnd(12), created, image, ...(isCurrent ? [texts.release.current] : [])].join('  '));
    }
    return 0;
  },
});
