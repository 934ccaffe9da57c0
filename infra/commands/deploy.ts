import { defineCommand, environmentWord } from 'command-line';
import { texts } from '../command-texts.ts';
import { prepare } from '../prepare.ts';
import { readSettings } from '../settings.ts';
import { confirmed, yes } from '../yes.ts';
import { doctor } from './doctor.ts';

export const command = defineCommand({
  description: {
    pt: 'mostra o que vai mudar, pede confirmação e aplica',
    en: 'shows the changes, asks for confirmation and applies them',
  },
  words: { environment: environmentWord },
  options: { yes },
  run({ environment }, options) {
    const missing = doctor(environment);
    if (missing !== 0) return missing;
    prepare(environment).run('apply', ...confirmed(options));
    if (Object.values(readSettings().alerts).some((addresses) => addresses.length > 0))
      console.log(texts.confirmAlerts);
    console.log(texts.activateTag);
    return 0;
  },
});
