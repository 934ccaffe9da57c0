import { defineCommand, Refused, requireProgram } from 'command-line';
import { applicationWord } from '../arguments.ts';
import { texts } from '../delivery-texts.ts';
import { rollBack } from '../rollout.ts';

/** Seconds. */
const timeout = 300;

export const command = defineCommand({
  description: { pt: 'volta a uma versão anterior', en: 'rolls back to an earlier version' },
  words: { application: applicationWord },
  options: {
    to: {
      value: { pt: 'REVISÃO', en: 'REVISION' },
      required: true,
      read: readRevision,
      description: {
        pt: 'a versão anterior, como o comando release a informou',
        en: 'the previous version, as the command release reported it',
      },
    },
  },
  async run({ application: { name } }, { to }) {
    if (to === '') {
      console.error(texts.release.nothingBefore(name));
      return 1;
    }
    requireProgram('kubectl');
    return (await rollBack(name, to, timeout)) ? 0 : 1;
  },
});

/** Reads a revision. It is empty if the release reported none. */
function readRevision(given: string): string {
  if (!/^\d*$/.test(given)) throw new Refused(texts.release.needsRevision(given));
  return given;
}
