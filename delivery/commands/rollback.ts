import { defineCommand, Refused, requireProgram } from 'command-line';
import { applicationWord, readVersion, versionForm } from '../arguments.ts';
import { texts } from '../delivery-texts.ts';
import { rollBack } from '../rollout.ts';
import { versionsOf } from '../versions.ts';

/** Seconds. */
const timeout = 300;

export const command = defineCommand({
  description: { pt: 'volta a uma versão anterior', en: 'rolls back to an earlier version' },
  words: { application: applicationWord },
  options: {
    to: {
      value: versionForm,
      required: true,
      read: readTarget,
      description: {
        pt: 'uma versão, como o comando versions as lista, ou a revisão que o comando release informou',
        en: 'a version, as the command versions lists them, or the revision that the command release reported',
      },
    },
  },
  async run({ application: { name } }, { to }) {
    if (to === '') {
      console.error(texts.release.nothingBefore(name));
      return 1;
    }
    requireProgram('kubectl');
    return (await rollBack(name, await revisionOf(name, to), timeout)) ? 0 : 1;
  },
});

/** Kubernetes' number of a version. @throws {Refused} if the cluster does not have the version */
async function revisionOf(application: string, to: string): Promise<string> {
  if (/^\d+$/.test(to)) return to;
  const versions = await versionsOf(application);
  const version = versions.find(({ name }) => name === to);
  const known = versions.map(({ name }) => name);
  if (!version) throw new Refused(texts.release.noVersion(to, known));
  return version.revision;
}

/** Reads a version or revision. It is empty if the release reported none. */
function readTarget(given: string): string {
  return given === '' ? '' : readVersion(given);
}
