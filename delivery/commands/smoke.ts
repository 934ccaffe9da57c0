import { defineCommand, Refused, requireProgram } from 'command-line';
import { applications } from 'platform/applications';
import { addressOfEnvironment } from '../address.ts';
import { applicationWord, readSeconds, readVersion, secondsForm, versionForm } from '../arguments.ts';
import { texts } from '../delivery-texts.ts';
import { say } from '../github.ts';
import { type Result, report, smoke } from '../smoke-checks.ts';
import { nameVersion } from '../versions.ts';

export const command = defineCommand({
  description: {
    pt: 'roda o smoke test de uma aplicação, ou de todas, no endereço público',
    en: 'runs the smoke test of one application, or of all, at the public address',
  },
  words: { application: { ...applicationWord, optional: true } },
  options: {
    address: {
      value: 'URL',
      description: {
        pt: 'sem a opção, o endereço que o cluster informa',
        en: 'by default the address that the cluster names',
      },
    },
    timeout: {
      value: secondsForm,
      default: '60',
      read: readSeconds,
      description: { pt: 'por quanto tempo tentar; sem a opção, 60', en: 'for how long to try; 60 by default' },
    },
    version: {
      value: versionForm,
      read: readVersion,
      description: {
        pt: 'o nome que a versão em serviço recebe no cluster, se passar',
        en: 'the name that the serving version gets in the cluster, if it passes',
      },
    },
  },
  async run({ application }, { address: given, timeout, version }) {
    const address = (given ?? (await knownAddress())).replace(/\/+$/, '');
    const results: Result[] = [];
    for (const one of application ? [application] : applications) {
      results.push(...(await smoke(one, address, timeout * 1_000)));
    }
    const isRight = report(results);
    say(isRight ? texts.smoke.allRight(address) : texts.smoke.notRight(address));
    if (isRight && application && version) {
      await nameVersion(application.name, version);
      say(texts.release.named(application.name, version));
    }
    return isRight ? 0 : 1;
  },
});

async function knownAddress(): Promise<string> {
  requireProgram('kubectl');
  const address = await addressOfEnvironment();
  if (!address) throw new Refused(texts.smoke.noAddress);
  return address;
}
